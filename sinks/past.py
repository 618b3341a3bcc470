"""What keeps the past of the live generation: sealed days of flows, the history of states; the sink's thread for it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ioc.catalogue.rollup import Compiled
from ioc.errors import FatalError, RetriableError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from sinks.clickhouse.client import Client, Database
from sinks.clickhouse.generations import live_generation
from sinks.in_force import in_force
from sinks.sealing import Sealed, Sealing
from sinks.states import Computed, StateHistory

_SHARE = 4
"""A round that takes long is followed by a rest of so many times as long, so that sealing never takes most of a core."""

_FIRST_S = 5.0
"""The first round does not wait for a whole period, nor does the next while earlier days of states are left."""

_GLANCE_S = 5.0
"""Between rounds it is looked as often as this for what has moved out of sealed days: until then it counts twice."""

_GLANCE_SHARE = 20
"""A glance that takes long is followed by a rest of so many times as long: it never takes more than a twentieth of a core."""


@dataclass(frozen=True)
class Kept:
    """What a round did."""

    generation: str
    sealed: Sealed
    states: Computed


class Past:
    """Keeps the past of one generation, as often as asked; for one thread."""

    def __init__(self, client: Database, database: str, compiled: Compiled, generation: str) -> None:
        self.generation = generation
        self._sealing = Sealing(client, database, compiled, generation)
        self._states = StateHistory(client, database, compiled, generation)

    def round(self, stopped: Callable[[], bool] = lambda: False, *, whole: bool = False, again: bool = False) -> Kept:
        """Seals, then writes the history of states: a portion of it, or all that is left when `whole`.

        `again`: every sealed day is counted again.

        Raises:
            RetriableError: the server is away or busy; the next round does what is left.
            FatalError: a table is missing.
        """
        sealed, states = self._sealing.round(stopped, again=again), self._states.round(stopped)
        while whole and states.left and not stopped():
            more = self._states.round(stopped)
            states = Computed(
                states.days + more.days, states.again + more.again, more.left, states.seconds + more.seconds
            )
        return Kept(self.generation, sealed, states)

    def glance(self, stopped: Callable[[], bool] = lambda: False) -> Kept:
        """What must not wait for a round: see `Sealing.glance`, also for what it raises."""
        return Kept(self.generation, self._sealing.glance(stopped), Computed())


def seal_once(settings: Settings, *, whole: bool = False, again: bool = False) -> Kept:
    """One round for the live generation, beside the sink's thread or without it.

    Raises:
        ConfigError: nobody knows the catalogue of the live generation.
        RetriableError: a server is away.
        FatalError: a table is missing.
    """
    with Client(settings.clickhouse, settings.clickhouse.writer) as client:
        generation, compiled = in_force(settings, client)
        return Past(client, settings.clickhouse.database, compiled, generation).round(whole=whole, again=again)


class SealingThread:
    """Keeps the past while this sink leads: a round once in `sink.seal_s`, glances in between."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        stop: threading.Event,
        leads: threading.Event,
        wrote: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`wrote` is told when sealed days were written, and the moment that they bear or a later one, milliseconds since the epoch."""
        self._settings, self._metrics, self._stop, self._leads, self._wrote = settings, metrics, stop, leads, wrote
        self._log = get_logger("sink.past")
        self._past: Past | None = None

    def run(self) -> None:
        """Works until `stop` is set; a round under way ends after its current rollup."""
        rest = min(self._settings.sink.seal_s, _FIRST_S)
        due = time.monotonic() + rest
        with Client(self._settings.clickhouse, self._settings.clickhouse.writer) as client:
            while not self._stop.wait(rest):
                begun = time.monotonic()
                if begun >= due:
                    left = self._leads.is_set() and self._round(client)
                    took = time.monotonic() - begun
                    due = begun + took + max(_FIRST_S if left else self._settings.sink.seal_s - took, _SHARE * took)
                    rest = _GLANCE_S
                else:
                    if self._leads.is_set():
                        self._kept(client, lambda past: past.glance(self._stop.is_set))
                    rest = max(_GLANCE_S, _GLANCE_SHARE * (time.monotonic() - begun))
                rest = max(0.0, min(rest, due - time.monotonic()))

    def _round(self, client: Client) -> bool:
        """One round; whether earlier days wait for the next."""
        with self._metrics.seconds.labels("sink", "seal").time():
            kept = self._kept(client, lambda past: past.round(self._stop.is_set))
        return kept is not None and kept.states.left

    def _kept(self, client: Client, work: Callable[[Past], Kept]) -> Kept | None:
        """Has the past of the live generation kept, and tells what was done; None when it failed."""
        try:
            kept = work(self._of_live(client))
        except RetriableError as error:
            self._metrics.errors.labels("sink", "retriable").inc()
            self._log.warning("sealing interrupted, going on at the next round", error=str(error))
            return None
        except FatalError as error:
            # Nothing is lost while days are not sealed; events and figures go on.
            self._metrics.errors.labels("sink", "fatal").inc()
            self._log.error("not sealing: a person must look", error=str(error))
            return None
        self._metrics.sealed_days.labels("sink").inc(kept.sealed.days)
        self._metrics.seal_changes.labels("sink").inc(kept.sealed.changes)
        self._metrics.state_days.labels("sink").inc(kept.states.days)
        if kept.sealed.since_ms is not None:
            self._wrote(kept.sealed.since_ms)
        if kept.sealed.days or kept.sealed.changes or kept.states.days:
            self._log.info(
                "kept", days=kept.sealed.days, rows=kept.sealed.rows, changes=kept.sealed.changes,
                state_days=kept.states.days, again=kept.states.again, generation=kept.generation,
                seconds=round(kept.sealed.seconds + kept.states.seconds, 2),
            )  # fmt: skip
        return kept

    def _of_live(self, client: Client) -> Past:
        database = self._settings.clickhouse.database
        if self._past is None or self._past.generation != live_generation(client, database):
            generation, compiled = in_force(self._settings, client)
            self._past = Past(client, database, compiled, generation)
        return self._past
