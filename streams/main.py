"""The fold as a process."""

import signal
import tempfile
from pathlib import Path

from ioc.catalogue.compile import Compiled, Rollup
from ioc.catalogue.load import load_catalogue
from ioc.contracts.kinds import KINDS
from ioc.deadletters import Sealer
from ioc.errors import ConfigError, IocError
from ioc.kafka.admin import ensure_topics, topic_ids
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.topics import DEAD_LETTERS, FEEDS, PARTIALS, events, state
from streams import app
from streams.log import Log
from streams.part import Context
from streams.worker import Worker

_logger = get_logger("worker")


def main(settings: Settings) -> int:
    """Folds all kinds that the catalogue reads, until SIGTERM or SIGINT.

    Returns:
        0 when it was asked to stop, 1 when it had to.
    """
    try:
        return _run(settings)
    except IocError as error:
        _logger.error("stopped", error=str(error))  # noqa: TRY400 (the sentence says what to do; a traceback hides it)
        return 1


def _run(settings: Settings) -> int:
    compiled = load_catalogue(settings.catalogue.directory).compiled
    rollups = _by_kind(compiled)
    bootstrap, replication = settings.kafka.bootstrap, settings.kafka.replication
    sources = {events(kind).name: kind for kind in rollups}
    ensure_topics(bootstrap, [*map(events, rollups), PARTIALS, FEEDS, DEAD_LETTERS], replication)
    generation = compiled.generation(topic_ids(bootstrap, sorted(sources)))
    ensure_topics(bootstrap, [state(kind, generation) for kind in rollups], replication)
    metrics = Metrics("worker")
    try:
        metrics.serve(settings.metrics.host, settings.metrics.worker)
    except OSError as error:
        raise ConfigError(
            f"metrics.worker: port {settings.metrics.worker} on {settings.metrics.host} cannot be served ({error.strerror}); "
            "is a worker running already? Set another port, or 0 for none"
        ) from error
    context = Context(generation, rollups, settings, Log(bootstrap), Sealer(settings.privacy.dead_letter_key), metrics)
    worker = Worker(context, sources, stop=lambda: signal.raise_signal(signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="ioc-worker-") as directory:
        code = app.run(settings, generation, sorted(sources), Path(directory), worker)
    return 1 if worker.fatal is not None else code


def _by_kind(compiled: Compiled) -> dict[str, tuple[Rollup, ...]]:
    """The rollups of each kind that is read at all."""
    rollups = compiled.rollups.values()
    return {kind: mine for kind in KINDS if (mine := tuple(r for r in rollups if r.kind == kind))}
