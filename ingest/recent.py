"""A set that remembers the last so many members: what was published in the overlap is not published again."""

from collections.abc import Hashable, Iterable


class Recent:
    """Members in the order of their adding, the oldest forgotten first. Losing them is harmless: twice is once."""

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
        while len(mine) > self._limit:
            del mine[next(iter(mine))]
