"""Whatever the indicators: equal measures once, and neither their order nor their names change what is counted."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ioc.catalogue.compile import compile_catalogue
from ioc.catalogue.expr import Measure
from ioc.catalogue.fields import FieldSpec, fields_of
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.rollup import Compiled, Formula, MeasureRef
from ioc.catalogue.unit_of_measure import scale
from ioc.catalogue.words import formula_in_words, measure_in_words

SPECS = fields_of("dossier")
TIMES = sorted(name for name, spec in SPECS.items() if spec.type == "time")
INTS = sorted(name for name, spec in SPECS.items() if spec.type == "int")


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    spec: FieldSpec = draw(st.sampled_from(list(SPECS.values())))
    row: dict[str, Any] = {"field": spec.name}
    if draw(st.integers(0, 3)) == 0:
        return {**row, "null": draw(st.booleans())}
    match spec.type:
        case "time" | "int":
            if spec.type == "int" and draw(st.booleans()):
                op: str = draw(st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]))
                return {**row, op: draw(st.integers(-3, 9))}
            op = draw(st.sampled_from(["eq", "lt", "le", "gt", "ge"]))
            twins = TIMES if spec.type == "time" else INTS
            by = draw(st.sampled_from(["value", "day"] if spec.type == "time" else ["value"]))
            return {**row, f"{op}_field": draw(st.sampled_from(twins)), "by": by}
        case "bool":
            return {**row, draw(st.sampled_from(["eq", "ne"])): draw(st.booleans())}
        case _:
            values = st.sampled_from(spec.values) if spec.values else st.sampled_from(["MT01", "DD01", "'; --", "ễ"])
            if draw(st.booleans()):
                return {**row, draw(st.sampled_from(["eq", "ne"])): draw(values)}
            return {**row, draw(st.sampled_from(["in", "not_in"])): draw(st.lists(values, min_size=1, max_size=3))}


_rows = st.lists(conditions(), max_size=3)


@st.composite
def indicators(draw: st.DrawFn) -> dict[str, Any]:
    """The table of an indicator without its code."""
    kind = draw(st.sampled_from(["count", "sum", "mean", "ratio", "stock"]))
    table: dict[str, Any] = {
        "name": {"vi": draw(st.text(min_size=1, max_size=5)), "en": "x"}, "kind": kind, "event": "dossier", "filter": draw(_rows),
        "unit": "dossier", "levels": ["province"], "direction": draw(st.sampled_from(["up", "down", "none"])),
        "responsible": draw(st.text(max_size=5)), "provenance": {"origin": "project"},
        "freshness_minutes": draw(st.integers(1, 90)),
    }  # fmt: skip
    aged = kind in ("stock", "ratio") and draw(st.booleans())
    if aged or kind in ("count", "sum", "mean") or (kind == "ratio" and draw(st.booleans())):
        table["time"] = draw(st.sampled_from(TIMES))
    if aged:
        table["window"] = {"from_days": draw(st.integers(-9, 0)), "to_days": draw(st.integers(0, 9))}
    if kind in ("sum", "mean"):
        if draw(st.booleans()):
            table |= {
                "value": {"from": draw(st.sampled_from(TIMES)), "to": draw(st.sampled_from(TIMES))},
                "unit": "hour",
            }
        else:
            table["value"] = {"field": draw(st.sampled_from(INTS))}
    if kind == "ratio":
        table |= {"numerator": draw(st.lists(conditions(), min_size=1, max_size=2)), "unit": "percent"}
    return table


def _numbered(tables: list[dict[str, Any]]) -> list[Indicator]:
    return [Indicator.model_validate({**table, "code": f"DVC-{i:03d}"}) for i, table in enumerate(tables)]


def _asked(compiled: Compiled, formula: Formula) -> tuple[Measure, Measure | None]:
    def at(ref: MeasureRef) -> Measure:
        return compiled.rollups[ref.rollup_id].measures[ref.index]

    return at(formula.numerator), at(formula.denominator) if formula.denominator else None


@given(st.lists(indicators(), min_size=1, max_size=8))
def test_equal_measures_are_kept_once_and_none_is_left_over(tables: list[dict[str, Any]]) -> None:
    compiled = compile_catalogue(_numbered(tables))
    asked = {ref for f in compiled.formulas.values() for ref in (f.numerator, f.denominator) if ref is not None}
    kept = [(rollup_id, i) for rollup_id, rollup in compiled.rollups.items() for i in range(len(rollup.measures))]
    assert {(ref.rollup_id, ref.index) for ref in asked} == set(kept)
    for rollup in compiled.rollups.values():
        assert len(set(rollup.measures)) == len(rollup.measures)


@given(st.lists(indicators(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_order_does_not_matter(tables: list[dict[str, Any]], random: Any) -> None:
    listed = _numbered(tables)
    shuffled = [*listed]
    random.shuffle(shuffled)
    first, second = compile_catalogue(listed), compile_catalogue(shuffled)
    assert first.rollups == second.rollups
    assert first.formulas == second.formulas
    assert first.hash == second.hash


@given(st.lists(indicators(), min_size=1, max_size=6), st.data())
def test_order_and_repetition_of_conditions_do_not_matter(tables: list[dict[str, Any]], data: st.DataObject) -> None:
    changed = [
        {**table, "filter": [*data.draw(st.permutations(table["filter"])), *table["filter"][:1]]} for table in tables
    ]
    assert compile_catalogue(_numbered(tables)).rollups == compile_catalogue(_numbered(changed)).rollups


@given(st.lists(indicators(), min_size=1, max_size=6))
def test_what_only_people_read_does_not_change_the_hash(tables: list[dict[str, Any]]) -> None:
    changed = [
        {**table, "name": {"vi": "khác", "en": "other"}, "responsible": "khác", "freshness_minutes": 99,
         "warning_margin": 1, "direction": "up", "levels": ["province", "commune"]}
        for table in tables
    ]  # fmt: skip
    assert compile_catalogue(_numbered(tables)).hash == compile_catalogue(_numbered(changed)).hash


@given(st.lists(indicators(), min_size=1, max_size=6), indicators())
def test_another_indicator_leaves_the_others_as_they_are(tables: list[dict[str, Any]], more: dict[str, Any]) -> None:
    before = compile_catalogue(_numbered(tables))
    after = compile_catalogue(_numbered([*tables, more]))
    for code, formula in before.formulas.items():
        assert _asked(before, formula) == _asked(after, after.formulas[code])
    assert (before.hash == after.hash) == (before.rollups == after.rollups)


@given(indicators())
def test_every_formula_can_be_said_in_words(table: dict[str, Any]) -> None:
    compiled = compile_catalogue(_numbered([table]))
    (formula,) = compiled.formulas.values()
    assert (formula.multiplier, formula.divisor) == scale(table["unit"])
    assert formula_in_words(formula).startswith("numerator")
    for measure in _asked(compiled, formula):
        if measure is not None:
            said = measure_in_words(measure)
            assert len(said) == 1 + len(measure.where)
            assert all(any(field in line for line in said) for field in measure.fields)
