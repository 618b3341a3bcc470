"""Every figure that a board shows is the one that ClickHouse holds: asked of the tables natively, not by the panels' queries."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from playwright.sync_api import Browser

from dashboards.nature import nature_of
from dashboards.vocabulary import freshness_mapping, on_track_mapping, reason_mapping, status_mapping
from tests.board_screen import Screen, Shown, asked, panels
from tests.browser import HD, UHD
from tests.wall_page import decimals, number
from tests.wall_world import CATALOGUE, PROVINCE, ROOT_UNIT, WallProcess, World

INDICATORS = CATALOGUE.indicators
CODES = {indicator.name.vi: code for code, indicator in INDICATORS.items()}
GRAINS = ["day", "week", "month", "quarter", "year"]
OVERDUE = ("late", "stale", "no_data")
LEVELS = {"Tỉnh": "province", "Sở/ngành": "department", "Huyện/thành phố": "district", "Xã/phường": "commune", "Cơ sở": "facility"}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A row of `indicator_now`."""

    code: str
    unit: str
    level: str
    value: float | None
    target: float | None
    previous: float | None
    status: str
    freshness: str
    kind: str
    reported: int
    expected: int


@dataclass
class Held:
    """What ClickHouse holds."""

    world: World
    compared: int = 0

    @cached_property
    def now(self) -> dict[tuple[str, str], Figure]:
        """(code, unit) → its row."""
        columns = ", ".join(Figure.__dataclass_fields__)
        rows = self.world.query(f"SELECT {columns} FROM indicator_now")
        return {(found.code, found.unit): found for found in (Figure(*row) for row in rows)}

    @cached_property
    def figures(self) -> list[Figure]:
        """All rows."""
        return list(self.now.values())

    def agrees(self, cell: dict[str, Any] | None, expected: float | None) -> None:
        """A cell shows a figure: the value to the last bit, its text to the decimals that it is written with."""
        if cell is None:
            return  # an unattended screen has left out a column in which nothing stands
        self.compared += 1
        if expected is None:
            assert cell["value"] is None, cell
            assert not re.search(r"\d", cell["text"]), cell
            return
        assert cell["value"] is not None, (cell, expected)
        assert math.isclose(float(cell["value"]), expected, rel_tol=1e-12, abs_tol=1e-12), (cell, expected)
        assert abs(number(cell["text"]) - expected) <= 0.5001 * 10 ** -decimals(cell["text"]), (cell, expected)

    def counts(self, tile: Shown, expected: Counter[str], words: dict[str, str]) -> None:
        """Bars count: a word each of an enumeration."""
        for bar in tile.bars:
            self.agrees(bar, expected[words[bar["name"]]])
        assert sum(expected.values()) == 0 or any(bar["value"] != "0" for bar in tile.bars)


def words_of(mapping: Any, **more: str) -> dict[str, str]:
    """Words → what they stand for."""
    return {str(result.text): key for key, result in mapping.options.items()} | more


ROSTERS = ("Chỉ tiêu có mục tiêu", "Số liệu từ các hệ thống", "Số liệu báo cáo định kỳ", "Điểm đánh giá")
"""Tables of indicators; an empty column is left out of one."""


def sector(tile: Shown, held: Held) -> None:
    """Tiles and gauges of the province, bars of units, newest periods, rosters."""
    panel = panels("sector-dvc")[tile.found["panel"]]
    code = (re.findall(r"'([A-Z]{2,3}-\d{3})'", panel["targets"][0]["rawSql"]) or [""])[0]
    match tile.found["type"]:
        case "stat" | "gauge":
            expected = held.now[code, ROOT_UNIT].value
            text = tile.found["figure"] if expected is not None else tile.found["message"]
            held.agrees({"value": tile.found["value"], "text": text}, expected)
        case "bargauge":
            units = [asked(bar["href"])["unit"] for bar in tile.bars]
            for unit, bar in zip(units, tile.bars, strict=True):
                held.agrees(bar, held.now[code, unit].value)
            ((level, _),) = Counter(held.now[code, unit].level for unit in units).most_common(1)
            wanted = [
                f for f in held.figures if f.code == code and f.level in (level, "unknown") and f.value is not None
            ]
            assert len(tile.bars) + tile.left_out == len(wanted)
        case "barchart":
            held.agrees(tile.found["legend"][0], newest(code, held))
        case "table" if tile.title.partition(" (")[0] in ROSTERS:
            for row in tile.rows:
                own = held.now[asked(row["Chỉ tiêu"]["href"])["code"], ROOT_UNIT]
                held.agrees(row.get("Giá trị"), own.value)
                held.agrees(row.get("Mục tiêu"), own.target)
                held.agrees(row.get("Kỳ trước"), own.previous)
                if href := row.get("Đơn vị nổi bật", {}).get("href"):
                    held.agrees(row["Giá trị của đơn vị"], held.now[own.code, asked(href)["unit"]].value)
        case _:
            units_board(tile, held)


