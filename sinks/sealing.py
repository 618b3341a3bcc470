"""One round of sealing: what came late for sealed days is counted again, then the days are sealed that are old enough.

Between two rounds a glance does the first for what must not wait: what has moved between sealed days and others counts twice
or not at all until then.

The order makes every step safe to die after. The mark is taken before anything is read: what is stored later is found by the
next look. Values are written before the row of `seals` from which the views read them; the mark is stored last, so a round
that died is done again and comes to the same. Values carry the moment before they were read: of two sealers at once the one
that read later wins.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ioc.catalogue.rollup import Compiled, Rollup
from ioc.clock import local_day
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.late import NO_REASON, days_of, moved, reasons, touched
from sinks.clickhouse.seal import Days, Place, moment
from sinks.looks import Look, Looker

SEAL_DAYS = 33
"""A local day is sealed so many days behind the watermark: two before the fold forgets it (DESIGN §4.4)."""

_DAYS_AT_ONCE = 400


@dataclass
class Sealed:
    """What a round or a glance did.

    Attributes:
        rollups: rollups that were looked at.
        days: days that were sealed, summed over the rollups.
        rows: cells that were sealed.
        changes: sealed cells that got another value.
        since_ms: what was written bears this moment or a later one, by the server's clock; None when nothing was.
        seconds: how long it took.
    """

    rollups: int = 0
    days: int = 0
    rows: int = 0
    changes: int = 0
    since_ms: int | None = None
    seconds: float = 0.0

    def wrote(self, look: Look) -> None:
        """Notes that something was written which bears the moment of a look."""
        self.since_ms = look.at_ms if self.since_ms is None else min(self.since_ms, look.at_ms)


class Sealing:
    """Seals one generation, as often as asked; for one thread."""

    def __init__(self, client: Database, database: str, compiled: Compiled, generation: str) -> None:
        self._client, self._database, self._generation = client, database, generation
        flows = [rollup for rollup in compiled.rollups.values() if rollup.mode == "flow"]
        self._rollups = {
            kind: [rollup for rollup in flows if rollup.kind == kind] for kind in sorted({r.kind for r in flows})
        }
        self._lookers = {kind: Looker(kind) for kind in self._rollups}
        self._glances: dict[str, tuple[Looker, int]] = {}
        """Kinds that a round has looked at: who looks from there on, and when that was done last."""

    def round(self, stopped: Callable[[], bool] = lambda: False, *, again: bool = False) -> Sealed:
        """One round over all kinds; ends between two rollups when `stopped`, as if it had died there.

        `again`: every sealed day is counted again, whether an event came late for it or not.

        Raises:
            RetriableError: the server is away or busy; the next round does what is left.
            FatalError: a table is missing.
        """
        begun, result = time.monotonic(), Sealed()
        until, read_ms = self._sealed_until()
        marks = self._marks()
        done: dict[str, Look] = {}
        for kind, rollups in self._rollups.items():
            look = self._look(kind, until, read_ms, marks)
            dirty = self._dirty(kind, rollups, until, look)
            for rollup in rollups:
                if stopped():
                    break
                place = Place(self._database, self._generation, rollup)
                sealed = until.get(rollup.rollup_id, 0)
                for days in [Days(0, sealed)] if again else _portions(dirty.get(rollup.rollup_id, ())):
                    if days:
                        self._correct(place, days, look, result)
                until[rollup.rollup_id] = self._seal(place, sealed, look, result)
                result.rollups += 1
            else:
                done[kind] = look
        self._mark(done, until)
        result.seconds = time.monotonic() - begun
        return result

    def glance(self, stopped: Callable[[], bool] = lambda: False) -> Sealed:
        """Counts the sealed days again which something has left, or come to, by a move over the border of what is sealed.

        Everything else is left to the next round, which looks at these days once more: nothing rests on a glance but how soon
        such a move is right. It looks from the last round of this object on; before one it does nothing.

        Raises as `round` does.
        """
        begun, result = time.monotonic(), Sealed()
        until, read_ms = self._sealed_until()
        marks = self._marks()
        for kind, rollups in self._rollups.items():
            timed = self._timed(rollups, until)
            if not timed or kind not in self._glances or stopped():
                continue
            looker, glanced_ms = self._glances[kind]
            seen = looker.look(self._client, self._database, glanced_ms)
            if seen.since_ms is not None:
                condition = touched(kind, seen.since_ms, seen.rows, self._database)
                (found,) = self._client.query(moved(kind, timed, seen.since_ms, condition, self._database))
                days = dict(zip(timed, found, strict=True))
                # Why their values change is told by all that has come since the last round.
                look = self._look(kind, until, read_ms, marks) if any(found) else seen
                for rollup in rollups:
                    for some in _portions(days[rollup.time]) if rollup.time in days else ():
                        self._correct(Place(self._database, self._generation, rollup), some, look, result)
            looker.done()
            self._glances[kind] = looker, seen.at_ms
            result.rollups += len(rollups)
        result.seconds = time.monotonic() - begun
        return result

    def _look(
        self, kind: str, until: dict[str, int], read_ms: dict[str, int], marks: dict[str, tuple[int, int]]
    ) -> Look:
        """What has come for a kind since the last round."""
        # What was sealed by a round that died, or beside another one, is older than the mark: it was read at its own time.
        marked_ms, marked_until = marks.get(kind, (None, 0))
        read = [read_ms[r.rollup_id] for r in self._rollups[kind] if until.get(r.rollup_id, 0) > marked_until]
        since_ms = min([*read, *([] if marked_ms is None else [marked_ms])], default=None)
        return self._lookers[kind].look(self._client, self._database, since_ms)

    def _sealed_until(self) -> tuple[dict[str, int], dict[str, int]]:
        """By rollup: the first day that is not sealed; when the last ones were read, milliseconds since the epoch."""
        rows = self._client.query(
            f"SELECT rollup_id, sealed_until, toUnixTimestamp64Milli(sealed_at) FROM {self._database}.seals FINAL "
            f"WHERE generation = {quoted(self._generation)}"
        )
        return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}

    def _marks(self) -> dict[str, tuple[int, int]]:
        """By kind: when it was looked, milliseconds since the epoch; the first day that was not sealed then."""
        rows = self._client.query(
            f"SELECT kind, toUnixTimestamp64Milli(looked_at), sealed_until FROM {self._database}.seal_marks FINAL "
            f"WHERE generation = {quoted(self._generation)}"
        )
        return {kind: (looked_ms, until) for kind, looked_ms, until in rows}

    def _mark(self, done: dict[str, Look], until: dict[str, int]) -> None:
        columns = ("generation", "kind", "looked_at", "sealed_until")
        firsts = [min(until.get(rollup.rollup_id, 0) for rollup in self._rollups[kind]) for kind in done]
        rows: list[list[Any]] = [
            [self._generation] * len(done), list(done), [look.at_ms for look in done.values()], firsts,
        ]  # fmt: skip
        self._client.insert(f"{self._database}.seal_marks", columns, rows)
        for kind, look in done.items():
            self._lookers[kind].done()
            self._glances[kind] = self._lookers[kind].beside(), look.at_ms

    def _timed(self, rollups: list[Rollup], until: dict[str, int]) -> dict[str, int]:
        """The first day that is not sealed by the time that flows are counted by, where any day is sealed."""
        return {r.time: until[r.rollup_id] for r in rollups if r.time is not None and until.get(r.rollup_id, 0) > 0}

    def _dirty(self, kind: str, rollups: list[Rollup], until: dict[str, int], look: Look) -> dict[str, list[int]]:
        """Sealed days that what is new concerns, by rollup."""
        timed = self._timed(rollups, until)
        if look.since_ms is None or not timed:
            return {}
        condition = touched(kind, look.since_ms, look.rows, self._database)
        (found,) = self._client.query(days_of(kind, timed, condition, self._database))
        days = dict(zip(timed, found, strict=True))
        return {rollup.rollup_id: days[rollup.time] for rollup in rollups if rollup.time in days}

    def _correct(self, place: Place, days: Days, look: Look, result: Sealed) -> None:
        """Counts sealed days again; what is replaced is noted before it is, and what replaces it is taken from the note."""
        self._client.execute(place.change(days, look.at_ms, self._why(place.rollup, days, look)))
        count = int(self._client.query(place.changed(days, look.at_ms))[0][0])
        if count:
            self._client.execute(place.apply(days, look.at_ms))
            result.changes += count
            result.wrote(look)

    def _why(self, rollup: Rollup, days: Days, look: Look) -> str:
        if look.since_ms is None:
            return NO_REASON
        condition = touched(rollup.kind, look.since_ms, look.rows, self._database)
        return reasons(rollup, days, look.since_ms, condition, self._database)

    def _seal(self, place: Place, first: int, look: Look, result: Sealed) -> int:
        """Seals from `first` on what is old enough, and gives the first day that is not sealed."""
        until = local_day(look.watermark_us // 1_000_000) - SEAL_DAYS
        if until <= first:
            return first
        days = Days(first, until)
        self._client.execute(place.seal(days, look.at_ms))
        written = self._client.query(
            f"SELECT toInt64(uniqExact(bucket)), toInt64(count()) FROM {self._database}.sealed "
            f"WHERE {place.rows} AND {days.hold('bucket')} AND sealed_at = {moment(look.at_ms)}"
        )
        self._client.insert(
            f"{self._database}.seals",
            ("generation", "rollup_id", "sealed_until", "sealed_at"),
            ([self._generation], [place.rollup.rollup_id], [until], [look.at_ms]),
        )
        result.wrote(look)
        result.days += written[0][0]
        result.rows += written[0][1]
        return until


def _portions(days: Iterable[int]) -> Iterable[Days]:
    listed = sorted(days)
    for begin in range(0, len(listed), _DAYS_AT_ONCE):
        yield Days.of(listed[begin : begin + _DAYS_AT_ONCE])
