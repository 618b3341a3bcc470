"""States at the end of past days, worked out from the versions of each kind, and their figures by unit and period."""

from dataclasses import dataclass

import numpy as np

from sinks.truth.days import ends, starts
from sinks.truth.figures import Figures, figures
from sinks.truth.sums import Cells, grouped, spread
from sinks.truth.tree import Tree, Which


@dataclass(frozen=True)
class StateDays:
    """One indicator's states: cells of the end of a local day, with numerator and denominator as their two measures.

    The history holds the days from `since` to `until` (exclusive); without `ratio` there is no denominator.
    """

    cells: Cells
    since: int
    until: int
    ratio: bool

    def covers(self, day: int) -> bool:
        """Whether the history holds a day."""
        return self.since <= day < self.until

    def figures(self, tree: Tree, which: Which, grain: str) -> Figures:
        """The states at the end of the last day of each period that the history holds; they are past, and so not provisional."""
        days = self.cells.days
        last = np.minimum(ends(grain, starts(grain, days)), self.until) - 1
        cells = self.cells.of(days == last)
        rows, units = spread(cells, tree, which, cells.days)
        found = grouped(units, starts(grain, cells.days)[rows], cells.measures[rows])
        below = found.measures[:, 1] if self.ratio else None
        return figures(found.units, found.starts, found.measures[:, 0], below, np.zeros(len(found.units), np.bool_))
