"""A figure as it was known at a moment is what `indicator_now` showed then, whatever was corrected or came late since."""

import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser

from dashboards.nature import Nature, nature_of
from dashboards.vocabulary import DECIMALS
from dashboards.wall.cited.citation import Address, CiteError, Then, judged, then
from dashboards.wall.clickhouse import ClickHouse
from dashboards.wall.question import Frame, Question
from ioc.contracts.decoder import decoder
from sinks.clickhouse.client import Client
from sinks.clickhouse.oracle import grains, query
from sinks.compare import only
from sinks.sealing import Sealing
from tests.browser import HD, screenshot
from tests.clickhouse_front import FrontProcess
from tests.integration.truth_world import World, build, reports, store, units, versions
from tests.wall_world import CATALOGUE, PROVINCE, ROOT_UNIT, WallProcess
from tests.wall_world import World as Served

DATABASE = "cited"
CODES = (
    "DVC-001",
    "DVC-012",
    "DVC-003",
    "DVC-004",
    "VB-001",
    "VB-030",
    "VB-010",
    "CC-009",
    "KT-002",
    "DVC-059",
    "YT-006",
)
SHOWN = (
    "SELECT code, unit, value, numerator, denominator, reported, expected, toString(status), target, provisional, "
    f"toString(period_start) FROM {DATABASE}.indicator_now WHERE level IN ('province', 'department', 'commune')"
)
Row = tuple[Any, ...]


@dataclass
class Cited:
    """What the wall showed at a moment, and what it shows after corrections and late data."""

    served: Served
    at: int
    then: dict[tuple[str, str], Row]
    now: dict[tuple[str, str], Row]


@pytest.fixture(scope="module")
def cited(clickhouse_front: FrontProcess) -> Iterator[Cited]:
    served = Served(clickhouse_front, DATABASE)
    with Client(served.settings, served.settings.admin) as client:
        world = build(client, DATABASE, only(CATALOGUE, CODES), PROVINCE, entities=40)
        at = int(datetime.now(UTC).timestamp())
        before = shown(client)
        later = datetime.fromtimestamp(at + 1, UTC)
        correct(world, later)
        yield Cited(served, at, before, shown(client))


def shown(client: Client) -> dict[tuple[str, str], Row]:
    return {(row[0], row[1]): row[2:] for row in client.query(SHOWN)}


def correct(world: World, later: datetime) -> None:
    """Entities change, move, go and come, some by versions of long ago; then all is read once more, and folded."""
    rnd = random.Random(2)
    kinds = sorted({rollup.kind for rollup in world.catalogue.compiled.rollups.values()})
    for kind in kinds:
        if kind == "statistic":
            log = decoder(kind)(msgspec.json.encode(list(reports(world.catalogue, world.province, rnd, later))))
        else:
            log = list(versions(kind, rnd, 60, units(world.province), later))
        store(world, kind, log)
        history = f"{world.database}.{kind}_history"
        again = later + timedelta(seconds=1)
        world.client.execute(
            f"INSERT INTO {history} SELECT * REPLACE (toDateTime64('{again:%Y-%m-%d %H:%M:%S}', 6, 'UTC') AS observed_at) FROM {history}"
        )
        world.client.execute(f"OPTIMIZE TABLE {history} FINAL")
    world.client.execute(f"TRUNCATE TABLE {world.database}.partials")
    for rollup in world.catalogue.compiled.rollups.values():
        for grain in grains(rollup):
            world.client.execute(
                f"INSERT INTO {world.database}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures)\n"
                f"SELECT '{world.generation}', '{rollup.rollup_id}', '{grain}', unit, bucket, 0, 1, measures "
                f"FROM ({query(rollup, grain, world.database)})"
            )
    Sealing(world.client, world.database, world.catalogue.compiled, world.generation).round(again=True)
    world.refresh()