def newest(code: str, held: Held) -> float | None:
    """The figure of the province of the newest month, or longer period of a report, that has one."""
    indicator = INDICATORS[code]
    own = CATALOGUE.series[indicator.series].grain if indicator.series else "day"
    grain = GRAINS[max(GRAINS.index("month"), GRAINS.index(own))]
    rows = held.world.query(
        f"SELECT value FROM {nature_of(indicator)}_period(code = '{code}', grain = '{grain}', tree = 'today') "
        f"WHERE unit = '{ROOT_UNIT}' AND isNotNull(value) ORDER BY period_start DESC LIMIT 1"
    )
    return float(rows[0][0]) if rows else None


def units_board(tile: Shown, held: Held) -> None:
    """Rankings, points of the parts, results of the units, parts without figures."""
    name, _, what = tile.title.partition(": ")
    if what == "xếp hạng":
        stored = {
            unit: rest
            for unit, *rest in held.world.query(
                "SELECT unit, if(rank = 0, NULL, rank), tied, earned, available, length(missing) FROM composite_values "
                f"WHERE code = '{CODES[name]}'"
            )
        }
        heads = ("Hạng", "Số đơn vị cùng hạng", "Điểm đạt", "Điểm chấm được", "Thành phần thiếu số liệu")
        for row in tile.rows:
            for head, expected in zip(heads, stored[asked(row["Đơn vị"]["href"])["unit"]], strict=True):
                held.agrees(row.get(head), expected)
        ranks = [float(row["Hạng"]["value"] or math.inf) for row in tile.rows]
        assert ranks == sorted(ranks), "best first"
    elif what == "điểm từng thành phần":
        points = {
            (unit, part): earned
            for unit, part, earned in held.world.query(
                f"SELECT unit, part, earned / 10000 FROM composite_scores WHERE code = '{CODES[name]}'"
            )
        }
        for row in tile.rows:
            unit = asked(row["Đơn vị"]["href"])["unit"]
            for head, cell in row.items():
                if head != "Đơn vị":
                    code = head if head in INDICATORS else CODES["Điểm " + head[0].lower() + head[1:]]
                    held.agrees(
                        cell, held.now[code, unit].value if head not in INDICATORS else points.get((unit, code))
                    )
    elif tile.title.startswith("Kết quả theo đơn vị"):
        for row in tile.rows:
            own = [f for f in held.figures if f.unit == asked(row["Đơn vị"]["href"])["unit"]]
            status, fresh = Counter(f.status for f in own), Counter(f.freshness for f in own)
            wanted = (
                status["bad"],
                status["warning"],
                status["good"],
                fresh["late"] + fresh["stale"],
                fresh["no_data"],
                len(own),
            )
            stood = ("Chưa đạt", "Cần chú ý", "Đạt", "Số liệu trễ, cũ", "Chưa có số liệu", "Số chỉ tiêu")
            for head, expected in zip(stood, wanted, strict=True):
                held.agrees(row[head], expected)
    else:
        assert tile.title == "Thành phần chấm điểm chưa có số liệu"
        lacking = held.world.query(
            "SELECT code, part, countIf(isNull(earned)), count(), any(points) / 10000 FROM composite_scores "
            "WHERE level = 'commune' GROUP BY code, part"
        )
        stored = {(code, part): rest for code, part, *rest in lacking}
        for row in tile.rows:
            found = stored[CODES[row["Bộ chỉ số"]["text"]], CODES[row["Thành phần"]["text"]]]
            for head, expected in zip(("Đơn vị thiếu số liệu", "Trên tổng số", "Điểm tối đa"), found, strict=True):
                held.agrees(row[head], expected)


