"""What sensors publish before anybody has subscribed is published again when somebody has."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.hub import push_mqtt
from ingest.simulator.hub.push_mqtt import MqttPusher
from ingest.simulator.system import Mqtt, World
from tests.mosquitto import MosquittoProcess

BASE_MS = 1_795_399_200_000
"""2026-11-23 09:00 local, a whole hour: stations, cameras and vessels report in its first minute."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoProcess]:
    with MosquittoProcess(tmp_path / "broker") as running:
        yield running


@contextmanager
def subscriber(broker: MosquittoProcess) -> Iterator[set[str]]:
    """A client that listens to everything: the kinds that it has heard of."""
    heard: set[str] = set()
    client = Client(CallbackAPIVersion.VERSION2, "late", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = lambda client, *_: client.subscribe("sensors/#", qos=1)
    client.on_message = lambda _client, _data, message: heard.add(message.topic.split("/")[1])
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 (another process has no event to wait for)
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("until_heard", [True, False])
async def test_the_first_minute_comes_again_until_it_is_heard(
    broker: MosquittoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, until_heard: bool
) -> None:
    monkeypatch.setattr(push_mqtt, "_TICK_S", 0.02)
    mqtt = Mqtt("127.0.0.1", broker.port, until_heard=until_heard)
    clock = SimulatedClock(0, 0, wall=lambda: BASE_MS + 30_000)
    world = World("hub", 5, BASE_MS, clock, tmp_path / "kept", history_days=0, mqtt=mqtt)
    pusher, stop = MqttPusher(world), asyncio.Event()
    mark = world.mark(pusher.name)
    running = asyncio.create_task(pusher.run(stop))
    try:
        if until_heard:
            await until(lambda: pusher.state()["taken"] > 0)
            a_round = pusher.state()["sent"]
            await until(lambda: pusher.state()["taken"] >= 3 * a_round)
            assert mark.read() is None
            with subscriber(broker) as heard:
                await until(lambda: heard == {"reading", "traffic", "vessel"})
                await until(lambda: mark.read() is not None)
        else:
            await until(lambda: mark.read() is not None)
    finally:
        stop.set()
        await running
    assert mark.read() == BASE_MS + 60_000
