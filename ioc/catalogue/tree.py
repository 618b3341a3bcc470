"""The tree of a province on any day: what a unit or a source's code stands for, and what is above it.

On a day a code stands for its unit if that exists then; for the successor (and its successor …) if it has ceased; for itself if it
has not begun yet, or has ceased and nobody took it over. Today's tree is the tree of today, for whatever day is asked.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ioc.catalogue.province import Province, Unit
from ioc.clock import EPOCH

BEGIN, END = EPOCH, date(2149, 6, 6)
"""First day of every code's first span, and the day (exclusive) that its last one ends: the ends of ClickHouse's Date."""


@dataclass(frozen=True)
class Span:
    """From `first` up to and without `end`: the unit that stands for a code, with all above it, last the province."""

    first: date
    end: date
    trail: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The unit that stands for the code."""
        return self.trail[0]


class Tree:
    """Units and what operators mapped to them.

    Attributes:
        units: by code.
        root: code of the province.
    """

    def __init__(self, province: Province, mappings: Mapping[str, str] | None = None) -> None:
        """`mappings`: code as a source writes it → unit; where the profile has the code too, it wins."""
        self.units: dict[str, Unit] = {unit.code: unit for unit in province.unit}
        self.root = next(unit.code for unit in province.unit if unit.parent is None)
        self._mappings = dict(mappings or {})
        self._spans: dict[str, tuple[Span, ...]] = {}

    @cached_property
    def codes(self) -> dict[str, str]:
        """Every code that sources may write → its unit, whether that exists now or not."""
        mapped = {code: unit for code, unit in self._mappings.items() if unit in self.units}
        return mapped | {code: unit.code for unit in self.units.values() for code in (unit.code, *unit.aliases)}

    def path(self, raw: str, day: date) -> tuple[str, ...]:
        """The units that a source's code counts in on a day, from the lowest to the province; empty for an unknown code."""
        unit = self.codes.get(raw)
        return () if unit is None else self.trail(unit, day)

    def trail(self, unit: str, day: date) -> tuple[str, ...]:
        """The unit that stands for a unit on a day, and all above it then."""
        found = [self.stands_for(unit, day)]
        while (parent := self.units[found[-1]].parent_on(day)) is not None:
            found.append(self.stands_for(parent, day))
        # A unit whose parent has ceased or moved into its own line counts once.
        return tuple(dict.fromkeys(found))

    def stands_for(self, unit: str, day: date) -> str:
        """The unit itself, or what took it over by that day."""
        at = self.units[unit]
        while at.valid_to is not None and at.valid_to <= day and at.successor is not None:
            at = self.units[at.successor]
        return at.code

    def spans(self, unit: str) -> tuple[Span, ...]:
        """All of a unit's trails, day by day from `BEGIN` to `END` without a gap."""
        if unit not in self._spans:
            days = [BEGIN, *(day for day in self._changes if BEGIN < day < END), END]
            found: list[Span] = []
            for first, end in itertools.pairwise(days):
                trail = self.trail(unit, first)
                if found and found[-1].trail == trail:
                    found[-1] = Span(found[-1].first, end, trail)
                else:
                    found.append(Span(first, end, trail))
            self._spans[unit] = tuple(found)
        return self._spans[unit]

    def children(self, unit: str, day: date) -> list[str]:
        """The units directly below a unit on a day, in order of code."""
        return sorted(u.code for u in self.units.values() if u.valid_on(day) and u.parent_on(day) == unit)

    def of_level(self, level: str, day: date) -> list[str]:
        """The units of a level that exist on a day, in order of code."""
        return sorted(u.code for u in self.units.values() if u.level == level and u.valid_on(day))

    @cached_property
    def _changes(self) -> list[date]:
        """The days on which some unit begins, moves or ceases."""
        days = {day for u in self.units.values() for day in (u.valid_from, u.valid_to, *(m.on for m in u.moved)) if day}
        return sorted(days)
