"""How fast the worker folds what all four systems bring, all 338 indicators on: the real process, a real broker.

Shares of the kinds are those of a province's day: sensors, cameras and shared services speak most often, statistics rarely. Prints the
figures; asserts only that every event was applied. Events per second of processor time say what the code costs.
"""

import random
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import pytest

from ioc.catalogue.load import load_catalogue
from ioc.kafka.admin import ensure_topics
from ioc.kafka.partition import partition_of
from ioc.topics import PARTIALS, PARTITIONS, events
from streams.part import QUIET_EMIT_S
from tests.bench.flow import SHARES
from tests.kafka_broker import KafkaProcess
from tests.made_events import made_events
from tests.worker_process import WorkerProcess, publish, read_all, wait_until

EVENTS = 250_000
ARRAY = 100
UNITS = [f"000.00.{number:02d}.H12" for number in range(101)]


def load(kind: str, count: int) -> list[tuple[int, bytes]]:
    """About so many events of a kind, as messages with their partition."""
    facets = max(1, len(made_events(kind, random.Random(1), 1, UNITS, datetime.now(UTC))))
    made = made_events(kind, random.Random(2), count // facets, UNITS, datetime.now(UTC))
    by_partition: dict[int, list[object]] = {}
    for event in made:
        by_partition.setdefault(partition_of(event.entity, PARTITIONS), []).append(event)
    return [
        (partition, msgspec.json.encode(found[first : first + ARRAY]))
        for partition, found in by_partition.items()
        for first in range(0, len(found), ARRAY)
    ]


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_worker_on_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compiled = load_catalogue().compiled
    kinds = sorted({rollup.kind for rollup in compiled.rollups.values()})
    assert set(kinds) <= set(SHARES)
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, [events(kind) for kind in kinds])
        whole = sum(SHARES[kind] for kind in kinds)
        total = 0
        for kind in kinds:
            messages = load(kind, EVENTS * SHARES[kind] // whole)
            total += sum(len(msgspec.json.decode(message)) for _, message in messages)
            publish(broker.bootstrap, messages, events(kind).name)
        usual = {"IOC_WORKER__EMIT_S": "1.0", "IOC_WORKER__CHECKPOINT_S": "10.0"}
        with WorkerProcess(broker.bootstrap, tmp_path, **usual) as worker:
            worker.wait_ready()
            process = psutil.Process(worker.process.pid)
            before = process.cpu_times()
            wait_until(lambda: worker.applied() >= total, "all events applied", worker, every_s=0.25)
            # The last cells are emitted within half a second of the last event.
            time.sleep(2 * QUIET_EMIT_S)
            after = process.cpu_times()
            memory = process.memory_info().rss
            ready = datetime.fromisoformat(re.findall(r"^(\S+Z) \[.*?\] ready\b", worker.said(), re.MULTILINE)[0])
            worker.end()
        partials = read_all(broker.bootstrap, PARTIALS.name)
    seconds = max(record.timestamp for record in partials) / 1000 - ready.timestamp()
    cpu = after.user + after.system - before.user - before.system
    figures = [
        f"{total:,} events of {len(kinds)} kinds, {len(compiled.formulas)} indicators, {len(compiled.rollups)} rollups",
        f"{total / seconds:,.0f} events/s from Kafka to partials acknowledged",
        f"{total / cpu:,.0f} events per second of processor time ({cpu:.1f} s), {memory >> 20} MiB resident",
        f"{len(partials):,} messages of partials, {sum(len(record.value) for record in partials) >> 20} MiB of JSON",
    ]
    with capsys.disabled():
        sys.stdout.write("".join(f"\nworker, all kinds: {figure}" for figure in figures) + "\n")
