"""The units of a province: what a source's code stands for on a day, on every level, by profile and operators' mappings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ioc.catalogue import tree as profile
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Province
from ioc.catalogue.series import Reporter
from ioc.clock import EPOCH
from sinks.clickhouse.dimensions import UNKNOWN
from sinks.truth.days import LAST_DAY

Which = Literal["then", "today"]
"""The tree as it was on the day; or today's, in which a unit that has ceased stands for its successor."""

TREES: tuple[Which, ...] = ("then", "today")

Ints = NDArray[np.int64]
Span = tuple[int, int, tuple[str, ...]]
"""From which day to which (exclusive) a code counts in which units, from the lowest to the province."""


class Tree:
    """Units and trails.

    Attributes:
        units: codes of all units, the one for unknown codes last; figures name a unit by its place here.
        levels: level of each.
    """

    def __init__(self, province: Province, today: int, mappings: Mapping[str, str] | None = None) -> None:
        """`mappings`: code as a source writes it → unit; where the profile has the code too, it wins."""
        self.province, self._today = province, today
        self._profile = profile.Tree(province, mappings)
        self.units: tuple[str, ...] = (*(unit.code for unit in province.unit), UNKNOWN)
        self.levels: tuple[str, ...] = (*(unit.level for unit in province.unit), UNKNOWN)
        self.root = self._profile.root
        self._place = {code: place for place, code in enumerate(self.units)}
        self._spans: dict[tuple[Which, str], tuple[Span, ...]] = {}
        self._tables: dict[tuple[Which, tuple[str, ...]], tuple[Ints, Ints, Ints]] = {}
        self._reporters: dict[tuple[Which, Reporter, int], Ints] = {}

    def at(self, today: int, mappings: Mapping[str, str]) -> "Tree":
        """The same units on another day, with other mappings."""
        return Tree(self.province, today, mappings)

    def shown(self, indicator: Indicator) -> NDArray[np.bool_]:
        """For which units an indicator has values: those of its levels; what is unknown where there is a level below the province."""
        levels: set[str] = {*indicator.levels}
        if indicator.levels != ["province"]:
            levels.add(UNKNOWN)
        return np.array([level in levels for level in self.levels])

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that sources may write for a unit."""
        return tuple(self._profile.codes)

    def spans(self, which: Which, raw: str) -> tuple[Span, ...]:
        """When a code of a source counts in which units; none for a code that no unit has."""
        key = which, raw
        if key not in self._spans:
            self._spans[key] = self._spans_of(which, raw)
        return self._spans[key]

    def _spans_of(self, which: Which, raw: str) -> tuple[Span, ...]:
        unit = self._profile.codes.get(raw)
        if unit is None:
            return ()
        if which == "today":
            return ((0, LAST_DAY + 1, self._profile.trail(unit, EPOCH + timedelta(days=self._today))),)
        spans = self._profile.spans(unit)
        ends = [*((span.end - EPOCH).days for span in spans[:-1]), LAST_DAY + 1]
        return tuple(((s.first - EPOCH).days, end, s.trail) for s, end in zip(spans, ends, strict=True))

    def trails(self, which: Which, raws: Sequence[str], codes: Ints, days: Ints) -> Ints:
        """The units that codes of sources count in on days: a row for each, from the lowest to the province, -1 where it ends.

        Args:
            which: tree.
            raws: the codes.
            codes: which of them, row by row.
            days: on which day, row by row.
        """
        begins, ends, table = self._laid_out(which, tuple(raws))
        wanted = (codes << 32) | days
        found = np.searchsorted(begins, wanted, side="right") - 1
        if not len(begins):
            return np.repeat(table[-1:], len(codes), axis=0)
        # A day in no span of its code is found in one that ends before it or belongs to a smaller code.
        known = (found >= 0) & (wanted < ends[found]) & (begins[found] >> 32 == codes)
        trail: Ints = table[np.where(known, found, len(begins))]
        return trail

    def _laid_out(self, which: Which, raws: tuple[str, ...]) -> tuple[Ints, Ints, Ints]:
        """Where the spans of codes begin and end, in order, and their trails; the last is that of unknown codes."""
        key = which, raws
        if key not in self._tables:
            spans = [(owner, *span) for owner, raw in enumerate(raws) for span in self.spans(which, raw)]
            trails = [span[3] for span in spans] + [(UNKNOWN, self.root)]
            width = max(map(len, trails))
            self._tables[key] = (
                np.array([(owner << 32) | first for owner, first, _, _ in spans], np.int64),
                np.array([(owner << 32) | last for owner, _, last, _ in spans], np.int64),
                np.array([[self._place[unit] for unit in t] + [-1] * (width - len(t)) for t in trails], np.int64),
            )
        return self._tables[key]

    def valid(self, day: int) -> NDArray[np.bool_]:
        """Which units exist on a day; the one for unknown codes is none."""
        moment = EPOCH + timedelta(days=day)
        exist = [u.valid_from <= moment and (u.valid_to is None or moment < u.valid_to) for u in self.province.unit]
        return np.array([*exist, False])

    def reporters(self, which: Which, reporter: Reporter, day: int) -> Ints:
        """How many units there are that report a series, below or equal to each unit on a day."""
        key = which, reporter, day
        if key not in self._reporters:
            self._reporters[key] = self._count(which, reporter, day)
        return self._reporters[key]

    def _count(self, which: Which, reporter: Reporter, day: int) -> Ints:
        valid = self.valid(day)
        level: str = reporter
        if reporter == "local":
            districts = any(valid[place] for place, level in enumerate(self.levels) if level == "district")
            level = "district" if districts else "commune"
        mine = [code for code, its, there in zip(self.units, self.levels, valid, strict=True) if there and its == level]
        counts = np.zeros(len(self.units), np.int64)
        if mine:
            trails = self.trails(which, mine, np.arange(len(mine)), np.full(len(mine), day))
            np.add.at(counts, trails[trails >= 0], 1)
        return counts