class Asking:
    """ClickHouse as the wall's own user; counts what is asked."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self.clickhouse, self.asked = clickhouse, 0

    async def ask(self, question: Question) -> Frame:
        self.asked += 1
        return await self.clickhouse.query(question.text)


def known(cited: Cited, *addresses: Address) -> list[Then]:
    async def all_of_them() -> list[Then]:
        async with ClickHouse(cited.served.settings) as clickhouse:
            return [await then(Asking(clickhouse), address) for address in addresses]

    return asyncio.run(all_of_them())


def natures(codes: Iterator[str] | set[str]) -> set[Nature]:
    return {nature_of(CATALOGUE.indicators[code]) for code in codes}


def sample(cited: Cited) -> list[tuple[str, str]]:
    """Of each indicator the province, and the units whose figure has changed most often among them."""
    moved = [key for key, row in cited.then.items() if cited.now[key] != row]
    found: dict[str, list[tuple[str, str]]] = {}
    for key in sorted(moved, key=lambda key: (key[1] != ROOT_UNIT, key)):
        found.setdefault(key[0], []).append(key)
    return [key for keys in found.values() for key in keys[:3]]


def test_a_figure_is_what_was_shown_at_the_moment(cited: Cited) -> None:
    keys = sample(cited)
    assert natures({code for code, _ in keys}) == {"flow", "state", "report", "composite"}
    assert len(keys) > 20
    for key, found in zip(keys, known(cited, *(Address(*key, cited.at) for key in keys)), strict=True):
        figure, (status, _) = found.figure, judged(found, cited.at)
        period = figure.period.first.isoformat() if figure.period else cited.then[key][8]
        row = (
            figure.value, figure.numerator, figure.denominator, figure.reported, figure.expected, status,
            found.facts.target, figure.provisional, period,
        )  # fmt: skip
        assert row == cited.then[key], key
        assert row != cited.now[key]
        assert 0 < found.read_at <= cited.at


def test_what_changed_since_adds_up_to_the_difference(cited: Cited) -> None:
    keys = [key for key in sample(cited) if nature_of(CATALOGUE.indicators[key[0]]) in ("flow", "state")]
    with wall(cited) as process:
        for code, unit in keys[:6]:
            query = {"code": code, "unit": unit, "at": str(cited.at)}
            page = httpx.get(f"{process.url}/api/cited", params=query, timeout=60).json()
            assert (page["then"]["value"], page["today"]["value"]) == (
                cited.then[code, unit][0],
                cited.now[code, unit][0],
            )
            changes = httpx.get(f"{process.url}/api/cited/changes", params=query, timeout=60).json()
            assert changes
            assert sum(one["numerator"] for one in changes) == page["today"]["numerator"] - page["then"]["numerator"], (
                code,
                unit,
            )
            assert all(one["entities"] > 0 and one["reason"][0].isupper() for one in changes)


def test_what_cannot_be_cited_is_said_in_words(cited: Cited) -> None:
    def refused(**given: str) -> str:
        answer = httpx.get(
            f"{process.url}/api/cited", params={"code": "DVC-001", "unit": ROOT_UNIT, "at": str(cited.at)} | given
        )
        assert answer.status_code == 404
        words = answer.json()["error"]
        assert isinstance(words, str)
        return words

    with wall(cited) as process:
        assert "Không có chỉ tiêu XX-999" in refused(code="XX-999")
        assert "đơn vị '; DROP" in refused(unit="'; DROP TABLE x; --")
        assert "chưa đến" in refused(at=str(int(datetime.now(UTC).timestamp()) + 86_400))
        assert "trước lần đọc đầu tiên" in refused(at="1000000000")
        for wrong in ("", "-5", "1e9", "hôm nay", "9" * 30):
            assert "thời điểm" in refused(at=wrong)
        facility = next(unit.code for unit in PROVINCE.unit if unit.level == "facility")
        assert "không tính cho cấp" in refused(unit=facility)
        short = httpx.get(f"{process.url}/cite", params={"code": "XX-999", "unit": ROOT_UNIT, "at": str(cited.at)})
        assert (short.status_code, "Không có chỉ tiêu" in short.text) == (404, True)


def test_a_moment_before_a_source_was_read_is_refused_by_the_name_of_the_reason(cited: Cited) -> None:
    with pytest.raises(CiteError, match="trước lần đọc đầu tiên"):
        known(cited, Address("DVC-001", ROOT_UNIT, cited.at - 400 * 86_400))


def test_the_link_opened_shows_then_and_today_and_what_changed(cited: Cited, browser: Browser) -> None:
    keys = {nature_of(CATALOGUE.indicators[key[0]]): key for key in reversed(sample(cited))}
    with wall(cited) as process:
        page = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
        page.set_default_timeout(60_000)
        for nature, (code, unit) in keys.items():
            page.goto(f"{process.url}/cite?code={code}&unit={unit}&at={cited.at}")
            assert f"/d/ioc-indicator-{nature}" in page.url
            page.wait_for_selector("#sheet[open] .as-cited[data-done]")
            cells = page.locator("#sheet .as-cited tbody tr").first.locator("td").all_inner_texts()
            before, after = cited.then[code, unit][0], cited.now[code, unit][0]
            nearest = 0.51 / 10 ** DECIMALS[CATALOGUE.indicators[code].unit]
            for said, value in zip(cells[1:], (before, after), strict=True):
                if value is None:
                    assert said == "Không có dữ liệu"
                else:
                    assert figure(said) == pytest.approx(value, abs=nearest), (code, unit)
            assert "Liên kết này trích dẫn số liệu lúc" in page.locator("#sheet .cited").inner_text()
            if nature == "composite":
                assert "Các thành phần" in page.locator("#sheet .as-cited").inner_text()
            elif nature != "report":
                assert page.locator("#sheet table.changes tbody tr").count() > 0
            screenshot(page, f"cited-{nature}")
        page.close()


def figure(text: str) -> float:
    """A Vietnamese figure: 1.234,5."""
    found = re.search(r"-?[\d.]+(?:,\d+)?", text)
    assert found, text
    return float(found[0].replace(".", "").replace(",", "."))


def wall(cited: Cited) -> WallProcess:
    directory = cited.served.front.directory / f"wall-{random.randrange(10**9)}"
    directory.mkdir()
    return WallProcess(cited.served, directory)
