"""Reported figures: sums of the reports of a period, how many have reported, and how many should have."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from ioc.catalogue.rollup import Formula
from ioc.catalogue.series import Series
from sinks.truth.days import GRAINS, Days, end, start, starts
from sinks.truth.figures import Bools, Figures
from sinks.truth.sums import Ints, Sums, grouped
from sinks.truth.tree import Tree, Which


class Reports:
    """The reports of one series in one tree, by unit and period."""

    def __init__(self, series: Series, formula: Formula, sums: Sums, tree: Tree, which: Which, today: int) -> None:
        """`sums`: the rollup of the series' grain by unit and first day; measures of other series are in it too."""
        assert formula.reports is not None
        self._series, self._tree, self._which, self._today = series, tree, which, today
        reports = sums.measures[:, formula.reports.index]
        mine = reports != 0
        self._units, self._starts = sums.units[mine], sums.starts[mine]
        self._reports = reports[mine]
        self._above = sums.measures[mine, formula.numerator.index]
        below = formula.denominator
        self._ratio = below is not None
        self._below = np.zeros_like(self._above) if below is None else sums.measures[mine, below.index]

    def figures(self) -> Iterator[tuple[str, Figures]]:
        """Every grain that a reported figure has: that of its series, and longer ones."""
        for grain in GRAINS[GRAINS.index(self._series.grain) :]:
            yield grain, self.by(grain)

    def by(self, grain: str) -> Figures:
        """The figures of one grain."""
        if grain == self._series.grain:
            return self._native
        return self._summed(grain) if self._series.over_time == "sum" else self._last(grain)

    @cached_property
    def _native(self) -> Figures:
        due = self.due(self._units, self._starts)
        return self._figures(self._units, self._starts, self._above, self._below, self._reports, due, self._alone)

    @property
    def _alone(self) -> Ints:
        """Where values that must not be added would be: 1."""
        if self._series.additivity != "none":
            return np.zeros(len(self._reports), np.int64)
        added: Ints = (self._reports > 1).astype(np.int64)
        return added

    def _figures(
        self, units: Ints, firsts: Days, above: Ints, below: Ints, reports: Ints, due: Ints, added: Ints
    ) -> Figures:
        valued = (added == 0) & ((below != 0) if self._ratio else np.ones(len(units), np.bool_))
        return Figures(units, firsts, above, below, reports, due, reports < due, valued)

    def _summed(self, grain: str) -> Figures:
        """Sums of the periods that begin in a longer one; expected are the reports of all of those that have begun."""
        begun = self._starts <= self._today if grain == "to_date" else np.ones(len(self._starts), np.bool_)
        parts = np.stack([self._above, self._below, self._reports, self._alone], axis=1)[begun]
        found = grouped(self._units[begun], starts(grain, self._starts[begun]), parts)
        due = np.zeros(len(found.units), np.int64)
        periods = self._periods
        longer = starts(grain, periods)
        for first in np.unique(found.starts):
            mine = np.flatnonzero(found.starts == first)
            for begun_on in periods[longer == first]:
                # To date a unit owes reports from its first one on.
                owing = mine if grain != "to_date" else mine[self._first[found.units[mine]] <= begun_on]
                due[owing] += self.due(found.units[owing], np.full(len(owing), begun_on))
        above, below, reports, added = found.measures.T
        return self._figures(found.units, found.starts, above, below, reports, due, added)

    def _last(self, grain: str) -> Figures:
        """The figures of the last period that begins in a longer one."""
        rows = np.flatnonzero(self._starts <= self._today) if grain == "to_date" else np.arange(len(self._starts))
        units, longer = self._units[rows], starts(grain, self._starts[rows])
        # Rows are in order of unit and first day, so the last of a longer period is followed by another unit or period.
        last = np.append((units[1:] != units[:-1]) | (longer[1:] != longer[:-1]), True)[: len(rows)]
        found = self._native.of(rows[last])
        return replace(found, starts=starts(grain, found.starts))

    @cached_property
    def _periods(self) -> Days:
        """First days of the periods that have begun, from the year of the first report on."""
        if not len(self._starts) or self._starts.min() > self._today:
            return np.zeros(0, np.int64)
        found = [start(self._series.grain, start("year", int(self._starts.min())))]
        while (following := end(self._series.grain, found[-1])) <= self._today:
            found.append(following)
        return np.array(found, np.int64)

    @cached_property
    def _first(self) -> Days:
        """The first period with a report of each unit."""
        found = np.full(len(self._tree.units), self._today + 1)
        np.minimum.at(found, self._units, self._starts)
        return found

    def due(self, units: Ints, firsts: Days) -> Ints:
        """How many reports there should be for units in periods that begin on days."""
        if self._series.reporters is not None:
            return np.full(len(units), self._series.reporters, np.int64)
        found = np.zeros(len(units), np.int64)
        for first in np.unique(firsts):
            mine: Bools = firsts == first
            found[mine] = self._tree.reporters(self._which, self._series.reporter, int(first))[units[mine]]
        return found
