"""The fold as a real process on a real broker, and what stands in Kafka after it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

import msgspec
from cryptography.fernet import Fernet
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from ioc.topics import PARTIALS
from tests.kafka_broker import free_ports

KEY = Fernet.generate_key().decode()
WAIT_S = 90.0
EVENTS = "events.dossier"


def wait_until(
    done: Callable[[], bool], what: str, worker: "WorkerProcess | None" = None, every_s: float = 0.02
) -> None:
    """Waits for a condition.

    Raises:
        AssertionError: it did not come in `WAIT_S`, or the worker ended meanwhile; holds the end of its log.
    """
    deadline = time.monotonic() + WAIT_S
    while not done():
        ended = worker is not None and worker.process.poll() is not None
        if ended or time.monotonic() > deadline:
            said = worker.said()[-3000:] if worker else ""
            raise AssertionError(f"{what}: {'the worker ended' if ended else f'not within {WAIT_S:.0f} s'}\n{said}")
        time.sleep(every_s)


class WorkerProcess:
    """One `ioc run worker`; its settings are the defaults and the environment given, nothing else."""

    def __init__(self, bootstrap: str, directory: Path, instance: str = "worker-1", **environment: str) -> None:
        (port,) = free_ports(1)
        self._metrics = f"http://127.0.0.1:{port}/metrics"
        self.log = directory / f"{instance}-{time.monotonic_ns()}.log"
        own = {key: value for key, value in os.environ.items() if not key.startswith("IOC_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ioc.cli.run", "worker"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={
                    **own,
                    "IOC_KAFKA__BOOTSTRAP": bootstrap,
                    "IOC_PRIVACY__DEAD_LETTER_KEY": KEY,
                    "IOC_METRICS__WORKER": str(port),
                    "IOC_WORKER__INSTANCE": instance,
                    "IOC_WORKER__EMIT_S": "0.1",
                    "IOC_WORKER__CHECKPOINT_S": "0.3",
                    "IOC_LOG_LEVEL": "debug",
                    **environment,
                },
            )

    def said(self) -> str:
        """What it logged so far."""
        return self.log.read_text("utf-8", "replace")

    def metric(self, name: str) -> dict[str, float]:
        """The values of a metric by stream; nothing while the process does not serve."""
        try:
            with urlopen(self._metrics, timeout=2) as answer:
                text = answer.read().decode()
        except (URLError, OSError):
            return {}
        found = re.findall(rf'^{name}{{.*?stream="(.*?)"}} (\S+)$', text, re.MULTILINE)
        return {stream: float(value) for stream, value in found}

    def applied(self) -> int:
        """Events applied since it started."""
        return int(sum(self.metric("ioc_records_total").values()))

    def wait_ready(self) -> None:
        """Waits until it has restored its partitions."""
        wait_until(lambda: "ready" in self.said(), "ready", self)

    def wait_stored(self, ends: dict[int, int]) -> None:
        """Waits until its checkpoints reach these offsets, by partition."""
        wanted = {f"{EVENTS}-{partition}": end for partition, end in ends.items() if end}

        def done() -> bool:
            stored = self.metric("ioc_stored_offset")
            return all(stored.get(place, -1) >= end for place, end in wanted.items())

        wait_until(done, f"checkpoints at {wanted}", self)

    def end(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Ends it and gives its exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def publish(bootstrap: str, messages: Iterable[tuple[int, bytes]], topic: str = EVENTS) -> None:
    """Writes messages to partitions of a topic."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, compression_type="lz4", linger_ms=5)
    try:
        for partition, message in messages:
            producer.send(topic, message, partition=partition)
        producer.flush()
    finally:
        producer.close()


def ends(bootstrap: str, topic: str = EVENTS) -> dict[int, int]:
    """The offset after the last of each partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        count = len(consumer.partitions_for_topic(topic) or ())
        found = consumer.end_offsets([TopicPartition(topic, partition) for partition in range(count)])
        return {at.partition: end for at, end in found.items()}
    finally:
        consumer.close()


def read_all(bootstrap: str, topic: str) -> list[Any]:
    """Every message of a topic, as kafka-python's records; each partition in order."""
    stop = {TopicPartition(topic, partition): end for partition, end in ends(bootstrap, topic).items()}
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=8 << 20
    )
    records: list[Any] = []
    try:
        consumer.assign(list(stop))
        while any(consumer.position(at) < end for at, end in stop.items()):
            for some in consumer.poll(timeout_ms=1000).values():
                records += some
    finally:
        consumer.close()
    return records


Downstream = dict[tuple[str, str, str, int, int], list[int]]
"""rollup_id, grain, unit, bucket, part → vector"""


def downstream(bootstrap: str, generation: str) -> Downstream:
    """What a table that keeps the greatest revision of each cell holds; cells with nothing in them are left out."""
    newest: dict[tuple[str, str, str, int, int], tuple[int, list[int]]] = {}
    for record in read_all(bootstrap, PARTIALS.name):
        batch = msgspec.json.decode(record.value)
        if batch["generation"] != generation:
            continue
        for unit, bucket, vector in zip(batch["units"], batch["buckets"], batch["measures"], strict=True):
            cell = batch["rollup_id"], batch["grain"], unit, bucket, batch["part"]
            if cell not in newest or batch["revision"] >= newest[cell][0]:
                newest[cell] = batch["revision"], vector
    return {cell: vector for cell, (_, vector) in newest.items() if any(vector)}


_GENERATION = re.compile(r"generation=(\w+)")


def generation_of(worker: WorkerProcess) -> str:
    """The generation that a worker said it folds."""
    # It says so when all partitions of all kinds are restored; one of them may have stored its checkpoint long before.
    wait_until(lambda: _GENERATION.search(worker.said()) is not None, "the worker's generation", worker)
    found = _GENERATION.search(worker.said())
    assert found
    return found[1]
