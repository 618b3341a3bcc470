"""A lane: one member of one consumer group with its own thread pair, from topics to tables.

The reading thread polls, decodes and commits; a second one stores. While a batch is being stored the next one is read, at
most one ahead; a reader that has nowhere to put its messages pauses and goes on polling, so that the group keeps it.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from ioc.deadletters import Sealer
from ioc.errors import RetriableError
from ioc.kafka.consumer import Consumer
from ioc.kafka.producer import Producer
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.topics import DEAD_LETTERS
from sinks.batch import Batch
from sinks.clickhouse.client import Client, Database

POLL_MESSAGES = 400
_POLL_S = 0.25
_BUSY_POLL_S = 0.02
_BACKOFF_S = (0.2, 10.0)
_ACK_S = 30.0
_LAG_S = 1.0


def group_of(lane: str) -> str:
    """The consumer group of a lane."""
    return f"ioc-sink-{lane}"


@dataclass
class Lane:
    """One way from topics to tables.

    Attributes:
        name: names the group, the static member and the thread.
        topics: what it reads.
        batch_s: a message waits at most so long for others to be stored with.
        stored: called after each batch that was stored; must not block.
    """

    name: str
    topics: tuple[str, ...]
    settings: Settings
    metrics: Metrics
    stop: threading.Event
    batch_s: float
    stored: Callable[[], None] = lambda: None
    leads: threading.Event | None = None
    """Set while this member reads partition 0 of its first topic: one member of the group does."""
    ready: threading.Event = field(default_factory=threading.Event)
    _done: dict[tuple[str, int], int] = field(default_factory=dict)

    def run(self) -> None:
        """Reads and stores until `stop` is set; what was read is stored and committed before it returns.

        Raises:
            FatalError: going on would lose data; nothing of the batch at hand is committed.
        """
        log = get_logger(f"sink.{self.name}")
        self._sealer = Sealer(self.settings.privacy.dead_letter_key)
        while not self.stop.is_set():
            try:
                with self._consumer() as consumer, self._storer() as storer:
                    self.ready.set()
                    self._pump(consumer, storer)
            except RetriableError as error:
                self.metrics.errors.labels("sink", "retriable").inc()
                log.warning("lane interrupted, joining again", error=str(error))
                self.stop.wait(1.0)

    def _consumer(self) -> Consumer:
        return Consumer(
            self.settings.kafka.bootstrap,
            group_of(self.name),
            self.topics,
            instance=f"{self.settings.sink.instance}-{self.name}",
        )

    def _storer(self) -> "Storer":
        return Storer(self.settings, self.metrics, self.stop)

    def _pump(self, consumer: Consumer, storer: "Storer") -> None:
        batch, begun = Batch(self._sealer), time.monotonic()
        sent: Future[bool] | None = None
        sent_batch = batch
        last_lag = 0.0
        self._done.clear()
        while True:
            stopping = self.stop.is_set()
            full = batch.rows >= self.settings.sink.batch_rows
            due = bool(batch.offsets) and (full or stopping or time.monotonic() - begun >= self.batch_s)
            if sent is not None and (sent.done() or stopping):
                if not sent.result():
                    return  # stopping, and ClickHouse is away: what is not committed comes again
                self._commit(consumer, sent_batch)
                sent = None
            if due and sent is None:
                sent_batch, sent = batch, storer.store(batch)
                batch = Batch(self._sealer)
                continue
            if stopping and sent is None:
                return
            if full:
                consumer.pause()
                consumer.poll(_BUSY_POLL_S, 1)
                consumer.resume()
                continue
            if not batch.offsets:
                begun = time.monotonic()
            wait = _POLL_S
            if sent is not None:
                wait = _BUSY_POLL_S
            elif batch.offsets:
                wait = max(0.0, begun + self.batch_s - time.monotonic())
            for message in consumer.poll(wait, POLL_MESSAGES):
                batch.add(message)
            batch.pack()
            if time.monotonic() - last_lag > _LAG_S:
                last_lag = time.monotonic()
                self._show(consumer)

    def _commit(self, consumer: Consumer, batch: Batch) -> None:
        for reason in batch.rejected:
            self.metrics.rejected.labels("sink", reason).inc()
        for topic, count in batch.counts.items():
            self.metrics.done(topic, count, batch.newest_unix_s or None)
        self._done |= batch.offsets
        self._show(consumer)
        self.stored()
        consumer.commit(batch.offsets)

    def _show(self, consumer: Consumer) -> None:
        for topic, behind in consumer.lag(self._done).items():
            self.metrics.lag.labels("sink", topic).set(behind)
        if self.leads is not None:
            (self.leads.set if consumer.owns(self.topics[0], 0) else self.leads.clear)()


class Storer:
    """Stores batches on a thread of its own, one at a time, trying again for as long as that can help."""

    def __init__(self, settings: Settings, metrics: Metrics, stop: threading.Event) -> None:
        self._settings, self._metrics, self._stop = settings, metrics, stop
        self._client = Client(settings.clickhouse, settings.clickhouse.writer, timeout_s=60.0)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._producer: Producer | None = None

    def store(self, batch: Batch) -> "Future[bool]":
        """Begins to store; the result is false when it was given up because the process is stopping.

        The future raises FatalError when ClickHouse or Kafka refuse what no retry can mend.
        """
        return self._pool.submit(self._store, batch)

    def _store(self, batch: Batch) -> bool:
        wait, most = _BACKOFF_S
        while True:
            try:
                with self._metrics.seconds.labels("sink", "store").time():
                    self._publish(batch)
                    write(self._client, self._settings.clickhouse.database, batch)
            except RetriableError as error:
                self._metrics.errors.labels("sink", "retriable").inc()
                get_logger("sink.store").warning("storing failed, trying again", error=str(error), wait_s=wait)
                if self._stop.wait(wait):
                    return False
                wait = min(most, wait * 2)
            else:
                return True

    def _publish(self, batch: Batch) -> None:
        if not batch.letters:
            return
        if self._producer is None:
            self._producer = Producer(self._settings.kafka.bootstrap)
        sent = [
            self._producer.publish(DEAD_LETTERS.name, 0, letter.model_dump_json().encode(), letter.id.encode())
            for letter in batch.letters
        ]
        for delivery in sent:
            delivery.wait(_ACK_S)
        batch.letters.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True)
        self._client.close()
        if self._producer is not None:
            self._producer.close()


def write(client: Database, database: str, batch: Batch) -> None:
    """Writes a batch to its tables; returns when ClickHouse has acknowledged all of it. Writing it again changes nothing."""
    for table, columns, data in batch.inserts(database):
        client.insert(table, columns, data)
