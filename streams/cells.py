"""Cells: (unit, bucket) → vector of sums, at the grains that the rollups of one time field need."""

from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ioc.clock import DAY_S, HOUR_S, LOCAL_OFFSET_S
from streams.features import Array, Rows

NOWHERE = -1
"""The row of an entity that is in no cell."""

_UNIT_SHIFT = 32
_BUCKET_MASK = 2**_UNIT_SHIFT - 1


def keys_of(units: NDArray[np.int32], buckets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keys of cells: code of the unit << 32 | bucket (not negative in any contract)."""
    return units.astype(np.int64) << _UNIT_SHIFT | buckets


def hour_buckets(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hours since the epoch, of seconds since the epoch."""
    return times // HOUR_S


def day_buckets(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Local days since 1970-01-01, of seconds since the epoch."""
    return (times + LOCAL_OFFSET_S) // DAY_S


class Grid:
    """The cells of one grain.

    Attributes:
        values: the vectors, a row for each cell (int64).
        parents: for hours, the row in `days` of the day that each lies in.
        days: the grid of the days that the hours add up to, or None.
    """

    def __init__(self, width: int, days: "Grid | None" = None) -> None:
        self._rows: dict[int, int] = {}
        self._keys = np.zeros(64, np.int64)
        self._touched = np.zeros(64, np.bool_)
        self.values = np.zeros((64, width), np.int64)
        self.parents = np.zeros(64, np.int64)
        self.days = days

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, keys: NDArray[np.int64]) -> Rows:
        """The rows of cells by key; cells that do not exist yet are made, with zeros."""
        listed = keys.tolist()
        rows = np.fromiter(map(self._rows.get, listed, repeat(NOWHERE)), np.int64, len(listed))
        missing = np.flatnonzero(rows == NOWHERE)
        if missing.size:
            wanted = [listed[place] for place in missing.tolist()]
            new = list(dict.fromkeys(wanted))
            known = len(self._rows)
            self._rows.update(zip(new, range(known, known + len(new)), strict=True))
            rows[missing] = [self._rows[key] for key in wanted]
            self._made(known, np.array(new, np.int64))
        return rows

    def same(self, rows: Rows, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where a row, `NOWHERE` among them, is that of the key."""
        found: NDArray[np.bool_] = (rows != NOWHERE) & (self._keys[rows] == keys)
        return found

    def _made(self, known: int, keys: NDArray[np.int64]) -> None:
        size = len(self._rows)
        if size > len(self._keys):
            for name in ("_keys", "_touched", "values", "parents"):
                setattr(self, name, grown(getattr(self, name), size, 0))
        self._keys[known:size] = keys
        if self.days is not None:
            middle = (keys & _BUCKET_MASK) * HOUR_S
            self.parents[known:size] = self.days.find(keys_of(keys >> _UNIT_SHIFT, day_buckets(middle)))

    def order(self, rows: Rows) -> Rows:
        """The order in which equal cells stand together, and those of a day too: one sort serves both grains."""
        return np.argsort(rows if self.days is None else self.parents[rows] << _UNIT_SHIFT | rows)

    def add(self, ordered: Rows, vectors: NDArray[np.int64]) -> None:
        """Adds vectors to cells (in the order of `order`, a cell may come several times) and to the days above them."""
        if not ordered.size:
            return
        found, starts = _runs(ordered)
        sums = np.add.reduceat(vectors, starts, axis=0)
        self.values[found] += sums
        if self.days is not None:
            days, starts = _runs(self.parents[found])
            self.days.values[days] += np.add.reduceat(sums, starts, axis=0)

    def touch(self, rows: Rows) -> None:
        """Notes that these cells, and the days above them, must be emitted."""
        self._touched[rows] = True
        if self.days is not None:
            self.days.touch(self.parents[rows])

    def take(self) -> Rows:
        """The rows of the touched cells; forgets that they were touched."""
        rows = np.flatnonzero(self._touched[: len(self._rows)])
        self._touched[rows] = False
        return rows

    def cut(self, first: int) -> Rows:
        """Drops the cells of buckets before `first`; those of `days`, if any, are dropped by whoever holds both.

        Returns:
            For each row there was, the row it is now, or `NOWHERE`.
        """
        size = len(self._rows)
        kept = np.flatnonzero(self._keys[:size] & _BUCKET_MASK >= first)
        moved = np.full(size, NOWHERE, np.int64)
        moved[kept] = np.arange(len(kept))
        for name in ("_keys", "_touched", "values", "parents"):
            setattr(self, name, grown(getattr(self, name)[kept], 64, 0))
        self._rows = dict(zip(self._keys[: len(kept)].tolist(), range(len(kept)), strict=True))
        return moved

    def units(self, rows: Rows) -> list[int]:
        """Codes of the units of cells."""
        codes: list[int] = (self._keys[rows] >> _UNIT_SHIFT).tolist()
        return codes

    def buckets(self, rows: Rows) -> list[int]:
        """Buckets of cells."""
        buckets: list[int] = (self._keys[rows] & _BUCKET_MASK).tolist()
        return buckets


def _runs(ordered: Rows) -> tuple[Rows, Rows]:
    """The different values of an array in which equal ones stand together, and where each begins."""
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], starts


def grown(array: Array, size: int, fill: int) -> Array:
    """The array with room for at least `size` rows, at least doubled so that growing costs little."""
    new = np.full((max(2 * len(array), size), *array.shape[1:]), fill, array.dtype)
    new[: len(array)] = array
    return new
