"""What each kind of indicator compiles to, and how the compiler refuses."""

from typing import Any

import pytest

from ioc.catalogue.compile import CompileError, compile_catalogue
from ioc.catalogue.expr import Compare, CompareFields, Duration, FieldValue, In, IsNull, Measure, One
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.rollup import Compiled, Formula, MeasureRef

OPEN = {"field": "status", "in": ["received", "processing"]}
IS_OPEN = In("status", ("processing", "received"))


def indicator(code: str = "DVC-001", **changed: Any) -> Indicator:
    """A count of dossiers by reception, with keys changed; None takes a key out."""
    table: dict[str, Any] = {
        "code": code, "name": {"vi": "Hồ sơ", "en": "Dossiers"}, "kind": "count", "event": "dossier", "time": "received_at",
        "unit": "dossier", "levels": ["province"], "direction": "none", "responsible": "Văn phòng UBND tỉnh",
        "provenance": {"origin": "project"},
    }  # fmt: skip
    table |= changed
    return Indicator.model_validate({key: value for key, value in table.items() if value is not None})


def one(**changed: Any) -> tuple[Compiled, Formula]:
    compiled = compile_catalogue([indicator(**changed)])
    return compiled, compiled.formulas["DVC-001"]


def measures(compiled: Compiled, rollup_id: str) -> tuple[Measure, ...]:
    return compiled.rollups[rollup_id].measures


def test_count() -> None:
    compiled, formula = one(filter=[OPEN])
    assert measures(compiled, "dossier_by_received_at") == (Measure((IS_OPEN,), One()),)
    assert formula == Formula("DVC-001", "flow", MeasureRef("dossier_by_received_at", 0), None, None, 1, 1)
    rollup = compiled.rollups["dossier_by_received_at"]
    assert (rollup.kind, rollup.mode, rollup.time) == ("dossier", "flow", "received_at")
    assert rollup.fields == {"status", "received_at"}


def test_sum_of_a_field_and_its_scale() -> None:
    compiled, formula = one(kind="sum", value={"field": "fee_vnd"}, unit="million_vnd")
    assert measures(compiled, "dossier_by_received_at") == (Measure((), FieldValue("fee_vnd")),)
    assert (formula.denominator, formula.multiplier, formula.divisor) == (None, 1, 1_000_000)


def test_mean_counts_only_entities_that_have_the_value() -> None:
    compiled, formula = one(kind="mean", value={"field": "rating"}, time="rated_at", unit="point")
    vector = measures(compiled, "dossier_by_rated_at")
    assert vector[formula.numerator.index] == Measure((), FieldValue("rating"))
    assert formula.denominator is not None
    assert vector[formula.denominator.index] == Measure((IsNull("rating", False),), One())


def test_mean_of_a_duration() -> None:
    value = {"from": "received_at", "to": "finished_at"}
    compiled, formula = one(kind="mean", value=value, time="finished_at", unit="day", filter=[OPEN])
    vector = measures(compiled, "dossier_by_finished_at")
    assert vector[formula.numerator.index] == Measure((IS_OPEN,), Duration("received_at", "finished_at"))
    assert formula.denominator is not None
    known = {IsNull("received_at", False), IsNull("finished_at", False), IS_OPEN}
    assert set(vector[formula.denominator.index].where) == known
    assert formula.divisor == 86_400


def test_ratio_is_a_part_of_its_whole() -> None:
    compiled, formula = one(kind="ratio", unit="percent", filter=[OPEN], numerator=[{"field": "vneid", "eq": True}])
    vector = measures(compiled, "dossier_by_received_at")
    assert formula.denominator is not None
    whole, part = vector[formula.denominator.index], vector[formula.numerator.index]
    assert set(whole.where) == {IS_OPEN}
    assert set(part.where) == {IS_OPEN, Compare("vneid", "eq", True)}
    assert formula.multiplier == 100


def test_stock_is_now() -> None:
    compiled, formula = one(kind="stock", time=None, filter=[OPEN])
    rollup = compiled.rollups["dossier_now"]
    assert (rollup.mode, rollup.time, formula.mode) == ("now", None, "now")


def test_aged_stock_has_a_window_of_days() -> None:
    compiled, formula = one(kind="stock", time="due_at", window={"to_days": -1}, filter=[OPEN])
    rollup = compiled.rollups["dossier_age_due_at"]
    assert (rollup.mode, rollup.time) == ("age", "due_at")
    assert formula.window == (None, -1)


def test_aged_ratio_is_a_part_of_the_present() -> None:
    compiled, formula = one(kind="ratio", time="due_at", window={"to_days": -1}, filter=[OPEN], unit="percent")
    assert formula.numerator == MeasureRef("dossier_age_due_at", 0)
    assert formula.denominator == MeasureRef("dossier_now", 0)
    assert measures(compiled, "dossier_age_due_at") == measures(compiled, "dossier_now")


