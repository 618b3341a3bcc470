"""The past by units of today, `unit_days`: what charts read. Kept by the snapshot, day by day, where something came in.

A laying out (`build`) is written beside the one that is read, a portion at a time; when it is whole, `unit_series` points to
it, in one step. So no reader sees half of it, whatever dies in between. It is laid out anew when the process starts and when
the live generation, the units or what codes count as changes; that the day turns changes none of these.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sinks.clickhouse.client import Database
from sinks.clickhouse.lookups import swap
from sinks.clickhouse.past_sql import Days, laid_out, pointers, sealed_anew, touched

PORTION_ROWS = 400_000
"""Rows of the tables that are added up in one statement: about half a second of a core."""

_OLD_S = 10.0
"""What is not read any more is dropped so much later: a query that found it just before still reads it."""

Marks = dict[str, tuple[int, int, int]]
"""Of each kind: first day of its history of states, first after it, when it was last written (milliseconds)."""


@dataclass
class _Laying:
    """A laying out: its number, and the statements that are left of it (none: it is whole)."""

    build: int
    left: list[Days] = field(default_factory=list)


class Past:
    """Keeps `unit_days` and `unit_series`; for one thread, and only one process at a time may."""

    def __init__(self, client: Database, database: str) -> None:
        self._client, self._base = client, database
        self._shape: tuple[Any, ...] | None = None
        self._laying = _Laying(0)
        self._shown = 0
        self._marks: Marks = {}
        self._sealed: dict[str, int] = {}
        self._sealing: dict[str, int] = {}
        self._pointed = False
        self._sweep_at = 0.0
        self._last = 0

    @property
    def unfinished(self) -> bool:
        """Whether it is being laid out anew: what is read meanwhile is as it was before."""
        return bool(self._laying.left)

    def overtaken(self) -> bool:
        """Whether another process has laid it out since: what this one kept is behind. Raises as `Database.query` does."""
        if self._shown and self._read() - {self._shown}:
            self._shape, self._shown = None, 0
            return True
        return False

    def reshape(self) -> bool:
        """Begins a new laying out if what all days depend on has changed, and tells whether. Raises as `Database.query` does."""
        shape = self._client.query(
            f"SELECT (SELECT generation FROM {self._base}.active_generation) AS live, "
            f"(SELECT groupBitXor(cityHash64(*)) FROM {self._base}.unit_places FINAL) AS places, "
            f"(SELECT groupBitXor(cityHash64(code, mode, numerator_rollup)) FROM {self._base}.live_facts) AS counted"
        )[0]
        # What the indicators make of the days may have changed without them.
        self._pointed = False
        if shape == self._shape:
            return False
        self._shape = None
        self._sweep(keep=self._read())
        # What comes in from here on is added up anew, whether its portion has been written or not.
        self._marks, self._sealed = self._marked(), self._sealed_until()
        self._sealing = self._sealed
        self._laying = _Laying(self._revision(), list(self._portions()))
        self._shape = shape
        return True

    def advance(self) -> None:
        """Notes in `figures_touched` the days that were sealed since: what was folded on them may not be there any more."""
        self._sealing = self._sealed_until()
        moved = [(rollup, self._sealed.get(rollup, 0), until) for rollup, until in self._sealing.items()]
        if moved := [one for one in moved if one[1] != one[2]]:
            self._client.execute(sealed_anew(self._base, moved))

    def touched(self) -> None:
        """Adds up the days anew that `figures_touched` names. Raises as `Database.query` does."""
        self._client.execute(touched(self._base, self._laying.build, self._revision()))

    def states(self) -> None:
        """Adds up the days anew on which states were written since. Raises as `Database.query` does."""
        marks = self._marked()
        for kind, mark in marks.items():
            _, _, changed_ms = mark
            _, _, since_ms = self._marks.get(kind, (0, 0, 0))
            if changed_ms != since_ms:
                self._execute(Days("state", kind=kind, since_ms=since_ms))
        self._pointed &= marks == self._marks
        self._marks = marks

    def proceed(self, seconds: float) -> None:
        """Goes on with a laying out for about so long, and lets what is whole be read. Raises as `Database.query` does."""
        begun = time.monotonic()
        self._pointed &= self._sealing == self._sealed
        self._sealed = self._sealing
        while self._laying.left and time.monotonic() - begun < seconds:
            self._execute(self._laying.left[0])
            self._laying.left.pop(0)
        if not self._laying.left and not self._pointed:
            self._point()
        if self._sweep_at and time.monotonic() > self._sweep_at:
            self._sweep(keep=self._read())
            self._sweep_at = 0.0

    def _execute(self, days: Days) -> None:
        self._client.execute(laid_out(self._base, self._laying.build, self._revision(), days))

    def _point(self) -> None:
        base = self._base
        self._client.execute(f"TRUNCATE TABLE {base}.unit_series_next")
        self._client.execute(pointers(base, self._laying.build, self._sealed, self._marks))
        swap(self._client, base, "unit_series", "unit_series_next")
        if self._shown != self._laying.build:
            self._shown, self._sweep_at = self._laying.build, time.monotonic() + _OLD_S
        self._pointed = True

    def _portions(self) -> Iterator[Days]:
        """All days, in statements of about `PORTION_ROWS`."""
        base = self._base
        live = f"generation = (SELECT generation FROM {base}.active_generation)"
        flows = self._client.query(
            "SELECT rollup_id, sum(rows) FROM ("
            f"SELECT rollup_id, count() AS rows FROM {base}.partials WHERE {live} AND grain = 'day' GROUP BY rollup_id "
            f"UNION ALL SELECT rollup_id, count() FROM {base}.sealed WHERE {live} GROUP BY rollup_id) "
            f"WHERE rollup_id IN (SELECT numerator_rollup FROM {base}.live_facts WHERE mode IN ('flow', 'report')) "
            "GROUP BY rollup_id ORDER BY rollup_id"
        )
        states = self._client.query(
            f"SELECT code, count() FROM {base}.state_days WHERE {live} "
            f"AND code IN (SELECT code FROM {base}.live_facts WHERE mode IN ('now', 'age')) GROUP BY code ORDER BY code"
        )
        yield from (Days("flow", series=some) for some in _grouped(flows))
        yield from (Days("state", series=some) for some in _grouped(states))

    def _marked(self) -> Marks:
        rows = self._client.query(
            f"SELECT kind, from_day, until_day, toUnixTimestamp64Milli(changed_at) FROM {self._base}.state_marks FINAL "
            f"WHERE generation = (SELECT generation FROM {self._base}.active_generation)"
        )
        return {kind: (first, until, changed_ms) for kind, first, until, changed_ms in rows}

    def _sealed_until(self) -> dict[str, int]:
        return dict(self._client.query(f"SELECT rollup_id, sealed_until FROM {self._base}.sealed_until"))

    def _read(self) -> set[int]:
        """The laying outs that readers find."""
        return {build for (build,) in self._client.query(f"SELECT DISTINCT build FROM {self._base}.unit_series")}

    def _sweep(self, keep: set[int]) -> None:
        """Drops what nobody reads: laying outs that were left unfinished, and that of before."""
        for (build,) in self._client.query(f"SELECT DISTINCT build FROM {self._base}.unit_days"):
            if build not in keep and build != self._laying.build:
                self._client.execute(f"ALTER TABLE {self._base}.unit_days DROP PARTITION {build}")

    def _revision(self) -> int:
        """Later than any before, also when the clock was set back."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last


def _grouped(counted: Iterable[tuple[str, int]]) -> Iterator[tuple[str, ...]]:
    some: list[str] = []
    rows = 0
    for name, count in counted:
        if some and rows + count > PORTION_ROWS:
            yield tuple(some)
            some, rows = [], 0
        some.append(name)
        rows += count
    if some:
        yield tuple(some)
