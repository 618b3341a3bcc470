"""A publisher and a cursor store in memory, which behave as the real ones do: for tests of connectors."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.cursor import cursor_key, read_position, save_position
from ioc.errors import FatalError
from ioc.kafka.producer import MAX_REQUEST_BYTES, Delivery
from ioc.topics import CURSORS, FEEDS, FIXED_TOPICS, Topic

_NOT_AWAITED = {CURSORS.name, FEEDS.name}
"""A lost heartbeat is replaced by the next one, a lost cursor means reading again."""


@dataclass
class Message:
    """A published message."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    offset: int

    @property
    def content(self) -> tuple[str, int, bytes]:
        """What makes a message the same when it is published again."""
        return self.topic, self.partition, self.value


class MemoryPublisher:
    """Keeps what is published, in order.

    An event or dead letter counts as acknowledged only when its delivery, or that of the same message published again, was
    waited for: so a cursor that is published too early is seen, in `ahead`.

    Attributes:
        messages: everything published.
        ahead: cursors published before all that came before them was acknowledged.
    """

    def __init__(self, topics: tuple[Topic, ...] = FIXED_TOPICS, disturb: Callable[[str], None] | None = None) -> None:
        """`disturb` is called with what is about to happen ("publish TOPIC", "wait TOPIC") and may raise."""
        self._topics = {topic.name: topic for topic in topics}
        self._disturb = disturb or (lambda _what: None)
        self.messages: list[Message] = []
        self.ahead: list[Message] = []
        self._pending: set[tuple[str, int, bytes]] = set()

    def publish(self, topic: str, partition: int, value: bytes, key: bytes | None = None) -> Delivery:
        """See `ioc.kafka.producer.Publisher.publish`."""
        self._disturb(f"publish {topic}")
        known = self._topics.get(topic)
        if known is None or not 0 <= partition < known.partitions:
            raise FatalError(f"publishing to {topic}/{partition}: no such topic or partition")
        if len(value) > MAX_REQUEST_BYTES:
            raise FatalError(f"publishing to {topic}/{partition}: {len(value)} bytes are too many")
        offset = self._next_offset(topic, partition)
        message = Message(topic, partition, key, value, offset)
        if topic == CURSORS.name and self._pending:
            self.ahead.append(message)
        elif topic not in _NOT_AWAITED:
            self._pending.add(message.content)
        self.messages.append(message)
        return _MemoryDelivery(message, self._disturb, self._pending)

    def flush(self, timeout_s: float) -> None:
        """See `ioc.kafka.producer.Publisher.flush`."""
        del timeout_s
        self._pending.clear()

    def forget(self) -> None:
        """The process that published was killed: what it had not waited for, the next one publishes again."""
        self._pending.clear()

    def values(self, topic: str) -> list[bytes]:
        """The values in a topic, in the order of publishing."""
        return [message.value for message in self.messages if message.topic == topic]

    def _next_offset(self, topic: str, partition: int) -> int:
        before = (m.offset for m in reversed(self.messages) if (m.topic, m.partition) == (topic, partition))
        return next(before, -1) + 1


class _MemoryDelivery:
    def __init__(self, message: Message, disturb: Callable[[str], None], pending: set[tuple[str, int, bytes]]) -> None:
        self._message = message
        self._disturb = disturb
        self._pending = pending

    def wait(self, timeout_s: float) -> int:
        del timeout_s
        self._disturb(f"wait {self._message.topic}")
        self._pending.discard(self._message.content)
        return self._message.offset


class MemoryCursors:
    """Cursors in the messages of a `MemoryPublisher`."""

    def __init__(self, publisher: MemoryPublisher) -> None:
        self._publisher = publisher

    def load(self, source: str, stream: str) -> str | None:
        """See `ingest.cursor.CursorStore.load`."""
        key = cursor_key(source, stream)
        saved = [m.value for m in self._publisher.messages if m.topic == CURSORS.name and m.key == key]
        return read_position(key, saved[-1] if saved else None)

    def save(self, source: str, stream: str, position: str) -> Delivery:
        """See `ingest.cursor.CursorStore.save`."""
        return save_position(self._publisher, source, stream, position)
