"""The wall in a real browser, over the real engine: right figures, whole words, legible from afar, and never silently old."""

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from dashboards.build import WALL
from dashboards.layout import LAYOUTS, drawing_of, load_layout
from dashboards.vocabulary import DECIMALS
from ioc.clock import LOCAL, now
from tests.browser import HD, UHD, chromium, screenshot, wait_round
from tests.clickhouse_front import FrontProcess
from tests.wall_world import CATALOGUE, PROVINCE, STRANGE_UNIT, WallProcess, World

INDICATORS = CATALOGUE.indicators
LAYOUT = load_layout(LAYOUTS / "wall.toml", INDICATORS)
PAGES = len(LAYOUT.page)
UNIT_WORDS = {
    "dossier": "hồ sơ",
    "document": "văn bản",
    "times": "lần",
    "point": "điểm",
    "million_vnd": "triệu đồng",
    "hour": "giờ",
    "day": "ngày",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> World:
    made = World(clickhouse_front, "wall_page").migrate().fill(1500)
    made.heartbeat()
    return made


@pytest.fixture(scope="module")
def wall(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallProcess]:
    with WallProcess(world, tmp_path_factory.mktemp("wall")) as process:
        yield process


class Watched:
    """A page whose every request and complaint is kept."""

    def __init__(self, browser: Browser, address: str, size: dict[str, int], query: str = "kiosk&rotate=0") -> None:
        self.page = browser.new_page(viewport={"width": size["width"], "height": size["height"]})
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}/?{query}")
        wait_round(self.page)

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_: object) -> None:
        self.page.close()


def vietnamese(value: float, decimals: int, trim: bool = False) -> str:
    """1234.5 → 1.234,5, halves away from zero as Intl does."""
    scaled = int(abs(value) * 10**decimals + 0.5 + 1e-9)
    whole, part = divmod(scaled, 10**decimals)
    grouped = f"{whole:,}".replace(",", ".")
    fraction = f"{part:0{decimals}d}" if decimals else ""
    if trim:
        fraction = fraction.rstrip("0")
    return ("-" if value < 0 and scaled else "") + grouped + (f",{fraction}" if fraction else "")


def written(code: str, value: float) -> str:
    indicator = INDICATORS[code]
    return vietnamese(value, DECIMALS[indicator.unit]) + ("%" if indicator.unit == "percent" else "")


def tile(page: Page, panel: int) -> dict[str, Any]:
    found = page.evaluate(
        """panel => {
          const root = document.querySelector(`[data-panel="${panel}"]`);
          const texts = selector => [...root.querySelectorAll(selector)].filter(e => e.checkVisibility()).map(e => e.textContent);
          return {
            title: root.querySelector("h2").textContent, figure: texts(".figure b")[0] ?? null, under: texts(".under span"),
            mark: texts(".mark")[0] ?? "", age: texts(".age")[0] ?? "", message: texts(".message")[0] ?? "", notes: texts(".note"),
            bars: [...root.querySelectorAll(".bar")].map(b => [b.querySelector(".name").textContent, b.querySelector(".cell").textContent]),
            rows: [...root.querySelectorAll("tbody tr")].map(r => [...r.children].map(c => c.textContent)),
            heads: texts("th"), legend: [...root.querySelectorAll(".legend b")].map(b => [b.dataset.column, b.textContent]),
            axis: texts(".chart text"), status: root.dataset.status ?? null, freshness: root.dataset.freshness ?? null,
          };
        }""",
        panel,
    )
    assert isinstance(found, dict)
    return found


def panels_of_page(number: int) -> list[tuple[int, str, Any]]:
    """(id in the dashboard, drawing, row of the layout) of a page's panels."""
    ids: list[list[int]] = []
    for panel in json.loads(WALL.read_text(encoding="utf-8"))["panels"]:
        if panel["type"] == "row":
            ids.append([])
        else:
            ids[-1].append(panel["id"])
    rows = sorted(LAYOUT.page[number - 1].panel, key=lambda panel: (panel.at[1], panel.at[0]))
    return [(panel, drawing_of(row, INDICATORS), row) for panel, row in zip(ids[number - 1], rows, strict=True)]


