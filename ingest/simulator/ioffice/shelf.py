"""Records that change: each is shown once, as it is now, in the order of update times."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of records, and whether it is the last."""

    rows: list[Row]
    last: bool


class Shelf:
    """Records by key."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, Row]] = {}
        self._order: list[tuple[int, str]] | None = None
        self._names: list[str] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, key: str, updated_ms: int, row: Row) -> None:
        """The record as it is from this moment on."""
        if key not in self._rows:
            self._names = None
        self._rows[key] = (updated_ms, row)
        self._order = None

    def get(self, key: str) -> Row | None:
        """A record; None: there is none."""
        found = self._rows.get(key)
        return None if found is None else found[1]

    def drop(self, key: str) -> None:
        """A record is gone, without a word."""
        if self._rows.pop(key, None) is not None:
            self._order = self._names = None

    def rows(self) -> list[Row]:
        """All of them, in the order of update times."""
        return [self._rows[key][1] for _, key in self._by_update()]

    def updated(self, from_ms: int, page: int, size: int) -> Slice:
        """Page `page` (from 0) of what was updated at or after `from_ms`."""
        order = self._by_update()
        first = bisect_left(order, (from_ms, "")) + page * size
        return Slice([self._rows[key][1] for _, key in order[first : first + size]], first + size >= len(order))

    def named(self, after: str, size: int) -> Slice:
        """The next records by name behind `after`."""
        if self._names is None:
            self._names = sorted(self._rows)
        first = bisect_left(self._names, after + "\0") if after else 0
        names = self._names[first : first + size]
        return Slice([self._rows[name][1] for name in names], first + size >= len(self._names))

    def _by_update(self) -> list[tuple[int, str]]:
        if self._order is None:
            self._order = sorted((updated_ms, key) for key, (updated_ms, _) in self._rows.items())
        return self._order
