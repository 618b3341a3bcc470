"""One round over the history of states: late versions, the days that have ended since, a portion of earlier days.

Marks are stored after what they promise, and what is computed twice comes to the same, so a round may die anywhere.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ioc.catalogue.rollup import Compiled
from ioc.clock import local_day
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.late import touched
from sinks.clickhouse.seal import Days
from sinks.clickhouse.state_days import States, states_of
from sinks.looks import Look, Looker

FIRST_DAYS = 30
"""The newest days come first: what trends and previous periods are taken from."""

PORTION_DAYS = 400
"""So many days are computed at once."""

MOST_DAYS = 3660
"""No day before that is computed: one version of long ago would make years of days on which nothing changes."""


@dataclass(frozen=True)
class Mark:
    """Which days of a kind are there; all versions stored before `looked_at_ms` are in them, none was written after `changed_at_ms`."""

    first: int
    until: int
    looked_at_ms: int
    changed_at_ms: int


@dataclass
class Computed:
    """What a round did: days that were written, summed over the kinds; how many were so again because of late versions."""

    days: int = 0
    again: int = 0
    left: bool = False
    seconds: float = 0.0


class StateHistory:
    """Writes `state_days` of one generation, as often as asked; for one thread."""

    def __init__(self, client: Database, database: str, compiled: Compiled, generation: str) -> None:
        self._client, self._database, self._generation = client, database, generation
        self._states = states_of(compiled)
        self._lookers = {states.kind.name: Looker(states.kind.name) for states in self._states}

    def round(self, stopped: Callable[[], bool] = lambda: False) -> Computed:
        """One round over all kinds; `left` says that earlier days wait for the next one.

        Raises:
            RetriableError: the server is away or busy; the next round does what is left.
            FatalError: a table is missing.
        """
        begun, result = time.monotonic(), Computed()
        marks = self._marks()
        for states in self._states:
            if stopped():
                result.left = True
                break
            looker = self._lookers[states.kind.name]
            mark = marks.get(states.kind.name)
            look = looker.look(self._client, self._database, None if mark is None else mark.looked_at_ms)
            self._advance(states, mark, look, result)
            looker.done()
        result.seconds = time.monotonic() - begun
        return result

    def _advance(self, states: States, mark: Mark | None, look: Look, result: Computed) -> None:
        found = self._client.query(states.first_day(self._database))
        if not found:
            return
        today = local_day(look.at_ms // 1000)
        earliest = max(found[0][0], today - MOST_DAYS)
        if mark is None:
            mark = Mark(max(earliest, today - FIRST_DAYS), today, look.at_ms, look.at_ms)
            portions = [Days(mark.first, mark.until)]
        else:
            late = self._late(states, mark, look)
            result.again += len(late)
            before = max(earliest, mark.first - PORTION_DAYS)
            portions = [late, Days(mark.until, today), Days(before, mark.first)]
            changed_ms = look.at_ms if any(portions) else mark.changed_at_ms
            mark = Mark(min(mark.first, before), max(mark.until, today), look.at_ms, changed_ms)
        for days in portions:
            if days:
                self._compute(states, days, look, result)
        self._store(states.kind.name, mark)
        result.left |= mark.first > earliest

    def _late(self, states: States, mark: Mark, look: Look) -> Days:
        """Days that are there and that versions stored since the last look change."""
        if look.since_ms is None:
            return Days()
        condition = touched(states.kind.name, look.since_ms, look.rows, self._database)
        spans = self._client.query(states.late(look.since_ms, condition, mark.first, mark.until, self._database))
        return Days.of({day for begin, end in spans for day in range(begin, end)})

    def _compute(self, states: States, days: Days, look: Look, result: Computed) -> None:
        first, until = (days.listed[0], days.listed[-1] + 1) if days.listed else (days.first, days.until)
        self._client.execute(states.compute(days, first, until, self._generation, look.at_ms, self._database))
        result.days += len(days)

    def _marks(self) -> dict[str, Mark]:
        rows = self._client.query(
            "SELECT kind, from_day, until_day, toUnixTimestamp64Milli(looked_at), toUnixTimestamp64Milli(changed_at) "
            f"FROM {self._database}.state_marks FINAL WHERE generation = {quoted(self._generation)}"
        )
        return {kind: Mark(*mark) for kind, *mark in rows}

    def _store(self, kind: str, mark: Mark) -> None:
        row = {
            "generation": self._generation, "kind": kind, "from_day": mark.first, "until_day": mark.until,
            "looked_at": mark.looked_at_ms, "changed_at": mark.changed_at_ms, "revision": time.time_ns() // 1000,
        }  # fmt: skip
        self._client.insert(f"{self._database}.state_marks", list(row), [[value] for value in row.values()])
