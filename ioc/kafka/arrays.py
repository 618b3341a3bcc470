"""Events into messages: JSON arrays of 1 to 500 events of one partition, at most 512 KiB."""

from collections.abc import Iterator

from ioc.contracts.event import MAX_EVENTS_A_MESSAGE, MAX_MESSAGE_BYTES
from ioc.errors import SkippableError
from ioc.kafka.partition import partition_of

_BRACKETS = 2


class Arrays:
    """Gathers the events of a page by partition; within a partition they keep their order."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._events: dict[int, list[bytes]] = {}

    def add(self, entity: str, event: bytes) -> None:
        """Adds an encoded event.

        Raises:
            SkippableError: it alone is larger than a message may be.
        """
        if len(event) + _BRACKETS > MAX_MESSAGE_BYTES:
            raise SkippableError(
                "too_large", f"the event has {len(event)} bytes, a message at most {MAX_MESSAGE_BYTES}"
            )
        self._events.setdefault(partition_of(entity, self._partitions), []).append(event)

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """Partition and value of each message."""
        for partition, events in self._events.items():
            batch: list[bytes] = []
            size = _BRACKETS
            for event in events:
                if len(batch) == MAX_EVENTS_A_MESSAGE or size + len(event) + bool(batch) > MAX_MESSAGE_BYTES:
                    yield partition, b"[" + b",".join(batch) + b"]"
                    batch, size = [], _BRACKETS
                size += len(event) + bool(batch)
                batch.append(event)
            if batch:
                yield partition, b"[" + b",".join(batch) + b"]"
