"""One round of queries for all viewers, no more of them than there is news for, and outages that end by themselves."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboards.wall import reading as reading_module
from dashboards.wall.hub import PROBE, Hub
from dashboards.wall.question import Frame, Question, RefusedError
from dashboards.wall.view import Query, View
from ioc.errors import RetriableError

NOW = "SELECT value FROM indicator_now"
PAST = "SELECT value FROM indicator_values"
OTHER = "SELECT other FROM indicator_now"
ASKED = (("1", "A", NOW), ("1", "B", PAST), ("2", "A", NOW), ("3", "A", OTHER))
VIEW = View(("ioc-wall",), "digest", tuple(Query(panel, ref, Question(sql)) for panel, ref, sql in ASKED))


class Answers:
    """A reader that answers from what the test has set."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.probe = (1, 1)
        self.values: dict[str, Any] = {NOW: 1, PAST: 2, OTHER: 3}
        self.away = False
        self.lost: set[str] = set()

    async def ask(self, question: Question) -> Frame:
        sql = question.text
        self.asked[sql] += 1
        if self.away or sql in self.lost:
            raise RetriableError("connection refused")
        if sql == PROBE.text:
            return Frame(["refreshed", "figures"], ["Int64", "UInt64"], [list(self.probe)])
        if isinstance(self.values[sql], str):
            raise RefusedError(self.values[sql])
        return Frame(["value"], ["Int64"], [[self.values[sql]]])


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def hub(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(reading_module, "_SHARE", 1e9)
    made = Hub(answers, refresh_s=0.01, clock=lambda: datetime(2026, 11, 22, 1, 15, tzinfo=UTC))
    made.shelf.enter(VIEW, 0.0)
    return made


async def test_equal_queries_run_once(hub: Hub, answers: Answers) -> None:
    await hub.read()
    assert answers.asked == {PROBE.text: 1, NOW: 1, PAST: 1, OTHER: 1}
    panels = hub.event(VIEW)["panels"]
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
    monkeypatch.setattr(reading_module, "_SHARE", 1e-9)
    await hub.read()
    answers.probe = (2, 2)
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (2, 1)
    monkeypatch.setattr(reading_module, "_AT_MOST_S", 0.0)
    await hub.read()
    assert (answers.asked[NOW], answers.asked[PAST]) == (2, 2)


async def test_only_what_changed_is_told(hub: Hub, answers: Answers) -> None:
    await hub.read()
    told = hub.round
    answers.probe = (2, 2)
    answers.values[OTHER] = 4
    await hub.read()
    assert hub.event(VIEW, told)["panels"] == {"3": {"A": {"columns": ["value"], "types": ["Int64"], "rows": [[4]]}}}


async def test_a_refused_query_costs_its_own_panel_only(hub: Hub, answers: Answers) -> None:
    answers.values[OTHER] = "Code: 60. Unknown table"
    await hub.read()
    event = hub.event(VIEW)
    assert event["panels"]["3"]["A"] == {"error": "Code: 60. Unknown table"}
    assert event["panels"]["1"]["A"]["rows"] == [[1]]
    assert event["missed_since"] is None
    answers.values[OTHER] = 5
    await hub.read()
    assert hub.event(VIEW)["panels"]["3"]["A"]["rows"] == [[5]], "a refused query is asked again without any news"


async def test_outage_keeps_the_figures_and_its_beginning(hub: Hub, answers: Answers) -> None:
    await hub.read()
    answers.away = True
    await hub.read()
    first = hub.event(VIEW)
    hub.clock = lambda: datetime(2026, 11, 22, 1, 16, tzinfo=UTC)
    await hub.read()
    second = hub.event(VIEW)
    assert first["missed_since"] == second["missed_since"] == datetime(2026, 11, 22, 1, 15, tzinfo=UTC).timestamp()
    assert second["missed_reason"] == "connection refused"
    assert second["panels"]["1"]["A"]["rows"] == [[1]]
    answers.away = False
    answers.probe = (5, 5)
    await hub.read()
    assert hub.event(VIEW)["missed_since"] is None
    assert hub.event(VIEW)["refreshed"] == 5e-6


async def test_every_viewer_gets_every_round_from_one_set_of_queries(hub: Hub, answers: Answers) -> None:
    running = asyncio.create_task(hub.run())
    streams = [hub.events(VIEW) for _ in range(5)]
    try:
        for expected in range(1, 4):
            events = await asyncio.wait_for(asyncio.gather(*(anext(stream) for stream in streams)), 5)
            assert all(set(event["panels"]) == ({"1", "2", "3"} if expected == 1 else set()) for event in events)
    finally:
        running.cancel()
        for stream in streams:
            await stream.aclose()
    assert answers.asked[NOW] == 1
    assert answers.asked[PROBE.text] < 5 * 3, "rounds are shared, not run for each viewer"


async def test_what_is_pinned_is_read_before_anybody_comes(answers: Answers) -> None:
    hub = Hub(answers, refresh_s=0.01)
    hub.shelf.pin(VIEW)
    running = asyncio.create_task(hub.run())
    try:
        await asyncio.sleep(0.2)
        assert hub.round == 1, "and the next one waits for somebody, or half a minute"
        stream = hub.events(VIEW)
        first = await asyncio.wait_for(anext(stream), 5)
        await stream.aclose()
    finally:
        running.cancel()
    assert set(first["panels"]) == {"1", "2", "3"}
    assert answers.asked[NOW] == 1


async def test_fifty_viewers_of_ten_views_cost_what_ten_viewers_cost(hub: Hub, answers: Answers) -> None:
    other = View(
        ("ioc-unit", "unit=U1"), "digest", (Query("1", "A", Question(NOW)), Query("2", "A", Question("SELECT own")))
    )
    answers.values["SELECT own"] = 7
    await hub.read()
    running = asyncio.create_task(hub.run())
    streams = [hub.events(view) for view in (VIEW, other) for _ in range(25)]
    try:
        firsts = await asyncio.wait_for(asyncio.gather(*(anext(stream) for stream in streams)), 5)
        seconds = await asyncio.wait_for(asyncio.gather(*(anext(stream) for stream in streams)), 5)
    finally:
        running.cancel()
        for stream in streams:
            await stream.aclose()
    assert all(event["panels"]["1"]["A"]["rows"] == [[1]] for event in firsts)
    assert set(firsts[0]["panels"]) == {"1", "2", "3"}
    assert set(firsts[25]["panels"]) == {"1"}, "what others have read comes at once"
    assert seconds[25]["panels"]["2"]["A"]["rows"] == [[7]]
    assert set(seconds[25]["panels"]) == {"2"}, "and is not told twice"
    assert {sql: count for sql, count in answers.asked.items() if sql != PROBE.text} == {
        NOW: 1,
        PAST: 1,
        OTHER: 1,
        "SELECT own": 1,
    }


def long_view(answers: Answers, count: int = 30) -> View:
    """So many panels, each with a question of its own."""
    asked = [f"SELECT {number}" for number in range(count)]
    answers.values |= dict.fromkeys(asked, 1)
    return View(("ioc-long",), "digest", tuple(Query(sql, "A", Question(sql)) for sql in asked))


async def test_newcomers_one_after_another_have_each_question_asked_once(hub: Hub, answers: Answers) -> None:
    await hub.read()
    view = long_view(answers)
    streams = [hub.events(view) for _ in range(3)]
    first, second, third = streams
    await anext(first)
    await anext(second)
    for _ in range(3):
        await anext(first)
    for _ in range(3):
        await anext(second)
    assert set((await anext(third))["panels"]) == {query.panel for query in view.queries}
    for stream in streams:
        await stream.aclose()
    assert {answers.asked[query.panel] for query in view.queries} == {1}


async def test_an_outage_of_prometheus_is_its_own(hub: Hub, answers: Answers) -> None:
    question = Question("up", "prometheus", 3600)
    view = View(("ioc-pipeline",), "digest", (Query("1", "A", question), Query("2", "A", Question(NOW))))
    answers.values["up"] = 1
    hub.shelf.enter(view, 0.0)
    await hub.read()
    assert hub.event(view)["metrics_missed_since"] is None
    answers.lost.add("up")
    await hub.read()
    event = hub.event(view)
    assert event["metrics_missed_since"] == datetime(2026, 11, 22, 1, 15, tzinfo=UTC).timestamp()
    assert event["missed_since"] is None
    assert event["panels"]["1"]["A"]["rows"] == [[1]], "the last figures stay"
    assert hub.event(VIEW)["metrics_missed_since"] is None, "who does not read it need not know"
    answers.lost.clear()
    await hub.read()
    assert hub.event(view)["metrics_missed_since"] is None
    assert answers.asked["up"] == 3, "its window moves: it is asked in every round"


async def test_a_query_that_cannot_be_asked_says_why(hub: Hub) -> None:
    view = View(("x",), "digest", (Query("1", "A", None, "Chưa hỗ trợ: ${x:json}"),))
    hub.shelf.enter(view, 0.0)
    await hub.read()
    assert hub.event(view)["panels"] == {"1": {"A": {"error": "Chưa hỗ trợ: ${x:json}"}}}
