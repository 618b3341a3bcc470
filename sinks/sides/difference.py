"""A value of which the engines give two."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MOST_NAMED = 1000
"""So many differences of one rollup, indicator or table are named; the rest says how many there are."""


@dataclass(frozen=True)
class Difference:
    """One value of which the engines give two: what the tables and views show, and what it should be."""

    what: str
    fold: Any
    oracle: Any
    unit: str = ""
    """The unit of a value, the source's code of a cell; empty where there is neither."""


@dataclass(frozen=True)
class Scope:
    """What of everything is compared: from a local day on; of one unit of the province, or of all (empty)."""

    since: int = 0
    unit: str = ""


EVERYTHING = Scope()


@dataclass
class Found:
    """What was compared, and what differs."""

    compared: int = 0
    differences: dict[str, Difference] = field(default_factory=dict)

    def add(self, what: str, fold: Any, oracle: Any, unit: str = "") -> None:
        """Notes a difference."""
        self.differences[what] = Difference(what, fold, oracle, unit)

    def merge(self, others: "Iterable[Found]") -> "Found":
        """Takes what others have found."""
        for other in others:
            self.compared += other.compared
            self.differences |= other.differences
        return self
