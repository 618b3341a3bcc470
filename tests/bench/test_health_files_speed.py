"""How fast insurance files are read: from a folder to acknowledged by a real broker, in processor time of the connector; and its memory.

Prints the figures; asserts only what is no question of speed.
"""

import time
from pathlib import Path

import psutil
import pytest

from ingest.runner import Runner
from ingest.simulator.health.insurance_visits import insurance_visit
from ingest.simulator.health.insurance_xml import document, hoso
from ingest.simulator.world import HOSPITAL, Process
from ingest.sources.health.insurance import insurance_part
from ioc import logs
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.settings.sources import HealthSourceSettings
from ioc.topics import FIXED_TOPICS
from tests.bench.connector_tools import connector_tools
from tests.kafka_broker import KafkaProcess

END_MS = 1_795_366_800_000
HOUR_MS = 3_600_000
FILES = 20
MIB = 1 << 20


def fill(folder: Path) -> tuple[int, int]:
    """Writes 20 files, of a day's visits each; how many visits, and how many bytes."""
    process = Process("health:fhir visits", 1_400, HOSPITAL, 2, 1.0, 0)
    visits = size = 0
    for number in range(FILES):
        end_ms = END_MS - number * 24 * HOUR_MS
        texts = [
            hoso(v) for e in process.events(end_ms - 24 * HOUR_MS, end_ms) if (v := insurance_visit(e)) is not None
        ]
        body = document("", "20261123", texts)
        (folder / f"96001_{number}.xml").write_bytes(body)
        visits += len(texts)
        size += len(body)
    return visits, size


@pytest.mark.bench
def test_insurance_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    visits, size = fill(folder)
    part = insurance_part(HealthSourceSettings(drop_dir=folder, settle_s=0))
    assert part is not None
    logs.configure("warning")
    metrics = Metrics("ingest")
    process = psutil.Process()
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, FIXED_TOPICS)
        with Producer(broker.bootstrap) as producer:
            tools = connector_tools(broker, producer, metrics)
            before = process.memory_info().rss
            wall_s, used_s = time.perf_counter(), time.process_time()
            assert Runner(part.streams[0], tools).run()
            wall_s, used_s = time.perf_counter() - wall_s, time.process_time() - used_s
            grown = process.memory_info().rss - before
    samples = [sample for metric in metrics.registry.collect() for sample in metric.samples]
    assert sum(sample.value for sample in samples if sample.name == "ioc_records_total") == visits
    with capsys.disabled():
        print(f"\ninsurance files: {visits / used_s:,.0f} HOSO a second of one core, from files to acknowledged")
        print(
            f"  {visits:,} HOSO, {size / MIB:.0f} MiB, {visits / wall_s:,.0f} a second beside the broker; "
            f"memory grew by {grown / MIB:.0f} MiB"
        )
