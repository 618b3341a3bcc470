"""What `indicator_values` should hold: every indicator in both trees and all grains, for every unit and period that has something."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue
from ioc.catalogue.rollup import Formula, MeasureRef
from sinks.truth.days import GRAINS, ends
from sinks.truth.figures import Figures, figures
from sinks.truth.reports import Reports
from sinks.truth.states import StateDays
from sinks.truth.sums import Cells, Ints, Sums, by_unit_and_day, grouped, spread
from sinks.truth.tree import TREES, Tree, Which

STATE_GRAINS = ("day", "week", "month", "quarter", "year")
"""Grains that the history of states has."""


@dataclass
class Truth:
    """All that figures follow from.

    Attributes:
        cells: rollup → its cells by the oracle: of days, or of the present.
        today: the local day.
        sealed_until: rollup → first day that is not sealed; 0 where nothing is.
        states: code → the states at the end of past days.
        kept, windows: sums of the last rollup that was asked for.
    """

    catalogue: Catalogue
    tree: Tree
    cells: dict[str, Cells]
    today: int
    sealed_until: Mapping[str, int] = field(default_factory=dict)
    states: dict[str, StateDays] = field(default_factory=dict)
    kept: dict[tuple[str, Which, str], Sums] = field(default_factory=dict)
    windows: dict[tuple[str, int, int], Ints] = field(default_factory=dict)

    def figures(self, code: str) -> Iterator[tuple[Which, str, Figures]]:
        """Tree, grain and figures of one indicator that is no composite."""
        formula, indicator = self.catalogue.compiled.formulas[code], self.catalogue.indicators[code]
        for which in TREES:
            for grain, found in self._of_mode(formula, indicator, which):
                yield which, grain, found.of(self.tree.shown(indicator)[found.units])

    def _of_mode(self, formula: Formula, indicator: Indicator, which: Which) -> Iterator[tuple[str, Figures]]:
        match formula.mode:
            case "flow":
                for period in GRAINS:
                    yield period, self.flow(formula, which, period)
            case "report":
                yield from self.reports(formula, indicator, which).figures()
            case "now" | "age":
                yield "now", self.state_now(formula, which)
                if formula.code in self.states:
                    for grain in STATE_GRAINS:
                        yield grain, self.states[formula.code].figures(self.tree, which, grain)

    def flow(self, formula: Formula, which: Which, grain: str) -> Figures:
        """Sums over the days of the periods; provisional unless all of a period's days are sealed."""
        above = self.sums(formula.numerator, which, grain)
        column = above.measures[:, formula.numerator.index]
        below = formula.denominator
        units, firsts = above.units, above.starts
        if below is None or below.rollup_id == formula.numerator.rollup_id:
            under = None if below is None else above.measures[:, below.index]
        else:
            other = self.sums(below, which, grain)
            units, firsts, column, under = beside(above, column, other, other.measures[:, below.index])
        sealed = min(self.sealed_until.get(rollup, 0) for rollup in rollups_of(formula))
        return figures(units, firsts, column, under, ends(grain, firsts) > sealed)

    def sums(self, ref: MeasureRef, which: Which, grain: str) -> Sums:
        """The rollup of a measure by unit and period; what was computed for the last few is kept."""
        key = ref.rollup_id, which, grain
        if key not in self.kept:
            if grain == "day":
                if any(known[0] != ref.rollup_id for known in self.kept):
                    self.kept.clear()
                self.kept[key] = by_unit_and_day(self.cells[ref.rollup_id], self.tree, which)
            else:
                self.kept[key] = self.sums(ref, which, "day").by(grain, upto=self.today)
        return self.kept[key]

    def within(self, ref: MeasureRef, first: int, last: int) -> Ints:
        """A measure's sum over days in today's tree, for each unit."""
        key = ref.rollup_id, first, last
        if key not in self.windows:
            days = self.sums(ref, "today", "day")
            if any(known[0] != ref.rollup_id for known in self.windows):
                self.windows.clear()
            self.windows[key] = days.within(first, last, len(self.tree.units))
        return self.windows[key][:, ref.index]

    def state_now(self, formula: Formula, which: Which) -> Figures:
        """What is so now: always provisional."""
        above = self._now(formula.numerator, which, formula.window)
        column, under = above.measures[:, 0], None
        units, firsts = above.units, above.starts
        if formula.denominator is not None:
            other = self._now(formula.denominator, which, None)
            units, firsts, column, under = beside(above, column, other, other.measures[:, 0])
        return figures(units, firsts, column, under, np.ones(len(units), np.bool_))

    def _now(self, ref: MeasureRef, which: Which, window: tuple[int | None, int | None] | None) -> Sums:
        cells = self.cells[ref.rollup_id]
        first, last = window or (None, None)
        inside = np.ones(len(cells.codes), np.bool_)
        if first is not None:
            inside &= cells.buckets >= self.today + first
        if last is not None:
            inside &= cells.buckets <= self.today + last
        cells = cells.of(inside)
        days = np.full(len(cells.codes), self.today, np.int64)
        rows, units = spread(cells, self.tree, which, days)
        return grouped(units, days[rows], cells.measures[rows, ref.index : ref.index + 1])

    def reports(self, formula: Formula, indicator: Indicator, which: Which) -> Reports:
        """The reports of a series by unit and period."""
        series = self.catalogue.series[indicator.series]
        return Reports(series, formula, self.sums(formula.numerator, which, "day"), self.tree, which, self.today)


def rollups_of(formula: Formula) -> set[str]:
    """The rollups that an indicator needs."""
    refs: list[MeasureRef] = [ref for ref in (formula.numerator, formula.denominator) if ref is not None]
    return {ref.rollup_id for ref in refs}


def beside(left: Sums, above: Ints, right: Sums, below: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Numerators and denominators that come from different rollups: units, first days, both columns."""
    pairs = np.concatenate([np.stack([above, np.zeros_like(above)], 1), np.stack([np.zeros_like(below), below], 1)])
    found = grouped(np.concatenate([left.units, right.units]), np.concatenate([left.starts, right.starts]), pairs)
    return found.units, found.starts, found.measures[:, 0], found.measures[:, 1]
