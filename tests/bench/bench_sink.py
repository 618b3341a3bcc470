"""How fast the sink stores events: the real process, a real broker, the embedded front, the typed table with its views.

Prints the figures; asserts only what is no question of speed.
"""

import time
from itertools import chain, islice
from pathlib import Path

import msgspec
import psutil
import pytest

from ioc.kafka.consumer import Progress, progress_of
from ioc.settings import SinkSettings
from ioc.topics import PARTITIONS, events
from tests.bench.dossier_load import Dossiers, messages
from tests.integration.sink_rig import Rig, until

ENTITIES = 300_000
LATER = 300_000
ARRAY = 100
TOPIC = events("dossier").name


class Key(msgspec.Struct):
    """What tells one row from another."""

    entity: str
    version: int


def progress(rig: Rig) -> Progress:
    return progress_of(rig.kafka.bootstrap, "ioc-sink-events", {TOPIC: PARTITIONS})


def used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_sink(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Rig(tmp_path, SinkSettings()) as rig:
        dossiers = Dossiers(ENTITIES)
        later = (dossiers.next() for _ in range(LATER))
        written = list(messages(chain(dossiers.all(), islice(later, LATER)), PARTITIONS, ARRAY))
        for partition, value in written:
            rig.producer.publish(TOPIC, partition, value)
        rig.producer.flush(60)
        decode = msgspec.json.Decoder(list[Key]).decode
        keys = {(key.entity, key.version) for _, value in written for key in decode(value)}
        rig.start_sink()
        assert rig.process is not None
        watched = psutil.Process(rig.process.pid), psutil.Process(rig.front.pid)
        until(lambda: sum(progress(rig).committed.values()) > 0, 60, "the first batch is committed")
        began, first, cpu = time.monotonic(), progress(rig).lag, [used(process) for process in watched]
        until(lambda: progress(rig).lag == 0, 300, "everything is committed")
        seconds = time.monotonic() - began
        sink, front = (used(process) - before for process, before in zip(watched, cpu, strict=True))
        memory = [process.memory_info().rss >> 20 for process in watched]
        with rig.client() as client:
            stored = client.query("SELECT uniqExact((entity, version)), uniqExact(entity) FROM ioc.dossier_history")
            assert stored == [(len(keys), ENTITIES)]
            assert client.query("SELECT count() FROM ioc.dossier") == [(ENTITIES,)]
    rows = first * ARRAY
    size = sum(len(value) for _, value in written) / (ENTITIES + LATER)
    with capsys.disabled():
        print(
            f"\nsink: {ENTITIES + LATER:,} events of {size:.0f} bytes in arrays of {ARRAY}, into history and current table\n"
            f"  {rows / seconds:,.0f} rows/s from Kafka to ClickHouse, acknowledged and committed\n"
            f"  {rows / sink:,.0f} rows per second of the sink's processor time ({sink:.1f} s, {memory[0]} MiB), "
            f"{rows / front:,.0f} of the front's ({front:.1f} s, {memory[1]} MiB)"
        )
