"""From indicators to rollups: the one definition that both engines compute.

Measures that read the same kind and are counted by the same time field in the same way form one rollup; equal measures
are kept once. The order within a rollup's vector follows from the measures alone, so names, targets and labels do not change it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ioc.catalogue.expr import (
    Compare,
    CompareFields,
    Condition,
    Duration,
    FieldValue,
    In,
    IsNull,
    Measure,
    One,
    Value,
    WorkingDays,
)
from ioc.catalogue.fields import FieldSpec, fields_of
from ioc.catalogue.indicator import STATISTIC, ConditionRow, Indicator, ValueRow
from ioc.catalogue.rollup import REPORT_SCALE, Compiled, Formula, MeasureRef, Mode, Rollup, order_of
from ioc.catalogue.series import PeriodGrain, Series
from ioc.catalogue.unit_of_measure import scale
from ioc.contracts.kinds import KINDS


class CompileError(ValueError):
    """An indicator asks for something that its kind does not have; the message names key, value and what is allowed."""


class _Place(NamedTuple):
    """What rollups are told apart by."""

    kind: str
    mode: Mode
    time: str | None
    grain: PeriodGrain | None = None

    @property
    def rollup_id(self) -> str:
        """The name of the rollup."""
        if self.grain is not None:
            return f"{self.kind}_{self.grain}"
        by_mode = {"flow": f"_by_{self.time}", "now": "_now", "age": f"_age_{self.time}"}
        return self.kind + by_mode[self.mode]

    @property
    def where(self) -> tuple[Condition, ...]:
        """Which entities are placed at all."""
        return () if self.grain is None else (Compare("period_grain", "eq", self.grain),)


@dataclass(frozen=True)
class _Need:
    """What an indicator needs: measures, each with its place."""

    numerator: tuple[_Place, Measure]
    denominator: tuple[_Place, Measure] | None = None
    reports: tuple[_Place, Measure] | None = None
    scale: tuple[int, int] = (1, 1)

    @property
    def all(self) -> tuple[tuple[_Place, Measure], ...]:
        """All of them."""
        return tuple(part for part in (self.numerator, self.denominator, self.reports) if part is not None)


def compile_catalogue(indicators: Iterable[Indicator], series: Mapping[str, Series] | None = None) -> Compiled:
    """Compiles indicators to rollups and formulas.

    Args:
        indicators: all kinds; a composite has neither rollup nor formula.
        series: the series that indicators of kind `latest` read, by code.

    Raises:
        CompileError: an indicator names an unknown kind, field or series, or compares what cannot be compared; begins with the code.
    """
    listed = [indicator for indicator in indicators if indicator.kind != "composite"]
    needs: dict[str, _Need] = {}
    for indicator in listed:
        try:
            needs[indicator.code] = _latest(indicator, series or {}) if indicator.series else _counted(indicator)
        except CompileError as error:
            raise CompileError(f"{indicator.code}: {error}") from error
    vectors: dict[_Place, set[Measure]] = {}
    for need in needs.values():
        for place, measure in need.all:
            vectors.setdefault(place, set()).add(measure)
    rollups: dict[str, Rollup] = {}
    index: dict[tuple[_Place, Measure], MeasureRef] = {}
    for place, measures in sorted(vectors.items(), key=lambda item: item[0].rollup_id):
        ordered = tuple(sorted(measures, key=order_of))
        rollup = Rollup(place.rollup_id, place.kind, place.mode, place.time, ordered, place.where)
        rollups[rollup.rollup_id] = rollup
        index |= {(place, measure): MeasureRef(rollup.rollup_id, i) for i, measure in enumerate(ordered)}
    formulas = {}
    for indicator in listed:
        need = needs[indicator.code]
        formulas[indicator.code] = Formula(
            code=indicator.code,
            mode=need.numerator[0].mode,
            numerator=index[need.numerator],
            denominator=None if need.denominator is None else index[need.denominator],
            window=None if indicator.window is None else (indicator.window.from_days, indicator.window.to_days),
            multiplier=need.scale[0],
            divisor=need.scale[1],
            reports=None if need.reports is None else index[need.reports],
        )
    return Compiled(rollups, formulas)


def _latest(indicator: Indicator, series: Mapping[str, Series]) -> _Need:
    """A series as it is reported: its values, or numerators over denominators, and how many reports there are."""
    if indicator.series not in series:
        raise CompileError(f"series {indicator.series!r} is not one of {', '.join(sorted(series)) or 'none'}")
    of = series[indicator.series]
    if indicator.unit != of.unit:
        raise CompileError(f"unit {indicator.unit!r} is not that of series {of.code}, {of.unit!r}")
    place = _Place(STATISTIC, "report", "period_start", of.grain)
    mine = {Compare("series", "eq", of.code)}
    if of.additivity != "ratio":
        total, count = _measure(mine, FieldValue("value_milli")), _measure(mine)
        return _Need((place, total), reports=(place, count), scale=(1, REPORT_SCALE))
    # A share without its numerator or denominator cannot be added to others; it is not counted as reported.
    mine_whole: set[Condition] = {*mine, IsNull("numerator_milli", False), IsNull("denominator_milli", False)}
    above, below = (_measure(mine_whole, FieldValue(f"{part}_milli")) for part in ("numerator", "denominator"))
    return _Need((place, above), (place, below), (place, _measure(mine_whole)), scale(indicator.unit))


def _counted(indicator: Indicator) -> _Need:
    """Entities counted, or a value of theirs added up."""
    numerator, denominator = _measures(indicator)
    above, below = _places(indicator)
    return _Need((above, numerator), None if denominator is None else (below, denominator), scale=scale(indicator.unit))


def _places(indicator: Indicator) -> tuple[_Place, _Place]:
    """Where numerator and denominator are counted."""
    now = _Place(indicator.event, "now", None)
    if indicator.window is not None:
        # The part is aged, the whole is the present: overdue dossiers over all that are open.
        return _Place(indicator.event, "age", indicator.time), now
    if indicator.time is None:
        return now, now
    flow = _Place(indicator.event, "flow", indicator.time)
    return flow, flow


def _measures(indicator: Indicator) -> tuple[Measure, Measure | None]:
    specs = _specs(indicator.event)
    if indicator.time is not None:
        _field(specs, indicator.time, "time", {"time"})
    where = {_condition(specs, row) for row in indicator.filter}
    match indicator.kind:
        case "count" | "stock":
            return _measure(where), None
        case "ratio":
            return _measure(where | {_condition(specs, row) for row in indicator.numerator}), _measure(where)
        case "sum" | "mean":
            assert indicator.value is not None
            value = _value(specs, indicator.value)
            total = _measure(where, value)
            if indicator.kind == "sum":
                return total, None
            # A mean counts only entities that have the value.
            return total, _measure(where | {IsNull(field, False) for field in Measure((), value).fields})
        case "latest" | "composite":
            raise AssertionError(f"a {indicator.kind} counts no entities")


def _measure(where: Iterable[Condition], value: Value | None = None) -> Measure:
    return Measure(tuple(sorted(where, key=order_of)), value if value is not None else One())


def _specs(kind: str) -> dict[str, FieldSpec]:
    if kind not in KINDS:
        raise CompileError(f"event {kind!r} is not one of {', '.join(KINDS)}")
    return fields_of(kind)


def _field(specs: dict[str, FieldSpec], name: str, key: str, types: set[str]) -> FieldSpec:
    allowed = sorted(spec.name for spec in specs.values() if spec.type in types)
    if name not in allowed:
        raise CompileError(f"{key} {name!r} is not one of {', '.join(allowed)}")
    return specs[name]


def _value(specs: dict[str, FieldSpec], row: ValueRow) -> Value:
    if row.field is not None:
        return FieldValue(_field(specs, row.field, "value.field", {"int"}).name)
    assert row.from_ is not None
    assert row.to is not None
    start, end = _field(specs, row.from_, "value.from", {"time"}), _field(specs, row.to, "value.to", {"time"})
    return (Duration if row.calendar is None else WorkingDays)(start.name, end.name)


def _condition(specs: dict[str, FieldSpec], row: ConditionRow) -> Condition:
    spec = _field(specs, row.field, "filter.field", {s.type for s in specs.values()})
    if row.null is not None:
        return IsNull(spec.name, row.null)
    for op in ("eq", "ne"):
        if (value := getattr(row, op)) is not None:
            return Compare(spec.name, op, _constant(spec, op, value))
    for op in ("lt", "le", "gt", "ge"):
        if (number := getattr(row, op)) is not None:
            _need(spec, op, {"int"})
            return Compare(spec.name, op, number)  # type: ignore[arg-type]
    for key, values, negated in (("in", row.in_, False), ("not_in", row.not_in, True)):
        if values is not None:
            return In(spec.name, tuple(sorted({_constant(spec, key, v) for v in values}, key=str)), negated)
    for op in ("eq", "lt", "le", "gt", "ge"):
        if (other := getattr(row, f"{op}_field")) is not None:
            _need(spec, f"{op}_field", {"int", "time"})
            twin = _field(specs, other, f"{spec.name}.{op}_field", {spec.type})
            by = row.by or ("day" if spec.type == "time" else "value")
            if by == "day" and spec.type != "time":
                raise CompileError(f'{spec.name}: `by = "day"` compares times, this is {spec.type}')
            return CompareFields(spec.name, op, twin.name, by)  # type: ignore[arg-type]
    raise AssertionError("a condition row holds exactly one comparison")


def _need(spec: FieldSpec, key: str, types: set[str]) -> None:
    if spec.type not in types:
        raise CompileError(
            f"{spec.name}.{key}: the field is {spec.type}, this comparison takes {' or '.join(sorted(types))}"
        )


def _constant(spec: FieldSpec, key: str, value: str | int | bool) -> str | int | bool:
    _need(spec, key, {"enum", "text", "int", "bool"})
    wanted: type = {"enum": str, "text": str, "int": int, "bool": bool}[spec.type]
    if type(value) is not wanted:
        raise CompileError(f"{spec.name}.{key}: {value!r} is not a {wanted.__name__}")
    if spec.values and value not in spec.values:
        raise CompileError(f"{spec.name}.{key}: {value!r} is not one of {', '.join(spec.values)}")
    return value
