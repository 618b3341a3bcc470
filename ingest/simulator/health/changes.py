"""Which version of each thing is the current one, in the order of update times: what a search by update time answers from."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from ingest.simulator.world import Event, Process

Told = Callable[[Event], tuple[Hashable, Sequence[int]]]
"""Of an event: which thing it is about, and when that is told anew (milliseconds since the epoch, not before the event)."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one thing.

    Attributes:
        updated_ms: when it came, milliseconds since the epoch.
        number: the event's.
        step: which of the event's updates it is, from 0.
    """

    updated_ms: int
    number: int
    step: int


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a search.

    Attributes:
        versions: current ones, in the order of their update times.
        end: where to go on; None: there are no more.
        total: current ones in the whole search.
    """

    versions: list[Version]
    end: int | None
    total: int


class Changes:
    """Keeps up with the clock; a version that a later one has replaced is no longer found."""

    def __init__(self, process: Process, told: Told) -> None:
        self._process = process
        self._told = told
        self._until_ms = process.begin_ms
        self._coming: list[tuple[int, int, int, Hashable]] = []
        self._versions: list[Version] = []
        self._times: list[int] = []
        self._current = bytearray()
        self._latest: dict[Hashable, int] = {}

    def __len__(self) -> int:
        """How many things there are."""
        return len(self._latest)

    def __iter__(self) -> Iterator[Version]:
        """The current versions, in the order of their update times."""
        return (version for version, current in zip(self._versions, self._current, strict=True) if current)

    def advance(self, now_ms: int) -> None:
        """Lets in what has come to be up to now, without it."""
        for event in self._process.events(self._until_ms, now_ms):
            key, updates = self._told(event)
            for step, updated_ms in enumerate(updates):
                heapq.heappush(self._coming, (updated_ms, event.number, step, key))
        self._until_ms = max(self._until_ms, now_ms)
        while self._coming and self._coming[0][0] < now_ms:
            updated_ms, number, step, key = heapq.heappop(self._coming)
            before = self._latest.get(key)
            if before is not None:
                self._current[before] = 0
            self._latest[key] = len(self._versions)
            self._versions.append(Version(updated_ms, number, step))
            self._times.append(updated_ms)
            self._current.append(1)

    def begin(self, from_ms: int | None) -> int:
        """Where the versions updated at or after a moment begin."""
        return 0 if from_ms is None else bisect_left(self._times, from_ms)

    def find(self, begin: int, at: int, count: int, skip: int = 0) -> Found:
        """At most `count` current versions from `at` on, without the first `skip`, of a search that begins at `begin`."""
        versions: list[Version] = []
        place = self._current.find(1, at)
        while place >= 0 and len(versions) < count:
            if skip:
                skip -= 1
            else:
                versions.append(self._versions[place])
            place = self._current.find(1, place + 1)
        return Found(versions, None if place < 0 else place, self._current.count(1, begin))

    def event(self, version: Version) -> Event:
        """The event of a version."""
        event = self._process.event(version.number)
        assert event is not None
        return event