@pytest.mark.parametrize(
    ("row", "condition"),
    [
        ({"field": "status", "eq": "returned"}, Compare("status", "eq", "returned")),
        ({"field": "field", "ne": "MT01"}, Compare("field", "ne", "MT01")),
        ({"field": "supplements", "gt": 0}, Compare("supplements", "gt", 0)),
        ({"field": "rating", "ge": 4}, Compare("rating", "ge", 4)),
        ({"field": "rating", "lt": 3}, Compare("rating", "lt", 3)),
        ({"field": "rating", "le": 2}, Compare("rating", "le", 2)),
        ({"field": "vneid", "eq": False}, Compare("vneid", "eq", False)),
        ({"field": "status", "in": ["returned", "processed", "returned"]}, In("status", ("processed", "returned"))),
        ({"field": "rating", "in": [5, 4]}, In("rating", (4, 5))),
        ({"field": "status", "not_in": ["refused"]}, In("status", ("refused",), negated=True)),
        ({"field": "due_at", "null": True}, IsNull("due_at", True)),
        ({"field": "finished_at", "le_field": "due_at"}, CompareFields("finished_at", "le", "due_at", "day")),
        ({"field": "finished_at", "gt_field": "due_at", "by": "value"}, CompareFields("finished_at", "gt", "due_at", "value")),
        ({"field": "components_digitised", "ge_field": "components"}, CompareFields("components_digitised", "ge", "components", "value")),
        ({"field": "components", "eq_field": "components_digitised"}, CompareFields("components", "eq", "components_digitised", "value")),
    ],
)  # fmt: skip
def test_conditions(row: dict[str, Any], condition: object) -> None:
    compiled, _ = one(filter=[row])
    assert measures(compiled, "dossier_by_received_at")[0].where == (condition,)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"event": "balloon"}, "event 'balloon' is not one of dossier"),
        ({"time": "recieved_at"}, "time 'recieved_at' is not one of due_at, finished_at, rated_at, received_at, returned_at"),
        ({"time": "status"}, "time 'status' is not one of due_at"),
        ({"filter": [{"field": "stat", "eq": "x"}]}, "filter.field 'stat' is not one of applicant_type, channel"),
        ({"filter": [{"field": "status", "eq": "done"}]}, "status.eq: 'done' is not one of registered, received"),
        ({"filter": [{"field": "status", "in": ["received", "done"]}]}, "status.in: 'done' is not one of registered"),
        ({"filter": [{"field": "status", "not_in": [3]}]}, "status.not_in: 3 is not a str"),
        ({"filter": [{"field": "status", "gt": 3}]}, "status.gt: the field is enum, this comparison takes int"),
        ({"filter": [{"field": "received_at", "eq": "2024"}]}, "received_at.eq: the field is time"),
        ({"filter": [{"field": "supplements", "eq": True}]}, "supplements.eq: True is not a int"),
        ({"filter": [{"field": "vneid", "eq": 1}]}, "vneid.eq: 1 is not a bool"),
        ({"filter": [{"field": "vneid", "ge": 1}]}, "vneid.ge: the field is bool, this comparison takes int"),
        ({"filter": [{"field": "finished_at", "le_field": "supplements"}]}, "finished_at.le_field 'supplements' is not one of due_at"),
        ({"filter": [{"field": "status", "eq_field": "channel"}]}, "status.eq_field: the field is enum"),
        ({"filter": [{"field": "components", "le_field": "supplements", "by": "day"}]}, '`by = "day"` compares times, this is int'),
        ({"kind": "sum", "value": {"field": "status"}}, "value.field 'status' is not one of components"),
        ({"kind": "sum", "unit": "hour", "value": {"from": "received_at", "to": "now"}}, "value.to 'now' is not one of due_at"),
        ({"kind": "sum", "unit": "hour", "value": {"from": "fee_vnd", "to": "due_at"}}, "value.from 'fee_vnd' is not one of due_at"),
    ],
)  # fmt: skip
def test_a_refusal_names_indicator_key_value_and_what_is_allowed(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(CompileError) as refused:
        one(**changed)
    assert str(refused.value).startswith("DVC-001: ")
    assert named in str(refused.value)


def test_the_hash_is_that_of_what_is_counted() -> None:
    base = compile_catalogue([indicator(filter=[OPEN])])
    same = compile_catalogue([indicator("DVC-007", name={"vi": "Khác", "en": "Other"}, filter=[OPEN], unit="times")])
    other = compile_catalogue([indicator(filter=[{"field": "status", "in": ["received"]}])])
    assert base.hash == same.hash
    assert base.hash != other.hash


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"field": "vneid", "null": True}, {"field": "vneid", "eq": True}),
        ({"field": "vneid", "null": True}, {"field": "vneid", "null": False}),
        ({"field": "supplements", "eq": 1}, {"field": "supplements", "in": [1]}),
        ({"field": "status", "in": ["refused"]}, {"field": "status", "not_in": ["refused"]}),
        ({"field": "finished_at", "le_field": "due_at"}, {"field": "finished_at", "le_field": "due_at", "by": "value"}),
    ],
)
def test_conditions_that_look_alike_are_not_one(left: dict[str, Any], right: dict[str, Any]) -> None:
    both = compile_catalogue([indicator(filter=[left]), indicator("DVC-002", filter=[right])])
    assert len(measures(both, "dossier_by_received_at")) == 2
    alone = {compile_catalogue([indicator(filter=[row])]).hash for row in (left, right)}
    assert len(alone) == 2


def test_a_generation_belongs_to_its_topics() -> None:
    compiled, _ = one()
    first = compiled.generation({"events.dossier": "a"})
    assert first == compiled.generation({"events.dossier": "a"})
    assert first != compiled.generation({"events.dossier": "b"})
    assert len(first) == 12
    assert set(first) <= set("0123456789abcdef")
