"""The connectors' process between the simulated dossier system and a real broker."""

import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from kafka import KafkaConsumer, TopicPartition

from ingest.cursor import KafkaCursors
from ingest.memory import MemoryPublisher
from ingest.sources import position
from ingest.testing import Version, run
from ioc import topics
from ioc.contracts.control import Feed
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from tests.conformance.connectors.simulator import LOG, DossierRig, SimulatorProcess
from tests.kafka_broker import KafkaProcess, free_ports

EVENTS = topics.events("dossier").name
PROGRAM = (
    "import sys; from ioc.settings import load_settings; from ingest.main import main; sys.exit(main(load_settings()))"
)
STOP_S = 10.0


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    process = SimulatorProcess(tmp_path_factory.mktemp("simulator"), "--log", str(LOG), "--backfill", "1500")
    yield process
    process.stop()


@pytest.fixture(scope="module")
def truth(simulator: SimulatorProcess) -> dict[Version, Any]:
    return run(DossierRig(simulator, "national").system(), MemoryPublisher()).versions()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KafkaProcess]:
    """A broker of the test's own: its topics are empty, and it may be killed."""
    with KafkaProcess(tmp_path) as process:
        ensure_topics(process.bootstrap, topics.FIXED_TOPICS)
        yield process


@pytest.fixture(scope="module")
def spare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A broker for tests that do not mind what others left in its topics."""
    with KafkaProcess(tmp_path_factory.mktemp("kafka")) as process:
        yield process


def nobody() -> str:
    """An address that no broker listens on."""
    return f"127.0.0.1:{free_ports(1)[0]}"


class Connectors:
    """The process, started as the stack starts it."""

    def __init__(self, bootstrap: str, simulator: SimulatorProcess, tmp_path: Path, **changes: str) -> None:
        settings = {
            "IOC_KAFKA__BOOTSTRAP": bootstrap,
            "IOC_SOURCES__DOSSIER__URL": simulator.url,
            "IOC_SOURCES__DOSSIER__USER": "connector",
            "IOC_SOURCES__DOSSIER__PASSWORD": "simulator",
            "IOC_SOURCES__DOSSIER__DSTCODE": "H12",
            "IOC_SOURCES__DOSSIER__PAGE_SIZE": "50",
            "IOC_SOURCES__DOSSIER__POLL_S": "0.2",
            "IOC_PRIVACY__DEAD_LETTER_KEY": Fernet.generate_key().decode(),
            "IOC_PRIVACY__HASH_KEY": secrets.token_urlsafe(32),
            "IOC_METRICS__INGEST": "0",
            "IOC_LOG_JSON": "true",
            **changes,
        }
        self.log = tmp_path / "connectors.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-c", PROGRAM], env={**os.environ, **settings}, stderr=log)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_S)

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def await_that(what: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, "not within the time"
        time.sleep(0.02)


class Reader:
    """Reads whole topics."""

    def __init__(self, broker: KafkaProcess) -> None:
        self.consumer = KafkaConsumer(
            bootstrap_servers=broker.bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )

    def partitions(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for number in self.consumer.partitions_for_topic(topic)]

    def size(self, topic: str) -> int:
        return sum(self.consumer.end_offsets(self.partitions(topic)).values())

    def values(self, topic: str) -> list[bytes]:
        partitions = self.partitions(topic)
        self.consumer.assign(partitions)
        self.consumer.seek_to_beginning(*partitions)
        ends = self.consumer.end_offsets(partitions)
        found: list[bytes] = []
        while any(self.consumer.position(partition) < ends[partition] for partition in partitions):
            for records in self.consumer.poll(1000).values():
                found += [record.value for record in records]
        return found

    def versions(self) -> dict[Version, Any]:
        found: dict[Version, Any] = {}
        for value in self.values(EVENTS):
            for event in json.loads(value):
                del event["observed_at"]
                key = Version(event["kind"], event["facet"], event["entity"], event["version"])
                assert found.setdefault(key, event) == event
        return found


@pytest.fixture
def reader(broker: KafkaProcess) -> Iterator[Reader]:
    made = Reader(broker)
    yield made
    made.consumer.close()


def caught_up(broker: KafkaProcess) -> bool:
    """Whether both streams' cursors stand at the end."""
    with Producer(broker.bootstrap) as producer:
        cursors = KafkaCursors(broker.bootstrap, producer)
        saved = [cursors.load("dossier", stream) for stream in ("cases", "ratings")]
    return all(cursor is not None and not position.decode(cursor).open for cursor in saved)


def test_killed_again_and_again_nothing_is_lost_and_no_cursor_runs_ahead(
    broker: KafkaProcess, simulator: SimulatorProcess, reader: Reader, truth: dict[Version, Any], tmp_path: Path
) -> None:
    draw = random.Random(5)
    slowly = {"IOC_SOURCES__DOSSIER__REQUESTS_PER_S": "40"}
    for _ in range(4):
        target = reader.size(EVENTS) + draw.randrange(5, 25)
        connectors = Connectors(broker.bootstrap, simulator, tmp_path, **slowly)
        await_that(lambda target=target: reader.size(EVENTS) >= target)  # type: ignore[misc]
        connectors.end(signal.SIGKILL)
        with Producer(broker.bootstrap) as producer:
            cursors = KafkaCursors(broker.bootstrap, producer)
            published = reader.versions()
            for stream, facet in (("cases", "case"), ("ratings", "rating")):
                high_ms = position.decode(cursors.load("dossier", stream)).high_ms or 0
                passed = {key for key in truth if key.facet == facet and key.version >> 16 < high_ms}
                assert passed <= published.keys()
    connectors = Connectors(broker.bootstrap, simulator, tmp_path)
    await_that(lambda: caught_up(broker))
    assert connectors.end(signal.SIGTERM) == 0
    assert reader.versions() == truth
    assert reader.values(topics.DEAD_LETTERS.name) == []


