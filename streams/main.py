"""The fold as a process."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from ioc.catalogue.load import load_catalogue
from ioc.deadletters import Sealer
from ioc.errors import ConfigError, IocError
from ioc.generations import read_register
from ioc.kafka.admin import ensure_topics, topic_ids
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.topics import DEAD_LETTERS, FEEDS, GENERATIONS, PARTIALS, SEALS, events, state
from streams import app
from streams.choice import Choice, choose
from streams.log import Log
from streams.part import Context
from streams.pointer import Pointer
from streams.seals import Seals
from streams.worker import Worker

_logger = get_logger("worker")


def main(settings: Settings) -> int:
    """Folds all kinds that its generation reads, until SIGTERM or SIGINT, or until another generation goes live: then it begins anew.

    Returns:
        0 when it was asked to stop, 1 when it had to.
    """
    try:
        code, goes_over = _run(settings)
    except IocError as error:
        _logger.error("stopped", error=str(error))  # noqa: TRY400 (the sentence says what to do; a traceback hides it)
        return 1
    if goes_over:
        # The same process by a new start: nothing of the old generation is left in it, and its supervisor sees no end.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    return code


def _run(settings: Settings) -> tuple[int, bool]:
    """Folds; gives the exit code and whether the worker goes over to another generation."""
    bootstrap, replication = settings.kafka.bootstrap, settings.kafka.replication
    ensure_topics(bootstrap, [PARTIALS, FEEDS, GENERATIONS, SEALS, DEAD_LETTERS], replication)
    register = read_register(bootstrap)
    choice = choose(
        settings.worker.generation,
        register,
        lambda: load_catalogue(settings.catalogue.directory).compiled,
        lambda kinds: _topic_ids(settings, kinds),
    )
    generation = choice.generation
    ensure_topics(bootstrap, [state(kind, generation) for kind in choice.rollups], replication)
    metrics = Metrics("worker")
    try:
        metrics.serve(settings.metrics.host, settings.metrics.worker)
    except OSError as error:
        raise ConfigError(
            f"metrics.worker: port {settings.metrics.worker} on {settings.metrics.host} cannot be served ({error.strerror}); "
            "is a worker running already? Set another port, or 0 for none"
        ) from error
    log = Log(bootstrap)
    live = register.live.generation if register.live else ""
    pointer = Pointer(log, generation, live, pinned=bool(settings.worker.generation))
    sealer = Sealer(settings.privacy.dead_letter_key)
    context = Context(generation, choice.rollups, settings, log, sealer, metrics, pointer, Seals(log, generation))
    return _fold(context, choice)


def _fold(context: Context, choice: Choice) -> tuple[int, bool]:
    sources = {events(kind).name: kind for kind in choice.rollups}
    worker = Worker(context, sources, stop=lambda: signal.raise_signal(signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="ioc-worker-") as directory:
        code = app.run(context.settings, choice.generation, sorted(sources), Path(directory), worker)
    return (1 if worker.fatal is not None else code), worker.goes_over and worker.fatal is None


def _topic_ids(settings: Settings, kinds: list[str]) -> dict[str, str]:
    topics = [events(kind) for kind in kinds]
    ensure_topics(settings.kafka.bootstrap, topics, settings.kafka.replication)
    return topic_ids(settings.kafka.bootstrap, sorted(topic.name for topic in topics))
