"""Where pushed requests wait until their stream takes them, publishes what is in them, and lets them be answered."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.source import Record


@dataclass(eq=False, slots=True)
class Parcel:
    """What came in one request.

    Attributes:
        records: in the sender's order.
        size: bytes of the request.
        done: told once whether everything of it was acknowledged; called from the stream's thread.
        given_up: its sender has been told to come again: it need not be taken any more.
    """

    records: Sequence[Record]
    size: int
    done: Callable[[bool], None]
    given_up: bool = False


class Inbox:
    """Hands parcels from the thread that receives to the one that publishes. Closed until its stream is read."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Parcel] = deque()
        self._is_open = False

    def open(self) -> None:
        """The stream reads."""
        with self._changed:
            self._is_open = True

    def close(self) -> None:
        """The stream reads no more: nothing is taken in, and what waits is told that it was not acknowledged."""
        with self._changed:
            self._is_open = False
            left = list(self._waiting)
            self._waiting.clear()
        for parcel in left:
            parcel.done(False)

    def put(self, parcel: Parcel) -> bool:
        """Leaves a parcel; False when nobody reads."""
        with self._changed:
            if self._is_open:
                self._waiting.append(parcel)
                self._changed.notify()
            return self._is_open

    def take(self, max_records: int, max_bytes: int, wait_s: float) -> list[Parcel]:
        """Whole parcels of so many records and bytes together, one at least; empty when none has come within `wait_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting, wait_s)
            taken: list[Parcel] = []
            records = size = 0
            while self._waiting and records < max_records and size < max_bytes:
                parcel = self._waiting.popleft()
                if not parcel.given_up:
                    taken.append(parcel)
                    records += len(parcel.records)
                    size += parcel.size
            return taken

    def __len__(self) -> int:
        return len(self._waiting)
