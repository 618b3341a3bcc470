"""From indicators to rollups: the one definition that both engines compute.

Measures that read the same kind and are counted by the same time field in the same way form one rollup; equal measures
are kept once. The order within a rollup's vector follows from the measures alone, so names, targets and labels do not change it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec

from ioc.catalogue.expr import Compare, CompareFields, Condition, Duration, FieldValue, In, IsNull, Measure, One, Value
from ioc.catalogue.fields import FieldSpec, fields_of
from ioc.catalogue.indicator import UNIT_SCALE, ConditionRow, Indicator, ValueRow
from ioc.contracts.kinds import KINDS

Mode = Literal["flow", "now", "age"]
"""How a rollup places an entity: in the hour of an event time; in the present; in the day it falls due or was last seen."""


@dataclass(frozen=True)
class Rollup:
    """Measures of one kind that are counted by the same time.

    Attributes:
        rollup_id: for example `dossier_by_received_at`, `dossier_now`, `dossier_age_due_at`.
        kind: kind of event read.
        mode: `flow` has hour and day cells, `age` has day cells, `now` one cell a unit (grain `now`, bucket 0).
        time: the time field of `flow` and `age`; an entity in which it is null is in no cell.
        measures: the vector, in the order of every cell of this rollup.
    """

    rollup_id: str
    kind: str
    mode: Mode
    time: str | None
    measures: tuple[Measure, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the rollup reads, its time included."""
        times = frozenset({self.time} if self.time else ())
        return times.union(*(measure.fields for measure in self.measures))


@dataclass(frozen=True, order=True)
class MeasureRef:
    """Place of a measure: rollup and index in its vector, from 0."""

    rollup_id: str
    index: int


@dataclass(frozen=True)
class Formula:
    """How an indicator's value follows from measures: numerator × multiplier / divisor, over the denominator if there is one.

    `window` holds the days (from, to; None is open) relative to today that the numerator of an `age` rollup counts.
    """

    code: str
    mode: Mode
    numerator: MeasureRef
    denominator: MeasureRef | None
    window: tuple[int | None, int | None] | None
    multiplier: int
    divisor: int


@dataclass(frozen=True)
class Compiled:
    """All rollups by id and all formulas by indicator code."""

    rollups: dict[str, Rollup]
    formulas: dict[str, Formula]

    @property
    def hash(self) -> str:
        """Hash of the rollups and of the contracts they read; names, targets and labels are not in it."""
        rollups = [[key, asdict(rollup), _tags(rollup)] for key, rollup in sorted(self.rollups.items())]
        kinds = sorted({rollup.kind for rollup in self.rollups.values()})
        schemas = [_bare(facet.event.model_json_schema()) for kind in kinds for facet in KINDS[kind].facets]
        text = msgspec.json.encode([rollups, schemas], order="deterministic")
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def generation(self, topic_ids: dict[str, str]) -> str:
        """Name of the generation of this catalogue over these topics (topic name → id given by the broker): 12 hex digits."""
        text = msgspec.json.encode([self.hash, topic_ids], order="deterministic")
        return hashlib.blake2b(text, digest_size=6).hexdigest()


class CompileError(ValueError):
    """An indicator asks for something that its kind does not have; the message names key, value and what is allowed."""


def compile_catalogue(indicators: Iterable[Indicator]) -> Compiled:
    """Compiles indicators to rollups and formulas.

    Raises:
        CompileError: an indicator names an unknown kind or field, or compares what cannot be compared; begins with the code.
    """
    needs: dict[str, tuple[Measure, Measure | None]] = {}
    places: dict[str, tuple[tuple[str, Mode, str | None], tuple[str, Mode, str | None]]] = {}
    listed = list(indicators)
    for indicator in listed:
        try:
            numerator, denominator = _measures(indicator)
            needs[indicator.code] = numerator, denominator
            places[indicator.code] = _places(indicator)
        except CompileError as error:
            raise CompileError(f"{indicator.code}: {error}") from error
    vectors: dict[tuple[str, Mode, str | None], set[Measure]] = {}
    for code, (numerator, denominator) in needs.items():
        above, below = places[code]
        vectors.setdefault(above, set()).add(numerator)
        if denominator is not None:
            vectors.setdefault(below, set()).add(denominator)
    rollups: dict[str, Rollup] = {}
    index: dict[tuple[tuple[str, Mode, str | None], Measure], MeasureRef] = {}
    for place, measures in sorted(vectors.items(), key=lambda item: _rollup_id(*item[0])):
        ordered = tuple(sorted(measures, key=_order))
        rollup = Rollup(_rollup_id(*place), *place, ordered)
        rollups[rollup.rollup_id] = rollup
        index |= {(place, measure): MeasureRef(rollup.rollup_id, i) for i, measure in enumerate(ordered)}
    formulas = {}
    for indicator in listed:
        (above, below), (numerator, denominator) = places[indicator.code], needs[indicator.code]
        multiplier, divisor = UNIT_SCALE[indicator.unit]
        formulas[indicator.code] = Formula(
            code=indicator.code,
            mode=above[1],
            numerator=index[above, numerator],
            denominator=None if denominator is None else index[below, denominator],
            window=None if indicator.window is None else (indicator.window.from_days, indicator.window.to_days),
            multiplier=multiplier,
            divisor=divisor,
        )
    return Compiled(rollups, formulas)


def _rollup_id(kind: str, mode: Mode, time: str | None) -> str:
    return {"flow": f"{kind}_by_{time}", "now": f"{kind}_now", "age": f"{kind}_age_{time}"}[mode]


def _places(
    indicator: Indicator,
) -> tuple[tuple[str, Mode, str | None], tuple[str, Mode, str | None]]:
    """Where numerator and denominator are counted: (kind, mode, time field) of each."""
    now: tuple[str, Mode, str | None] = (indicator.event, "now", None)
    if indicator.window is not None:
        # The part is aged, the whole is the present: overdue dossiers over all that are open.
        return (indicator.event, "age", indicator.time), now
    if indicator.time is None:
        return now, now
    flow: tuple[str, Mode, str | None] = (indicator.event, "flow", indicator.time)
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


def _measure(where: Iterable[Condition], value: Value | None = None) -> Measure:
    return Measure(tuple(sorted(where, key=_order)), value if value is not None else One())


def _order(item: Measure | Condition) -> bytes:
    return msgspec.json.encode([type(item).__name__, asdict(item), _types(item)], order="deterministic")


def _types(item: Measure | Condition) -> list[str]:
    """Names of the condition types, which `asdict` drops: IsNull(f, True) and Compare(f, …) must not collide."""
    return [type(part).__name__ for part in (*item.where, item.value)] if isinstance(item, Measure) else []


def _tags(rollup: Rollup) -> list[list[str]]:
    return [_types(measure) for measure in rollup.measures]


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
    return Duration(start.name, end.name)


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


def _bare(schema: object) -> object:
    """A JSON schema without what only people read."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in ("description", "title")}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema
