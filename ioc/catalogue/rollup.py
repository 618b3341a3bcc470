"""What the catalogue compiles to: rollups, and how each indicator follows from their measures."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec

from ioc.calendar import calendar
from ioc.catalogue.expr import Condition, Measure, WorkingDays
from ioc.contracts.kinds import KINDS

Mode = Literal["flow", "now", "age", "report"]
"""How a rollup places an entity: in the hour of an event time; in the present; in the day it falls due or was last seen; in
the first day of the period that it reports on."""


REPORT_SCALE = 1000
"""Reported figures stand in thousandths."""


@dataclass(frozen=True)
class Rollup:
    """Measures of one kind that are counted by the same time.

    Attributes:
        rollup_id: for example `dossier_by_received_at`, `dossier_now`, `dossier_age_due_at`, `statistic_month`.
        kind: kind of event read.
        mode: `flow` has hour and day cells, `age` and `report` have day cells, `now` one cell a unit (grain `now`, bucket 0).
        time: the time field of all but `now`; an entity in which it is null is in no cell.
        measures: the vector, in the order of every cell of this rollup.
        where: an entity that does not fulfil these conditions is in no cell.
    """

    rollup_id: str
    kind: str
    mode: Mode
    time: str | None
    measures: tuple[Measure, ...]
    where: tuple[Condition, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the rollup reads, its time included."""
        placed = Measure(self.where).fields | ({self.time} if self.time else set())
        return placed.union(*(measure.fields for measure in self.measures))


@dataclass(frozen=True, order=True)
class MeasureRef:
    """Place of a measure: rollup and index in its vector, from 0."""

    rollup_id: str
    index: int


@dataclass(frozen=True)
class Formula:
    """How an indicator's value follows from measures: numerator × multiplier / divisor, over the denominator if there is one.

    `window` holds the days (from, to; None is open) relative to today that the numerator of an `age` rollup counts; `reports`
    is the count of reports behind a figure of mode `report`.
    """

    code: str
    mode: Mode
    numerator: MeasureRef
    denominator: MeasureRef | None
    window: tuple[int | None, int | None] | None
    multiplier: int
    divisor: int
    reports: MeasureRef | None = None


@dataclass(frozen=True)
class Compiled:
    """All rollups by id and all formulas by indicator code; composites have none."""

    rollups: dict[str, Rollup]
    formulas: dict[str, Formula]

    @property
    def hash(self) -> str:
        """Hash of the rollups, of the contracts they read and, where working days are counted, of the calendar.

        Names, targets and labels are not in it.
        """
        rollups = [[key, asdict(rollup), _tags(rollup)] for key, rollup in sorted(self.rollups.items())]
        kinds = sorted({rollup.kind for rollup in self.rollups.values()})
        schemas = [_bare(facet.event.model_json_schema()) for kind in kinds for facet in KINDS[kind].facets]
        counted = [calendar().cumulative.tolist()] if self._counts_working_days else []
        text = msgspec.json.encode([rollups, schemas, *counted], order="deterministic")
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    @property
    def _counts_working_days(self) -> bool:
        measures = (measure for rollup in self.rollups.values() for measure in rollup.measures)
        return any(isinstance(measure.value, WorkingDays) for measure in measures)

    def generation(self, topic_ids: dict[str, str]) -> str:
        """Name of the generation of this catalogue over these topics (topic name → id given by the broker): 12 hex digits."""
        text = msgspec.json.encode([self.hash, topic_ids], order="deterministic")
        return hashlib.blake2b(text, digest_size=6).hexdigest()


def order_of(item: Measure | Condition) -> bytes:
    """What measures of a vector and conditions of a measure are sorted by: it follows from what they say alone."""
    return msgspec.json.encode([type(item).__name__, asdict(item), _types(item)], order="deterministic")


def _types(item: Measure | Condition) -> list[str]:
    """Names of the condition types, which `asdict` drops: IsNull(f, True) and Compare(f, …) must not collide."""
    return [type(part).__name__ for part in (*item.where, item.value)] if isinstance(item, Measure) else []


def _tags(rollup: Rollup) -> list[list[str]]:
    return [_types(measure) for measure in (*rollup.measures, Measure(rollup.where))]


def _bare(schema: object) -> object:
    """A JSON schema without what only people read."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in ("description", "title")}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema
