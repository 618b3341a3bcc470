"""Rollups that are counted by the same time: where each entity lies, and what it adds there."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ioc.catalogue.rollup import Rollup
from ioc.clock import DAY_S, HOUR_S, LOCAL_OFFSET_S
from ioc.contracts.partial import Grain
from streams.cells import NOWHERE, Grid, day_buckets, grown, hour_buckets, keys_of
from streams.features import NULL, Columns, Rows
from streams.vector import Gate, Program


@dataclass(frozen=True)
class Cells:
    """Touched cells of one rollup and grain, side by side.

    Attributes:
        units: units as their source writes them.
        buckets: hours since the epoch, local days since 1970-01-01, or 0.
        vectors: a row for each cell, in the order of the rollup's measures (int64).
    """

    rollup_id: str
    grain: Grain
    units: list[str]
    buckets: list[int]
    vectors: NDArray[np.int64]


class Placement:
    """The cells of the rollups of one time field, or of those that count the present.

    The grids hold the vectors of all these rollups side by side: first all counts, then all sums of values.

    Attributes:
        time: the time field; None is the present.
        reads: the features that decide where an entity lies.
        flows: all rollups are flows, of which cells are dropped once they are sealed; otherwise none is.
    """

    def __init__(self, rollups: Sequence[Rollup], program: Program, first: int, gate: Gate | None = None) -> None:
        """Begins without cells.

        Args:
            rollups: the rollups, all of the same time field and the same conditions, all flows or none.
            program: computes their vectors, with others before and after them.
            first: index of their first measure in the program; theirs follow one another.
            gate: tells which entities are in a cell at all; None lets all in.
        """
        self.time = rollups[0].time
        self._gate = gate
        self.reads = tuple(({self.time} if self.time else set()) | set(gate.features if gate else ()))
        width = sum(len(rollup.measures) for rollup in rollups)
        self._counts = slice(bisect_left(program.counts, first), bisect_left(program.counts, first + width))
        self._sums = slice(bisect_left(program.sums, first), bisect_left(program.sums, first + width))
        self._count_width = self._counts.stop - self._counts.start
        standing = [*program.counts[self._counts], *program.sums[self._sums]]
        self._columns: list[tuple[Rollup, list[int]]] = []
        for rollup in rollups:
            last = first + len(rollup.measures)
            self._columns.append((rollup, [standing.index(measure) for measure in range(first, last)]))
            first = last
        self._home = np.full(64, NOWHERE, np.int32)
        self.flows = rollups[0].mode == "flow"
        self._first_hour = 0
        self._day = self._fine = Grid(width)
        self._grids: dict[Grain, Grid] = {"now" if self.time is None else "day": self._day}
        if self.flows:
            self._fine = self._grids["hour"] = Grid(width, days=self._day)

    def reserve(self, entities: int) -> None:
        """Makes room for so many entities."""
        if entities > len(self._home):
            self._home = grown(self._home, entities, NOWHERE)

    def home(self, entities: Rows) -> Rows:
        """The cells in which entities were counted last."""
        return self._home[entities].astype(np.int64)

    def locate(self, units: NDArray[np.int32], columns: Columns, alive: NDArray[np.bool_], hint: Rows) -> Rows:
        """The cells in which entities lie, `NOWHERE` where they do not exist or their time is null.

        Args:
            units: code of each entity's unit.
            columns: the features in `reads`, and perhaps others.
            alive: whether each exists.
            hint: where each may lie, because it did before.
        """
        there: NDArray[np.bool_] = alive if self._gate is None else alive & self._gate.open(columns, len(units))
        if self.time is None:
            buckets = np.zeros(len(units), np.int64)
        else:
            times = columns[self.time]
            there = there & (times != NULL)
            buckets = hour_buckets(times) if self.flows else day_buckets(times)
            if self._first_hour:
                there &= buckets >= self._first_hour
        keys = keys_of(units, buckets)
        cells = np.where(there & self._fine.same(hint, keys), hint, NOWHERE)
        unsure = np.flatnonzero(there & (cells == NOWHERE))
        if unsure.size:
            cells[unsure] = self._fine.find(keys[unsure])
        return cells

    def cut(self, first_day: int) -> None:
        """Drops the cells of flows before a local day; what comes for them from now on lies nowhere."""
        if not self.flows:
            return
        self._first_hour = (first_day * DAY_S - LOCAL_OFFSET_S) // HOUR_S
        hours = self._fine.cut(self._first_hour)
        days = self._day.cut(first_day)
        self._fine.parents[: len(self._fine)] = days[self._fine.parents[: len(self._fine)]]
        counted = self._home != NOWHERE
        self._home[counted] = hours[self._home[counted]]

    def keep(self, entities: Rows) -> None:
        """Forgets all entities but these, whose rows are 0, 1, 2 … from now on."""
        self._home = grown(self._home[entities], 64, NOWHERE)

    def counts_any(self, counts: NDArray[np.int8], sums: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the entities that a program was run over add anything here."""
        return np.logical_or(counts[:, self._counts].any(axis=1), sums[:, self._sums].any(axis=1), dtype=np.bool_)

    def settle(self, entities: Rows, cells: Rows) -> None:
        """Remembers where entities are counted from now on."""
        self._home[entities] = cells

    def add(self, cells: Rows, counts: NDArray[np.int8], sums: NDArray[np.int64]) -> None:
        """Adds vectors (negative ones take away) to cells; what lies nowhere is left out."""
        inside = np.flatnonzero(cells != NOWHERE)
        inside = inside[self._fine.order(cells[inside])]
        vectors = np.empty((inside.size, self._fine.values.shape[1]), np.int64)
        vectors[:, : self._count_width] = counts[inside, self._counts]
        vectors[:, self._count_width :] = sums[inside, self._sums]
        self._fine.add(cells[inside], vectors)

    def touch(self, cells: Rows) -> None:
        """Notes that these cells must be emitted."""
        self._fine.touch(cells[cells != NOWHERE])

    def take(self, texts: Sequence[str]) -> list[Cells]:
        """The touched cells of each rollup and grain; forgets that they were touched."""
        taken = []
        for grain, grid in self._grids.items():
            rows = grid.take()
            if not rows.size:
                continue
            units = [texts[code] for code in grid.units(rows)]
            buckets = grid.buckets(rows)
            for rollup, columns in self._columns:
                vectors = grid.values[rows][:, columns]
                taken.append(Cells(rollup.rollup_id, grain, units, buckets, vectors))
        return taken
