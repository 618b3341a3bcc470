"""Pushed bodies and payloads as their senders write them, and what becomes of them when they are mutated."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from paho.mqtt.client import MQTTMessage

from ingest.convert import Converter, Harvest
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub import push_alerts, push_cases
from ingest.simulator.hub.push_sensors import Sensors
from ingest.simulator.moments import DAY_MS, read_iso
from ingest.simulator.system import World
from ingest.source import Record, Source
from ingest.sources.hub.listener import CONTENT_TYPES
from ingest.sources.hub.mqtt import SensorStream
from ingest.sources.hub.payload import NotJsonError
from ingest.sources.hub.push import push_system
from ingest.testing import HASH_KEY, KEY
from ioc.deadletters import Sealer
from ioc.errors import REASONS
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings, MqttSettings, WebhookSettings
from tests.fuzz import mutations

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
NOW = datetime(2025, 11, 20, 9, tzinfo=UTC)
SECRET = "a secret for tests, of 32 characters and more"

REFUSED = "refused"
"""What is answered to the sender of a body that is no JSON."""


@dataclass
class Way:
    """A way in: a stream, inputs as they really come, and how one becomes records."""

    stream: Source
    inputs: Sequence[bytes]
    records: Callable[[bytes], Sequence[Record]]


def ways() -> dict[str, Way]:
    """Every way in."""
    world = World(
        "hub",
        3,
        BASE_MS,
        SimulatedClock(0, 0, wall=lambda: BASE_MS),
        Path("unused"),
        0.2,
        faults=Faults(names=COMMON),
    )
    chosen = HubSourceSettings(
        webhook=WebhookSettings.model_validate({"port": 1, "secret": SECRET}), mqtt=MqttSettings(host="127.0.0.1")
    )
    streams = {stream.stream: stream for stream in push_system(chosen).streams}
    found: dict[str, Way] = {}
    for name, make in (("feedback", push_cases.timeline), ("security", push_alerts.timeline)):
        records = [pushed.record for pushed in make(world).due(BASE_MS - 5 * DAY_MS, BASE_MS)][:24]
        bodies = [msgspec.json.encode(records[at : at + 3]) for at in range(0, len(records), 3)]
        found[name] = Way(streams[name], bodies, CONTENT_TYPES["application/json"])
        lines = [b"\n".join(msgspec.json.encode(one) for one in records[at : at + 3]) for at in (0, 3)]
        found[f"{name}, lines"] = Way(streams[name], lines, CONTENT_TYPES["application/x-ndjson"])
    messages = [message for at in range(20) for message in Sensors(world).minute(BASE_MS - at * 60_000)]
    for level, name in (("reading", "readings"), ("traffic", "traffic"), ("vessel", "vessel_positions")):
        stream = streams[name]
        assert isinstance(stream, SensorStream)
        mine = [msgspec.json.encode(m.record) for m in messages if f"/{level}/" in m.topic][:30]
        found[name] = Way(stream, mine, _payload(stream, level))
    return found


def _payload(stream: SensorStream, level: str) -> Callable[[bytes], Sequence[Record]]:
    def records(payload: bytes) -> Sequence[Record]:
        message = MQTTMessage(1, f"sensors/{level}/{_device(payload)}".encode())
        message.payload = payload
        return [stream._record(message)]

    return records


def _device(payload: bytes) -> str:
    """The device that a payload names: its topic's last level; some device where it names none."""
    try:
        found: Any = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "KK-01"
    named = {key.lower(): value for key, value in found.items()} if isinstance(found, dict) else {}
    return next((str(named[key]) for key in ("tram", "camera", "sodangky") if isinstance(named.get(key), str)), "KK-01")


def outcome(way: Way, body: bytes) -> Counter[str]:
    """What becomes of one input: events, dead letters by reason, or a refusal. Raises whatever a stream must not."""
    try:
        records = list(way.records(body))
    except NotJsonError:
        return Counter({REFUSED: 1})
    converter = Converter(way.stream, Pseudonyms(HASH_KEY), Sealer(KEY), FloodSettings(run=10**6, ratio=1.0))
    harvest = Harvest()
    converter.convert(records, NOW, harvest)
    found = Counter({"event": harvest.events} if harvest.events else {})
    for letter in harvest.letters:
        assert letter.reason in REASONS
        assert "CANARY" not in letter.error
        found[letter.reason] += 1
    return found


def fuzz(count: int) -> dict[str, Counter[str]]:
    """What becomes of `count` mutated inputs, by their way in."""
    all_ways = ways()
    found: dict[str, Counter[str]] = {}
    for name, way in all_ways.items():
        found[name] = Counter()
        for body in mutations(way.inputs, count // len(all_ways) + 1, seed=11):
            came_to = outcome(way, body)
            assert came_to or not list(_nonblank(body)), name
            found[name] += came_to
    return found


def _nonblank(body: bytes) -> Iterator[bytes]:
    """Records that a body may be thought to have: an empty array, and blank lines, have none."""
    if body.strip() not in (b"", b"[]", b"\xef\xbb\xbf"):
        yield body