def province(world: World) -> dict[str, tuple[Any, ...]]:
    """code → value, target, status of the province."""
    rows = world.query("SELECT code, value, target, toString(status) FROM indicator_now WHERE level = 'province'")
    return {row[0]: row[1:] for row in rows}


STATUS_WORDS = {"good": "Đạt", "warning": "Cần chú ý", "bad": "Chưa đạt", "none": "Theo dõi"}


@pytest.mark.parametrize("number", range(1, PAGES + 1))
def test_every_figure_is_clickhouse_s(browser: Browser, wall: WallProcess, world: World, number: int) -> None:
    held = province(world)
    checked = 0
    with Watched(browser, wall.url, HD, f"kiosk&rotate=0&page={number}") as page:
        for panel, drawing, row in panels_of_page(number):
            seen = tile(page, panel)
            codes = row.codes
            if drawing in ("stat", "gauge"):
                checked += single(seen, row, held, world)
            elif drawing == "compare":
                assert [cell.partition(" ")[0] for _, cell in seen["bars"]] == [
                    written(code, held[code][0]) for code in codes
                ]
                assert [name for name, _ in seen["bars"]] == (
                    row.labels or [INDICATORS[code].name.vi for code in codes]
                )
                checked += len(codes)
            elif drawing == "units":
                checked += units(seen, codes[0], row.level, world)
            elif drawing == "matrix":
                checked += matrix(seen, codes, row.level, world)
            elif drawing == "attention":
                checked += attention(seen, held)
            else:
                checked += series(seen, codes, "day" if drawing == "lines" else "month", world)
    assert checked >= 10


def single(seen: dict[str, Any], row: Any, held: dict[str, tuple[Any, ...]], world: World) -> int:
    code = row.codes[0]
    value, target, status = held[code]
    unit = UNIT_WORDS.get(INDICATORS[code].unit, "")
    if row.period == "day":
        today = world.query(
            f"SELECT value FROM indicator_values WHERE code = '{code}' AND level = 'province' AND grain = 'day' "
            "AND period_start = toDate(now('Asia/Ho_Chi_Minh'))"
        )
        value, target, status = (today[0][0] if today else 0.0), None, None
    if value is None:
        assert seen["message"] == "Không có dữ liệu"
        return 1
    assert seen["figure"] == written(code, value), code
    assert unit in seen["under"][0]
    assert any(word in seen["under"][0] for word in ("năm", "hiện nay", "ngày"))
    if target is not None:
        suffix = "%" if INDICATORS[code].unit == "percent" else f" {unit}"
        assert seen["under"][1] == f"Mục tiêu {vietnamese(target, DECIMALS[INDICATORS[code].unit], trim=True)}{suffix}"
    if status is not None:
        assert seen["mark"] == STATUS_WORDS[status]
        assert seen["status"] == status
    assert re.fullmatch(r"\d+ (giây|phút) trước", seen["age"])
    return 1


def units(seen: dict[str, Any], code: str, level: str, world: World) -> int:
    order = "ASC" if INDICATORS[code].direction == "up" else "DESC"
    rows = world.query(
        f"SELECT unit_name, value FROM indicator_now WHERE code = '{code}' AND level IN ('{level}', 'unknown') "
        f"AND value IS NOT NULL ORDER BY value {order}, unit_name"
    )
    bars = seen["bars"]
    assert len(bars) >= 4
    unit = UNIT_WORDS.get(INDICATORS[code].unit, "")
    assert bars == [[name, f"{written(code, value)} {unit}".strip()] for name, value in rows[: len(bars)]]
    if len(rows) > len(bars):
        assert seen["mark"] == f"và {len(rows) - len(bars)} mục khác"
    return len(bars)


