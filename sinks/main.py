"""The sink's process: two lanes from Kafka to ClickHouse, the thread that keeps the figures and the one that keeps the past.

Events are many and figures urgent, so they have lanes of their own: a backfill of events does not delay a partial.
"""

import gc
import signal
import threading
from collections.abc import Callable

from ioc.errors import FatalError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.topics import CONTROLS, DEAD_LETTERS, FEEDS, PARTIALS
from sinks.batch import KIND_OF_TOPIC
from sinks.caretaker import Caretaker
from sinks.figures import Figures
from sinks.lane import Lane, group_of
from sinks.past import SealingThread

_URGENT = 8
"""Figures wait for company an eighth of the time that events do: they are few, and the wall waits for them."""

_COLLECT = (500_000, 20, 50)

LANES = {"figures": (PARTIALS.name, FEEDS.name, CONTROLS.name, DEAD_LETTERS.name), "events": tuple(KIND_OF_TOPIC)}
"""Lane → topics."""


def main(settings: Settings) -> int:
    """Runs the sink until SIGTERM or SIGINT; returns the exit code: 0 after a stop, 1 after a fatal error."""
    log = get_logger("sink")
    # Batches are millions of short-lived objects without cycles: at its usual pace the collector takes half the time.
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    stop = threading.Event()
    metrics = Metrics("sink")
    metrics.serve(settings.metrics.host, settings.metrics.sink)
    figures = Figures(settings, metrics, stop)
    batch_s = settings.sink.batch_s
    lanes = [
        Lane("figures", LANES["figures"], settings, metrics, stop, batch_s / _URGENT, figures.touch, figures.leads),
        Lane("events", LANES["events"], settings, metrics, stop, batch_s),
    ]
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                faults.append(error)
                metrics.errors.labels("sink", "fatal").inc()
                log.exception("halted: nothing of this batch is committed", error=str(error))
            finally:
                stop.set()
                figures.wake()

        return run

    def on_signal(*_: object) -> None:
        stop.set()
        figures.wake()

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        threads = [threading.Thread(target=guarded(lane.run), name=lane.name) for lane in lanes]
        threads.append(threading.Thread(target=guarded(figures.run), name="snapshot"))
        sealing = SealingThread(settings, metrics, stop, figures.leads, figures.sealed)
        threads.append(threading.Thread(target=guarded(sealing.run), name="sealing"))
        caretaker = Caretaker(
            settings, metrics, stop, figures.leads, {group_of(lane): topics for lane, topics in LANES.items()}
        )
        threads.append(threading.Thread(target=guarded(caretaker.run), name="caretaker"))
        for thread in threads:
            thread.start()
        while not stop.is_set() and not all(lane.ready.is_set() for lane in lanes):
            stop.wait(0.05)
        if not stop.is_set():
            log.info("ready", lanes=list(LANES))
        stop.wait()
        for thread in threads:
            thread.join()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    for fault in faults:
        if not isinstance(fault, FatalError):
            raise fault
    return 1 if faults else 0
