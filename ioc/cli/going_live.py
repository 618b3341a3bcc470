"""How a generation goes live: what the log lacks is added, a second worker folds it, it is compared, one row switches.

Every step can be done again, and a command that died is resumed by running it again: sealed days, what was kept, the state of
the fold and its offsets are where they were. The row in `generations` is the moment.
"""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

from ioc.catalogue.load import Catalogue
from ioc.catalogue.profile import load_province
from ioc.cli.second_worker import SecondWorker
from ioc.contacts import with_contacts
from ioc.contracts.generation import GenerationRecord, LiveNote
from ioc.generations import catalogue_of, fold_group, province_of, tell_live
from ioc.kafka.begins import first_times
from ioc.kafka.groups import members
from ioc.kafka.producer import Producer
from ioc.settings import Settings
from ioc.topics import PARTITIONS, events
from sinks.agreement import Agreement, agreement, compared
from sinks.catching_up import CatchingUp, Show
from sinks.clickhouse.client import Client, Database
from sinks.clickhouse.dimensions import Dimension, dimensions, load
from sinks.clickhouse.generations import point_to
from sinks.clickhouse.render import Target
from sinks.keeper import Keeper
from sinks.past import Past

TAKEN_OVER_S = 40.0

Say = Callable[[str], None]


def fold_and_compare(
    settings: Settings, record: GenerationRecord, *, own_worker: bool, timeout_s: float, say: Say, show: Show
) -> Agreement:
    """Folds a generation beside the live one, and goes live with it if it is equal to the tables.

    Args:
        settings: those in force.
        record: the generation.
        own_worker: start a worker for it; else one runs elsewhere, with `worker.generation`.
        timeout_s: so long may it take.
        say: told of each step that is done.
        show: told how far the fold is.

    Returns:
        What the comparison came to; with cells that are wrong the live generation stays live.

    Raises:
        RetriableError: a server is away, or the time is over.
        FatalError: the worker ended, or a server refuses.
    """
    end = time.monotonic() + timeout_s
    catalogue = catalogue_of(record)
    kinds = sorted({rollup.kind for rollup in catalogue.compiled.rollups.values()})
    with ExitStack() as stack:
        client = stack.enter_context(Client(settings.clickhouse, settings.clickhouse.admin))
        producer = stack.enter_context(Producer(settings.kafka.bootstrap))
        past = Past(client, settings.clickhouse.database, catalogue.compiled, record.generation)
        _complete_the_log(settings, client, producer, record, catalogue, past, say)
        port = _free_port() if own_worker else 0
        check: Callable[[], None] = lambda: None  # noqa: E731 (nothing to look at: the worker is the operator's)
        if own_worker:
            check = stack.enter_context(SecondWorker(settings, record.generation, port)).check
        catching_up = CatchingUp(settings, record.generation, kinds, check, lambda: end - time.monotonic(), port)
        catching_up.folded(show)
        say("folded")
        database = settings.clickhouse.database
        result = agreement(
            lambda: compared(client, database, catalogue.compiled, record.generation), catching_up.stored
        )
        if not result.wrong:
            say(f"{result.cells} cells are equal to the tables")
            # What came late for its sealed days meanwhile; from now on the sink does this.
            past.round()
            switch(settings, client, producer, record, catalogue)
            say(f"generation {record.generation} is live")
            _wait_for_worker(settings, record.generation, say, others=int(own_worker))
        return result


def switch(
    settings: Settings, client: Database, producer: Producer, record: GenerationRecord, catalogue: Catalogue
) -> None:
    """Has views and workers go over to a generation; its names and targets are loaded with it."""
    target = Target(settings.clickhouse.database, settings.clickhouse.cluster)
    moment = point_to(client, target, record.generation, record.catalogue_hash, record.topic_ids)
    load(client, target, _dimensions(settings, record, catalogue))
    tell_live(producer, LiveNote(generation=record.generation, active_from=moment))


def _dimensions(settings: Settings, record: GenerationRecord, catalogue: Catalogue) -> list[Dimension]:
    """Units as they are, targets as they were set for what this generation counts."""
    profile = load_province(settings.catalogue.province, settings.catalogue.directory)
    province = with_contacts(profile, settings.mail.contacts)
    theirs = province.model_copy(update={"target": province_of(record, province.code).target})
    return list(dimensions(catalogue, theirs, record.generation))


def _complete_the_log(
    settings: Settings,
    client: Database,
    producer: Producer,
    record: GenerationRecord,
    catalogue: Catalogue,
    past: Past,
    say: Say,
) -> None:
    """Seals what is old enough by the oracle, with the newest history of states, and publishes again what lives and is older than the log."""
    database, compiled, generation = settings.clickhouse.database, catalogue.compiled, record.generation
    sealed = past.round().sealed
    say(f"{sealed.days} days of {sealed.rollups} rollups sealed from the tables")
    kept = Keeper(client, database, compiled, generation, producer).round(lambda kind: _log_begins(settings, kind))
    say(f"{sum(kept.entities.values())} living entities that the log lacked published again")


def _log_begins(settings: Settings, kind: str) -> list[int]:
    """For each partition the moment since when its log holds everything, microseconds since the epoch; now where it is empty."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    found = first_times(settings.kafka.bootstrap, events(kind).name, PARTITIONS)
    return [(now_ms if first is None else first) * 1000 for first in found]


def _wait_for_worker(settings: Settings, generation: str, say: Say, *, others: int) -> None:
    """Waits until a worker has taken over, so that figures go on without a gap."""
    until = time.monotonic() + TAKEN_OVER_S
    while len(members(settings.kafka.bootstrap, fold_group(generation))) <= others:
        if time.monotonic() > until:
            say("no other worker has come yet: see that `ioc run worker` runs, without worker.generation")
            return
        time.sleep(1.0)
    say("the worker has gone over")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