def owed(held: Held) -> list[tuple[str, str, int, bool]]:
    """Of each report that is missing the unit that owes it, its series, how many in a row, and whether there never was one."""
    return held.world.query("SELECT unit, series, periods, never FROM reports_owed")


def freshness(tile: Shown, held: Held) -> None:
    """Who owes reports, of which indicators; ages by sector."""
    of_province = [f for f in held.figures if f.level == "province"]
    match tile.title:
        case "Đơn vị còn thiếu báo cáo":
            wanted, never = Counter[str](), Counter[str]()
            for unit, _, periods, ever in owed(held):
                wanted[unit] += periods
                never[unit] += ever
            for row in tile.rows:
                unit = asked(row["Đơn vị phải báo cáo"]["href"])["unit"]
                held.agrees(row["Báo cáo còn thiếu"], wanted[unit])
                held.agrees(row["Chưa báo cáo lần nào"], never[unit])
            assert shown_or_told(tile) == len(wanted)
        case "Chỉ tiêu chưa đủ báo cáo":
            lacking = [f for f in of_province if f.kind == "latest" and f.reported < f.expected]
            for row in tile.rows:
                own = held.now[asked(row["Chỉ tiêu"]["href"])["code"], ROOT_UNIT]
                held.agrees(row["Đã có"], own.reported)
                held.agrees(row["Phải có"], own.expected)
                held.agrees(row["Tỷ lệ"], 100 * own.reported / own.expected)
            assert shown_or_told(tile) == len(lacking)
        case "Từng báo cáo còn thiếu, quá hạn lâu nhất trước":
            missing = owed(held)
            assert shown_or_told(tile) == min(500, len(missing))
            pairs = {(unit, series) for unit, series, _, _ in missing}
            for row in tile.rows:
                unit = asked(row["Đơn vị phải báo cáo"]["href"])["unit"]
                assert (unit, INDICATORS[asked(row["Chỉ tiêu"]["href"])["code"]].series) in pairs
        case "Số liệu của tỉnh theo lĩnh vực":
            for row in tile.rows:
                letters = asked(row["Lĩnh vực"]["href"])["board"].removeprefix("sector-").upper()
                ages = Counter(f.freshness for f in of_province if INDICATORS[f.code].sector == letters)
                for head, key in (
                    ("Mới", "fresh"),
                    ("Trễ", "late"),
                    ("Dữ liệu cũ", "stale"),
                    ("Không có dữ liệu", "no_data"),
                ):
                    held.agrees(row[head], ages[key])
            assert len(tile.rows) == 13
        case "Chỉ tiêu của tỉnh theo độ mới":
            held.counts(tile, Counter(f.freshness for f in of_province), words_of(freshness_mapping()))
        case other:
            assert other in ("Luồng dữ liệu, cũ nhất trước", "Đơn vị tự gửi dữ liệu, cũ nhất trước"), other


def shown_or_told(tile: Shown) -> int:
    """Rows of the tile, those too that it only counts."""
    return len(tile.rows) + tile.left_out


def findings(tile: Shown, held: Held) -> None:
    """Findings by reason, by unit, and each."""
    owners = dict(held.world.query("SELECT raw_code, unit FROM unit_owners"))
    standing = held.world.query(
        "SELECT unit, toString(reason), entity, stated, expected FROM findings FINAL WHERE isNull(resolved_at)"
    )
    match tile.title:
        case "Số sai lệch theo lý do":
            held.counts(tile, Counter(row[1] for row in standing), words_of(reason_mapping()))
        case "Theo đơn vị báo cáo":
            for row in tile.rows:
                unit = asked(row["Đơn vị"]["href"])["unit"]
                own = [found for found in standing if owners.get(found[0], "unknown") == unit]
                held.agrees(row["Sai lệch"], len(own))
                held.agrees(row["Báo cáo"], len({found[2] for found in own}))
        case "Tất cả, mới nhất trước":
            stated = Counter((found[3], found[4]) for found in standing)
            shown = Counter((_value(row["Báo cáo"]), _value(row["Đối chiếu"])) for row in tile.rows)
            held.compared += 2 * len(tile.rows)
            assert shown <= stated
            assert shown_or_told(tile) == len(standing)
        case other:
            assert other == "Đã hết sai lệch", other


