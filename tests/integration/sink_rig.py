"""A broker, a front and a migrated database of their own for the tests of the sink, and seeded dossiers to put through it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import msgspec
from cryptography.fernet import Fernet

from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.cli.migrate import migrate
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.kafka.partition import partition_of
from ioc.kafka.producer import Producer
from ioc.settings import (
    SETTINGS_VARIABLE,
    ClickHouseSettings,
    KafkaSettings,
    Login,
    MetricsSettings,
    PrivacySettings,
    Settings,
    SinkSettings,
)
from ioc.topics import FEEDS, PARTIALS, PARTITIONS, events
from sinks.clickhouse.client import Client
from tests.clickhouse_front import FrontProcess
from tests.kafka_broker import KafkaProcess
from tests.naive_fold import NaiveFold

READY_S = 60.0
UNITS = ("H12", "H12.01", "000.00.02.H12", "000.00.03.H12", "VPUBND", "XX.99")
"""Codes and aliases of the profile, and one that no unit has."""

STATUSES = (
    "registered", "received", "refused", "processing", "supplement", "fees_due", "withdrawn", "stopped", "processed", "returned",
)  # fmt: skip

FAST = SinkSettings(batch_rows=2_000, batch_s=0.2, snapshot_s=0.2)
"""Small batches, so that a test has many."""

Log = dict[int, list[list[dict[str, Any]]]]
"""Partition → messages → events."""


def dossiers(seed: int, entities: int, base: datetime, versions: int = 2) -> Iterator[dict[str, Any]]:
    """Events of dossiers up to `base`, as JSON values: cases in several versions, some deleted, some rated, some rated only."""
    rnd = random.Random(seed)
    for number in range(entities):
        entity = f"000.00.00.H12-{seed}-{number:06d}"
        received = base - timedelta(seconds=rnd.randrange(0, 40_000_000), microseconds=-rnd.randrange(0, 10**6))
        for step in range(versions):
            at = received + timedelta(hours=step)
            deleted = step == versions - 1 and rnd.random() < 0.05
            data = None if deleted and rnd.random() < 0.5 else _case(rnd, received)
            yield _event(entity, "case", at, rnd.choice(UNITS), data, deleted=deleted)
        if rnd.random() < 0.3:
            rating = {"rating": rnd.randint(1, 5), "rated_at": _wire(received + timedelta(days=20))}
            yield _event(entity, "rating", received, "H12", rating, deleted=rnd.random() < 0.1)
    for number in range(entities // 50):
        yield _event(
            f"000.00.00.H12-{seed}-orphan{number}", "rating", base, "H12", {"rating": 3, "rated_at": _wire(base)}
        )


def _case(rnd: random.Random, received: datetime) -> dict[str, Any]:
    def later(days: int, chance: float) -> str | None:
        moment = received + timedelta(seconds=rnd.randrange(0, days * 86_400), microseconds=rnd.randrange(10**6))
        return _wire(moment) if rnd.random() < chance else None

    return {
        "procedure": f"1.{rnd.randrange(30):06d}",
        "field": rnd.choice(("TT", "ĐĐ02", "MT01", "X")),
        "applicant_type": rnd.choice(("person", "business", "agency", "other")),
        "channel": rnd.choice(("online_full", "online_partial", "in_person", "post", "internal")),
        "status": rnd.choice(STATUSES),
        "received_at": _wire(received),
        "due_at": later(30, 0.9),
        "finished_at": later(40, 0.6),
        "returned_at": later(50, 0.4),
        "supplements": rnd.randrange(3),
        "extensions": rnd.randrange(2),
        "fee_vnd": rnd.choice((None, 0, 15_000, 10**12)),
        "paid_online": rnd.choice((None, True, False)),
        "components": rnd.choice((None, 1, 7)),
        "components_digitised": rnd.choice((None, 0, 1)),
        "components_reused": rnd.choice((None, 0, 1)),
        "result_digitised": rnd.choice((None, True, False)),
        "vneid": rnd.choice((None, True, False)),
    }


def _event(
    entity: str, facet: str, at: datetime, unit: str, data: dict[str, Any] | None, *, deleted: bool = False
) -> dict[str, Any]:
    content = {"unit": unit, "deleted": deleted, "occurred_at": _wire(at), "data": data}
    return {
        "source": "dossier", "kind": "dossier", "entity": entity, "facet": facet, **content,
        "version": version_of(int(at.timestamp() * 1000), content), "observed_at": _wire(at + timedelta(minutes=1)),
    }  # fmt: skip


def _wire(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def messages(found: Iterable[dict[str, Any]], size: int = 50) -> Log:
    """Events as messages of their partitions."""
    waiting: dict[int, list[dict[str, Any]]] = defaultdict(list)
    log: Log = {partition: [] for partition in range(PARTITIONS)}
    for event in found:
        partition = partition_of(event["entity"], PARTITIONS)
        waiting[partition].append(event)
        if len(waiting[partition]) == size:
            log[partition].append(waiting.pop(partition))
    for partition, rest in waiting.items():
        log[partition].append(rest)
    return log


class Rig:
    """Servers, settings and the sink's process; a context manager."""

    def __init__(self, directory: Path, sink: SinkSettings = FAST) -> None:
        self.directory = directory
        self.sink = sink
        self.kafka = KafkaProcess(directory / "kafka")
        self.front = FrontProcess(directory / "front")
        self.catalogue: Catalogue = load_catalogue()
        self.folds = {
            p: NaiveFold("dossier", [r for r in self.catalogue.compiled.rollups.values() if r.kind == "dossier"])
            for p in range(PARTITIONS)
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.base = datetime.now(UTC).replace(microsecond=0)

    def __enter__(self) -> Self:
        self.kafka.start()
        self.front.start()
        self.settings = self._settings()
        self._write_settings()
        self.generation = migrate(self.settings).generation
        self.producer = Producer(self.kafka.bootstrap)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_sink()
        self.producer.close()
        self.front.stop()
        self.kafka.stop()

    def _settings(self) -> Settings:
        def login(name: str) -> Login:
            return Login(user=name, password=self.front.users[name].password)

        return Settings(
            kafka=KafkaSettings(bootstrap=self.kafka.bootstrap),
            clickhouse=ClickHouseSettings(
                native_port=self.front.native_port,
                http_port=self.front.http_port,
                admin=login("ioc_admin"),
                writer=login("ioc_writer"),
                wall=login("ioc_wall"),
                analyst=login("ioc_analyst"),
            ),
            privacy=PrivacySettings(dead_letter_key=Fernet.generate_key().decode()),
            metrics=MetricsSettings(ingest=0, worker=0, sink=0),
            sink=self.sink,
        )

    def _write_settings(self) -> None:
        """As a file of settings for the sink's own process; secrets are written out."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {k: plain(v) for k, v in value.items() if v is not None}
            return value.get_secret_value() if hasattr(value, "get_secret_value") else value

        lines = []
        for section in ("kafka", "clickhouse", "privacy", "metrics", "sink"):
            lines.append(f"[{section}]")
            for key, value in plain(getattr(self.settings, section).model_dump()).items():
                inline = (
                    "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + "}"
                    if isinstance(value, dict)
                    else json.dumps(value)
                )
                lines.append(f"{key} = {inline}")
        self.settings_file = self.directory / "ioc.toml"
        self.settings_file.write_text("\n".join(lines), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """Environment of a process that uses these settings."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("IOC_")},
            SETTINGS_VARIABLE: str(self.settings_file),
        }

    @property
    def sink_log(self) -> Path:
        """What the sink has printed, over all its starts."""
        return self.directory / "sink.log"

    def start_sink(self) -> None:
        """Starts the sink; does not wait."""
        assert self.process is None
        with self.sink_log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ioc.cli.run", "sink"], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip

    def kill_sink(self) -> None:
        """kill -9, if it runs."""
        self.end_sink(signal.SIGKILL)

    def end_sink(self, number: signal.Signals = signal.SIGTERM, within_s: float = 20.0) -> int | None:
        """Signals the sink and gives its exit code; None when it did not run."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.send_signal(number)
        return process.wait(within_s)

    def client(self, login: Login | None = None) -> Client:
        """A client, by default the administrator's."""
        return Client(self.settings.clickhouse, login or self.settings.clickhouse.admin)

    def log(self, seed: int, entities: int, size: int = 50) -> Log:
        """The log of seeded dossiers; the same each time."""
        return messages(dossiers(seed, entities, self.base), size)

    def publish(self, log: Log) -> None:
        """Publishes events, and what a fold of them says as partials; returns when the broker has them."""
        touched: dict[int, set[tuple[str, str, str, int]]] = defaultdict(set)
        last: dict[int, int] = {}
        decode = decoder("dossier")
        for partition, found in log.items():
            sent = [self.producer.publish(events("dossier").name, partition, msgspec.json.encode(m)) for m in found]
            for delivery in sent:
                last[partition] = delivery.wait(30)
            for message in found:
                for event in decode(msgspec.json.encode(message)):
                    touched[partition] |= self.folds[partition].apply(event)
        deliveries = [
            self.producer.publish(PARTIALS.name, partition, value)
            for partition, cells in touched.items()
            for value in self._partials(partition, cells, last[partition])
        ]
        for delivery in deliveries:
            delivery.wait(30)

    def _partials(self, partition: int, cells: set[tuple[str, str, str, int]], revision: int) -> Iterator[bytes]:
        values = self.folds[partition].cells()
        widths = {r.rollup_id: len(r.measures) for r in self.catalogue.compiled.rollups.values()}
        grouped: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        for rollup_id, grain, unit, bucket in cells:
            grouped[rollup_id, grain].append((unit, bucket))
        for (rollup_id, grain), places in grouped.items():
            for begin in range(0, len(places), 500):
                part = places[begin : begin + 500]
                zeros = [0] * widths[rollup_id]
                yield msgspec.json.encode(
                    {
                        "generation": self.generation, "rollup_id": rollup_id, "grain": grain, "part": partition,
                        "revision": revision, "units": [unit for unit, _ in part], "buckets": [bucket for _, bucket in part],
                        "measures": [values.get((rollup_id, grain, unit, bucket), zeros) for unit, bucket in part],
                    }
                )  # fmt: skip

    def beat(self, source_time: datetime) -> None:
        """Publishes a heartbeat of the dossier source."""
        feed = {
            "source": "dossier", "stream": "case", "unit": "", "read_at": _wire(datetime.now(UTC)),
            "source_time": _wire(source_time), "records": 1, "rejected": 0, "late": 0,
        }  # fmt: skip
        self.producer.publish(FEEDS.name, 0, msgspec.json.encode(feed)).wait(30)


def until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    """Waits until a condition holds.

    Raises:
        AssertionError: it does not within the time.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.05)
