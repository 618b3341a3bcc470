"""One round of queries for all viewers, no more of them than there is news for, and outages that end by themselves."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboards.wall import hub as hub_module
from dashboards.wall.clickhouse import Frame, RefusedError
from dashboards.wall.definition import Definition, Query
from dashboards.wall.hub import PROBE, Hub
from ioc.errors import RetriableError

NOW = "SELECT value FROM indicator_now"
PAST = "SELECT value FROM indicator_values"
OTHER = "SELECT other FROM indicator_now"
QUERIES = (Query(1, "A", NOW), Query(1, "B", PAST), Query(2, "A", NOW), Query(3, "A", OTHER))


class Answers:
    """A reader that answers from what the test has set."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.probe = (1, 1)
        self.values: dict[str, Any] = {NOW: 1, PAST: 2, OTHER: 3}
        self.away = False

    async def query(self, sql: str) -> Frame:
        self.asked[sql] += 1
        if self.away:
            raise RetriableError("connection refused")
        if sql == PROBE:
            return Frame(["refreshed", "figures"], ["Int64", "UInt64"], [list(self.probe)])
        if isinstance(self.values[sql], str):
            raise RefusedError(self.values[sql])
        return Frame(["value"], ["Int64"], [[self.values[sql]]])


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def hub(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(hub_module, "_SHARE", 1e9)
    definition = Definition({}, QUERIES, "digest")
    return Hub(definition, answers, refresh_s=0.01, clock=lambda: datetime(2026, 11, 22, 1, 15, tzinfo=UTC))


async def test_equal_queries_run_once(hub: Hub, answers: Answers) -> None:
    await hub.read()
    assert answers.asked == {PROBE: 1, NOW: 1, PAST: 1, OTHER: 1}
    panels = hub.event()["panels"]
    assert panels["1"]["A"] == panels["2"]["A"] == {"columns": ["value"], "types": ["Int64"], "rows": [[1]]}
    assert panels["1"]["B"]["rows"] == [[2]]


async def test_no_news_no_queries(hub: Hub, answers: Answers) -> None:
    await hub.read()
    await hub.read()
    assert answers.asked[NOW] == answers.asked[PAST] == 1


async def test_a_heartbeat_reads_the_present_and_a_figure_also_the_past(hub: Hub, answers: Answers) -> None:
    await hub.read()
    answers.probe = (2, 1)
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (1, 1), "an age alone can wait some rounds"
    hub.refresh_s = 0.0
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (2, 1)
    answers.probe = (3, 2)
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (3, 2)


async def test_dear_queries_wait(hub: Hub, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_SHARE", 1e-9)
    await hub.read()
    answers.probe = (2, 2)
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (2, 1)
    monkeypatch.setattr(hub_module, "_AT_MOST_S", 0.0)
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (2, 2)


async def test_only_what_changed_is_told(hub: Hub, answers: Answers) -> None:
    await hub.read()
    told = hub.round
    answers.probe = (2, 2)
    answers.values[OTHER] = 4
    await hub.read()
    assert hub.event(told)["panels"] == {"3": {"A": {"columns": ["value"], "types": ["Int64"], "rows": [[4]]}}}


async def test_a_refused_query_costs_its_own_panel_only(hub: Hub, answers: Answers) -> None:
    answers.values[OTHER] = "Code: 60. Unknown table"
    await hub.read()
    event = hub.event()
    assert event["panels"]["3"]["A"] == {"error": "Code: 60. Unknown table"}
    assert event["panels"]["1"]["A"]["rows"] == [[1]]
    assert event["missed_since"] is None
    answers.values[OTHER] = 5
    await hub.read()
    assert hub.event()["panels"]["3"]["A"]["rows"] == [[5]], "a refused query is asked again without any news"


async def test_outage_keeps_the_figures_and_its_beginning(hub: Hub, answers: Answers) -> None:
    await hub.read()
    answers.away = True
    await hub.read()
    first = hub.event()
    hub.clock = lambda: datetime(2026, 11, 22, 1, 16, tzinfo=UTC)
    await hub.read()
    second = hub.event()
    assert first["missed_since"] == second["missed_since"] == datetime(2026, 11, 22, 1, 15, tzinfo=UTC).timestamp()
    assert second["missed_reason"] == "connection refused"
    assert second["panels"]["1"]["A"]["rows"] == [[1]]
    answers.away = False
    answers.probe = (5, 5)
    await hub.read()
    assert hub.event()["missed_since"] is None
    assert hub.event()["refreshed"] == 5e-6


async def test_every_viewer_gets_every_round_from_one_set_of_queries(hub: Hub, answers: Answers) -> None:
    running = asyncio.create_task(hub.run())
    streams = [hub.events() for _ in range(5)]
    try:
        for expected in range(1, 4):
            events = await asyncio.wait_for(asyncio.gather(*(anext(stream) for stream in streams)), 5)
            assert all(set(event["panels"]) == ({"1", "2", "3"} if expected == 1 else set()) for event in events)
    finally:
        running.cancel()
        for stream in streams:
            await stream.aclose()
    assert answers.asked[NOW] == 1
    assert answers.asked[PROBE] < 5 * 3, "rounds are shared, not run for each viewer"
