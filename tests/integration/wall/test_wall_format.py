"""The page's pure modules, run in the browser that they are for."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboards.build import PROVISIONED
from dashboards.wall.definition import read_definition
from tests.browser import HD
from tests.wall_world import WallProcess


@pytest.fixture(scope="module")
def page(wall: WallProcess, browser: Browser) -> Page:
    opened = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
    opened.goto(f"{wall.url}/healthz")
    return opened


def call(page: Page, module: str, function: str, *arguments: Any) -> Any:
    return page.evaluate(
        "async ([module, name, given]) => { const found = (await import(`/static/js/${module}.js`))[name](...given); return found ?? null; }",
        [module, function, list(arguments)],
    )


AT = 1795310130  # 2026-11-22 08:15:30 in Vietnam


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("number", [1234.5], "1.234,5"),
        ("number", [1234567, 0], "1.234.567"),
        ("number", [0, 1], "0,0"),
        ("number", [85, 1, True], "85"),
        ("number", [99.96, 1], "100,0"),
        ("number", [-1234.56, 2], "-1.234,56"),
        ("number", [0.0234], "0,023"),
        ("number", [0.02, 1], "0,0"),
        ("date", [AT], "22/11/2026"),
        ("day", [AT], "22/11"),
        ("time", [AT], "08:15"),
        ("time", [AT, True], "08:15:30"),
        ("moment", [AT], "22/11/2026 08:15"),
        ("weekday", [AT], "Chủ nhật"),
        ("date", [1798736400], "01/01/2027"),
        ("date", [1798736399], "31/12/2026"),
        ("span", [0], "0 giây"),
        ("span", [59.9], "59 giây"),
        ("span", [60], "1 phút"),
        ("span", [7199], "1 giờ"),
        ("span", [86400 * 1234], "1.234 ngày"),
        ("span", [-5], "0 giây"),
        ("period", ["year", "2026-01-01"], "năm 2026"),
        ("period", ["month", "2026-11-01"], "tháng 11/2026"),
        ("period", ["day", "2026-11-22"], "ngày 22/11"),
        ("period", ["now", "2026-11-22"], "hiện nay"),
        ("period", ["decade", "2026-11-22"], ""),
        ("parseTime", ["2026-11-22 01:15:30.000000", "DateTime64(6, 'UTC')"], AT),
        ("parseTime", ["2026-11-22 08:15:30", "DateTime('Asia/Ho_Chi_Minh')"], AT),
        ("parseTime", ["2026-11-22", "Date"], AT - 8 * 3600 - 15 * 60 - 30),
        ("parseTime", ["2026-11-22 01:15:30", "DateTime"], None),
        ("parseTime", [None, "Nullable(DateTime('UTC'))"], None),
        ("unitOf", ["percent"], {"attached": "%"}),
        ("unitOf", ["suffix: hồ sơ"], {"after": "hồ sơ"}),
        ("unitOf", ["decbytes"], None),
    ],
)
def test_formats(page: Page, function: str, arguments: list[Any], expected: Any) -> None:
    assert call(page, "format", function, *arguments) == expected


@pytest.mark.parametrize(
    ("value", "end"),
    [
        (0, 4),
        (0.03, 0.032),
        (0.5, 0.6),
        (3, 4),
        (4, 4),
        (5, 6),
        (11, 12),
        (800, 800),
        (801, 1000),
        (13001, 16000),
        (99999, 100000),
    ],
)
def test_ends_of_scales_are_plain(page: Page, value: float, end: float) -> None:
    assert call(page, "axis", "niceEnd", value) == pytest.approx(end)


def test_scales_stand_still(page: Page) -> None:
    key = "a panel"
    assert [call(page, "axis", "heldEnd", key, value) for value in (90, 60, 45, 110, 41, 40)] == [
        100,
        100,
        100,
        120,
        120,
        40,
    ]


RESULT = {
    "columns": ["as_of", "freshness", "freshness_minutes"],
    "types": ["DateTime64(6, 'UTC')", "Enum8('fresh' = 1)", "Int32"],
}


@pytest.mark.parametrize(
    ("told", "age_s", "state"),
    [
        ("fresh", 900, "fresh"),
        ("fresh", 901, "late"),
        ("fresh", 2700, "late"),
        ("fresh", 2701, "stale"),
        ("late", 10, "late"),
        ("no_data", 10, "no_data"),
    ],
)
def test_freshness_goes_on_without_data(page: Page, told: str, age_s: int, state: str) -> None:
    """A row said to be fresh grows late by itself: fresh to its limit, late to three times that."""
    row = {"as_of": "2026-11-22 01:15:30.000000", "freshness": told, "freshness_minutes": 15}
    found = call(page, "frame", "freshness", RESULT, [row], AT + age_s)
    assert (found["state"], found["age"]) == (state, age_s)


def test_the_oldest_row_counts(page: Page) -> None:
    rows = [
        {"as_of": f"2026-11-22 0{hour}:15:30.000000", "freshness": "fresh", "freshness_minutes": 15} for hour in (1, 0)
    ]
    found = call(page, "frame", "freshness", RESULT, rows, AT + 60)
    assert (found["state"], found["age"], found["least"]) == ("stale", 3660, "fresh")


def test_an_epoch_is_no_data(page: Page) -> None:
    row = {"as_of": "1970-01-01 00:00:00.000000", "freshness_minutes": 15}
    assert call(page, "frame", "freshness", RESULT, [row], AT)["state"] == "no_data"


@pytest.mark.parametrize(
    ("event", "lost", "words"),
    [
        ({"missed_since": None, "refreshed": AT}, None, ""),
        ({"missed_since": None, "refreshed": AT - 59}, None, ""),
        ({"missed_since": None, "refreshed": AT - 61}, None, "Luồng dữ liệu ngừng cập nhật từ 08:14:29"),
        ({"missed_since": AT - 3, "refreshed": AT - 61}, None, "Mất kết nối ClickHouse từ 08:15:27"),
        ({"missed_since": AT - 86400, "refreshed": AT}, None, "Mất kết nối ClickHouse từ 21/11/2026 08:15"),
        ({"missed_since": AT - 3, "refreshed": AT}, AT - 9, "Mất kết nối máy chủ màn hình từ 08:15:21"),
        ({"missed_since": None, "refreshed": None}, None, "Chưa có chỉ tiêu nào được tính"),
        (None, None, ""),
    ],
)
def test_outages_in_words(page: Page, event: Any, lost: Any, words: str) -> None:
    said = call(page, "banner", "outage", {"lostAt": lost, "event": event, "now": AT})
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_pages_begin_at_rows(page: Page) -> None:
    panels = [
        {"type": "stat", "id": 1},
        {"type": "row", "title": "Hai"},
        {"type": "row", "title": "Ba", "panels": [{"id": 2}]},
        {"id": 3},
    ]
    pages = call(page, "pages", "pagesOf", panels, "Một")
    assert [(found["title"], [panel["id"] for panel in found["panels"]]) for found in pages] == [
        ("Một", [1]),
        ("Ba", [2, 3]),
    ]


FIELD_PANEL = {
    "fieldConfig": {
        "defaults": {"unit": "percent", "decimals": 1, "noValue": "Không có dữ liệu", "color": {"mode": "thresholds"},
                     "thresholds": {"mode": "absolute", "steps": [{"value": None, "color": "#D55E00"}, {"value": 80, "color": "#009E73"}]}},
        "overrides": [
            {"matcher": {"id": "byName", "options": "n"}, "properties": [{"id": "unit", "value": "suffix: hồ sơ"}, {"id": "decimals", "value": 0}]},
            {"matcher": {"id": "byRegexp", "options": "/^h/"}, "properties": [{"id": "custom.hidden", "value": True}]},
            {"matcher": {"id": "byType", "options": "string"}, "properties": [
                {"id": "mappings", "value": [{"type": "value", "options": {"bad": {"text": "Chưa đạt", "color": "#D55E00"}}}]}]},
        ],
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "kind", "value", "words", "color"),
    [
        ("value", "Float64", 79.96, "80,0%", "#D55E00"),
        ("value", "Float64", 80, "80,0%", "#009E73"),
        ("value", "Nullable(Float64)", None, "Không có dữ liệu", None),
        ("n", "Int64", 12345, "12.345 hồ sơ", "#009E73"),
        ("status", "Enum8('bad' = 3)", "bad", "Chưa đạt", "#D55E00"),
    ],
)
def test_fields_follow_the_json(page: Page, column: str, kind: str, value: Any, words: str, color: str | None) -> None:
    field = call(page, "field", "fieldOf", FIELD_PANEL, column, kind)
    assert call(page, "field", "sentence", field, value) == words
    assert call(page, "field", "colorOf", field, value) == color
    assert call(page, "field", "fieldOf", FIELD_PANEL, "hours", "Int64")["hidden"] is True


def test_links_are_filled_in(page: Page) -> None:
    scope = {
        "values": {"unit": {"value": "K 1&2", "text": "Sở"}},
        "row": {"code": "DVC-001", "none": None},
        "value": 3,
        "column": "value",
    }
    for url, expected in (
        ("/d/ioc-unit?var-unit=${unit}", "/d/ioc-unit?var-unit=K%201%262"),
        ("/d/ioc-${__data.fields.code}?${unit:queryparam}", "/d/ioc-DVC-001?var-unit=K%201%262"),
        ('/d/x?v=${__value.raw}&n=${__field.name}&c=${__data.fields["code"]}', "/d/x?v=3&n=value&c=DVC-001"),
        ("/d/x?${__all_variables}", "/d/x?var-unit=K%201%262"),
        ("/d/x?c=${__data.fields.none}", None),
        ("/d/x?c=${__data.fields.other}", None),
        ("/d/x?c=${unknown}", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
    ):
        assert call(page, "links", "addressOf", {"url": url}, scope) == expected, url
    assert call(page, "links", "wordsOf", {"url": "/", "title": "Về ${unit:text}"}, scope) == "Về Sở"


def test_high_pages_are_parted_where_no_panel_is_cut(page: Page) -> None:
    def panel(number: int, y: int, h: int) -> dict[str, Any]:
        return {"id": number, "gridPos": {"x": 0, "y": y, "w": 12, "h": h}}

    panels = [panel(1, 0, 10), panel(2, 0, 20), panel(3, 10, 10), panel(4, 20, 8), panel(5, 28, 30), panel(6, 58, 4)]
    pages = call(page, "pages", "split", {"title": "Trang", "panels": panels})
    assert [(found["title"], [one["id"] for one in found["panels"]]) for found in pages] == [
        ("Trang (1/4)", [1, 2, 3]),
        ("Trang (2/4)", [4]),
        ("Trang (3/4)", [5]),
        ("Trang (4/4)", [6]),
    ]
    whole = {"title": "Trang", "panels": panels[:3]}
    assert call(page, "pages", "split", whole) == [whole]


def test_addresses(page: Page) -> None:
    asked = call(
        page,
        "address",
        "readAddress",
        "/d/ioc-unit/slug",
        "?var-unit=K1&kiosk&rotate=5&page=2&viewPanel=7&at=1795310130",
    )
    assert asked == {
        "uid": "ioc-unit", "given": {"unit": "K1"}, "kiosk": True, "rotate": 5, "page": 2, "playlist": None, "panel": 7, "at": AT,
    }  # fmt: skip
    assert (
        call(page, "address", "withVariable", "/d/x", "?var-a=1&page=2&kiosk=", "a", "x y") == "/d/x?var-a=x+y&kiosk="
    )
    assert (
        call(page, "address", "citation", "ioc-x", {"unit": "K1"}, 7, AT) == f"/d/ioc-x?var-unit=K1&viewPanel=7&at={AT}"
    )


def test_results_of_several_queries_are_one(page: Page) -> None:
    def over_time(name: str, *rows: list[Any]) -> dict[str, Any]:
        return {"columns": ["time", name], "types": ["DateTime", "Float64"], "rows": list(rows)}

    results = {"A": over_time("a", ["t1", 1], ["t2", 2]), "B": over_time("b", ["t2", 5], ["t3", None])}
    found = call(page, "frame", "combined", {"type": "timeseries"}, results)
    assert (found["columns"], found["rows"]) == (
        ["time", "a", "b"],
        [["t1", 1, None], ["t2", 2, 5], ["t3", None, None]],
    )
    newest = call(page, "frame", "combined", {"type": "stat"}, results)
    assert newest["rows"] == [["a", 2], ["b", 5]]


DRAWN = {"stat", "gauge", "bargauge", "table", "timeseries", "barchart", "text", "row"}


@pytest.mark.parametrize("file", sorted(PROVISIONED.glob("*.json")), ids=lambda file: file.stem)
def test_the_wall_can_draw_every_committed_panel(page: Page, file: Path) -> None:
    panels = read_definition(file).page["panels"]
    assert {panel["type"] for panel in panels} <= DRAWN
    unknown = page.evaluate(
        "async panels => { const { unsupported } = await import('/static/js/field.js'); return panels.flatMap(unsupported); }",
        panels,
    )
    assert unknown == []
