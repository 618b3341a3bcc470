"""Any dashboard in a real browser: variables, links, marks, details, playlist, Prometheus, a tablet's size."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser import HD, screenshot, wait_round
from tests.integration.wall.test_wall_look import MEASURE
from tests.prometheus_server import prometheus
from tests.unit.dashboards.test_variables import HOSTILE
from tests.wall_boards import folder
from tests.wall_page import tile
from tests.wall_world import ROOT_UNIT, WallProcess, World

ONE = "/d/ioc-one"
TABLET = {"width": 768, "height": 1024}


@pytest.fixture(scope="module")
def boards(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallProcess]:
    directory = tmp_path_factory.mktemp("boards")
    world.heartbeat()
    with (
        prometheus(directory / "prometheus") as metrics,
        WallProcess(world, directory, folder(directory), settings={"IOC_WALL__PROMETHEUS_URL": metrics}) as process,
    ):
        yield process


@pytest.fixture
def page(browser: Browser, boards: WallProcess) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()
    assert complaints == []


def show(page: Page, boards: WallProcess, address: str) -> None:
    page.goto(boards.url + address)
    page.wait_for_function(
        "() => document.querySelector('.tile') && ![...document.querySelectorAll('.tile')].some(e => e.dataset.message === 'Đang tải…')"
    )


def columns(world: World, sql: str) -> list[Any]:
    return [row[0] for row in world.query(sql)]


def departments(world: World) -> list[tuple[Any, ...]]:
    return world.query(
        "SELECT unit_name, unit, value FROM indicator_now WHERE code = 'DVC-002' AND level = 'department' AND value IS NOT NULL "
        "ORDER BY value, unit_name"
    )


def test_listing_and_unknown_dashboards(boards: WallProcess, page: Page) -> None:
    listed = httpx.get(f"{boards.url}/api/dashboards").json()
    assert [(one["uid"], one["url"]) for one in listed] == [
        ("ioc-one", "/"),
        ("ioc-metrics", "/d/ioc-metrics"),
        ("", "/brief"),
    ]
    assert httpx.get(f"{boards.url}/d/ioc-one/mot-don-vi").status_code == 200
    for path in ("/d/none", "/api/dashboard?uid=none", "/api/frames?uid=none", "/api/playlist?name=none"):
        assert httpx.get(boards.url + path).status_code == 404, path
    page.goto(f"{boards.url}/d/none")
    page.wait_for_selector("text=Không có bảng số liệu none")
    assert page.get_attribute(".refusal a", "href") == "/"


def test_variables_choose_what_is_shown(boards: WallProcess, page: Page, world: World) -> None:
    show(page, boards, ONE)
    labels = page.locator("#bar label span").all_inner_texts()
    assert labels == ["Đơn vị", "Cấp", "Tìm", "Ngày khóa sổ"], "hidden ones are not there"
    options = page.locator("select[name=unit] option").all_inner_texts()
    assert len(options) == world.query("SELECT count() FROM units FINAL WHERE gone = 0")[0][0]
    name, unit, _ = departments(world)[0]
    assert tile(page, 2)["title"].startswith("Đúng hạn của ")
    selector = page.locator("#bar").get_by_label("Đơn vị")
    selector.focus()
    selector.select_option(unit)
    page.wait_for_url(re.compile(f"var-unit={re.escape(unit)}"))
    page.wait_for_function(
        "name => document.querySelector('[data-panel=\"2\"] h2')?.textContent.endsWith(name)", arg=name
    )
    show(page, boards, f"{ONE}?var-unit={unit}&var-level=commune")
    (value,) = columns(world, f"SELECT value FROM indicator_now WHERE code = 'DVC-012' AND unit = '{unit}'")
    shown = tile(page, 2)["figure"]
    assert shown is None if value is None else shown == f"{value:.1f}".replace(".", ",") + "%"
    assert page.input_value("select[name=level]") == "commune"
    assert len(tile(page, 4)["rows"]) == 40, "a constant that is a number stands bare in SQL"


@pytest.mark.parametrize("query", ["kiosk", "kiosk&var-level=commune"])
def test_an_unattended_screen_has_no_selectors(boards: WallProcess, page: Page, query: str) -> None:
    show(page, boards, f"{ONE}?{query}&rotate=0")
    assert not page.is_visible("#bar")
    assert page.locator("#bar select").count() == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(boards: WallProcess, text: str) -> None:
    panels = httpx.get(f"{boards.url}/api/frames", params={"uid": "ioc-one", "var-search": text}).json()["panels"]
    assert panels["6"]["A"]["rows"] == [[text, panels["6"]["A"]["rows"][0][1]]]
    assert int(panels["6"]["A"]["rows"][0][1]) == len(text.encode())
    assert panels["7"]["A"] == {"error": "${search}: chỉ dùng được dưới dạng ${search:sqlstring}"}
    for name in ("unit", "level", "count"):
        answer = httpx.get(f"{boards.url}/api/frames", params={"uid": "ioc-one", f"var-{name}": text})
        assert answer.status_code == 400, name
        assert "không có giá trị" in answer.json()["error"]


def test_links_lead_from_panels_bars_and_rows(boards: WallProcess, page: Page, world: World) -> None:
    show(page, boards, f"{ONE}?var-unit={ROOT_UNIT}")
    anchors = page.locator('[data-panel="2"] .anchors a')
    assert [anchors.nth(i).get_attribute("href") for i in range(anchors.count())] == [f"{ONE}?var-unit={ROOT_UNIT}"]
    first = departments(world)[0]
    bar = page.locator('[data-panel="3"] .bar a').first
    asked = parse_qs(urlsplit(bar.get_attribute("href") or "").query)
    assert asked == {"var-unit": [first[1]], "var-level": ["department"]}
    row = page.locator('[data-panel="4"] tbody tr').first
    unit = parse_qs(urlsplit(row.locator("a[href]").get_attribute("href") or "").query)["var-unit"][0]
    row.locator("td.number").click()
    page.wait_for_url(re.compile(f"var-unit={re.escape(unit)}"))
    page.wait_for_selector("#bar .onward a")
    assert page.get_attribute("#bar .onward a", "href") == "/d/ioc-metrics"
    page.click("#bar .menu summary")
    assert page.locator("#bar .list a").all_inner_texts() == [
        "Một đơn vị",
        "Đường ống",
        "Bản tin điều hành",
    ]
    page.keyboard.press("Escape")
    assert not page.is_visible("#bar .list")


def test_marks_stand_in_charts_over_time(boards: WallProcess, page: Page) -> None:
    show(page, boards, ONE)
    lines = '() => document.querySelectorAll(\'[data-panel="5"] .chart svg path[stroke="#9FB1C4"]\').length'
    page.wait_for_function(f"() => ({lines})() === 1")
    page.uncheck("#bar .toggle input")
    page.wait_for_function(f"() => ({lines})() === 0")


def test_details_open_by_key_and_pointer_and_cite(boards: WallProcess, page: Page, world: World) -> None:
    show(page, boards, f"{ONE}?var-unit={ROOT_UNIT}")
    opener = page.locator('[data-panel="2"] h2 button')
    opener.focus()
    page.keyboard.press("Enter")
    sheet = page.locator("#sheet")
    assert sheet.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Đóng"
    said = sheet.inner_text()
    ((target, document, responsible, provisional),) = world.query(
        "SELECT target, target_document, responsible, provisional FROM indicator_now "
        f"WHERE code = 'DVC-012' AND unit = '{ROOT_UNIT}'"
    )
    for words in ("hồ sơ trực tuyến toàn trình", document, responsible, f"{target:g}%", "Dữ liệu lúc"):
        assert words in said
    assert ("Tạm tính" in said) == bool(provisional)
    screenshot(page, "board-sheet")
    address = page.input_value("#sheet input")
    page.keyboard.press("Escape")
    assert not sheet.is_visible()
    assert page.evaluate("document.activeElement.closest('.tile').dataset.panel") == "2", "the focus goes back"
    page.goto(address)
    page.wait_for_selector("#sheet[open] .cited")
    assert page.get_attribute("#sheet", "data-panel") == "2"
    page.click("#sheet .close")
    page.locator('[data-panel="3"] .track').first.click()
    assert f"({len(departments(world))} dòng)" in sheet.inner_text(), (
        "every row, those too that the tile has no room for"
    )


def test_prometheus_is_drawn(boards: WallProcess, page: Page) -> None:
    show(page, boards, "/d/ioc-metrics")
    assert tile(page, 1)["figure"] == "1"
    assert tile(page, 3)["figure"] == "1", "of a range the newest value"
    page.wait_for_selector('[data-panel="2"] .chart svg')
    assert [name for name, _ in tile(page, 2)["legend"]] == ["itself"]
    assert any(re.fullmatch(r"\d\d:\d\d", word) for word in tile(page, 2)["axis"])
    assert "parse error" in tile(page, 4)["message"]
    screenshot(page, "board-metrics")


def test_prometheus_that_is_not_set_up_says_so(world: World, tmp_path: Path) -> None:
    with WallProcess(world, tmp_path, folder(tmp_path)) as wall:
        panels = httpx.get(f"{wall.url}/api/frames", params={"uid": "ioc-metrics"}, timeout=30).json()["panels"]
    assert {panel["A"]["error"] for panel in panels.values()} == {
        "Chưa có Prometheus: cài gói prometheus trên máy này rồi khởi động lại, hoặc đặt wall.prometheus_url"
    }


def test_a_playlist_goes_from_dashboard_to_dashboard(boards: WallProcess, page: Page) -> None:
    page.goto(f"{boards.url}/?kiosk&playlist=room")
    for uid in ("ioc-one", "ioc-metrics", "ioc-one"):
        page.wait_for_function("uid => document.documentElement.dataset.uid === uid", arg=uid)
        wait_round(page)
        page.wait_for_selector(".tile")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.documentElement.dataset.uid === 'ioc-metrics'")


def test_text_panels_and_what_is_not_known(boards: WallProcess, page: Page) -> None:
    show(page, boards, f"{ONE}?var-unit={ROOT_UNIT}")
    prose = page.locator('[data-panel="8"] .prose')
    assert prose.locator("strong").inner_text() == page.locator("select[name=unit] option:checked").inner_text()
    assert prose.locator("a").get_attribute("href") == "/"
    assert prose.locator("code").inner_text() == "SELECT 1"
    assert "chỉ dùng được dưới dạng" in tile(page, 7)["message"]


@pytest.mark.parametrize(
    ("size", "columns_"), [(TABLET, 2), ({"width": 480, "height": 900}, 1)], ids=["tablet", "phone"]
)
def test_a_tablet_has_two_columns_and_nothing_sticks_out(
    browser: Browser, boards: WallProcess, size: dict[str, int], columns_: int
) -> None:
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    show(page, boards, ONE)
    grid = page.evaluate("getComputedStyle(document.getElementById('stage')).gridTemplateColumns")
    assert len(grid.split()) == columns_
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    faults = page.evaluate(MEASURE, size["height"])
    assert [one for one in faults if one.startswith(("wide", "overlap"))] == []
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.tile *')].filter(e => e.checkVisibility() && e.childNodes[0]?.nodeType === 3).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 9
    screenshot(page, f"board-{size['width']}")
    page.close()