def test_a_broker_that_dies_is_waited_for(
    broker: KafkaProcess, simulator: SimulatorProcess, truth: dict[Version, Any], tmp_path: Path
) -> None:
    reader = Reader(broker)
    connectors = Connectors(broker.bootstrap, simulator, tmp_path, IOC_SOURCES__DOSSIER__REQUESTS_PER_S="40")
    await_that(lambda: reader.size(EVENTS) >= 10)
    reader.consumer.close()
    broker.kill()
    broker.start()
    await_that(lambda: caught_up(broker))
    assert connectors.end(signal.SIGTERM) == 0
    after = Reader(broker)
    assert after.versions() == truth
    after.consumer.close()


def test_a_flood_in_one_stream_leaves_the_other_running_and_shows_in_the_metrics(
    spare: KafkaProcess, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    simulator = SimulatorProcess(tmp_path / "simulator", "--rate", "20", "--backfill", "100")
    simulator.faults(due_before_received={"probability": 1.0})
    connectors = Connectors(
        spare.bootstrap, simulator, tmp_path, IOC_FLOOD__RUN="1", IOC_METRICS__INGEST=str(port)
    )  # fmt: skip

    def read_by(stream: str) -> float:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        found = re.search(rf'^ioc_records_total{{stage="ingest",stream="dossier/{stream}"}} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    try:
        await_that(lambda: any(entry["level"] == "critical" for entry in connectors.logged()))
        before = read_by("ratings")
        await_that(lambda: read_by("ratings") > before)
        assert read_by("cases") == 0
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        assert 'ioc_errors_total{error="fatal",stage="ingest"} 1.0' in text
        assert 'ioc_rejected_total{reason="contradiction",stage="ingest"} 1.0' in text
        assert connectors.end(signal.SIGTERM) == 0
        (critical,) = (entry for entry in connectors.logged() if entry["level"] == "critical")
        assert critical["stream"] == "cases"
        assert "flood.run" in critical["error"]
    finally:
        simulator.stop()


def test_sigterm_while_the_broker_is_away_ends_in_time(simulator: SimulatorProcess, tmp_path: Path) -> None:
    connectors = Connectors(nobody(), simulator, tmp_path)
    await_that(lambda: any(entry["event"] == "waiting for the broker" for entry in connectors.logged()))
    assert connectors.end(signal.SIGTERM) == 0


def test_a_refused_login_is_an_alert_and_exit_code_1_and_after_the_fix_a_quiet_source_still_has_heartbeats(
    broker: KafkaProcess, simulator: SimulatorProcess, reader: Reader, tmp_path: Path
) -> None:
    connectors = Connectors(broker.bootstrap, simulator, tmp_path, IOC_SOURCES__DOSSIER__PASSWORD="wrong-secret")
    assert connectors.process.wait(60) == 1
    critical = [entry for entry in connectors.logged() if entry["level"] == "critical"]
    assert len(critical) == 2
    assert all("sources.dossier user, password" in entry["error"] for entry in critical)
    assert "wrong-secret" not in connectors.log.read_text()
    assert reader.size(EVENTS) == 0

    connectors = Connectors(broker.bootstrap, simulator, tmp_path)
    await_that(lambda: caught_up(broker))
    size = reader.size(topics.FEEDS.name)
    await_that(lambda: reader.size(topics.FEEDS.name) >= size + 3)
    assert connectors.end(signal.SIGTERM) == 0
    feeds = [Feed.model_validate_json(value) for value in reader.values(topics.FEEDS.name)]
    assert {feed.stream for feed in feeds} == {"cases", "ratings"}
    assert feeds[-1].records == 0
    assert feeds[-1].source_time is not None


def test_sigterm_while_the_source_hangs_ends_in_time(
    spare: KafkaProcess, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    connectors = Connectors(spare.bootstrap, simulator, tmp_path)
    await_that(lambda: any(entry["event"] == "ready" for entry in connectors.logged()))
    fired = simulator.state()["faults"].get("slow", 0)
    simulator.faults(slow={"probability": 1.0, "seconds": 60.0})
    try:
        await_that(lambda: simulator.state()["faults"].get("slow", 0) >= fired + 2)
        assert connectors.end(signal.SIGTERM) == 0
    finally:
        simulator.faults(slow=None)


def test_without_a_key_for_dead_letters_nothing_starts(simulator: SimulatorProcess, tmp_path: Path) -> None:
    connectors = Connectors(nobody(), simulator, tmp_path, IOC_PRIVACY__DEAD_LETTER_KEY="")
    assert connectors.process.wait(30) == 1
    assert "privacy.dead_letter_key" in connectors.log.read_text()
