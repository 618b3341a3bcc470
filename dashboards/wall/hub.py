"""Asks every question that somebody looks at once an interval, and holds the results for all viewers of all dashboards."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboards.wall.definition import ANNOTATIONS
from dashboards.wall.question import Frame, Question, Reader, RefusedError, Source
from dashboards.wall.reading import Probed, Reading, Result
from dashboards.wall.shelf import Shelf
from dashboards.wall.view import View
from ioc.clock import now
from ioc.errors import RetriableError
from ioc.metrics import Metrics

PROBE = Question(
    "SELECT toUnixTimestamp64Micro(max(refreshed_at)) AS refreshed,\n"
    "  sum(cityHash64(code, unit, numerator, denominator)) AS figures\n"
    "FROM indicator_now"
)
"""Tells whether there can be anything new: when the figures were last taken, and a fingerprint of the figures alone. Heartbeats
take them anew every second or so without changing one."""

_AT_ONCE = 2
"""Queries that run side by side, of a round and for those who come between two."""
_AT_A_TIME = 12
"""Questions that a newcomer waits for: about those of one page."""
_RETRY_S = 2.0
_IDLE_S = 30.0
"""Without a viewer, a round runs only so often; what is pinned is read as seldom."""


@dataclass
class Outage:
    """How a data source fares."""

    since: datetime | None = None
    """When it was first missed; None while it answers."""
    reason: str = ""

    def miss(self, error: Exception, at: datetime) -> None:
        """It did not answer."""
        self.since, self.reason = self.since or at, str(error)

    def end(self) -> None:
        """It answers."""
        self.since, self.reason = None, ""


@dataclass
class Hub:
    """The state that all viewers share. `run` drives it; everything happens on one event loop."""

    reader: Reader
    refresh_s: float
    clock: Callable[[], datetime] = now
    metrics: Metrics | None = None
    shelf: Shelf = field(default_factory=Shelf)
    refreshed_us: int = 0
    """When `indicator_now` was last written, microseconds since the epoch; 0: never."""
    round: int = 0
    """Counts the rounds; each ends in an event to every viewer."""

    def __post_init__(self) -> None:
        self.outages: dict[Source, Outage] = {"clickhouse": Outage(), "prometheus": Outage()}
        self._probed: Probed = (-1, -1)
        self._round_at: float | None = None
        self._pinned_at: float | None = None
        self._asked = asyncio.Event()
        self._turn = asyncio.Condition()
        self._reading = asyncio.Lock()
        self._permits = asyncio.Semaphore(_AT_ONCE)
        self._newcomers = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Runs rounds; ends by cancellation."""
        while True:
            # The first round waits for nobody: who comes first finds read what is pinned.
            if self.round:
                await self._wanted()
            before = asyncio.get_running_loop().time()
            await self.read()
            pause = min(_RETRY_S, self.refresh_s) if self.outages["clickhouse"].since else self.refresh_s
            await asyncio.sleep(max(0.05, pause - (asyncio.get_running_loop().time() - before)))

    async def _wanted(self) -> None:
        if self.shelf.viewers:
            return
        self._asked.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), _IDLE_S)

    async def read(self) -> None:
        """One round: asks whether there is anything new, reads what is due, and tells the viewers."""
        async with self._reading:
            at = self._round_at = asyncio.get_running_loop().time()
            self.shelf.clear(at)
            rested = self._pinned_at is None or at - self._pinned_at >= _IDLE_S
            if rested:
                self._pinned_at = at
            watched = self.shelf.watched(pinned=rested)
            await asyncio.gather(
                self._round("clickhouse", watched),
                self._round("prometheus", watched),
            )
            if self.metrics:
                self.metrics.seconds.labels("wall", "round").observe(asyncio.get_running_loop().time() - at)
            async with self._turn:
                self.round += 1
                self._turn.notify_all()

    async def _round(self, source: Source, watched: Iterable[Reading]) -> None:
        own = [reading for reading in watched if reading.question.source == source]
        try:
            if source == "clickhouse":
                refreshed, figures = (int(value or 0) for value in (await self._ask(PROBE)).rows[0])
                self._probed = (refreshed, figures)
            at = asyncio.get_running_loop().time()
            due = [(one, one.read_at) for one in own if one.is_due(self._probed, at, self.refresh_s)]
            await self._read(due, self._permits)
            if source == "clickhouse":
                self.refreshed_us = refreshed
            self.outages[source].end()
        except (RetriableError, RefusedError) as error:
            self.outages[source].miss(error, self.clock())
            if self.metrics:
                self.metrics.errors.labels("wall", "retriable").inc()

    async def _read(self, wanted: Sequence[tuple[Reading, float | None]], permits: asyncio.Semaphore) -> None:
        """Reads them side by side; one that is refused is its own panel's matter. Raises RetriableError after all have ended.

        Each comes with the moment of its last reading: what somebody else has read since is not read again.
        """
        outcomes = await asyncio.gather(*(self._one(*one, permits) for one in wanted), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _one(self, reading: Reading, seen: float | None, permits: asyncio.Semaphore) -> None:
        loop = asyncio.get_running_loop()
        async with permits, reading.lock:
            if reading.read_at != seen:
                return
            probed, began = self._probed, loop.time()
            result: Result
            try:
                frame = await self._ask(reading.question)
                result = {"columns": frame.columns, "types": frame.types, "rows": frame.rows}
            except RefusedError as error:
                result = {"error": str(error)}
            reading.take(result, loop.time() - began, loop.time(), probed, self.round + 1)

    async def _ask(self, question: Question) -> Frame:
        """Asks, and counts the questions and their seconds by the source."""
        began = asyncio.get_running_loop().time()
        try:
            return await self.reader.ask(question)
        finally:
            if self.metrics:
                took = asyncio.get_running_loop().time() - began
                self.metrics.seconds.labels("wall", question.source).observe(took)

    def event(self, view: View, since: int = 0, told: set[Question | None] | None = None) -> dict[str, Any]:
        """What a viewer is told: state, and the results that changed after round `since` (0: all), by panel and query.

        `told`: what the viewer has been told of; it gets the others in any case, and they are added.
        """
        panels: dict[str, dict[str, Result]] = {}
        for query in view.queries:
            result, changed = {"error": query.error}, 1
            if query.question is not None:
                result, changed = self.shelf[query.question].result, self.shelf[query.question].changed
            is_new = told is not None and query.question not in told
            if changed and (changed > since or is_new):
                panels.setdefault(query.panel, {})[query.ref] = result
        if told is not None:
            told |= {
                query.question for query in view.queries if not query.question or self.shelf[query.question].changed
            }
        missed = self.outages["clickhouse"]
        metrics = self.outages["prometheus"]
        return {
            "now": self.clock().timestamp(),
            "digest": view.digest,
            "refresh_s": self.refresh_s,
            "refreshed": self.refreshed_us / 1e6 or None,
            "missed_since": missed.since.timestamp() if missed.since else None,
            "missed_reason": missed.reason,
            "metrics_missed_since": metrics.since.timestamp() if metrics.since and view.asks("prometheus") else None,
            "annotations": panels.pop(ANNOTATIONS, {}),
            "panels": panels,
        }

    async def events(self, view: View) -> AsyncGenerator[dict[str, Any], None]:
        """Events for one viewer, from the whole state on; every round gives one.

        Raises:
            CrowdedError: too many different views are open.
        """
        with self._viewer(view):
            self._asked.set()
            told = 0
            if self.round:
                # What was read already comes at once, the rest panel by panel, without waiting for the next round.
                since, seen = self.round, set[Question | None]()
                async for _ in self._catch_up(view):
                    yield self.event(view, since, seen)
                told = self.round
                yield self.event(view, since, seen)
            while True:
                async with self._turn:
                    while self.round <= told:
                        await self._turn.wait()
                since, told = told, self.round
                yield self.event(view, since)

    async def once(self, view: View) -> dict[str, Any]:
        """The whole state; read anew if nobody looks and it is older than an interval.

        Raises:
            CrowdedError: too many different views are open.
        """
        alone = not self.shelf.viewers
        with self._viewer(view):
            loop = asyncio.get_running_loop()
            if alone and (self._round_at is None or loop.time() - self._round_at > self.refresh_s):
                await self.read()
            else:
                async for _ in self._catch_up(view):
                    pass
            return self.event(view)

    @contextlib.contextmanager
    def _viewer(self, view: View) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        self.shelf.enter(view, loop.time())
        try:
            yield
        finally:
            self.shelf.leave(view, loop.time())

    async def _catch_up(self, view: View) -> AsyncGenerator[None, None]:
        """Reads what nobody has read for this view yet, a few questions at a time; yields before each few."""
        asked = dict.fromkeys(query.question for query in view.queries if query.question)
        unread = [(self.shelf[question], None) for question in asked if self.shelf[question].read_at is None]
        # An outage is the next round's to tell.
        with contextlib.suppress(RetriableError):
            for at in range(0, len(unread), _AT_A_TIME):
                yield
                await self._read(unread[at : at + _AT_A_TIME], self._newcomers)
