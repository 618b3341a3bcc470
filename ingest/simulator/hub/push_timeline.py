"""Things that live on: each has states, and each state is pushed at its moment."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ingest.simulator.world import Event, Process


@dataclass(frozen=True, slots=True, order=True)
class Pushed:
    """A record and when it is pushed, milliseconds since the epoch; `number` settles the order within a millisecond."""

    at_ms: int
    number: int
    record: dict[str, Any] = field(compare=False)


class Timeline:
    """The states of everything that a process brings about, in the order of their moments."""

    def __init__(self, process: Process, states: Callable[[Event], Iterable[Pushed]], longest_ms: int) -> None:
        """`states` gives those of one event, all within `longest_ms` after it."""
        self._process = process
        self._states = states
        self._longest_ms = longest_ms
        self._waiting: list[Pushed] = []
        self._made_ms: int | None = None

    def due(self, first_ms: int, end_ms: int) -> list[Pushed]:
        """What is pushed from `first_ms` on and before `end_ms`. Asked for one span after the other."""
        made_ms = first_ms - self._longest_ms if self._made_ms is None else self._made_ms
        for event in self._process.events(made_ms, end_ms):
            for state in self._states(event):
                if state.at_ms >= first_ms:
                    heapq.heappush(self._waiting, state)
        self._made_ms = max(made_ms, end_ms)
        due = []
        while self._waiting and self._waiting[0].at_ms < end_ms:
            due.append(heapq.heappop(self._waiting))
        return due
