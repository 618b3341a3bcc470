"""The simulated hub's pushers as sources that the conformance suite can ask: each new system is pushed everything anew.

A sender that forgets what was accepted is the worst there is, and the only one that fits a suite whose sources can be read from the beginning as
often as one likes. That a sender which does remember sends nothing again, and what the broker keeps for a session, is tested by itself.
"""

import asyncio
import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub.push import push_parts
from ingest.simulator.hub.push_mqtt import MqttPusher
from ingest.simulator.hub.system import HubPart
from ingest.simulator.system import Mqtt, Webhook, World
from ingest.source import Page, Source, Stream, System
from ingest.sources.hub.mqtt import mqtt_part
from ingest.sources.hub.push import push_system
from ingest.testing import Fault
from ioc.settings.sources import HubSourceSettings, MqttSettings, WebhookSettings
from tests.kafka_broker import free_ports
from tests.mosquitto import MosquittoProcess

SECRET = "a secret for tests, of 32 characters and more"
BASE_MS = 1_795_399_200_000
"""2026-11-23 09:00 local: all that the simulated hub shows lies before."""

HISTORY_H = 4
"""So little that a sender which begins anew after each kill gets through between two of them."""

MISSING = Fault("missing_required", frozenset({"missing_field"}))
_PLAIN = ("duplicate", "unknown_field", "out_of_order")

_systems = itertools.count()


def world(faults: Faults, *, history_h: float, times: float, **where: Any) -> World:
    """A world that stands still, with no memory of what was pushed."""
    return World(
        "hub",
        seed=5,
        base_ms=BASE_MS,
        clock=SimulatedClock(BASE_MS, BASE_MS, None, wall=lambda: BASE_MS),
        data_dir=Path(tempfile.mkdtemp(prefix="hub-push-")),
        times=times,
        history_days=history_h / 24,
        faults=faults,
        **where,
    )


class Sender:
    """Runs one pusher in a thread until it is stopped."""

    def __init__(self, part: HubPart) -> None:
        self._part = part
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def pushed(self) -> int:
        """Records that were accepted."""
        return int(self._part.state()["pushed"])

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._part.run(self._stop))


class PushedTo(Stream):
    """A stream whose sender begins when it is read, and which has nothing more only when its sender has not either."""

    def __init__(self, stream: Source, part: HubPart, expected: int) -> None:
        self._stream, self._part, self._expected = stream, part, expected
        self.name, self.stream, self.targets = stream.name, stream.stream, stream.targets
        self.known_fields = stream.known_fields
        self.read = stream.read
        self._sender: Sender | None = None

    def pages(self, cursor: str | None) -> Iterator[Page]:
        self._sender = self._sender or Sender(self._part)
        while True:
            yield from self._stream.pages(cursor)
            if self._sender.pushed() >= self._expected:
                return

    def close(self) -> None:
        if self._sender is not None:
            self._sender.stop()


@dataclass
class Misbehaving:
    """The faults of a simulated sender."""

    _faults: Faults = field(default_factory=lambda: Faults(3, names=COMMON))

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        before = self._faults.fired[name]
        # There are so few requests that a fault which comes now and then might not come at all.
        often = probability * 3 if 0.3 <= probability < 1 / 3 else probability
        self._faults.configure({name: {"probability": often}})
        try:
            yield lambda: self._faults.fired[name] - before
        finally:
            self._faults.configure({name: None})


class WebhookRig(Misbehaving):
    """Feedback and alerts, pushed by signed requests."""

    streams = 2
    garbage = "truncated"
    poison = MISSING
    canaries: Sequence[str] = ("canary-sdt", "canary-diachi", "canary-noidung", "canary-ip", "canary-tk")
    faults = (*map(Fault, (*_PLAIN, "bad_signature", "replay", "oversized", "truncated", "huge_record")), MISSING)

    def __init__(self) -> None:
        super().__init__()
        (self._port,) = free_ports(1)
        self._expected = [len(timeline) for timeline in self.due()]

    @property
    def versions(self) -> int:
        return sum(self._expected)

    def due(self) -> list[list[Any]]:
        """What each pusher pushes."""
        parts = push_parts(self._world())[:2]
        return [part._timeline.due(BASE_MS - HISTORY_H * 3_600_000, BASE_MS) for part in parts]  # type: ignore[attr-defined]

    def settings(self) -> HubSourceSettings:
        return HubSourceSettings(webhook=WebhookSettings(port=self._port, secret=SecretStr(SECRET)), timeout_s=20.0)

    def system(self) -> System:
        system = push_system(self.settings())
        parts = push_parts(self._world())[:2]
        streams = [PushedTo(*each) for each in zip(system.streams, parts, self._expected, strict=True)]

        def close() -> None:
            system.close()
            for stream in streams:
                stream.close()

        return System(streams, system.poll_s, system.requests_per_s, close)

    def _world(self) -> World:
        webhook = Webhook(f"http://127.0.0.1:{self._port}", SECRET)
        return world(self._faults, history_h=HISTORY_H, times=1.0, webhook=webhook)


class MqttRig(Misbehaving):
    """Readings, counts and positions, published to a broker before the streams run; each system has a session of its own."""

    streams = 3
    garbage = "truncated"
    poison = MISSING
    canaries: Sequence[str] = ("canary-chutau", "canary-sdt")
    faults = (
        *map(Fault, _PLAIN),
        Fault("truncated", frozenset({"undecodable"})),
        Fault("huge_record", frozenset({"too_large"})),
        MISSING,
    )

    def __init__(self, broker: MosquittoProcess) -> None:
        super().__init__()
        self._broker = broker
        self.versions = self._publish(Faults(names=COMMON))

    def settings(self, session: str) -> HubSourceSettings:
        mqtt = MqttSettings(host="127.0.0.1", port=self._broker.port, client_id=session)
        return HubSourceSettings(mqtt=mqtt, timeout_s=5.0)

    def system(self) -> System:
        chosen = self.settings(f"suite-{next(_systems)}")
        part = mqtt_part(chosen)
        assert part is not None
        for stream in part.streams:
            next(iter(stream.pages(None)))
        self._publish(self._faults)
        return push_system(chosen)

    def _publish(self, faults: Faults) -> int:
        """Lets the simulated devices publish once what they have measured; how many messages that are."""
        where = world(faults, history_h=0.2, times=0.1, mqtt=Mqtt("127.0.0.1", self._broker.port))
        pusher = MqttPusher(where)

        async def once() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(pusher.run(stop))
            while where.mark(pusher.name).read() is None:  # noqa: ASYNC110 (a file tells it)
                await asyncio.sleep(0.005)
            stop.set()
            await running

        asyncio.run(once())
        return int(pusher.state()["taken"])
