"""Citations are worked out once for all who open them, one at a time, and kept when they are settled; figures by hand."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dashboards.wall.cited.citation import Address, CiteError
from dashboards.wall.cited.citations import Citations
from dashboards.wall.cited.figure import (
    Facts,
    Figure,
    Part,
    Period,
    composite_of,
    figure_of,
    freshness_of,
    searched,
    start_of,
    status_of,
)
from dashboards.wall.question import Frame, Question
from dashboards.wall.shelf import CrowdedError
from ioc.errors import RetriableError

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
AT = int(NOW.timestamp()) - 2 * 3600
FACTS: dict[str, Any] = {
    "code": "DVC-001", "name": "Hồ sơ tiếp nhận", "event": "dossier", "mode": "flow", "period": "month", "levels": ["province"],
    "direction": "up", "unit_of_measure": "dossier", "warning_margin": 5, "freshness_minutes": 15, "responsible": "Văn phòng",
    "divided": False, "multiplier": 1, "divisor": 1, "native": "", "additivity": "", "over_time": "", "unit_name": "Tỉnh",
    "level": "province", "target": 100.0, "target_document": "",
}  # fmt: skip


def facts(**more: Any) -> Facts:
    return Facts(**(FACTS | more))


class Server:
    """Answers what a flow's citation asks; counts, and knows how many questions were under way at once."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.at_once = self.most = 0
        self.away = False

    async def ask(self, question: Question) -> Frame:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(0)
            if self.away:
                raise RetriableError("connection refused")
            return self._answer(question.text)
        finally:
            self.at_once -= 1

    def _answer(self, sql: str) -> Frame:
        for name, columns, types, rows in (
            ("_cited(", ["day", "numerator", "denominator", "reports"], ["Nullable(Date)", *["Int64"] * 3], [["2026-11-02", "7", "0", "0"]]),
            ("_changes(", ["reason", "entities", "numerator", "denominator"], ["String", *["Int64"] * 3], [["new", "2", "2", "0"]]),
            ("version_reads", ["kind", "first", "last"], ["String", "UInt32", "UInt32"], [["dossier", 1, AT - 60]]),
            ("indicator_now", ["code"], ["String"], []),
            ("flow_period", ["value"], ["Float64"], []),
            ("FROM indicators", list(FACTS), ["String"] * len(FACTS), [list(FACTS.values())]),
        ):  # fmt: skip
            if name in sql:
                self.asked[name] += 1
                return Frame(columns, types, rows)
        raise AssertionError(sql)


async def _pages(citations: Citations, *addresses: Address) -> list[Any]:
    return list(await asyncio.gather(*(citations.page(address) for address in addresses), return_exceptions=True))


def address(at: int = AT, code: str = "DVC-001") -> Address:
    return Address(code, "P", at)


def test_all_who_open_one_ask_once_and_it_is_kept() -> None:
    async def work() -> None:
        server = Server()
        citations = Citations(server, lambda: NOW)
        pages = await _pages(citations, *[address()] * 50)
        assert {page["then"]["value"] for page in pages} == {7.0}
        assert (server.asked["_cited("], server.asked["indicator_now"]) == (1, 1)
        await _pages(citations, *[address()] * 3)
        assert await citations.changes(address()) == [
            {"reason": "Mới ghi nhận", "entities": 2, "numerator": 2, "denominator": 0}
        ]
        assert (server.asked["_cited("], server.asked["_changes("]) == (1, 1)

    asyncio.run(work())


def test_one_at_a_time_and_not_more_than_can_wait() -> None:
    async def work() -> None:
        server = Server()
        citations = Citations(server, lambda: NOW)
        pages = await _pages(citations, *(address(AT - number) for number in range(30)))
        assert server.most == 1
        assert sum(isinstance(page, CrowdedError) for page in pages) == 10
        assert sum(isinstance(page, dict) for page in pages) == 20

    asyncio.run(work())


def test_a_failure_is_not_kept_and_a_viewer_who_leaves_ends_nobody_elses() -> None:
    async def work() -> None:
        server = Server()
        citations = Citations(server, lambda: NOW)
        server.away = True
        (failed,) = await _pages(citations, address())
        assert isinstance(failed, RetriableError)
        server.away = False
        leaving = asyncio.create_task(citations.page(address()))
        staying = asyncio.create_task(citations.page(address()))
        await asyncio.sleep(0)
        leaving.cancel()
        assert (await staying)["then"]["numerator"] == 7
        assert server.asked["_cited("] == 1

    asyncio.run(work())


