"""A set that remembers the last so many members: what was published in the overlap is not published again."""

from collections.abc import Hashable, Iterable
from itertools import islice


class Recent:
    """Members in the order of their adding, the oldest forgotten first; a tenth more than the limit at most.

    Losing them is harmless: twice is once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._members: dict[Hashable, None] = {}

    def __contains__(self, member: Hashable) -> bool:
        return member in self._members

    def __len__(self) -> int:
        return len(self._members)

    def update(self, members: Iterable[Hashable]) -> None:
        """Adds members."""
        mine = self._members
        for member in members:
            mine[member] = None
        # In one go, and not at every page: one deletion after another from the front of a dictionary walks over all those before.
        too_many = len(mine) - self._limit
        if too_many > self._limit // 10:
            self._members = dict.fromkeys(islice(mine, too_many, None))
