"""The broker's streams: what sensors push by MQTT, as pages.

Being asked for the next page means that Kafka has acknowledged the one before: only then its messages are acknowledged to the broker
(QoS 1), which sends all others again. Each stream has a session of its own, so that one that stands still holds up no other.
"""

from collections.abc import Iterator

from paho.mqtt.client import MQTTMessage

from ingest.source import Change, Page, Record, Stream
from ingest.sources.hub import sensors
from ingest.sources.hub.mqtt_session import MqttSession
from ingest.sources.hub.name import NAME
from ingest.sources.hub.payload import record_of
from ingest.sources.hub.webhook import CURSOR, IDLE_S
from ingest.sources.part import Part
from ioc import clock
from ioc.errors import ConfigError, SkippableError
from ioc.settings.sources import HubSourceSettings

PAGES_ON_THEIR_WAY = 2
"""While one page is published the broker may send the next."""


class SensorStream(Stream):
    """What comes in by one level of the topic."""

    name = NAME
    pushed = True

    def __init__(self, settings: HubSourceSettings, sort: sensors.Sensors) -> None:
        """Takes one sort of what sensors push.

        Raises:
            ConfigError: the topic does not end in `/#`.
        """
        topic = settings.mqtt.topic
        root, wildcard = topic[:-2], topic[-2:]
        if not root or wildcard != "/#" or "#" in root or "+" in root:
            raise ConfigError(f"sources.hub.mqtt.topic = {topic!r}: give levels without wildcards, then /#")
        self.stream = sort.stream
        self.targets = (sort.target,)
        self.known_fields = sort.known
        self._sort = sort
        self._settings = settings
        self._topic = f"{root}/{sort.level}/#"
        self._session: MqttSession | None = None

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`.

        Raises:
            RetriableError: the broker cannot be reached, or the connection has broken.
            FatalError: the broker refuses the login or the subscription.
        """
        del cursor
        session = self._session = self._session or self._connect()
        size = self._settings.page_size
        well = False
        try:
            while messages := session.receive(size, IDLE_S):
                # A full page says that there is more, and not up to when it was read.
                read_up_to = clock.now() if len(messages) < size else None
                yield Page([self._record(message) for message in messages], CURSOR, read_up_to)
                session.acknowledge(messages)
            yield Page([], CURSOR, clock.now())
            well = True
        finally:
            if not well:
                self.close()

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        return self._sort.read(record)

    def close(self) -> None:
        """Ends the connection; what was not acknowledged comes again with the next one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _connect(self) -> MqttSession:
        mqtt = self._settings.mqtt
        name = f"{mqtt.client_id}-{self.stream}"
        receive_max = self._settings.page_size * PAGES_ON_THEIR_WAY
        return MqttSession(mqtt, name, self._topic, receive_max, self._settings.timeout_s)

    def _record(self, message: MQTTMessage) -> Record:
        payload = bytes(message.payload)
        most = self._settings.mqtt.max_payload_kb << 10
        if len(payload) > most:
            return Record(payload, {}, SkippableError("too_large", f"{len(payload)} bytes, at most {most} are read"))
        record = record_of(payload)
        try:
            sensors.check_device(record, self._sort.device, message.topic)
        except UnicodeDecodeError:
            record.fault = SkippableError("undecodable", "the topic is not UTF-8")
        return record


def mqtt_part(settings: HubSourceSettings) -> Part | None:
    """The broker's streams; None without a broker.

    Raises:
        ConfigError: the topic is none that can be divided into streams.
    """
    if not settings.mqtt.host:
        return None
    streams = [SensorStream(settings, sort) for sort in sensors.ALL]

    def close() -> None:
        for stream in streams:
            stream.close()

    return Part(streams, close)
