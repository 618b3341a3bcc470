"""Every figure in the page is the one in ClickHouse, as Vietnamese write it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from dashboards.boards import watch
from dashboards.boards.glance import SectorRow
from dashboards.nature import nature_of
from dashboards.vocabulary import DECIMALS, movement_mapping
from tests.browser import HD, UHD
from tests.wall_page import INDICATORS, LAYOUT, Watched, panel_of, tile
from tests.wall_world import FORECASTS, ROOT_UNIT, STRANGE_UNIT, WallProcess, World

STATUS_WORDS = {"good": "Đạt", "warning": "Cần chú ý", "bad": "Chưa đạt", "none": "Theo dõi"}
NO_DATA = "Không có dữ liệu"
OVERDUE = ", ".join(f"'{code}'" for code in LAYOUT.overdue)


def vietnamese(value: float, decimals: int) -> str:
    """1234.5 → 1.234,5, halves away from zero as Intl does."""
    scaled = int(abs(value) * 10**decimals + 0.5 + 1e-9)
    whole, part = divmod(scaled, 10**decimals)
    grouped = f"{whole:,}".replace(",", ".")
    return ("-" if value < 0 and scaled else "") + grouped + (f",{part:0{decimals}d}" if decimals else "")


def written(code: str, value: float) -> str:
    """As the tile writes it: a whole share has no decimals."""
    share = INDICATORS[code].unit == "percent"
    return (
        "100%"
        if share and value == 100
        else vietnamese(value, DECIMALS[INDICATORS[code].unit]) + ("%" if share else "")
    )


def province(world: World) -> dict[str, tuple[Any, ...]]:
    """code → value, status, trend, direction, freshness of the province."""
    rows = world.query(
        "SELECT code, value, toString(status), toString(trend), direction, toString(freshness) FROM indicator_now WHERE level = 'province'"
    )
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("size", [HD, UHD], ids=["hd", "uhd"])
def test_every_vital_figure_is_clickhouse_s(
    browser: Browser, wall: WallProcess, world: World, size: dict[str, int]
) -> None:
    """Figure, status as word and shape, where it leads; the tile's status is that of its worst; targets reached of the sector's."""
    held, drawn = province(world), 0
    moved = {key: result.text for key, result in movement_mapping().options.items()}
    with Watched(browser, wall.url, size) as page:
        for row in LAYOUT.sector:
            seen = tile(page, panel_of(row.code))
            statuses = []
            assert [one["column"] for one in seen["vital"]] == [one.code for one in row.vital]
            for one, asked in zip(seen["vital"], row.vital, strict=True):
                value, status, trend, _, freshness = held[asked.code]
                assert one["label"] == asked.label
                address = urlsplit(one["url"])
                assert address.path == f"/d/ioc-indicator-{nature_of(INDICATORS[asked.code])}"
                assert parse_qs(address.query) == {"var-code": [asked.code], "var-unit": [ROOT_UNIT]}
                if value is None or freshness == "no_data":
                    assert (one["figure"], one["value"], one["word"]) == (NO_DATA, None, ""), asked.code
                    continue
                drawn += 1
                statuses.append(status)
                assert float(one["value"]) == value
                assert one["figure"] == written(asked.code, value), asked.code
                assert (one["status"], one["shape"]) == (status, f"#{status}")
                expected = moved[trend] if status == "none" and trend != "none" else STATUS_WORDS[status]
                assert one["word"] == expected, asked.code
            worst = next((s for s in ("bad", "warning", "none", "good") if s in statuses), None)
            assert seen["status"] == worst, row.code
            own = [found for code, found in held.items() if INDICATORS[code].sector == row.code]
            aimed = world.query(
                f"SELECT countIf(status = 'good'), count() FROM indicator_now WHERE level = 'province' AND sector = '{row.code}' "
                "AND isNotNull(target) AND isNotNull(value)"
            )[0]
            assert own
            assert seen["mark"] == (f"Đạt {aimed[0]}/{aimed[1]}" if aimed[1] and statuses else ""), row.code
    assert drawn > 25


def test_no_tile_is_empty_while_its_sector_has_figures(browser: Browser, wall: WallProcess, world: World) -> None:
    held = province(world)
    with Watched(browser, wall.url, HD) as page:
        for row in LAYOUT.sector:
            if any(held[one.code][0] is not None for one in row.vital):
                assert tile(page, panel_of(row.code))["message"] == ""
    assert all(any(held[one.code][0] is not None for one in row.vital) for row in LAYOUT.sector)


def short(name: str) -> str:
    """The commune for its committee."""
    return name[5:6].upper() + name[6:] if name.startswith("UBND ") else name


def rows_of(seen: dict[str, Any], held: int) -> list[list[str]]:
    """The rows of a list; those that have no room are counted."""
    rows: list[list[str]] = seen["rows"]
    assert rows
    assert seen["heads"] == []
    assert seen["mark"] == (f"và {held - len(rows)} khác" if held > len(rows) else "")
    return rows


def test_the_worst_units_are_clickhouse_s(browser: Browser, wall: WallProcess, world: World) -> None:
    held = world.query(
        f"SELECT unit, any(unit_name), countIf(status = 'bad'), toInt64(sumIf(value, code IN ({OVERDUE}))) FROM indicator_now "
        f"WHERE level != 'province' AND isNotNull(value) AND (isNotNull(target) OR code IN ({OVERDUE})) GROUP BY unit "
        "ORDER BY 3 DESC, 4 DESC, 2"
    )
    with Watched(browser, wall.url, HD) as page:
        for shown, (unit, name, missed, overdue) in zip(
            rows_of(tile(page, panel_of("worst")), len(held)), held, strict=False
        ):
            assert shown == [short(name), f"{vietnamese(missed, 0)} chưa đạt", f"{vietnamese(overdue, 0)} trễ"]
            link = page.locator(f'[data-panel="{panel_of("worst")}"] a', has_text=short(name)).first.get_attribute(
                "href"
            )
            assert link == f"/d/ioc-unit?var-unit={unit}"


def test_what_changed_today_is_clickhouse_s(browser: Browser, wall: WallProcess, world: World) -> None:
    labels = {one.code: (row.title, one.label) for row in LAYOUT.sector for one in row.vital}
    dawn = {
        code: (value, start)
        for code, value, start in world.query("SELECT code, value, period_start FROM figures_at_dawn")
    }
    changes: list[tuple[bool, float, str, str]] = []
    for code, name, value, grain, start, target, direction, status in world.query(
        "SELECT code, name_vi, value, period_grain, period_start, target, direction, toString(status) FROM indicator_now "
        "WHERE level = 'province' AND isNotNull(value)"
    ):
        before, began = dawn.get(code, (None, None))
        if (code not in labels and target is None) or before in (None, value) or (grain != "now" and began != start):
            continue
        share = INDICATORS[code].unit == "percent"
        change = abs(value - before) * (1 if share else 100 / abs(before) if before else float("nan"))
        reached = target is not None and (before >= target if direction == "up" else before <= target)
        turned = (status == "good" and not reached) or (status in ("warning", "bad") and reached)
        title, label = labels.get(code, ("", ""))
        lower = label if label[1:2].isupper() else label[:1].lower() + label[1:]
        bare = name[6:7].upper() + name[7:] if name.startswith("Tỷ lệ ") else name
        changes.append((not turned, -change if change == change else 1.0, code, f"{title}: {lower}" if title else bare))
    changes.sort()
    assert 3 <= len(changes) < len(dawn)
    with Watched(browser, wall.url, HD) as page:
        for shown, (_, change, _, name) in zip(
            rows_of(tile(page, panel_of("changed")), len(changes)), changes, strict=False
        ):
            assert shown[0] == name
            assert shown[2] == ("" if change > 0 else f"{vietnamese(-change, 1)}%")


def test_targets_are_counted(browser: Browser, wall: WallProcess, world: World) -> None:
    ((good, warning, bad, none, aimed),) = world.query(
        "SELECT countIf(status = 'good'), countIf(status = 'warning'), countIf(status = 'bad'), countIf(status = 'none'), count() "
        "FROM indicator_now WHERE level = 'province' AND isNotNull(target)"
    )
    assert aimed == good + warning + bad + none
    expected = sum(said[6] in ("yes", "likely") for said in FORECASTS)
    with Watched(browser, wall.url, HD) as page:
        seen = tile(page, panel_of("targets"))
    assert [(one["label"], one["figure"]) for one in seen["vital"]] == [
        ("Đạt", str(good)), ("Cần chú ý", str(warning)), ("Chưa đạt", str(bad)), ("Thiếu số liệu", str(none)), ("Dự báo sẽ đạt", str(expected)),
    ]  # fmt: skip
    shapes = [one["shape"] for one in seen["vital"]]
    assert shapes[:3] == [
        f"#{name if count else 'none'}" for name, count in (("good", good), ("warning", warning), ("bad", bad))
    ]
    assert seen["mark"] == f"Đạt {good}/{aimed}"


def test_who_is_late_is_clickhouse_s(browser: Browser, wall: WallProcess, world: World) -> None:
    held = world.query(watch.late())
    late = {row[0]: row[2] for row in world.query(
        "SELECT responsible, '', count() FROM indicator_now WHERE level = 'province' AND kind NOT IN ('latest', 'composite') "
        "AND freshness != 'fresh' GROUP BY responsible"
    )}  # fmt: skip
    names = {name: owed for _, name, owed, *_ in held}
    assert all(names[short(responsible)] >= count for responsible, count in late.items())
    since = [row[3] for row in held]
    assert since == sorted(moment for moment in since if moment is not None) + [None] * since.count(None), (
        "longest first, those that never came last"
    )
    with Watched(browser, wall.url, HD) as page:
        for shown, (_, name, owed, moment, *_) in zip(
            rows_of(tile(page, panel_of("late")), len(held)), held, strict=False
        ):
            assert shown[:2] == [name, str(owed)]
            assert shown[2].endswith("ngày") if moment else shown[2] == "chưa từng"


def test_open_findings_are_clickhouse_s(browser: Browser, wall: WallProcess, world: World) -> None:
    ((total, units),) = world.query(
        "SELECT count(), uniqExact(c.unit) FROM (SELECT * FROM findings FINAL WHERE isNull(resolved_at)) AS f "
        "LEFT JOIN unit_codes AS c ON c.raw_code = f.unit"
    )
    held = world.query(watch.contradictions())
    assert (sum(row[2] for row in held), len(held)) == (total, units)
    assert [row[2] for row in held] == sorted((row[2] for row in held), reverse=True)
    with Watched(browser, wall.url, HD) as page:
        for shown, (_, name, count, *_) in zip(
            rows_of(tile(page, panel_of("findings")), len(held)), held, strict=False
        ):
            assert shown == [name, f"{count} lỗi", "3 giờ"]


def test_where_nothing_is_wrong_it_is_said(world: World) -> None:
    without = watch.contradictions().replace("FROM findings FINAL", "FROM (SELECT * FROM findings WHERE 0)").replace(
        "FROM findings AS f FINAL", "FROM (SELECT * FROM findings WHERE 0) AS f"
    )  # fmt: skip
    ((unit, name, count, found_at, as_of, minutes),) = world.query(without)
    assert (unit, name, count, found_at) == (None, "Chưa phát hiện sai lệch", None, None)
    assert as_of is not None
    assert minutes > 0


def test_unknown_codes_are_shown(wall: WallProcess, world: World) -> None:
    named = world.query("SELECT DISTINCT unit_name FROM indicator_now WHERE level = 'unknown'")
    assert len(named) == 1
    assert STRANGE_UNIT in named[0][0]
    panels = httpx.get(f"{wall.url}/api/frames", timeout=30).json()["panels"]
    shown = [
        row for found in panels.values() for result in found.values() for row in result["rows"] if named[0][0] in row
    ]
    assert shown, "codes that no unit owns reach the wall"


def test_the_way_down_is_walked(browser: Browser, wall: WallProcess) -> None:
    """Wall → sector → indicator, and wall → unit, each by a click, on the real pages."""
    opened = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
    try:
        opened.goto(f"{wall.url}/?rotate=0")
        opened.wait_for_selector(".vital .label[href]")
        opened.locator(f'[data-panel="{panel_of("DVC")}"] .anchors a').click()
        opened.wait_for_function("() => document.documentElement.dataset.uid === 'ioc-sector-dvc'")
        opened.locator(".tile .anchors a").first.click()
        opened.wait_for_function("() => document.documentElement.dataset.uid?.startsWith('ioc-indicator-')")
        opened.goto(f"{wall.url}/?rotate=0")
        opened.locator(f'[data-panel="{panel_of("DVC")}"] .vital .label').first.click()
        opened.wait_for_function("() => document.documentElement.dataset.uid?.startsWith('ioc-indicator-')")
        assert "var-code=DVC-011" in opened.url
        opened.goto(f"{wall.url}/?rotate=0")
        opened.locator(f'[data-panel="{panel_of("worst")}"] .lines a[href]').first.click()
        opened.wait_for_function("() => document.documentElement.dataset.uid === 'ioc-unit'")
    finally:
        opened.close()
    assert all(isinstance(row, SectorRow) for row in LAYOUT.sector)


def test_the_details_tell_each_figure_s_target_moment_and_owner(
    browser: Browser, wall: WallProcess, world: World
) -> None:
    panel = panel_of("DVC")
    opened = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
    try:
        opened.goto(f"{wall.url}/?rotate=0")
        opened.wait_for_selector(f'[data-panel="{panel}"] .vital[data-value]')
        opened.click(f'[data-panel="{panel}"] h2 button')
        said = opened.inner_text("#sheet")
        for one in next(row for row in LAYOUT.sector if row.code == "DVC").vital:
            ((value, target, responsible),) = world.query(
                f"SELECT value, target, responsible FROM indicator_now WHERE code = '{one.code}' AND level = 'province'"
            )
            assert one.label in said
            assert vietnamese(value, DECIMALS[INDICATORS[one.code].unit]) in said
            assert f"{one.code}: {INDICATORS[one.code].name.vi}. Đơn vị chịu trách nhiệm: {responsible}." in said
            assert target is None or f"{target:g}%" in said
        assert said.count("Dữ liệu lúc") == 3
        assert "Tạm tính" in said
    finally:
        opened.close()
