"""How often a difference must be seen until it is believed, while data flow: the rule of every comparison of the two engines.

What is on its way differs for a moment, then otherwise or no more. What differs in the same way in `LOOKS` looks on end is
explained by no message.
"""

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

LOOKS = 4
"""A difference that is the same in so many looks on end is believed."""

What = TypeVar("What", bound=Hashable)
Way = TypeVar("Way")


class Suspects(Generic[What, Way]):
    """What differed in the last look, and in how many looks on end it has differed in the same way."""

    def __init__(self) -> None:
        self._seen: dict[What, tuple[Way, int]] = {}

    def look(self, found: Mapping[What, Way]) -> None:
        """Takes what a look has found: what differs, and in which way; what is not in it is suspected no more."""
        self._seen = {
            what: (way, self._seen[what][1] + 1 if what in self._seen and self._seen[what][0] == way else 1)
            for what, way in found.items()
        }

    def __contains__(self, what: object) -> bool:
        return what in self._seen

    def looks(self, what: What) -> int:
        """In so many looks on end, the last one among them, what is suspected has differed in the same way."""
        return self._seen[what][1]

    @property
    def believed(self) -> frozenset[What]:
        """What has differed in the same way for long enough."""
        return frozenset(what for what, (_, looks) in self._seen.items() if looks >= LOOKS)

    @property
    def open(self) -> frozenset[What]:
        """What differed in the last look and is not believed."""
        return frozenset(self._seen) - self.believed
