"""States at the end of past days, worked out from the versions of each kind, and their figures by unit and period."""

from dataclasses import dataclass, field

import numpy as np

from sinks.truth.days import ends, starts
from sinks.truth.figures import Figures, figures
from sinks.truth.sums import Cells, Sums, by_unit_and_day
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
    _sums: dict[Which, tuple[Tree, Sums]] = field(default_factory=dict)

    def covers(self, day: int) -> bool:
        """Whether the history holds a day."""
        return self.since <= day < self.until

    def figures(self, tree: Tree, which: Which, grain: str) -> Figures:
        """The states at the end of the last day of each period that the history holds; they are past, and so not provisional."""
        days = self.by_day(tree, which)
        firsts = starts(grain, days.starts)
        last = days.starts == np.minimum(ends(grain, firsts), self.until) - 1
        found = Sums(days.units[last], firsts[last], days.measures[last])
        below = found.measures[:, 1] if self.ratio else None
        return figures(found.units, found.starts, found.measures[:, 0], below, np.zeros(len(found.units), np.bool_))

    def by_day(self, tree: Tree, which: Which) -> Sums:
        """Numerator and denominator by every unit that they count in, and day."""
        known = self._sums.get(which)
        if known is None or known[0] is not tree:
            self._sums[which] = known = tree, by_unit_and_day(self.cells, tree, which)
        return known[1]
