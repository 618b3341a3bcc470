"""How fast the worker folds and restores: the real process, a real broker, the whole catalogue, the real contract.

Prints the figures; asserts only what is no question of speed. A run beside other work on the machine is slower: events per
second of processor time say what the code costs.
"""

import re
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import psutil
import pytest

from ioc.kafka.admin import ensure_topics
from ioc.topics import PARTIALS, PARTITIONS, events
from tests.bench.dossier_load import Dossiers, messages
from tests.kafka_broker import KafkaProcess
from tests.worker_process import WorkerProcess, ends, publish, read_all, wait_until

ENTITIES = 300_000
SECOND_VERSIONS = 200_000
ARRAY = 100


def load() -> Iterator[dict[str, Any]]:
    """Every dossier once, then later versions of many of them."""
    dossiers = Dossiers(ENTITIES)
    later = (dossiers.next() for _ in range(2 * SECOND_VERSIONS))
    return chain(dossiers.all(), islice(later, SECOND_VERSIONS))


def seconds_between(said: str, first: str, last: str) -> float:
    """Seconds between two lines of a worker's log."""
    stamps = [
        datetime.fromisoformat(re.findall(rf"^(\S+Z) \[.*?\] {text}\b", said, re.MULTILINE)[-1])
        for text in (first, last)
    ]
    return (stamps[1] - stamps[0]).total_seconds()


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_worker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, [events("dossier")])
        written = list(messages(load(), PARTITIONS, ARRAY))
        publish(broker.bootstrap, written)
        total = ENTITIES + SECOND_VERSIONS
        size = sum(len(message) for _, message in written) / total
        usual = {"IOC_WORKER__EMIT_S": "1.0", "IOC_WORKER__CHECKPOINT_S": "10.0"}
        with WorkerProcess(broker.bootstrap, tmp_path, **usual) as worker:
            worker.wait_ready()
            process = psutil.Process(worker.process.pid)
            before = process.cpu_times()
            wait_until(lambda: worker.applied() >= total, "all events applied", worker, every_s=0.25)
            worker.wait_stored(ends(broker.bootstrap))
            after = process.cpu_times()
            ready = datetime.fromisoformat(re.findall(r"^(\S+Z) \[.*?\] ready\b", worker.said(), re.MULTILINE)[0])
            memory = process.memory_info().rss
            worker.end(signal.SIGKILL)
        partials = read_all(broker.bootstrap, PARTIALS.name)
        seconds = max(record.timestamp for record in partials) / 1000 - ready.timestamp()
        cpu = after.user + after.system - before.user - before.system
        with WorkerProcess(broker.bootstrap, tmp_path, **usual) as worker:
            worker.wait_ready()
            said = worker.said()
        restored = sum(int(count) for count in re.findall(r"entities=(\d+)", said))
        assert restored == ENTITIES
        figures = [
            f"{total:,} events of {size:.0f} bytes in arrays of {ARRAY}, {ENTITIES:,} dossiers",
            f"{total / seconds:,.0f} events/s from Kafka to partials acknowledged, with checkpoints",
            f"{total / cpu:,.0f} events per second of processor time ({cpu:.1f} s), {memory >> 20} MiB resident",
            f"{len(partials):,} messages of partials, {sum(len(record.value) for record in partials) >> 20} MiB of JSON",
            f"{restored:,} entities restored in {seconds_between(said, 'assigned', 'ready'):.1f} s after joining",
        ]
        with capsys.disabled():
            sys.stdout.write("".join(f"\nworker: {figure}" for figure in figures) + "\n")