def matrix(seen: dict[str, Any], codes: list[str], level: str, world: World) -> int:
    held: dict[str, dict[str, float | None]] = {}
    listed = ", ".join(f"'{code}'" for code in codes)
    for code, unit, value in world.query(
        f"SELECT code, unit_name, value FROM indicator_now WHERE code IN ({listed}) AND level IN ('{level}', 'unknown')"
    ):
        held.setdefault(unit, {})[code] = value
    assert len(seen["rows"]) >= 8
    for name, *cells in seen["rows"]:
        expected = [held[name][code] for code in codes]
        assert cells == ["–" if v is None else written(code, v) for code, v in zip(codes, expected, strict=True)], name
    return len(seen["rows"]) * len(codes)


def attention(seen: dict[str, Any], held: dict[str, tuple[Any, ...]]) -> int:
    names = {INDICATORS[code].name.vi: code for code, (_, target, _) in held.items() if target is not None}
    assert {row[0] for row in seen["rows"]} <= set(names)
    for name, value, target, status, age in seen["rows"]:
        code = names[name]
        assert value == written(code, held[code][0])
        assert target == f"{vietnamese(held[code][1], 1, trim=True)}%"
        assert status == STATUS_WORDS[held[code][2]]
        assert re.fullmatch(r"\d+ (giây|phút)", age)
    ranks = [["Chưa đạt", "Cần chú ý", "Theo dõi", "Đạt"].index(row[3]) for row in seen["rows"]]
    assert ranks == sorted(ranks), "worst first"
    return 3 * len(seen["rows"])


def series(seen: dict[str, Any], codes: list[str], grain: str, world: World) -> int:
    current = "toDate(now('Asia/Ho_Chi_Minh'))" if grain == "day" else "toStartOfMonth(toDate(now('Asia/Ho_Chi_Minh')))"
    assert [code for code, _ in seen["legend"]] == codes
    for code, shown in seen["legend"]:
        rows = world.query(
            f"SELECT value FROM indicator_values WHERE code = '{code}' AND level = 'province' AND grain = '{grain}' "
            f"AND value IS NOT NULL AND period_start <= {current} ORDER BY period_start = {current} DESC, period_start DESC LIMIT 1"
        )
        counted = INDICATORS[code].kind in ("count", "sum")
        in_period = world.query(
            f"SELECT value FROM indicator_values WHERE code = '{code}' AND level = 'province' AND grain = '{grain}' "
            f"AND period_start = {current}"
        )
        value = (in_period[0][0] if in_period else 0.0) if counted else rows[0][0]
        assert shown == written(code, value), code
    last = now().astimezone(LOCAL)
    assert (f"{last:%d/%m}" if grain == "day" else f"T{last.month}") in seen["axis"]
    return len(codes)


@pytest.mark.parametrize("size", [HD, UHD], ids=["hd", "uhd"])
@pytest.mark.parametrize("number", range(1, PAGES + 1))
def test_legible_whole_and_in_its_place(browser: Browser, wall: WallProcess, number: int, size: dict[str, int]) -> None:
    watched = Watched(browser, wall.url, size, f"kiosk&rotate=0&page={number}")
    with watched as page:
        page.wait_for_function(
            "() => [...document.querySelectorAll('.chart, .arc')].every(e => e.querySelector('svg'))"
        )
        screenshot(page, f"wall-{number}-{size['height']}")
        faults = page.evaluate(MEASURE, size["height"])
        assert faults == []
        fonts = fonts_used(page)
        assert set(fonts) == {"Inter, brought along"}, f"letters were taken from other fonts: {fonts}"
    assert watched.complaints == []
    assert all(address.startswith(wall.url) for address in watched.requests)


