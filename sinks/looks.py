"""Looks for what was stored since the last time, so that nothing is missed and little is seen twice.

A version gets its `stored_at` when its insert begins and is seen when it ends, so a look goes back by `OVERLAP_S` before the
mark that the last one has left: longer than an insert of the writer may take. What a process has seen there it remembers.
"""

from dataclasses import dataclass, field

from sinks.clickhouse.client import Database
from sinks.clickhouse.late import batches, newest

OVERLAP_S = 120.0
"""An insert is given up after 60 s; the rest is for a clock of the server that is set back."""


@dataclass(frozen=True)
class Look:
    """What has come since the last look.

    Attributes:
        at_ms: moment before the look, by the server's clock: the next mark.
        watermark_us: greatest observed_at of the kind, never beyond now, microseconds since the epoch; 0 without events.
        since_ms: everything new was stored at this moment or after it; None when nothing is new.
        rows: so many rows were stored since then.
    """

    at_ms: int
    watermark_us: int
    since_ms: int | None
    rows: int


@dataclass
class Looker:
    """Remembers what one process has seen of a kind; begins anew without loss when the process does."""

    kind: str
    _seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    _coming: dict[int, tuple[int, int]] = field(default_factory=dict)
    _newest_us: int | None = None

    def look(self, client: Database, database: str, mark_ms: int | None) -> Look:
        """Looks. `mark_ms`: `at_ms` of the last look whose findings are stored; None: nothing depends on what was before.

        Raises as `Database.query` does.
        """
        at_ms = int(client.query("SELECT toUnixTimestamp64Milli(now64(3))")[0][0])
        if self._newest_us is None:
            self._newest_us = int(client.query(newest(self.kind, database))[0][0])
        after_ms = int((at_ms if mark_ms is None else mark_ms) - OVERLAP_S * 1000)
        found = client.query(batches(self.kind, after_ms, database))
        self._newest_us = max([self._newest_us, *(row[3] for row in found)])
        self._coming = {stored_ms: (rows, print_) for stored_ms, rows, print_, _ in found}
        fresh = [stored_ms for stored_ms, what in self._coming.items() if self._seen.get(stored_ms) != what]
        since_ms = min(fresh, default=None)
        rows = sum(
            rows for stored_ms, (rows, _) in self._coming.items() if since_ms is not None and stored_ms >= since_ms
        )
        return Look(at_ms, min(self._newest_us, at_ms * 1000), since_ms, rows)

    def done(self) -> None:
        """Says that what the last look has found is stored."""
        self._seen = self._coming

    def beside(self) -> "Looker":
        """One that has seen the same and goes on by itself."""
        return Looker(self.kind, self._seen, self._coming, self._newest_us)
