"""Messages as they come: those of the exchange are kept, those for the folder wait until they are dropped."""

import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable

from ingest.simulator.ioffice.messages import Document, Message
from ingest.simulator.ioffice.organs import OURS
from ingest.simulator.ioffice.timeline import Timeline
from ingest.simulator.moments import DAY_MS
from ingest.simulator.system import World

KEPT_MS = 7 * DAY_MS


class Ledger:
    """Everything that was sent up to now; threads share it."""

    def __init__(self, world: World, dropped_ms: int | None) -> None:
        """`dropped_ms`: up to when messages are in the folder already; None: none is."""
        self._world = world
        begin_ms = max(world.begin_ms, world.now_ms() - KEPT_MS)
        self._dropped_ms = -1 if dropped_ms is None else dropped_ms
        self._timeline = Timeline(world, begin_ms)
        self._lock = threading.Lock()
        self.kept: dict[str, list[Message]] = {"edoc": [], "status": []}
        self.waiting: deque[Message] = deque()
        self.known: dict[str, Message] = {}

    def advance(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Takes in what was sent since the last time; goes on from there another time when it is stopped."""
        with self._lock:
            now_ms = self._world.now_ms()
            for message in self._timeline.until(now_ms):
                if message.outside:
                    self.kept[message.kind].append(message)
                    self.known[name_of(message)] = message
                if self._world.drop_dir is not None and message.at_ms > self._dropped_ms and _is_ours(message):
                    self.waiting.append(message)
                if stopped():
                    return
            for kept in self.kept.values():
                old = bisect_left(kept, now_ms - KEPT_MS, key=lambda message: message.at_ms)
                for message in kept[:old]:
                    del self.known[name_of(message)]
                del kept[:old]

    def since(self, kind: str, from_ms: int) -> list[Message]:
        """The exchange's messages of one kind from a moment on, in order."""
        with self._lock:
            kept = self.kept[kind]
            return kept[bisect_left(kept, from_ms, key=lambda message: message.at_ms) :]


def name_of(message: Message) -> str:
    """How the exchange calls a message."""
    return f"{message.kind}-{message.number}"


def _is_ours(message: Message) -> bool:
    document = message.holds if isinstance(message.holds, Document) else message.holds.document
    return document.sender.code in OURS
