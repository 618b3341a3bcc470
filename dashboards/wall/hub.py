"""Runs every panel's query once an interval and holds the results for all viewers."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from dashboards.wall.clickhouse import Frame, RefusedError
from dashboards.wall.definition import Definition
from ioc.clock import now
from ioc.errors import RetriableError
from ioc.metrics import Metrics

PROBE = (
    "SELECT toUnixTimestamp64Micro(max(refreshed_at)) AS refreshed,\n"
    "  sum(cityHash64(code, unit, numerator, denominator)) AS figures\n"
    "FROM indicator_now"
)
"""Tells whether there can be anything new: when the figures were last taken (microseconds since the epoch, 0: never), and a
fingerprint of the figures alone. Heartbeats take them anew every second or so without changing one."""

_HISTORY = ("indicator_values", "_period(", "indicator_selected")
"""Queries of these views are read again only when a figure has changed …"""
_HEARTBEAT_ROUNDS = 3
"""… the others also, so many rounds apart, when nothing but the age of the figures has."""

_AT_LEAST_S = 60.0
"""Every query is read again after so long: days change, and the probe does not see everything."""
_SHARE = 0.01
"""Of the time that passes, at most this share goes into one query of the history, which is dear …"""
_AT_MOST_S = 20.0
"""… but news waits no longer than this."""
_COSTS = 5
"""The cheapest of so many runs is what a query costs: a busy machine makes single runs dear."""
_AT_ONCE = 2
"""Queries that run side by side."""
_RETRY_S = 2.0
_IDLE_S = 30.0
"""Without a viewer, a round runs only so often."""

Result = dict[str, Any]
"""Of one query: `columns`, `types`, `rows`; or `error`."""


class Reader(Protocol):
    """What the hub needs of ClickHouse."""

    async def query(self, sql: str) -> Frame:
        """Runs a query."""


@dataclass
class Source:
    """How the ClickHouse server fares."""

    since: datetime | None = None
    """When it was first missed; None while it answers."""
    reason: str = ""


@dataclass
class _Reading:
    """What is known of one query: the last result, the round in which it last changed, and when and after what it was read."""

    result: Result = field(default_factory=dict)
    changed: int = 0
    read_at: float | None = None
    costs_s: deque[float] = field(default_factory=lambda: deque(maxlen=_COSTS))
    after: tuple[int, int] = (-1, -1)
    """What the probe said before it was read."""


@dataclass
class Hub:
    """The state that all viewers share. `run` drives it; everything happens on one event loop."""

    definition: Definition
    reader: Reader
    refresh_s: float
    clock: Callable[[], datetime] = now
    metrics: Metrics | None = None
    source: Source = field(default_factory=Source)
    refreshed_us: int = 0
    """When `indicator_now` was last written, microseconds since the epoch; 0: never."""
    round: int = 0
    """Counts the rounds; each ends in an event to every viewer."""

    def __post_init__(self) -> None:
        self._readings = {query.sql: _Reading() for query in self.definition.queries}
        self._round_at: float | None = None
        self._viewers = 0
        self._asked = asyncio.Event()
        self._turn = asyncio.Condition()

    async def run(self) -> None:
        """Runs rounds; ends by cancellation."""
        while True:
            await self._wanted()
            before = asyncio.get_running_loop().time()
            await self.read()
            pause = min(_RETRY_S, self.refresh_s) if self.source.since else self.refresh_s
            await asyncio.sleep(max(0.05, pause - (asyncio.get_running_loop().time() - before)))

    async def _wanted(self) -> None:
        if self._viewers:
            return
        self._asked.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), _IDLE_S)

    async def read(self) -> None:
        """One round: asks whether there is anything new, reads what is due, and tells the viewers."""
        self._round_at = asyncio.get_running_loop().time()
        try:
            refreshed, figures = (int(value or 0) for value in (await self.reader.query(PROBE)).rows[0])
            await self._read_due((refreshed, figures))
            self.refreshed_us = refreshed
            self.source = Source()
        except (RetriableError, RefusedError) as error:
            self.source = Source(self.source.since or self.clock(), str(error))
            if self.metrics:
                self.metrics.errors.labels("wall", "retriable").inc()
        if self.metrics:
            self.metrics.seconds.labels("wall", "round").observe(asyncio.get_running_loop().time() - self._round_at)
        async with self._turn:
            self.round += 1
            self._turn.notify_all()

    def _is_due(self, sql: str, probed: tuple[int, int]) -> bool:
        reading = self._readings[sql]
        if reading.read_at is None or "error" in reading.result:
            return True
        age = asyncio.get_running_loop().time() - reading.read_at
        if age >= _AT_LEAST_S:
            return True
        changed = probed[1] != reading.after[1]
        if any(view in sql for view in _HISTORY):
            return changed and age >= min(min(reading.costs_s) / _SHARE, _AT_MOST_S)
        return changed or (probed != reading.after and age >= _HEARTBEAT_ROUNDS * self.refresh_s)

    async def _read_due(self, probed: tuple[int, int]) -> None:
        """Equal SQL is run once; a query that is refused is its own panel's matter."""
        permits = asyncio.Semaphore(_AT_ONCE)
        loop = asyncio.get_running_loop()

        async def one(sql: str) -> None:
            async with permits:
                began = loop.time()
                result: Result
                try:
                    frame = await self.reader.query(sql)
                    result = {"columns": frame.columns, "types": frame.types, "rows": frame.rows}
                except RefusedError as error:
                    result = {"error": str(error)}
            reading = self._readings[sql]
            reading.read_at, reading.after = loop.time(), probed
            reading.costs_s.append(reading.read_at - began)
            if reading.result != result:
                reading.result, reading.changed = result, self.round + 1

        due = [one(sql) for sql in self._readings if self._is_due(sql, probed)]
        for outcome in await asyncio.gather(*due, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    def event(self, since: int = 0) -> dict[str, Any]:
        """What a viewer is told: state, and the results that changed after round `since` (0: all), by panel and query."""
        panels: dict[str, dict[str, Result]] = {}
        for query in self.definition.queries:
            reading = self._readings[query.sql]
            if reading.changed > since:
                panels.setdefault(str(query.panel), {})[query.ref] = reading.result
        missed = self.source.since
        return {
            "now": self.clock().timestamp(),
            "digest": self.definition.digest,
            "refresh_s": self.refresh_s,
            "refreshed": self.refreshed_us / 1e6 or None,
            "missed_since": missed.timestamp() if missed else None,
            "missed_reason": self.source.reason,
            "panels": panels,
        }

    async def events(self) -> AsyncGenerator[dict[str, Any], None]:
        """Events for one viewer, from the whole state on; every round gives one."""
        self._viewers += 1
        self._asked.set()
        try:
            told = 0
            if self.round:
                told = self.round
                yield self.event()
            while True:
                async with self._turn:
                    while self.round <= told:
                        await self._turn.wait()
                since, told = told, self.round
                yield self.event(since)
        finally:
            self._viewers -= 1

    async def once(self) -> dict[str, Any]:
        """The whole state; read anew if nobody looks and it is older than an interval."""
        loop = asyncio.get_running_loop()
        old = self._round_at is None or loop.time() - self._round_at > self.refresh_s
        if not self._viewers and old:
            await self.read()
        return self.event()