MEASURE = """height => {
  const faults = [];
  const visible = e => e.checkVisibility();
  const name = e => `${e.closest(".tile")?.dataset.panel ?? "top"} ${e.className.baseVal ?? e.className} ${e.textContent.slice(0, 40)}`;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const smallest = 0.025 * height;
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !visible(e) || e.closest("script, noscript")) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < smallest - 0.01) faults.push(`small: ${size} ${name(e)}`);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    const frame = (e.closest(".tile") ?? document.body).getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) faults.push(`outside: ${name(e)}`);
  }
  for (const e of document.querySelectorAll(".tile, .tile *:not(svg *), .top *:not(svg *)")) {
    if (!visible(e) || getComputedStyle(e).display === "inline") continue;
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) faults.push(`wide: ${e.scrollWidth}>${e.clientWidth} ${name(e)}`);
    if (e.scrollHeight > e.clientHeight + 1 && e.clientHeight && e.matches(".tile, .body, .bars, .table, .figure, .under, .legend, footer, h2")) faults.push(`high: ${e.scrollHeight}>${e.clientHeight} ${name(e)}`);
  }
  const boxes = [...document.querySelectorAll(".tile, .top")].map(e => [e, e.getBoundingClientRect()]);
  boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
    if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) faults.push(`overlap: ${name(a)} / ${name(b)}`);
  }));
  for (const [e, box] of boxes) if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) faults.push(`off screen: ${name(e)}`);
  for (const e of document.querySelectorAll(".figure b")) {
    if (visible(e) && parseFloat(getComputedStyle(e).fontSize) < 0.05 * height) faults.push(`key figure small: ${name(e)}`);
  }
  const stage = document.querySelector("#stage").getBoundingClientRect();
  const lowest = Math.max(...[...document.querySelectorAll(".tile")].map(e => e.getBoundingClientRect().bottom));
  if (lowest < 0.96 * innerHeight) faults.push(`the page ends at ${lowest} of ${innerHeight}, ${stage.bottom}`);
  const svgTexts = [...document.querySelectorAll(".chart svg")].map(svg => [...svg.querySelectorAll("text")].map(t => t.getBoundingClientRect()));
  for (const texts of svgTexts) texts.forEach((p, i) => texts.slice(i + 1).forEach(q => {
    if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 2 && q.top < p.bottom - 2) faults.push("labels of a chart overlap");
  }));
  return faults;
}"""
"""Measures the page; returns what is wrong with it, in words."""


