"""Runs every panel's query once an interval and holds the results for all viewers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from dashboards.wall.clickhouse import Frame, RefusedError
from dashboards.wall.definition import Definition
from ioc.clock import now
from ioc.errors import RetriableError
from ioc.metrics import Metrics

PROBE = "SELECT toUnixTimestamp64Micro(max(refreshed_at)) AS refreshed FROM indicator_now"
"""Tells whether there can be anything new; microseconds since the epoch, 0 for an empty table."""

_AT_LEAST_S = 60.0
"""Panels are read again after so long even if nothing was refreshed: days change, and tables that the probe does not see."""
_AT_ONCE = 2
"""Queries that run side by side."""
_RETRY_S = 2.0
_IDLE_S = 30.0
"""Without a viewer for so long, nothing is read."""

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
        self._results: dict[str, Result] = {}
        self._changed: dict[str, int] = {}
        self._read_at: float | None = None
        self._complete = False
        self._viewers = 0
        self._asked = asyncio.Event()
        self._turn = asyncio.Condition()

    async def run(self) -> None:
        """Reads for as long as anyone looks; ends by cancellation."""
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
        """One round: asks whether there is anything new, reads all panels if so, and tells the viewers."""
        began = asyncio.get_running_loop().time()
        try:
            frame = await self.reader.query(PROBE)
            refreshed = int(frame.rows[0][0] or 0)
            if self._is_due(refreshed):
                await self._read_panels()
                self._read_at = asyncio.get_running_loop().time()
            self.refreshed_us = refreshed
            self.source = Source()
        except (RetriableError, RefusedError) as error:
            since = self.source.since or self.clock()
            self.source = Source(since, str(error))
            self._complete = False
            if self.metrics:
                self.metrics.errors.labels("wall", "retriable").inc()
        if self.metrics:
            self.metrics.seconds.labels("wall", "round").observe(asyncio.get_running_loop().time() - began)
        async with self._turn:
            self.round += 1
            self._turn.notify_all()

    def _is_due(self, refreshed: int) -> bool:
        if not self._complete or self._read_at is None or refreshed != self.refreshed_us:
            return True
        return asyncio.get_running_loop().time() - self._read_at >= _AT_LEAST_S

    async def _read_panels(self) -> None:
        """Equal SQL is run once; a query that is refused is its own panel's matter."""
        permits = asyncio.Semaphore(_AT_ONCE)

        async def one(sql: str) -> tuple[str, Result]:
            async with permits:
                try:
                    frame = await self.reader.query(sql)
                except RefusedError as error:
                    return sql, {"error": str(error)}
                return sql, {"columns": frame.columns, "types": frame.types, "rows": frame.rows}

        answers = await asyncio.gather(
            *(one(sql) for sql in dict.fromkeys(query.sql for query in self.definition.queries)), return_exceptions=True
        )
        found: dict[str, Result] = {}
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            found[answer[0]] = answer[1]
        for sql, result in found.items():
            if self._results.get(sql) != result:
                self._results[sql] = result
                self._changed[sql] = self.round + 1
        self._complete = not any("error" in result for result in found.values())

    def event(self, since: int = 0) -> dict[str, Any]:
        """What a viewer is told: state, and the results that changed after round `since` (0: all), by panel and query."""
        panels: dict[str, dict[str, Result]] = {}
        for query in self.definition.queries:
            if query.sql in self._results and self._changed[query.sql] > since:
                panels.setdefault(str(query.panel), {})[query.ref] = self._results[query.sql]
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

    async def events(self) -> AsyncIterator[dict[str, Any]]:
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
        old = self._read_at is None or loop.time() - self._read_at > self.refresh_s
        if not self._viewers and old:
            await self.read()
        return self.event()
