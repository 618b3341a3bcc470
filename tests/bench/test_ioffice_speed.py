"""How fast iOffice is read: edXML files in a folder, to acknowledged by a real broker; and mutated files, very many.

Prints the figures; asserts only what is no question of speed.
"""

import resource
import time
from pathlib import Path

import pytest

from ingest.runner import Runner
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.ioffice.messages import Message
from ingest.simulator.ioffice.timeline import Timeline
from ingest.simulator.ioffice.writer import write
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.sources.ioffice.system import ioffice_system
from ioc import logs
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.settings.sources import OfficeSourceSettings
from ioc.topics import FIXED_TOPICS
from tests.bench.connector_tools import connector_tools
from tests.conformance.connectors.ioffice import events_of
from tests.kafka_broker import KafkaProcess
from tests.properties.test_fuzz_ioffice import bear_mutations

FILES = 24_000
"""More than an hour's worth: the busiest hour of a province has about 4,000 messages."""

BASE_MS = read_iso("2025-11-20T17:00:00+07:00")


def dropped(folder: Path) -> list[Message]:
    """A day's messages as files."""
    folder.mkdir()
    world = World("ioffice", 5, BASE_MS, SimulatedClock(0, 0, wall=lambda: BASE_MS), folder, history_days=1.0)
    messages = list(Timeline(world, world.begin_ms).until(BASE_MS))[:FILES]
    for message in messages:
        (folder / f"{message.kind}-{message.number}.edxml").write_bytes(write(message))
    return messages


@pytest.mark.bench
def test_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages = dropped(tmp_path / "drop")
    system = ioffice_system(OfficeSourceSettings(url="", drop_dir=tmp_path / "drop", settle_s=0.0))
    logs.configure("warning")
    metrics = Metrics("ingest")
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, FIXED_TOPICS)
        with Producer(broker.bootstrap) as producer:
            tools = connector_tools(broker, producer, metrics)
            before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            wall_s, used_s = time.perf_counter(), time.process_time()
            assert Runner(system.streams[0], tools).run()
            wall_s, used_s = time.perf_counter() - wall_s, time.process_time() - used_s
            grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    system.close()
    events = sum(map(events_of, messages))
    labels = {"stage": "ingest", "stream": "ioffice/documents"}
    assert metrics.registry.get_sample_value("ioc_records_total", labels) == events
    with capsys.disabled():
        print(
            f"\nconnector, edXML: {len(messages) / used_s:,.0f} messages a second of one core ({events / used_s:,.0f} events),"
            f" from files to acknowledged; {len(messages) / wall_s:,.0f} beside the broker; memory grew by {grown_mb:.0f} MiB"
        )


@pytest.mark.bench
def test_very_many_mutated_files(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.process_time()
    edxml, accounts = bear_mutations(40_000, seed=2)
    with capsys.disabled():
        print(f"\n40,000 mutated files of iOffice in {time.process_time() - began:.0f} s: {dict(edxml.outcomes)};")
        print(f"  rows of accounts: {dict(accounts.outcomes)}")