def fonts_used(page: Page) -> dict[str, int]:
    """Families that the text of the page was really drawn with, and how many glyphs of each."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found: dict[str, int] = {}
    for node in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "body, body *"})["nodeIds"]:
        for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            name = font["familyName"] + (", brought along" if font["isCustomFont"] else ", of the machine")
            found[name] = found.get(name, 0) + int(font["glyphCount"])
    session.detach()
    return found


def test_unknown_codes_are_shown(browser: Browser, wall: WallProcess, world: World) -> None:
    named = world.query("SELECT DISTINCT unit_name FROM indicator_now WHERE level = 'unknown'")
    assert len(named) == 1
    assert STRANGE_UNIT in named[0][0]
    shown = [
        row
        for panel, found in page_frames(wall).items()
        for result in found.values()
        for row in result["rows"]
        if named[0][0] in row
    ]
    assert shown, "codes that no unit owns reach the wall"


def page_frames(wall: WallProcess) -> dict[str, Any]:
    panels = httpx.get(f"{wall.url}/api/frames", timeout=30).json()["panels"]
    assert isinstance(panels, dict)
    return panels


def test_header_tells_place_time_and_page(browser: Browser, wall: WallProcess) -> None:
    with Watched(browser, wall.url, HD) as page:
        top = page.inner_text(".top")
        assert PROVINCE.name.vi in top
        assert f"Trang 1/{PAGES}" in top
        assert "UTC+7" in top
        local = now().astimezone(LOCAL)
        assert f"{local:%d/%m/%Y}" in top
        shown = page.inner_text("#time")
        seconds = [int(part) for part in shown.split(":")]
        difference = abs(
            seconds[0] * 3600 + seconds[1] * 60 + seconds[2] - (local.hour * 3600 + local.minute * 60 + local.second)
        )
        assert min(difference, 86400 - difference) <= 3


def test_keys_turn_pages_and_charts_are_disposed(browser: Browser, wall: WallProcess) -> None:
    with Watched(browser, wall.url, HD) as page:
        number = "Number(document.documentElement.dataset.page)"
        counts = []
        for key, expected in (("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", PAGES), ("ArrowRight", 1)):
            page.keyboard.press(key)
            assert page.evaluate(number) == expected
            counts.append(page.evaluate("document.querySelectorAll('.tile').length"))
        assert counts == [len(LAYOUT.page[i - 1].panel) for i in (2, 1, PAGES, 1)]
        page.keyboard.press("Space")
        assert "dừng" in page.inner_text("#page-number")


def test_pages_follow_one_another(browser: Browser, wall: WallProcess) -> None:
    with Watched(browser, wall.url, HD, "kiosk&rotate=1") as page:
        for expected in (2, 3):
            page.wait_for_function(
                "n => Number(document.documentElement.dataset.page) === n", arg=expected, timeout=30_000
            )
            assert page.evaluate("document.querySelectorAll('.tile').length") == len(LAYOUT.page[expected - 1].panel)


def test_age_goes_from_fresh_to_late_to_old(browser: Browser, clickhouse_front: FrontProcess, tmp_path: Path) -> None:
    world = World(clickhouse_front, "wall_age").migrate().fill(60)
    world.heartbeat()
    panel = panels_of_page(1)[0][0]
    limit = INDICATORS[panels_of_page(1)[0][2].codes[0]].freshness_minutes
    with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
        assert tile(page, panel)["freshness"] == "fresh"
        figure = tile(page, panel)["figure"]
        for minutes, state, words in ((limit + 5, "late", "Trễ"), (limit * 3 + 60, "stale", "Dữ liệu cũ")):
            world.heartbeat(timedelta(minutes=minutes))
            page.wait_for_selector(f'[data-panel="{panel}"][data-freshness="{state}"]', timeout=45_000)
            seen = tile(page, panel)
            assert seen["age"].startswith(words)
            assert seen["figure"] == figure
        hatched = f"getComputedStyle(document.querySelector('[data-panel=\"{panel}\"]'), '::after').backgroundImage"
        assert "repeating-linear-gradient" in page.evaluate(hatched)
        screenshot(page, "wall-old")
        world.heartbeat()
        page.wait_for_selector(f'[data-panel="{panel}"][data-freshness="fresh"]', timeout=45_000)


def test_no_data_is_never_zero(browser: Browser, clickhouse_front: FrontProcess, tmp_path: Path) -> None:
    world = World(clickhouse_front, "wall_nothing").migrate()
    world.heartbeat()
    with WallProcess(world, tmp_path) as wall:
        for number in range(1, PAGES + 1):
            with Watched(browser, wall.url, HD, f"kiosk&rotate=0&page={number}") as page:
                for panel, _, _ in panels_of_page(number):
                    seen = tile(page, panel)
                    assert seen["message"] == "Không có dữ liệu", seen
                    assert seen["figure"] is None
                if number == 1:
                    screenshot(page, "wall-no-data")


def test_outages_are_announced_and_heal(browser: Browser, tmp_path: Path) -> None:
    with FrontProcess(tmp_path / "front") as front:
        world = World(front, "wall_heal").migrate().fill(60)
        world.heartbeat()
        with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
            panel = panels_of_page(1)[0][0]
            figure = tile(page, panel)["figure"]
            assert not page.is_visible("#banner")
            place = page.locator(f'[data-panel="{panel}"]').bounding_box()

            front.kill()
            page.wait_for_selector("#banner:has-text('Mất kết nối ClickHouse từ')", timeout=20_000)
            said = page.inner_text("#banner")
            assert re.search(r"từ \d\d:\d\d:\d\d", said)
            assert tile(page, panel)["figure"] == figure
            assert page.locator(f'[data-panel="{panel}"]').bounding_box() == place, (
                "nothing moves when the banner comes"
            )
            assert page.evaluate(
                "document.querySelector('#banner').scrollHeight <= document.querySelector('#banner').clientHeight + 1"
            )
            screenshot(page, "wall-outage")
            front.start()
            began = time.monotonic()
            world.heartbeat()
            page.wait_for_selector("#banner", state="hidden", timeout=10_000)
            assert time.monotonic() - began < 10

            wall.end()
            page.wait_for_selector("#banner:has-text('Mất kết nối máy chủ màn hình từ')", timeout=20_000)
            assert tile(page, panel)["figure"] == figure
            wall.start()
            began = time.monotonic()
            world.heartbeat()
            page.wait_for_selector("#banner", state="hidden", timeout=10_000)
            assert time.monotonic() - began < 10


def test_refresh_changes_figures_in_place(browser: Browser, clickhouse_front: FrontProcess, tmp_path: Path) -> None:
    world = World(clickhouse_front, "wall_place").migrate().fill(60)
    world.heartbeat()
    panel = panels_of_page(1)[0][0]
    with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
        before = tile(page, panel)["figure"]
        page.evaluate(
            "for (const e of document.querySelectorAll('.tile, .tile .figure b, .tile .bar')) e.marked = true"
        )
        world.fill(90, seed=2)
        world.heartbeat()
        page.wait_for_function(
            "([panel, before]) => document.querySelector(`[data-panel=\"${panel}\"] .figure b`).textContent !== before",
            arg=[panel, before], timeout=45_000,
        )  # fmt: skip
        assert tile(page, panel)["figure"] == "90"
        kept = page.evaluate("[...document.querySelectorAll('.tile, .tile .figure b')].every(e => e.marked)")
        assert kept, "tiles and figures are the same elements as before"


def test_what_is_not_known_is_said(browser: Browser, world: World, tmp_path: Path) -> None:
    dashboard = json.loads(WALL.read_text(encoding="utf-8"))
    stats = [panel for panel in dashboard["panels"] if panel["type"] == "stat"]
    stats[0]["type"] = "piechart"
    stats[1]["fieldConfig"]["defaults"]["unit"] = "decbytes"
    stats[1]["transformations"] = [{"id": "joinByField", "options": {}}]
    stats[2]["targets"][0]["rawSql"] = "SELECT value FROM no_such_table"
    stats[3]["fieldConfig"]["overrides"].append(
        {"matcher": {"id": "byFrameRefID", "options": "A"}, "properties": [{"id": "custom.lineStyle", "value": {}}]}
    )
    file = tmp_path / "wall.json"
    file.write_text(json.dumps(dashboard), encoding="utf-8")
    with WallProcess(world, tmp_path, file) as wall, Watched(browser, wall.url, HD) as page:
        first, second, third, fourth = (tile(page, panel["id"]) for panel in stats[:4])
        assert first["notes"] == ["Chưa hỗ trợ: loại bảng piechart"]
        assert second["notes"] == ["Chưa hỗ trợ: đơn vị decbytes; phép biến đổi joinByField"]
        assert third["message"].startswith("Lỗi truy vấn")
        assert "no_such_table" in third["message"]
        assert fourth["notes"] == ["Chưa hỗ trợ: bộ chọn byFrameRefID; thuộc tính custom.lineStyle"]
        others = [tile(page, panel)["message"] for panel, _, _ in panels_of_page(1)[4:]]
        assert others == [""] * len(others), "the others go on"
        screenshot(page, "wall-unknown")


def test_spoken_labels(browser: Browser, wall: WallProcess) -> None:
    with Watched(browser, wall.url, HD) as page:
        labels = page.evaluate(
            "[...document.querySelectorAll('.tile')].map(e => [e.getAttribute('role'), e.getAttribute('aria-label')])"
        )
        for (role, label), (panel, _, _) in zip(labels, panels_of_page(1), strict=True):
            assert role == "group"
            assert label.startswith(tile(page, panel)["title"])
            assert re.search(r"\d", label)
