"""The idempotent producer of connectors and sinks, and the small protocol that a test's publisher shares with it."""

import logging
import threading
from types import TracebackType
from typing import Any, Protocol, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from ioc.errors import FatalError
from ioc.kafka.failure import classified
from ioc.kafka.reach import check_reachable

# It warns whenever the machine was busy for a tenth of a second, which is nobody's concern.
logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)

MAX_REQUEST_BYTES = 4 << 20
"""A dead letter holds a whole refused record; the topics that may carry one allow as much."""

_BATCH_BYTES = 512 << 10
_BLOCK_MS = 30_000


class Delivery(Protocol):
    """A message on its way."""

    def wait(self, timeout_s: float) -> int:
        """Blocks until the broker has acknowledged the message and gives its offset.

        Raises:
            RetriableError: not acknowledged in time, or refused for a passing reason; publish it again.
            FatalError: refused for good.
        """
        ...


class Publisher(Protocol):
    """Where a connector publishes."""

    def publish(self, topic: str, partition: int, value: bytes, key: bytes | None = None) -> Delivery:
        """Sends one message; the same message sent twice must be harmless.

        Raises:
            RetriableError: the broker is away and the buffer is full.
            FatalError: the topic or partition does not exist, or the message is too large.
        """
        ...

    def flush(self, timeout_s: float) -> None:
        """Blocks until everything published before has been acknowledged or refused.

        Raises:
            RetriableError: not within `timeout_s`.
        """
        ...


class _KafkaDelivery:
    """A `Delivery` over kafka-python's future."""

    __slots__ = ("_future", "_place")

    def __init__(self, future: Any, place: str) -> None:
        self._future = future
        self._place = place

    def wait(self, timeout_s: float) -> int:
        try:
            return int(self._future.get(timeout=timeout_s).offset)
        except KafkaError as error:
            raise classified(error, f"publishing to {self._place}") from error


class Producer:
    """Publishes with acknowledgement of all in-sync replicas, idempotently, lz4-compressed; safe to share by threads."""

    def __init__(
        self, bootstrap: str, linger_ms: int = 5, delivery_timeout_s: float = 30.0, connect_timeout_ms: int = 15_000
    ) -> None:
        """Connects.

        Raises:
            RetriableError: the broker cannot be reached.
        """
        self._bootstrap = bootstrap
        self._closing = threading.Lock()
        self._closed = False
        check_reachable(bootstrap, connect_timeout_ms / 1000)
        try:
            self._client = KafkaProducer(
                bootstrap_servers=bootstrap,
                enable_idempotence=True,
                acks="all",
                compression_type="lz4",
                linger_ms=linger_ms,
                batch_size=_BATCH_BYTES,
                max_request_size=MAX_REQUEST_BYTES,
                request_timeout_ms=min(15_000, int(delivery_timeout_s * 1000)),
                delivery_timeout_ms=int(delivery_timeout_s * 1000) + linger_ms,
                max_block_ms=_BLOCK_MS,
                reconnect_backoff_max_ms=2_000,
                bootstrap_timeout_ms=connect_timeout_ms,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        except KafkaError as error:
            raise classified(error, f"connecting a producer to {bootstrap}") from error

    def publish(self, topic: str, partition: int, value: bytes | None, key: bytes | None = None) -> Delivery:
        """See `Publisher.publish`; without a value a key of a compacted topic is taken back."""
        place = f"{topic}/{partition} on {self._bootstrap}"
        try:
            return _KafkaDelivery(self._client.send(topic, value=value, key=key, partition=partition), place)
        except KafkaError as error:
            raise classified(error, f"publishing to {place}") from error
        except (AssertionError, ValueError) as error:
            raise FatalError(f"publishing to {place}: {error}") from error

    def flush(self, timeout_s: float) -> None:
        """See `Publisher.flush`."""
        try:
            self._client.flush(timeout=timeout_s)
        except KafkaError as error:
            raise classified(error, f"flushing to {self._bootstrap}") from error

    def close(self, timeout_s: float = 5.0) -> None:
        """Sends what is buffered, waiting at most `timeout_s`, and lets go of the broker. May be called again."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        try:
            self._client.close(timeout=timeout_s)
        except KafkaError as error:
            raise classified(error, f"closing the producer to {self._bootstrap}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
