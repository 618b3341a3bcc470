"""Cells of a rollup as columns, and their sums by unit and period: what ClickHouse does in views, done again in numpy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sinks.truth.days import LAST_DAY, Days, starts
from sinks.truth.tree import Tree, Which

Ints = NDArray[np.int64]


class Columnar(Protocol):
    """What is asked of ClickHouse here (`sinks.clickhouse.client.Client`)."""

    def columns(self, sql: str) -> list[Any]:
        """Columns of a SELECT."""
        ...


@dataclass(frozen=True)
class Cells:
    """Cells side by side: cell i is (raws[codes[i]], buckets[i]), its vector the row i of `measures`."""

    raws: tuple[str, ...]
    codes: Ints
    buckets: Ints
    measures: Ints

    @property
    def days(self) -> Days:
        """The buckets of day cells as a column of type Date shows them."""
        return np.minimum(self.buckets, LAST_DAY)

    def of(self, rows: NDArray[Any]) -> "Cells":
        """Some of the cells."""
        return Cells(self.raws, self.codes[rows], self.buckets[rows], self.measures[rows])


def read_cells(client: Columnar, sql: str, width: int) -> Cells:
    """The cells that a query gives as rows (unit, bucket, measures)."""
    listed = ", ".join(f"measures[{place}]" for place in range(1, width + 1))
    unit, buckets, *measures = client.columns(f"SELECT toLowCardinality(toString(unit)), bucket, {listed} FROM ({sql})")
    stacked = np.stack(measures, axis=1) if measures else np.zeros((len(buckets), 0), np.int64)
    return Cells(unit.words, unit.codes, buckets.astype(np.int64), stacked.astype(np.int64, copy=False))


@dataclass(frozen=True)
class Sums:
    """Vectors by unit and first day of a period, in that order; `units` are places in `Tree.units`."""

    units: Ints
    starts: Days
    measures: Ints

    def by(self, grain: str, upto: int | None = None) -> "Sums":
        """Sums of days by a longer period; `to_date` takes days up to `upto` only."""
        if grain == "day":
            return self
        inside = self.starts <= upto if grain == "to_date" and upto is not None else slice(None)
        return grouped(self.units[inside], starts(grain, self.starts[inside]), self.measures[inside], in_order=True)

    def within(self, first: int, last: int, units: int) -> Ints:
        """Sums of the days from `first` to `last` for each of so many units: a row for each."""
        inside = (self.starts >= first) & (self.starts <= last)
        found = grouped(self.units[inside], np.zeros(int(inside.sum()), np.int64), self.measures[inside], in_order=True)
        dense = np.zeros((units, self.measures.shape[1]), np.int64)
        dense[found.units] = found.measures
        return dense


def grouped(units: Ints, firsts: Days, measures: Ints, *, in_order: bool = False) -> Sums:
    """Sums of rows by (unit, first day)."""
    if not len(units):
        return Sums(units, firsts, measures)
    keys = (units << 32) | firsts
    if not in_order:
        order = np.argsort(keys, kind="stable")
        keys, measures = keys[order], measures[order]
    edges = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return Sums(keys[edges] >> 32, keys[edges] & 0xFFFFFFFF, np.add.reduceat(measures, edges, axis=0))


def by_unit_and_day(cells: Cells, tree: Tree, which: Which) -> Sums:
    """Day cells summed by every unit that they count in, and their day."""
    days = cells.days
    rows, units = spread(cells, tree, which, days)
    return grouped(units, days[rows], cells.measures[rows])


def spread(cells: Cells, tree: Tree, which: Which, days: Days) -> tuple[Ints, Ints]:
    """(row of a cell, unit that it counts in) for every unit above the code of a source on the day of the cell."""
    trails = tree.trails(which, cells.raws, cells.codes, days)
    pairs = list(_levels(trails))
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([rows for rows, _ in pairs]), np.concatenate([units for _, units in pairs])


def _levels(trails: Ints) -> Iterator[tuple[Ints, Ints]]:
    for column in trails.T:
        rows = np.flatnonzero(column >= 0)
        yield rows, column[rows]
