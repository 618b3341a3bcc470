"""Columns follow from the contracts, and hold them exactly."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import pytest
from pydantic import BaseModel, Field

from ioc.contracts.base import TIME_MAX, TIME_MIN, Code, Count, UtcTime, Vnd
from ioc.contracts.decoder import decoder
from ioc.contracts.dossier import DossierCase, DossierRating
from sinks.clickhouse.columns import column_type, data_columns, history_columns, history_rows, micros, quoted

BASE = datetime(2026, 3, 1, 17, 0, 0, 123_456, tzinfo=UTC)


class Sample(BaseModel):
    code: Code
    maybe_code: Code | None
    count: Count
    maybe_money: Annotated[Vnd, Field(ge=0)] | None
    stars: Annotated[int, Field(ge=1, le=5)]
    short: Annotated[int, Field(ge=-129, le=0)]
    wide: Annotated[int, Field(ge=0, le=2**63 - 1)]
    flag: bool
    maybe_flag: bool | None
    choice: Literal["a", "b"]
    maybe_choice: Literal["a", "b"] | None
    at: UtcTime
    maybe_at: UtcTime | None
    unbounded: int
    too_wide: Annotated[int, Field(ge=0, le=2**63)]
    weird: float


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("code", "String"),
        ("maybe_code", "Nullable(String)"),
        ("count", "Int32"),
        ("maybe_money", "Nullable(Int64)"),
        ("stars", "Int8"),
        ("short", "Int16"),
        ("wide", "Int64"),
        ("flag", "Bool"),
        ("maybe_flag", "Nullable(Bool)"),
        ("choice", "LowCardinality(String)"),
        ("maybe_choice", "LowCardinality(Nullable(String))"),
        ("at", "DateTime64(6, 'UTC')"),
        ("maybe_at", "Nullable(DateTime64(6, 'UTC'))"),
    ],
)
def test_a_field_has_the_smallest_column_that_holds_its_range(field: str, kept: str) -> None:
    assert column_type(Sample.model_fields[field]) == kept


@pytest.mark.parametrize("field", ["unbounded", "too_wide", "weird"])
def test_a_field_that_no_column_holds_is_refused(field: str) -> None:
    with pytest.raises(TypeError):
        column_type(Sample.model_fields[field])


def test_every_field_of_every_facet_has_a_nullable_column_with_its_meaning() -> None:
    for model in (DossierCase, DossierRating):
        columns = data_columns(model)
        assert [column.name for column in columns] == list(model.model_fields)
        assert all("Nullable(" in column.type and column.comment for column in columns)


@pytest.mark.parametrize("moment", [TIME_MIN, TIME_MAX, BASE, BASE.replace(microsecond=999_999)])
def test_microseconds_are_exact(moment: datetime) -> None:
    whole, fraction = divmod(micros(moment), 1_000_000)
    assert datetime.fromtimestamp(whole, UTC).replace(microsecond=fraction) == moment


def test_text_is_quoted_for_clickhouse() -> None:
    assert quoted("a'b\\c") == "'a\\'b\\\\c'"


def event(entity: str, facet: str, data: dict[str, object] | None, *, deleted: bool = False) -> dict[str, object]:
    at = BASE.isoformat().replace("+00:00", "Z")
    return {
        "source": "s", "kind": "dossier", "entity": entity, "facet": facet, "version": 1, "deleted": deleted, "unit": "u",
        "occurred_at": at, "observed_at": at, "data": data,
    }  # fmt: skip


def test_events_of_mixed_facets_stand_side_by_side_with_nulls_for_what_their_stream_does_not_know() -> None:
    rating = {"rating": 4, "rated_at": BASE.isoformat().replace("+00:00", "Z")}
    raw = msgspec.json.encode(
        [event("b", "rating", rating), event("a", "case", None, deleted=True), event("c", "rating", rating)]
    )
    columns, rows = history_rows("dossier", decoder("dossier")(raw))
    assert rows == 3
    table = {c.name: list(values) for c, values in zip(history_columns("dossier"), columns, strict=True)}
    assert {len(values) for values in table.values()} == {3}
    by_entity = {entity: place for place, entity in enumerate(table["entity"])}
    assert [table["rating"][by_entity[e]] for e in "abc"] == [None, 4, 4]
    assert [table["rated_at"][by_entity[e]] for e in "abc"] == [None, micros(BASE), micros(BASE)]
    assert [table["deleted"][by_entity[e]] for e in "abc"] == [True, False, False]
    assert table["received_at"] == [None] * 3
