"""One MQTT 5 session with a broker: messages in, acknowledged one by one when the caller says so.

The broker keeps the session while nobody is connected, and sends again whatever was not acknowledged. A connection that has broken is never
used again: an acknowledgement that was meant for it could acknowledge another message that got the same number since.

No thread of its own: it reads while `receive` waits. A stream that publishes stops reading, and the broker waits.
"""

import contextlib
import time
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ioc.errors import FatalError, RetriableError
from ioc.settings.sources import MqttSettings

QOS = 1
KEEPALIVE_S = 60

_DAY_S = 86_400
_REFUSED = {
    "Bad user name or password",
    "Not authorized",
    "Banned",
    "Bad authentication method",
    "Client identifier not valid",
}
"""Reasons that do not go away by trying again."""


class MqttSession:
    """A connected session of one subscription."""

    def __init__(self, settings: MqttSettings, name: str, topic: str, receive_max: int, timeout_s: float) -> None:
        """Connects and subscribes.

        Args:
            settings: where the broker is.
            name: of the session, stable over restarts.
            topic: what is subscribed to.
            receive_max: so many messages may be on their way, not yet acknowledged.
            timeout_s: the broker must have answered after so many seconds.

        Raises:
            RetriableError: the broker cannot be reached now.
            FatalError: it refuses the login or the subscription.
        """
        self._place = f"MQTT broker {settings.host}:{settings.port}"
        self._topic = topic
        self._messages: list[MQTTMessage] = []
        self._connected: ReasonCode | None = None
        self._kept = False
        self._subscribed: list[ReasonCode] | None = None
        self._lost: ReasonCode | None = None
        client = Client(
            CallbackAPIVersion.VERSION2,
            name,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = timeout_s
        client.on_connect, client.on_subscribe, client.on_message = (
            self._on_connect,
            self._on_subscribe,
            self._on_message,
        )
        client.on_disconnect = self._on_disconnect
        if settings.user:
            client.username_pw_set(settings.user, settings.password.get_secret_value())
        self._client = client
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wanted.SessionExpiryInterval = settings.session_days * _DAY_S
        wanted.ReceiveMaximum = receive_max
        try:
            client.connect(settings.host, settings.port, KEEPALIVE_S, clean_start=False, properties=wanted)
            self._await("the login", timeout_s, lambda: self._connected is not None)
            client.subscribe(topic, QOS)
            # A session that the broker has kept is subscribed already, and all that has waited for it may come before the answer.
            self._await("the subscription", timeout_s, lambda: self._kept or self._subscribed is not None)
        except OSError as error:
            self.close()
            raise RetriableError(f"{self._place}: {error.strerror or type(error).__name__}") from error
        except (RetriableError, FatalError):
            self.close()
            raise

    def receive(self, max_messages: int, wait_s: float) -> list[MQTTMessage]:
        """Messages that have come in, at most so many; empty when none has come within `wait_s`.

        Raises:
            RetriableError: the connection is broken.
        """
        deadline = time.monotonic() + wait_s
        while not self._messages and (left_s := deadline - time.monotonic()) > 0:
            self._loop(left_s)
        known = -1
        while known < len(self._messages) < max_messages:
            known = len(self._messages)
            self._loop(0.0)
        taken, self._messages = self._messages[:max_messages], self._messages[max_messages:]
        return taken

    def acknowledge(self, messages: list[MQTTMessage]) -> None:
        """Tells the broker that these need not be sent again."""
        for message in messages:
            # A broken connection shows at the next `receive`, and the broker sends again what it was not told.
            self._client.ack(message.mid, message.qos)

    def close(self) -> None:
        """Disconnects; the broker keeps the session."""
        client = self._client
        with contextlib.suppress(OSError):
            client.disconnect()
        client.on_connect = client.on_subscribe = client.on_message = client.on_disconnect = None
        client._reset_sockets()  # else its pair of sockets is left to the collector

    def _await(self, what: str, timeout_s: float, is_there: Any) -> None:
        deadline = time.monotonic() + timeout_s
        while not is_there():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise RetriableError(f"{self._place}: {what} is not answered")
            self._loop(left_s)

    def _loop(self, timeout_s: float) -> None:
        code = self._client.loop(timeout_s)
        for answer in (*filter(None, [self._connected]), *(self._subscribed or ())):
            if answer.is_failure:
                error = FatalError if str(answer) in _REFUSED else RetriableError
                raise error(f"{self._place}: topic {self._topic}: {answer}")
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise RetriableError(f"{self._place}: the connection is lost ({self._lost or code.name})")

    def _on_connect(
        self, client: Client, data: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        del client, data, properties
        self._connected, self._kept = reason, flags.session_present

    def _on_disconnect(
        self, client: Client, data: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        del client, data, flags, properties
        self._lost = reason

    def _on_subscribe(
        self, client: Client, data: Any, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        del client, data, mid, properties
        self._subscribed = reasons

    def _on_message(self, client: Client, data: Any, message: MQTTMessage) -> None:
        del client, data
        self._messages.append(message)
