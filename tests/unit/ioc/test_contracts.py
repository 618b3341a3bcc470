"""The contracts as models: versions, times, order, control messages, partials."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ioc.contracts.base import TIME_MAX, TIME_MIN, check_time, wire_time
from ioc.contracts.control import Cursor, DeadLetter, Feed
from ioc.contracts.decoder import MAX_ERROR_CHARS, event_struct
from ioc.contracts.dossier import DossierCaseEvent, DossierRating
from ioc.contracts.event import MAX_UPDATE_MS, unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.contracts.partial import PartialBatch
from tests.properties.event_strategies import moments

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
CONTENT: dict[str, Any] = {
    "unit": "u",
    "deleted": False,
    "occurred_at": "2024-01-01T00:00:00Z",
    "data": {"a": 1, "b": None},
}
MILLISECONDS = st.integers(0, MAX_UPDATE_MS)


@given(MILLISECONDS)
def test_a_version_fits_its_column_and_keeps_the_update_time(ms: int) -> None:
    version = version_of(ms, CONTENT)
    assert 0 <= version < 2**63
    assert version >> 16 == ms


@given(st.tuples(MILLISECONDS, MILLISECONDS).filter(lambda pair: pair[0] != pair[1]))
def test_versions_are_ordered_by_update_time(pair: tuple[int, int]) -> None:
    assert (version_of(pair[0], CONTENT) < version_of(pair[1], {})) == (pair[0] < pair[1])


def test_a_version_follows_from_content_not_from_the_order_of_keys() -> None:
    turned = {"data": {"b": None, "a": 1}, **{key: CONTENT[key] for key in ("occurred_at", "deleted", "unit")}}
    assert version_of(5, CONTENT) == version_of(5, turned)
    assert version_of(5, CONTENT) != version_of(5, {**CONTENT, "unit": "v"})


def test_the_hash_of_a_version_is_pinned() -> None:
    """A change of the hash would make every known version a new one."""
    assert version_of(1_700_000_000_000, {"unit": "000.00.01.H12"}) == 1_700_000_000_000 << 16 | 0x356F


@pytest.mark.parametrize("ms", [-1, MAX_UPDATE_MS + 1])
def test_an_update_time_out_of_range_is_refused(ms: int) -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.2\^47-1"):
        version_of(ms, CONTENT)


@given(moments())
def test_milliseconds_are_exact(moment: datetime) -> None:
    assert unix_ms(moment) == (moment - TIME_MIN) // timedelta(milliseconds=1)
    assert unix_ms(moment.astimezone(timezone(timedelta(hours=7)))) == unix_ms(moment)


@pytest.mark.parametrize(
    "moment",
    [
        NAIVE,
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=7))),
        TIME_MIN - timedelta(microseconds=1),
        TIME_MAX + timedelta(microseconds=1),
    ],
)
def test_times_that_no_contract_takes(moment: datetime) -> None:
    with pytest.raises(ValueError, match=r"not in UTC|outside 1970\.\.2199"):
        check_time(moment)


@given(moments())
def test_the_wire_form_of_a_time_is_read_back(moment: datetime) -> None:
    assert msgspec.json.decode(f'"{wire_time(moment)}"', type=datetime) == moment
    assert wire_time(moment).endswith("Z")


@pytest.mark.parametrize("rating", [0, 6, 4.0, "5", True, None])
def test_a_rating_is_a_whole_number_from_1_to_5(rating: Any) -> None:
    with pytest.raises(ValidationError):
        DossierRating.model_validate({"rating": rating, "rated_at": NOON})


def test_a_python_text_without_utf_8_is_refused() -> None:
    with pytest.raises(ValidationError, match="string_unicode"):
        Cursor(source="\ud800", stream="s", position="p", saved_at=NOON)


FEED: dict[str, Any] = {
    "source": "dossier", "stream": "case", "unit": "", "read_at": NOON, "source_time": None, "records": 0, "rejected": 0, "late": 0,
}  # fmt: skip
LETTER: dict[str, Any] = {
    "id": "a", "source": "dossier", "stream": "case", "place": "page 1", "reason": "undecodable", "error": "x", "payload": "",
    "occurred_at": NOON, "attempts": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "good", "changed"),
    [
        (Feed, FEED, {"records": -1}),
        (Feed, FEED, {"records": 2**31}),
        (Feed, FEED, {"read_at": None}),
        (Feed, FEED, {"read_at": NAIVE}),
        (Feed, FEED, {"x": 1}),
        (Feed, FEED, {"source": "s" * 129}),
        (DeadLetter, LETTER, {"reason": "bad"}),
        (DeadLetter, LETTER, {"error": "x" * 4001}),
        (DeadLetter, LETTER, {"place": "x" * 513}),
    ],
)
def test_control_messages_refuse_what_is_out_of_range(
    model: Any, good: dict[str, Any], changed: dict[str, Any]
) -> None:
    again = model.model_validate_json(model.model_validate(good).model_dump_json())
    assert again == model.model_validate(good)
    with pytest.raises(ValidationError):
        model.model_validate({**good, **changed})


def test_every_sentence_of_the_decoder_fits_a_dead_letter() -> None:
    assert DeadLetter.model_validate({**LETTER, "error": "x" * MAX_ERROR_CHARS}).error


BATCH: dict[str, Any] = {
    "generation": "g", "rollup_id": "dossier_now", "grain": "now", "part": 0, "revision": 7, "units": ["a", "b"], "buckets": [0, 0],
    "measures": [[1, 2], [3, -4]],
}  # fmt: skip


def test_a_batch_of_partials_is_read_back() -> None:
    batch = PartialBatch.model_validate(BATCH)
    assert PartialBatch.model_validate_json(batch.model_dump_json()) == batch


@pytest.mark.parametrize(
    "changed",
    [
        {"units": ["a"]},
        {"buckets": [0]},
        {"measures": [[1, 2]]},
        {"grain": "week"},
        {"revision": 2**63},
        {"buckets": [0, 2**31]},
        {"measures": [[1], [1.5]]},
    ],
)
def test_a_crooked_batch_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PartialBatch.model_validate({**BATCH, **changed})


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_facets_of_a_kind_share_no_field(kind: Any) -> None:
    names = [name for facet in kind.facets for name in facet.data.model_fields]
    assert len(set(names)) == len(names)
    assert not set(names) & set(kind.main.event.model_fields)
    assert kind.main is kind.facets[0]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_field_says_what_it_is(kind: Any) -> None:
    for facet in kind.facets:
        for model in (facet.event, facet.data):
            for name, info in model.model_fields.items():
                assert info.description or get_args(info.annotation), f"{model.__name__}.{name}"


def test_the_struct_of_a_facet_has_the_models_fields() -> None:
    facet = KINDS["dossier"].main
    assert facet.event is DossierCaseEvent
    struct = event_struct("dossier", facet)
    assert {*struct.__struct_fields__, "facet"} == set(DossierCaseEvent.model_fields)


def test_the_decoder_refuses_to_be_derived_from_a_type_that_it_cannot_hold() -> None:
    from ioc.contracts.decoder import _fast

    with pytest.raises(TypeError, match="no equal for <class 'float'>"):
        _fast(float, ())
