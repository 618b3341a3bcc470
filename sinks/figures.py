"""The thread that keeps `indicator_now` up to date."""

import threading
import time

from ioc.errors import RetriableError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from sinks.clickhouse.client import Client
from sinks.clickhouse.generations import live_generation
from sinks.clickhouse.mappings import newest_revision
from sinks.clickhouse.snapshot import Snapshot

IDLE_S = 30.0
"""A snapshot is taken at least so often: ages grow and days turn without any event."""

_LOOK_S = 1.0
"""So often it looks whether a code was mapped to a unit or another generation went live, which no message tells."""

_SHARE = 4
"""A snapshot that takes long is followed by a rest of so many times as long, so that it never takes most of a core."""


_PAST_S = 0.5
"""Days of the past that are laid out anew take so long of a snapshot at most: what came in is to be seen meanwhile."""


class Figures:
    """Refreshes the snapshot soon after something was stored, at most once in `sink.snapshot_s`."""

    def __init__(self, settings: Settings, metrics: Metrics, stop: threading.Event) -> None:
        self._settings, self._metrics, self._stop = settings, metrics, stop
        self._dirty = threading.Event()
        self._sealed_ms: list[int] = []
        self.leads = threading.Event()
        self._shown: tuple[int, str] = (0, "")

    def touch(self) -> None:
        """Says that something was stored."""
        self._dirty.set()

    def sealed(self, since_ms: int) -> None:
        """Says that sealed days were written which bear this moment or a later one, milliseconds since the epoch."""
        self._sealed_ms.append(since_ms)
        self._dirty.set()

    def wake(self) -> None:
        """Ends a wait, so that a stop is noticed at once."""
        self._dirty.set()

    def _wait(self, client: Client) -> None:
        """Returns when something was stored or can be shown otherwise, or after `IDLE_S`."""
        until = time.monotonic() + IDLE_S
        while not self._dirty.wait(_LOOK_S) and time.monotonic() < until:
            database = self._settings.clickhouse.database
            try:
                shown = newest_revision(client, database), live_generation(client, database)
            except RetriableError:
                continue  # the refresh will say so
            if shown != self._shown:
                self._shown = shown
                return

    def run(self) -> None:
        """Refreshes until `stop` is set.

        Raises:
            FatalError: a table or view is missing.
        """
        log = get_logger("sink.figures")
        rest = 0.0
        with Client(self._settings.clickhouse, self._settings.clickhouse.writer) as client:
            snapshot = Snapshot(client, self._settings.clickhouse.database)
            while not self._stop.wait(rest):
                if not snapshot.unfinished:
                    self._wait(client)
                self._dirty.clear()
                rest = self._settings.sink.snapshot_s
                if self._stop.is_set() or not self.leads.is_set():
                    continue
                begun = time.monotonic()
                try:
                    while self._sealed_ms:
                        snapshot.sealed_since(self._sealed_ms.pop())
                    snapshot.refresh(_PAST_S)
                except RetriableError as error:
                    self._metrics.errors.labels("sink", "retriable").inc()
                    self._dirty.set()
                    log.warning("snapshot failed, trying again", error=str(error))
                took = time.monotonic() - begun
                self._metrics.seconds.labels("sink", "snapshot").observe(took)
                rest = max(rest - took, _SHARE * took)