def _value(cell: dict[str, Any]) -> float | None:
    return None if cell["value"] is None else float(cell["value"])


def targets(tile: Shown, held: Held) -> None:
    """Targets of the province and of the units below, with their projections."""
    aimed = [f for f in held.figures if f.target is not None]
    of_province = [f for f in aimed if f.level == "province"]
    projected = {
        code: rest
        for code, *rest in held.world.query(
            "SELECT code, value, low, high, toString(on_track) FROM forecasts FINAL WHERE level = 'province' ORDER BY year, made_on"
        )
    }
    match tile.title:
        case "Theo kết quả":
            held.counts(
                tile, Counter(f.status for f in of_province), words_of(status_mapping()) | {"Chưa đủ số liệu": "none"}
            )
        case "Theo dự báo đến cuối năm":
            outlooks = Counter(projected[f.code][3] if f.code in projected else "unknown" for f in of_province)
            held.counts(tile, outlooks, words_of(on_track_mapping()))
        case "Mục tiêu, kết quả và dự báo":
            for row in tile.rows:
                own = held.now[asked(row["Chỉ tiêu"]["href"])["code"], ROOT_UNIT]
                held.agrees(row["Giá trị"], own.value)
                held.agrees(row["Mục tiêu"], own.target)
                ends: Sequence[float | None] = projected.get(own.code, [None] * 4)
                for head, expected in zip(("Dự báo cuối năm", "Thấp nhất", "Cao nhất"), ends[:3], strict=True):
                    held.agrees(row.get(head), expected)
            assert shown_or_told(tile) == len(of_province)
        case "Mục tiêu của các đơn vị":
            for row in tile.rows:
                code, level = asked(row["Chỉ tiêu"]["href"])["code"], LEVELS[row["Cấp"]["text"]]
                status = Counter(f.status for f in aimed if (f.code, f.level) == (code, level))
                heads = (
                    ("Đơn vị đạt", "good"),
                    ("Cần chú ý", "warning"),
                    ("Chưa đạt", "bad"),
                    ("Chưa đủ số liệu", "none"),
                )
                for head, key in heads:
                    held.agrees(row[head], status[key])
        case "Mọi mục tiêu theo năm và cấp":
            assert shown_or_told(tile) == len(PROVINCE.target)
            values = {(t.code, str(t.year), str(t.level)): float(t.value) for t in PROVINCE.target}
            for row in tile.rows:
                code, level = asked(row["Chỉ tiêu"]["href"])["code"], LEVELS[row["Cấp"]["text"]]
                held.agrees(row["Mục tiêu"], values[code, str(row["Năm"]["text"]), level])
        case other:
            pytest.fail(f"{other}: nothing says what it shows")


BOARDS: dict[str, tuple[Callable[[Shown, Held], None], int]] = {
    "sector-dvc": (sector, 120),
    "units": (units_board, 250),
    "freshness": (freshness, 60),
    "findings": (findings, 18),
    "targets": (targets, 40),
}
"""How each board is compared, and how many figures at least an unattended screen shows of it."""


@pytest.fixture(scope="module")
def held(world: World) -> Held:
    """As it stands after a round of all sources."""
    world.heartbeat()
    return Held(world)


@pytest.mark.parametrize(("size", "kiosk"), [(UHD, True), (HD, False)], ids=["uhd, unattended", "hd, desk"])
@pytest.mark.parametrize("board", BOARDS)
def test_figures_are_those_of_clickhouse(
    browser: Browser, wall: WallProcess, held: Held, board: str, size: dict[str, int], kiosk: bool
) -> None:
    compare, least = BOARDS[board]
    held.compared, seen = 0, set()
    with Screen(browser, wall.url, board, size, kiosk=kiosk) as screen:
        for _ in screen.pages():
            for tile in screen.tiles():
                compare(tile, held)
                seen.add(tile.found["panel"])
    assert seen == set(panels(board))
    assert held.compared >= least
