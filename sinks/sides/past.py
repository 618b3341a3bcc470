"""The past that charts read: `unit_days` beside the second engine's sums of days by units of today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ioc.catalogue.rollup import Rollup
from ioc.clock import EPOCH
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.sides.difference import EVERYTHING, MOST_NAMED, Found, Scope
from sinks.sides.hashes import Hashes, unit_weight, unit_weights
from sinks.truth.days import LAST_DAY
from sinks.truth.figures import print_of
from sinks.truth.sums import Ints, Sums, read_cells
from sinks.truth.values import Truth

PAST = "unit_days "
"""How the names of its differences begin."""

# A column of type Date shows no later day.
_DAY = f"least(day, {LAST_DAY})"
_WEIGHT = unit_weight(_DAY)


@dataclass(frozen=True)
class _Series:
    """What `unit_days` should hold of one series; of a state from `first` to `until` (exclusive), which is all that is read."""

    name: str
    sums: Sums
    first: int
    until: int


@dataclass
class PastSide:
    """Compares days of flows, reports and states."""

    client: Client
    database: str
    hashes: Hashes
    truth: Truth
    scope: Scope = EVERYTHING

    def compare(self, rollup: Rollup, codes: Sequence[str]) -> Found:
        """A rollup of flows or reports whole, of others the states that have a history; `codes`: its indicators."""
        found = Found()
        for series in self._due(rollup, codes):
            mine = self._asked_for(series.sums)
            found.compared += len(mine.units)
            weight = unit_weights(self.hashes, self.truth.tree, mine.units, mine.starts)
            if self._print(series) != print_of(weight, list(mine.measures.T)):
                found.merge([self._named(series, mine)])
        return found

    def _due(self, rollup: Rollup, codes: Sequence[str]) -> Iterator[_Series]:
        if not codes:
            return
        if rollup.mode in ("flow", "report"):
            by_day = self.truth.sums(self.truth.catalogue.compiled.formulas[codes[0]].numerator, "today", "day")
            yield _Series(rollup.rollup_id, by_day, 0, LAST_DAY + 1)
            return
        for code in codes:
            if (states := self.truth.states.get(code)) is not None:
                yield _Series(code, states.by_day(self.truth.tree, "today"), states.since, states.until)

    def _asked_for(self, sums: Sums) -> Sums:
        asked = np.array([not self.scope.unit or unit == self.scope.unit for unit in self.truth.tree.units])
        inside = asked[sums.units] & (sums.starts >= self.scope.since)
        return Sums(sums.units[inside], sums.starts[inside], sums.measures[inside])

    def _rows(self, series: _Series) -> str:
        unit = f" AND unit = {quoted(self.scope.unit)}" if self.scope.unit else ""
        return (
            f"{self.database}.unit_days FINAL WHERE series = {quoted(series.name)} "
            f"AND build IN (SELECT build FROM {self.database}.unit_series) "
            f"AND {_DAY} >= {max(series.first, self.scope.since)} AND {_DAY} < {series.until}{unit}"
        )

    def _print(self, series: _Series) -> tuple[int, ...]:
        width = series.sums.measures.shape[1]
        listed = ", ".join(f"sum(measures[{place}] * weight)" for place in range(1, width + 1))
        weighed = f"SELECT measures, {_WEIGHT} AS weight FROM {self._rows(series)}"
        return tuple(self.client.query(f"SELECT {listed} FROM ({weighed})")[0])

    def _named(self, series: _Series, due: Sums) -> Found:
        """Every measure of every day that differs."""
        tree, width = self.truth.tree, due.measures.shape[1]
        held = read_cells(
            self.client,
            f"SELECT concat(unit, ' ', level) AS unit, {_DAY} AS bucket, measures FROM {self._rows(series)}",
            width,
        )
        names = [f"{unit} {level}" for unit, level in zip(tree.units, tree.levels, strict=True)]
        have = _by_key([held.raws[code] for code in held.codes], held.buckets, held.measures)
        want = _by_key([names[place] for place in due.units], due.starts, due.measures)
        found, differing, nothing = Found(), 0, [0] * width
        for unit, day in sorted(have.keys() | want.keys()):
            left, right = have.get((unit, day), nothing), want.get((unit, day), nothing)
            if left == right:
                continue
            differing += 1
            if differing <= MOST_NAMED:
                what = f"{PAST}{series.name} unit={unit} day {EPOCH + timedelta(days=day)}"
                found.add(what, left, right, unit.rsplit(" ", 1)[0])
        if differing > MOST_NAMED:
            found.add(f"{PAST}{series.name}: further days that differ", differing - MOST_NAMED, 0)
        return found


def is_laid_out(client: Client, database: str) -> bool:
    """Whether no laying out (`build`) is newer than the one that is read."""
    newest, shown = client.query(
        f"SELECT (SELECT max(build) FROM {database}.unit_days), (SELECT max(build) FROM {database}.unit_series)"
    )[0]
    return bool(newest == shown)


def _by_key(units: Sequence[str], days: Ints, measures: Ints) -> dict[tuple[str, int], list[int]]:
    return dict(zip(zip(units, days.tolist(), strict=True), measures.tolist(), strict=True))
