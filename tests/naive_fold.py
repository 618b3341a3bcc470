"""The fold as one would write it on a blackboard: dictionaries, one event at a time, straight from the meaning of the AST."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ioc.calendar import calendar
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
    WorkingDays,
)
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Rollup
from ioc.contracts.kinds import KINDS

VIETNAM = timezone(timedelta(hours=7))
EPOCH_DAY = datetime(1970, 1, 1, tzinfo=VIETNAM).date()

Cell = tuple[str, str, str, int]
"""rollup_id, grain, unit, bucket"""

State = dict[str, Any]


def whole_seconds(moment: datetime) -> int:
    return int(moment.replace(microsecond=0).timestamp())


def local_day(moment: datetime) -> int:
    return (moment.astimezone(VIETNAM).date() - EPOCH_DAY).days


def local_date(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()


def worked_days(start: date, end: date) -> int:
    """One day after the other; what the calendar does not hold is not worked."""
    if end < start:
        return -worked_days(end, start)
    found = calendar()
    first, last = max(start + timedelta(days=1), found.first), min(end, found.last)
    return sum(found.is_working(first + timedelta(days=n)) for n in range((last - first).days + 1))


def compared(op: str, left: Any, right: Any) -> bool:
    answers: dict[str, bool] = {
        "eq": left == right,
        "ne": left != right,
        "lt": left < right,
        "le": left <= right,
        "gt": left > right,
        "ge": left >= right,
    }
    return answers[op]


def holds(condition: Condition, state: State) -> bool:
    value = state.get(condition.field)
    match condition:
        case IsNull(_, null):
            return (value is None) == null
        case Compare(_, op, constant):
            if op in ("eq", "ne"):
                return value is not None and (value == constant) == (op == "eq")
            return value is not None and compared(op, value, constant)
        case In(_, values, negated):
            return value is not None and (value in values) != negated
        case CompareFields(_, op, other, by):
            second = state.get(other)
            if value is None or second is None:
                return False
            if by == "day":
                return compared(op, local_day(value), local_day(second))
            if isinstance(value, datetime):
                return compared(op, whole_seconds(value), whole_seconds(second))
            return compared(op, value, second)


def measured(measure: Measure, state: State) -> int:
    if not all(holds(condition, state) for condition in measure.where):
        return 0
    match measure.value:
        case One():
            return 1
        case FieldValue(field):
            return state.get(field) or 0
        case Duration(start, end):
            if state.get(start) is None or state.get(end) is None:
                return 0
            return whole_seconds(state[end]) - whole_seconds(state[start])
        case WorkingDays(start, end):
            if state.get(start) is None or state.get(end) is None:
                return 0
            return worked_days(local_date(state[start]), local_date(state[end]))


class NaiveFold:
    """Everything that is known, entity by entity."""

    def __init__(self, kind: str, rollups: Sequence[Rollup]) -> None:
        self.rollups = rollups
        self.fields = {f.name: [n for n, s in fields_of(kind).items() if s.facet == f.name] for f in KINDS[kind].facets}
        self.main = KINDS[kind].main.name
        self.versions: dict[tuple[str, str], int] = {}
        self.facets: dict[tuple[str, str], Any] = {}

    def apply(self, event: Any) -> set[Cell]:
        """Applies one event and tells which cells it touched."""
        facet = type(event).__struct_config__.tag
        key = event.entity, facet
        if event.version <= self.versions.get(key, -1):
            return set()
        mine = [r for r in self.rollups if facet == self.main or r.fields & set(self.fields[facet])]
        touched = {cell for rollup in mine for cell in self.places(event.entity, rollup)}
        self.versions[key] = event.version
        self.facets[key] = event
        return touched | {cell for rollup in mine for cell in self.places(event.entity, rollup)}

    def places(self, entity: str, rollup: Rollup) -> Iterable[Cell]:
        main = self.facets.get((entity, self.main))
        if main is None or main.deleted:
            return
        if not all(holds(condition, self.state(entity)) for condition in rollup.where):
            return
        if rollup.mode == "now":
            yield rollup.rollup_id, "now", main.unit, 0
            return
        assert rollup.time is not None
        moment = self.state(entity).get(rollup.time)
        if moment is None:
            return
        yield rollup.rollup_id, "day", main.unit, local_day(moment)
        if rollup.mode == "flow":
            yield rollup.rollup_id, "hour", main.unit, whole_seconds(moment) // 3600

    def state(self, entity: str) -> State:
        state: State = {}
        for facet, fields in self.fields.items():
            event = self.facets.get((entity, facet))
            if event is not None and not event.deleted:
                state |= {field: getattr(event.data, field) for field in fields}
        return state

    def cells(self) -> dict[Cell, list[int]]:
        """Every cell that an entity lies in."""
        sums: dict[Cell, list[int]] = {}
        widths = defaultdict(int, {r.rollup_id: len(r.measures) for r in self.rollups})
        for entity in {entity for entity, _ in self.facets}:
            state = self.state(entity)
            for rollup in self.rollups:
                for cell in self.places(entity, rollup):
                    vector = sums.setdefault(cell, [0] * widths[rollup.rollup_id])
                    for index, measure in enumerate(rollup.measures):
                        vector[index] += measured(measure, state)
        return sums
