"""Publishes to the MQTT broker: QoS 1, minute by minute of the simulated time, each minute until the broker has taken it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.simulator.hub.push_sensors import MINUTE_MS, Message, Sensors
from ingest.simulator.records import RecordFormat, spoil_records
from ingest.simulator.system import World, ticks

_TICK_S = 1.0
_TAKEN_S = 0.01
_NOBODY = 0x10
"""Reason code of MQTT 5: taken, and nobody has subscribed to it."""
_IN_FLIGHT = 500
_AT_ONCE = 2000
"""Messages that are published before the broker must have taken all of them."""

_FORM: RecordFormat[Message] = RecordFormat(
    without_identity=lambda message: Message(message.topic, _without_first(message.record)),
    with_unknown=lambda message: Message(message.topic, {**message.record, "truongMoi": 1}),
    with_note=lambda message, text: Message(message.topic, {**message.record, "ghiChu": text}),
)


class MqttPusher:
    """Publishes what all devices measure; a `HubPart`."""

    name = "push_sensors"

    def __init__(self, world: World) -> None:
        self._world = world
        self._sensors = Sensors(world)
        self._mark = world.mark(self.name)
        self._sent = self._taken = self._unheard = 0

    def routes(self) -> list[web.RouteDef]:
        """It answers nothing."""
        return []

    def state(self) -> dict[str, Any]:
        """Messages that were sent, and those that the broker has taken."""
        return {"sent": self._sent, "taken": self._taken}

    async def run(self, stop: asyncio.Event) -> None:
        """Publishes whatever is due until `stop` is set; goes on after a restart where it was."""
        mqtt = self._world.mqtt
        if mqtt is None:
            return
        client = Client(CallbackAPIVersion.VERSION2, "ioc-simulator", protocol=MQTTProtocolVersion.MQTTv5)
        client.max_inflight_messages_set(_IN_FLIGHT)
        client.reconnect_delay_set(1, 5)
        client.on_publish = self._on_publish
        if mqtt.user:
            client.username_pw_set(mqtt.user, mqtt.password)
        client.connect_async(mqtt.host, mqtt.port)
        client.loop_start()
        try:
            await self._publish_all(client, stop, until_heard=mqtt.until_heard)
        finally:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)
            client.on_publish = None

    async def _publish_all(self, client: Client, stop: asyncio.Event, *, until_heard: bool) -> None:
        saved_ms = self._mark.read()
        next_ms = self._world.begin_ms if saved_ms is None else saved_ms
        next_ms -= next_ms % MINUTE_MS
        at_once = 1 if until_heard else _AT_ONCE
        async for _ in ticks(stop, _TICK_S):
            while next_ms <= (now_ms := self._world.now_ms()):
                begin_ms, first, unheard = next_ms, self._sent, self._unheard
                while next_ms <= now_ms and self._sent < first + at_once:
                    for topic, payload in self._messages(next_ms):
                        client.publish(topic, payload, qos=1)
                        self._sent += 1
                    next_ms += MINUTE_MS
                while self._taken < self._sent:
                    if stop.is_set():
                        return
                    await asyncio.sleep(_TAKEN_S)
                if until_heard and self._unheard > unheard:
                    next_ms, at_once = begin_ms, 1
                    break
                at_once = _AT_ONCE
                self._mark.write(next_ms)

    def _messages(self, at_ms: int) -> Iterator[tuple[str, bytes]]:
        """A minute's messages, with the faults that fire."""
        messages = list(self._sensors.minute(at_ms))
        if messages and self._world.faults.draw("truncated"):
            payload = msgspec.json.encode(messages[0].record)
            yield messages[0].topic, payload[: len(payload) // 2]
        for message in spoil_records(messages, _FORM, self._world.faults):
            yield message.topic, msgspec.json.encode(message.record)

    def _on_publish(self, client: Client, data: Any, mid: int, reason: ReasonCode, properties: Properties) -> None:
        del client, data, mid, properties
        self._taken += 1
        self._unheard += reason.value == _NOBODY


def _without_first(record: dict[str, Any]) -> dict[str, Any]:
    """A copy without its first key, which names the device."""
    return dict(list(record.items())[1:])
