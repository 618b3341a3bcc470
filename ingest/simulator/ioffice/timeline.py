"""All messages in the order in which they are sent."""

import heapq
from collections.abc import Iterator

from ingest.simulator.ioffice.messages import (
    DOCUMENTS_A_DAY,
    MAX_LAG_MS,
    Document,
    Message,
    Status,
    document_of,
    statuses_of,
)
from ingest.simulator.system import World
from ingest.simulator.world import HOUR_MS, OFFICE


class Timeline:
    """Messages of a world, from a moment on, hour by hour: each is made once."""

    def __init__(self, world: World, from_ms: int) -> None:
        """Begins so early that the status messages from `from_ms` on are complete."""
        self._process = world.process("documents", DOCUMENTS_A_DAY, OFFICE)
        self._from_ms = from_ms
        self._read_ms = max(world.begin_ms, from_ms - MAX_LAG_MS)
        self._waiting: list[tuple[int, str, Message]] = []

    def until(self, now_ms: int) -> Iterator[Message]:
        """The messages that were sent by now and not given before."""
        while self._read_ms <= now_ms:
            end_ms = min(now_ms + 1, (self._read_ms // HOUR_MS + 1) * HOUR_MS)
            for event in self._process.events(self._read_ms, end_ms):
                document = document_of(event)
                self._put(document.sent_ms, str(document.number), document)
                for status in statuses_of(event, document):
                    self._put(status.at_ms, status.number, status)
            self._read_ms = end_ms
            # Documents come in order and cut to seconds: nothing later falls before the second that was reached.
            yield from self._sent(end_ms - 1000 if end_ms <= now_ms else now_ms)
        yield from self._sent(now_ms - 1000)

    def _put(self, at_ms: int, number: str, holds: Document | Status) -> None:
        if at_ms >= self._from_ms:
            kind = "edoc" if isinstance(holds, Document) else "status"
            heapq.heappush(self._waiting, (at_ms, number, Message(at_ms, number, kind, holds)))  # type: ignore[arg-type]

    def _sent(self, until_ms: int) -> Iterator[Message]:
        while self._waiting and self._waiting[0][0] <= until_ms:
            yield heapq.heappop(self._waiting)[2]
