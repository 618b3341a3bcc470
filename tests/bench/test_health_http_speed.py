"""How fast the FHIR server and the REST of health records are read: from HTTP, from the simulator as a process, to acknowledged by
a real broker. A day of a province; the fullest hour has a seventh of its visits.

Prints the figures; asserts only what is no question of speed. Resources per second of the connector's own processor time say what its
code costs: nearly all of it is the models of `fhir.resources`, which check every element.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ingest.cursor import KafkaCursors
from ingest.limit import RateLimit
from ingest.runner import Runner, Tools
from ingest.source import Page, Source
from ingest.sources.health.system import health_system
from ingest.testing import HASH_KEY, KEY, Polls
from ioc import logs
from ioc.deadletters import Sealer
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HealthSourceSettings
from ioc.topics import FIXED_TOPICS
from tests.conformance.connectors.simulator import SimulatorProcess
from tests.kafka_broker import KafkaProcess

STREAMS = ("fhir_encounters", "fhir_observations", "fhir_immunizations", "check_ins", "health_records")
MIB = 1 << 20
GOAL_MIB = 250


class Counted:
    """Counts the records that a stream reads, and the most memory that the process had at a page."""

    def __init__(self, stream: Source) -> None:
        self.stream = stream
        self.records = self.most = 0
        self._pages = stream.pages
        self._process = psutil.Process()
        stream.pages = self._counted  # type: ignore[method-assign]

    def _counted(self, cursor: str | None) -> Iterator[Page]:
        for page in self._pages(cursor):
            self.records += len(page.records)
            yield page
            self.most = max(self.most, self._process.memory_info().rss)


def tools_of(producer: Producer, bootstrap: str) -> Tools:
    return Tools(
        producer,
        KafkaCursors(bootstrap, producer),
        Sealer(KEY),
        Pseudonyms(HASH_KEY),
        Metrics("ingest"),
        RateLimit(1e9),
        FloodSettings(),
        poll_s=0,
        stop=Polls(),
    )


@pytest.mark.bench
def test_connector(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulator = SimulatorProcess(tmp_path / "simulator", "--systems", "health", "--history-days", "1")
    settings = HealthSourceSettings(
        fhir_url=f"{simulator.url}/fhir",
        records_url=f"{simulator.url}/health",
        user="connector",
        password=simulator.settings("rest").password,
        page_size=500,
    )
    system = health_system(settings)
    logs.configure("warning")
    before = psutil.Process().memory_info().rss
    lines, most = [], 0
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, FIXED_TOPICS)
        with Producer(broker.bootstrap) as producer:
            for source in (one for one in system.streams if one.stream in STREAMS):
                counted = Counted(source)
                tools = tools_of(producer, broker.bootstrap)
                wall_s, used_s = time.perf_counter(), time.process_time()
                assert Runner(source, tools).run()
                wall_s, used_s = time.perf_counter() - wall_s, time.process_time() - used_s
                most = max(most, counted.most)
                assert counted.records > 0
                lines.append(
                    f"  {source.stream}: {counted.records / used_s:,.0f} a second of one core, {counted.records:,} read "
                    f"in {wall_s:.1f} s, of which {used_s:.1f} s are the connector's own"
                )
    used_s = time.process_time()
    listing = next(one for one in system.streams if one.stream == "health_records").listing()
    listed = sum(1 for _ in listing or ())
    lines.append(f"  a listing of {listed:,} health records: {time.process_time() - used_s:.1f} s of one core")
    system.close()
    simulator.stop()
    with capsys.disabled():
        print("\nhealth over HTTP, from HTTP to acknowledged:", *lines, sep="\n")
        print(f"  memory: at most {most / MIB:.0f} MiB, {before / MIB:.0f} before; the goal is {GOAL_MIB}")
