"""The thread in which the leading sink sees to what nobody asks for.

Workers know what is live, the log holds what lives, and what is wrong with reports is found.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import timedelta

from ioc import clock
from ioc.contracts.control import Seal
from ioc.contracts.generation import LiveNote
from ioc.errors import IocError, RetriableError
from ioc.generations import read_register, tell_live
from ioc.kafka.producer import Producer, Publisher
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.topics import PARTITIONS, SEALS
from sinks import findings
from sinks.clickhouse.client import Client, Database
from sinks.clickhouse.generations import live_generation
from sinks.forecast.nightly import Nightly
from sinks.group_watch import GroupWatch
from sinks.in_force import in_force
from sinks.keeper import Keeper, Kept
from sinks.owed import ReportsOwed
from sinks.topic_watch import TopicWatch

LOOK_S = 5.0
FIRST_ROUND_S = 120.0
"""The first round of a sink begins so long after its start."""

_ACK_S = 30.0
FIND_S = 60.0
"""What is wrong with reports, and which are missing, is looked for as often as this."""

AGAIN_S = 3600.0
"""A round that failed is tried again after so long."""

_log = get_logger("sink.caretaker")


class Caretaker:
    """Works while this sink leads; that no topic was made again and all are read each sink sees to."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        stop: threading.Event,
        leads: threading.Event,
        groups: Mapping[str, Sequence[str]],
    ) -> None:
        """Does nothing yet; `groups`: what this sink reads, by the group that it reads it in."""
        self._groups = GroupWatch(settings.kafka.bootstrap, groups)
        self._topics = TopicWatch(settings.kafka.bootstrap, [name for names in groups.values() for name in names])
        self._settings, self._metrics, self._stop, self._leads = settings, metrics, stop, leads
        self._told = ""
        self._sealed: dict[tuple[str, str], int] = {}
        self._round_at = time.monotonic() + FIRST_ROUND_S
        self._find_at = self._owe_at = 0.0
        self._nightly = Nightly()
        self._debts = ReportsOwed(settings.catalogue)

    def run(self) -> None:
        """Looks until `stop` is set. What fails is said and tried again: no figure depends on it today.

        Raises:
            FatalError: a topic was deleted and made again.
        """
        with (
            closing(self._nightly),
            Client(self._settings.clickhouse, self._settings.clickhouse.writer) as client,
        ):
            while True:
                with suppress(RetriableError):
                    self._topics.look()
                    self._groups.look()
                if self._stop.wait(LOOK_S):
                    return
                if not self._leads.is_set():
                    continue
                for duty in (self._tell, self._tell_seals, self._find, self._owe, self._forecast, self._keep):
                    self._try(duty, client)

    def _try(self, duty: Callable[[Database], None], client: Database) -> None:
        """One duty that fails must not keep the others from being done."""
        try:
            duty(client)
        except IocError as error:
            self._metrics.errors.labels("sink", "caretaker").inc()
            _log.warning("will be tried again", duty=duty.__name__.strip("_"), error=str(error))

    def _tell(self, client: Database) -> None:
        """The newest row of `generations` is the truth; workers are told when they believe something else."""
        live = live_generation(client, self._settings.clickhouse.database)
        if live in ("", self._told):
            return
        note = read_register(self._settings.kafka.bootstrap).live
        if note is None or note.generation != live:
            with Producer(self._settings.kafka.bootstrap) as producer:
                tell_live(producer, LiveNote(generation=live, active_from=clock.now()))
            _log.info("told the workers", generation=live)
        self._told = live

    def _tell_seals(self, client: Database) -> None:
        """Days that are sealed are counted from the tables: the fold may forget them."""
        seals = client.query(
            f"SELECT generation, rollup_id, sealed_until FROM {self._settings.clickhouse.database}.seals FINAL"
        )
        moved = [row for row in seals if self._sealed.get(row[:2]) != row[2]]
        if not moved:
            return
        with Producer(self._settings.kafka.bootstrap) as producer:
            told = [
                Seal(generation=generation, rollup_id=rollup_id, sealed_until=until, sealed_at=clock.now())
                for generation, rollup_id, until in moved
            ]
            sent = [producer.publish(SEALS.name, 0, seal.model_dump_json().encode(), seal.key) for seal in told]
            for delivery in sent:
                delivery.wait(_ACK_S)
        self._sealed |= {row[:2]: row[2] for row in moved}

    def _find(self, client: Database) -> None:
        if time.monotonic() >= self._find_at:
            self._find_at = time.monotonic() + FIND_S
            found = findings.refresh(client, self._settings.clickhouse.database)
            self._metrics.findings.set(found.open)

    def _owe(self, client: Database) -> None:
        if time.monotonic() >= self._owe_at:
            self._owe_at = time.monotonic() + FIND_S
            self._debts.refresh(client, self._settings.clickhouse.database)

    def _forecast(self, client: Database) -> None:
        self._nightly.tend(client, self._settings.clickhouse.database)

    def _keep(self, client: Database) -> None:
        every_s = self._settings.keeper.every_h * 3600
        if not every_s or time.monotonic() < self._round_at:
            return
        self._round_at = time.monotonic() + AGAIN_S
        with Producer(self._settings.kafka.bootstrap) as producer:
            kept = keep(self._settings, client, producer, stopped=self._stop)
        self._round_at = time.monotonic() + every_s
        for kind, count in kept.entities.items():
            self._metrics.kept.labels(kind).inc(count)
        _log.info("kept", entities=sum(kept.entities.values()), events=kept.events, seconds=round(kept.seconds, 1))


def keep(
    settings: Settings,
    client: Database,
    publisher: Publisher,
    older_than_days: float | None = None,
    stopped: threading.Event | None = None,
) -> Kept:
    """One round of the keeper for what the live generation counts.

    Args:
        settings: the settings in force.
        client: reads the tables and notes who was kept.
        publisher: takes the events.
        older_than_days: not heard of for so many days; None: as the settings say.
        stopped: ends the round early when it is set.

    Raises:
        RetriableError: a server is away.
        FatalError: a table or topic is missing, or nobody knows what the live generation counts.
    """
    days = settings.keeper.older_than_days if older_than_days is None else older_than_days
    before_us = int((clock.now() - timedelta(days=days)).timestamp() * 1_000_000)
    generation, compiled = in_force(settings, client)
    keeper = Keeper(client, settings.clickhouse.database, compiled, generation, publisher)
    is_stopped = stopped.is_set if stopped is not None else lambda: False
    return keeper.round(lambda _: [before_us] * PARTITIONS, is_stopped)