def test_what_is_to_come_is_refused_and_what_is_not_settled_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.wall.cited.citations._FRESH_S", -1.0)

    async def work() -> None:
        server = Server()
        citations = Citations(server, lambda: NOW)
        with pytest.raises(CiteError, match="chưa đến"):
            await citations.page(address(int(NOW.timestamp()) + 1))
        for at, times in ((int(NOW.timestamp()) - 60, 2), (AT, 1)):
            server.asked.clear()
            await citations.page(address(at))
            await citations.page(address(at))
            assert server.asked["_cited("] == times

    asyncio.run(work())


def test_periods_begin_where_the_calendar_says() -> None:
    day = date(2026, 11, 22)
    starts = {grain: start_of(grain, day) for grain in ("day", "week", "month", "quarter", "year", "to_date")}
    assert starts == {
        "day": day, "week": date(2026, 11, 16), "month": date(2026, 11, 1), "quarter": date(2026, 10, 1),
        "year": date(2026, 1, 1), "to_date": date(1970, 1, 1),
    }  # fmt: skip
    # 18:00 UTC of the 30th is the 1st of December in Viet Nam.
    late = int(datetime(2026, 11, 30, 18, tzinfo=UTC).timestamp())
    assert searched(facts(), late) == Period("month", date(2026, 12, 1), date(2026, 12, 1))
    assert searched(facts(mode="age"), late) is None
    assert searched(facts(mode="report", native="quarter"), late) == Period(
        "quarter", date(1970, 1, 1), date(2026, 12, 1)
    )


def test_a_report_is_that_of_the_last_period_that_has_any() -> None:
    one = facts(mode="report", period="year", native="month", additivity="sum", over_time="sum", divisor=1000)
    period = searched(one, AT)
    rows = [["2025-12-01", 9000, 0, 1], ["2026-01-01", 1000, 0, 1], ["2026-03-01", 2000, 0, 2], ["2026-05-01", 0, 0, 0]]
    found = figure_of(one, rows, period)
    assert (found.value, found.reported, found.period) == (3.0, 3, Period("year", date(2026, 1, 1), date(2026, 11, 23)))
    last = figure_of(facts(**(vars(one) | {"over_time": "last"})), rows, period)
    assert (last.value, last.reported, last.due) == (2.0, 2, (date(2026, 3, 1),))
    assert found.due == tuple(date(2026, month, 1) for month in range(1, 12)), "those that had begun"
    assert figure_of(facts(**(vars(one) | {"over_time": "last", "additivity": "none"})), rows, period).value is None
    assert figure_of(one, [], period) == Figure(None, 0, None, found.period, 0, due=(date(2026, 1, 1),))


def test_a_share_of_nothing_has_no_value_and_status_keeps_to_the_margin() -> None:
    share = facts(divided=True, multiplier=100)
    assert figure_of(share, [[None, 0, 0, 0]], None).value is None
    assert figure_of(share, [[None, 1, 4, 0], [None, 1, 4, 0]], None).value == 25.0
    for value, up, down in (
        (100, "good", "good"),
        (95, "warning", "good"),
        (94, "bad", "good"),
        (105, "good", "warning"),
        (106, "good", "bad"),
    ):
        figure = Figure(value, 0, None, None)
        assert (status_of(facts(), figure), status_of(facts(direction="down"), figure)) == (up, down)
    assert status_of(facts(target=None), Figure(1, 0, None, None)) == "none"
    incomplete = Figure(100, 0, None, None, 1, 2)
    assert status_of(facts(mode="report", additivity="sum"), incomplete) == "none"
    assert status_of(facts(mode="report", additivity="none"), incomplete) == "good"


def test_a_composite_leaves_out_what_has_no_value() -> None:
    parts = [Part("A", "", 100_000, 0, 50), Part("B", "", 50_000, 10, 0), Part("C", "", 10_000, 0, 1)]
    assert composite_of(parts, {"A": 25.0, "B": 20.0, "C": None}) == Figure(5.0, 50_000, 150_000, None, 2, 3)
    assert composite_of(parts, {}).value is None


def test_an_age_is_judged_by_what_the_indicator_allows() -> None:
    ages = {minutes: freshness_of(facts(), AT, AT - minutes * 60) for minutes in (15, 16, 45, 46)}
    assert ages == {15: "fresh", 16: "late", 45: "late", 46: "stale"}
    assert freshness_of(facts(), AT, 0) == "no_data"
