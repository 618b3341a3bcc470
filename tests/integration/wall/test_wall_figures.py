"""Every figure in the page is the one in ClickHouse, as Vietnamese write it."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from dashboards import sql
from dashboards.vocabulary import DECIMALS, reason_mapping
from ioc.catalogue.unit_of_measure import SHOWN
from ioc.clock import LOCAL, now
from tests.browser import HD
from tests.wall_page import INDICATORS, PAGES, Watched, panels_of_page, tile
from tests.wall_world import CATALOGUE, FORECASTS, PROVINCE, STRANGE_UNIT, WallProcess, World

UNIT_WORDS = {
    "dossier": "hồ sơ", "document": "văn bản", "times": "lần", "point": "điểm", "million_vnd": "triệu đồng", "hour": "giờ",
    "day": "ngày", "case": "vụ việc", "visit": "lượt", "account": "tài khoản", "alert": "cảnh báo", "vessel": "tàu", "vehicle": "lượt xe",
}  # fmt: skip
STATUS_WORDS = {"good": "Đạt", "warning": "Cần chú ý", "bad": "Chưa đạt", "none": "Theo dõi"}


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


def province(world: World) -> dict[str, tuple[Any, ...]]:
    """code → value, target, status of the province."""
    rows = world.query("SELECT code, value, target, toString(status) FROM indicator_now WHERE level = 'province'")
    return {row[0]: row[1:] for row in rows}


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
            elif drawing == "findings":
                checked += findings(seen, world)
            elif drawing == "forecasts":
                checked += forecasts(seen)
            else:
                checked += series(seen, codes, "day" if drawing == "lines" else "month", world)
    assert checked >= 10


def single(seen: dict[str, Any], row: Any, held: dict[str, tuple[Any, ...]], world: World) -> int:
    code = row.codes[0]
    value, target, status = held[code]
    unit = UNIT_WORDS.get(INDICATORS[code].unit, "")
    if row.period == "day":
        today = world.query(
            f"SELECT value FROM indicator_values WHERE code = '{code}' AND tree = 'today' AND level = 'province' AND grain = 'day' "
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
        if held[code][0] is None:
            assert (value, status) == ("–", "–")
            continue
        assert value == written(code, held[code][0])
        assert target == f"{vietnamese(held[code][1], 1, trim=True)}%"
        assert status == STATUS_WORDS[held[code][2]]
        assert re.fullmatch(r"\d+ (giây|phút)", age)
    ranks = [["Chưa đạt", "Cần chú ý", "–", "Đạt"].index(row[3]) for row in seen["rows"]]
    assert ranks == sorted(ranks), "worst first"
    return 3 * len(seen["rows"])


def findings(seen: dict[str, Any], world: World) -> int:
    rows = world.query(
        "SELECT unit, series, toString(reason), stated, expected FROM findings FINAL WHERE isNull(resolved_at) "
        "ORDER BY found_at DESC, entity, reason"
    )
    assert len(rows) >= 6
    assert seen["heads"] == ["Đơn vị", "Số liệu", "Kỳ", "Lý do", "Báo cáo", "Đối chiếu", "Từ"]
    for shown, (unit, code, reason, *figures) in zip(seen["rows"], rows, strict=False):
        assert shown[0] == next((u.name.vi for u in PROVINCE.unit if unit in (u.code, *u.aliases)), unit)
        assert shown[1] == (CATALOGUE.series[code].name.vi if code in CATALOGUE.series else code)
        assert shown[2] == f"{now().astimezone(LOCAL):%m/%Y}"
        assert shown[3] == reason_mapping().options[reason].text
        assert shown[4:6] == ["–" if value is None else vietnamese(value, 2, trim=True) for value in figures]
        assert shown[6] == "3 giờ"
    left = len(rows) - len(seen["rows"])
    assert seen["mark"] == (f"và {left} dòng khác" if left else "")
    return 3 * len(seen["rows"])


def forecasts(seen: dict[str, Any]) -> int:
    words = {
        "yes": "Sẽ đạt",
        "likely": "Có thể đạt",
        "unlikely": "Khó đạt",
        "no": "Sẽ không đạt",
        "unknown": "Chưa đủ số liệu",
    }
    assert seen["heads"] == ["Chỉ tiêu", "Cuối năm", "Thấp nhất", "Cao nhất", "Mục tiêu", "Khả năng"]
    held = {INDICATORS[code].name.vi: (code, *said) for code, *said in FORECASTS}
    for name, *cells, outlook in seen["rows"]:
        code, value, low, high, _, target, expected, *_ = held[name]
        unit = SHOWN[INDICATORS[code].unit].vi
        suffix = "%" if INDICATORS[code].unit == "percent" else f" {unit}"
        sign = suffix.removeprefix(f" {unit}")
        figures = ["–" if figure is None else vietnamese(figure, 1) for figure in (value, low, high)]
        suffixes = ["" if value is None else suffix, *["" if value is None else sign] * 2]
        assert cells[:3] == [figure + end for figure, end in zip(figures, suffixes, strict=True)]
        assert cells[3] == vietnamese(target, 1, trim=True) + sign
        assert outlook == words[expected]
    count = len(seen["rows"])
    assert count >= 3
    assert [row[-1] for row in seen["rows"]] == [words[key] for key in ("no", "unlikely", "likely", "yes", "unknown")][
        :count
    ]
    assert seen["mark"] == (f"và {len(FORECASTS) - count} dòng khác" if count < len(FORECASTS) else "")
    return 4 * len(seen["rows"])


def series(seen: dict[str, Any], codes: list[str], grain: str, world: World) -> int:
    current = "toDate(now('Asia/Ho_Chi_Minh'))" if grain == "day" else "toStartOfMonth(toDate(now('Asia/Ho_Chi_Minh')))"
    assert [code for code, _ in seen["legend"]] == codes
    for code, shown in seen["legend"]:
        rows = world.query(
            f"SELECT value FROM indicator_values WHERE code = '{code}' AND tree = 'today' AND level = 'province' AND grain = '{grain}' "
            f"AND value IS NOT NULL AND period_start <= {current} ORDER BY period_start = {current} DESC, period_start DESC LIMIT 1"
        )
        counted = INDICATORS[code].kind in ("count", "sum")
        in_period = world.query(
            f"SELECT value FROM indicator_values WHERE code = '{code}' AND tree = 'today' AND level = 'province' AND grain = '{grain}' "
            f"AND period_start = {current}"
        )
        value = (in_period[0][0] if in_period else 0.0) if counted else rows[0][0]
        assert shown == written(code, value), code
    last = now().astimezone(LOCAL)
    assert (f"{last:%d/%m}" if grain == "day" else f"T{last.month}") in seen["axis"]
    return len(codes)


def test_unknown_codes_are_shown(wall: WallProcess, world: World) -> None:
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


def test_where_nothing_is_wrong_it_is_said(world: World) -> None:
    assert "none" not in {row[3] for row in world.query(sql.findings())}
    without = sql.findings().replace("FROM findings FINAL", "FROM (SELECT * FROM findings WHERE 0)")
    ((*words, reason, stated, expected, found_at, as_of, minutes),) = world.query(without)
    assert (words, reason, stated, expected, found_at) == (["", "", ""], "none", None, None, None)
    assert as_of is not None
    assert minutes > 0
