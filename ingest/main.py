"""The connectors' process: every stream of every enabled system in a thread of its own."""

import contextlib
import ctypes
import signal
import threading
import time
from types import FrameType

import stamina

from ingest.control import Follower, Orders
from ingest.cursor import KafkaCursors
from ingest.limit import RateLimit
from ingest.listing import KafkaListings
from ingest.retry import Stop, StoppedError, until_done
from ingest.runner import Runner, Tools
from ingest.source import Source
from ingest.systems import enabled
from ioc.deadletters import Sealer
from ioc.errors import ConfigError, FatalError, RetriableError
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.logs import configure, get_logger
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import Settings
from ioc.topics import FIXED_TOPICS

_log = get_logger("ingest")

_M_ARENA_MAX = -8
"""mallopt(3)."""

JOIN_S = 0.1
END_S = 8.0
"""Longer than the grace that a page in hand has; the process is gone ten seconds after it was asked."""


def main(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; the exit code.

    0: asked to stop, what was in hand is acknowledged or will be read again. 1: nothing could be started, or every
    stream has stopped for a fatal error; the log says why.
    """
    configure(settings.log_level, settings.log_json)
    one_heap()
    stop = Stop()

    def asked(number: int, _frame: FrameType | None) -> None:
        del number
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    try:
        return run(settings, stop)
    except StoppedError:
        return 0
    except FatalError as error:
        _log.critical("connectors cannot run", error=str(error))
        return 1


def one_heap() -> None:
    """Has all threads take memory from the same heap: one for each of thirty keeps several times what is in use."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc's; others have no heaps of threads
        libc.mallopt(_M_ARENA_MAX, 1)


def run(settings: Settings, stop: Stop) -> int:
    """As `main`, without signals and logging.

    Raises:
        StoppedError: stopped before everything was up.
        FatalError: settings or topics are wrong.
    """
    # Failures are logged and counted by the runner, with its stream's name.
    stamina.instrumentation.set_on_retry_hooks([])
    sealer = Sealer(settings.privacy.dead_letter_key)
    pseudonyms = Pseudonyms(settings.privacy.hash_key)
    systems = enabled(settings.sources)
    if not systems:
        raise ConfigError("no source is enabled; switch one on in [sources], or do not run the connectors")
    metrics = Metrics("ingest")
    try:
        metrics.serve(settings.metrics.host, settings.metrics.ingest)
    except OSError as error:
        raise ConfigError(
            f"metrics.ingest = {settings.metrics.ingest} on {settings.metrics.host}: {error.strerror}; give a free port"
        ) from error
    with contextlib.ExitStack() as cleanup:
        for system in systems:
            cleanup.callback(system.close)
        producer = until_done(lambda: _connected(settings), stop, _failed, in_hand=False)
        cleanup.callback(producer.close)
        cursors = KafkaCursors(settings.kafka.bootstrap, producer)
        listings = KafkaListings(settings.kafka.bootstrap, producer)
        orders = Orders()
        Follower(settings.kafka.bootstrap, orders, stop).start()
        runners = []
        for system in systems:
            tools = Tools(
                producer,
                cursors,
                sealer,
                pseudonyms,
                metrics,
                RateLimit(system.requests_per_s, sleep=stop.wait),
                settings.flood,
                system.poll_s,
                stop,
                orders,
                listings,
                settings.listing,
                system.listing_every_s,
            )
            runners += [(stream, Runner(stream, tools)) for stream in system.streams]
        return _supervise(runners, stop)


def _supervise(runners: list[tuple[Source, Runner]], stop: Stop) -> int:
    """Runs each stream in a thread until all have ended; whether any was still well decides the exit code."""
    well: list[bool] = []
    # A source that does not answer must not hold the process: what it would have answered is read again.
    threads = [
        threading.Thread(
            target=lambda runner=runner: well.append(runner.run()), name=f"{stream.name}/{stream.stream}", daemon=True
        )
        for stream, runner in runners
    ]
    for thread in threads:
        thread.start()
    _log.info("ready", streams=[thread.name for thread in threads])
    while not stop.is_set() and any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(JOIN_S)
    deadline = time.monotonic() + END_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    _log.info("ended", stopped=stop.is_set(), left=[thread.name for thread in threads if thread.is_alive()])
    return 0 if stop.is_set() or any(well) else 1


def _connected(settings: Settings) -> Producer:
    ensure_topics(settings.kafka.bootstrap, FIXED_TOPICS, settings.kafka.replication)
    return Producer(settings.kafka.bootstrap)


def _failed(error: RetriableError) -> None:
    _log.warning("waiting for the broker", error=str(error))
