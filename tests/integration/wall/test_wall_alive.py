"""The page over time: it turns, ages, announces what is away, and heals by itself."""

import re
import time
from datetime import timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Browser

from ioc.clock import LOCAL, now
from tests.browser import HD, screenshot
from tests.clickhouse_front import FrontProcess
from tests.wall_page import INDICATORS, LAYOUT, Watched, panel_of, tile
from tests.wall_world import PROVINCE, WallProcess, World


def test_header_tells_place_time_and_page(browser: Browser, wall: WallProcess, world: World) -> None:
    world.heartbeat()
    with Watched(browser, wall.url, HD) as page:
        # The page may have come before the wall read the new figures.
        page.wait_for_selector("#banner", state="hidden")
        top = page.inner_text(".top")
        assert PROVINCE.name.vi in top
        assert LAYOUT.title in top
        assert not page.locator("#page-number").is_visible(), "there is one page"
        assert "UTC+7" in top
        local = now().astimezone(LOCAL)
        assert f"{local:%d/%m/%Y}" in top
        shown = page.inner_text("#time")
        seconds = [int(part) for part in shown.split(":")]
        difference = abs(
            seconds[0] * 3600 + seconds[1] * 60 + seconds[2] - (local.hour * 3600 + local.minute * 60 + local.second)
        )
        assert min(difference, 86400 - difference) <= 3


SECTOR = "/d/ioc-sector-dvc"


def tiles_of_pages(wall: WallProcess) -> list[int]:
    """How many tiles each page of the sector's dashboard has, as its JSON says."""
    counts: list[int] = []
    for panel in httpx.get(f"{wall.url}/api/dashboard", params={"uid": "ioc-sector-dvc"}, timeout=30).json()["panels"]:
        counts = [*counts, 0] if panel["type"] == "row" else [*counts[:-1], counts[-1] + 1]
    return counts


def test_keys_turn_pages_and_charts_are_disposed(browser: Browser, wall: WallProcess) -> None:
    pages = tiles_of_pages(wall)
    with Watched(browser, wall.url, HD, path=SECTOR) as page:
        number = "Number(document.documentElement.dataset.page)"
        assert page.inner_text("#page-number") == f"Trang 1/{len(pages)}"
        counts = []
        for key, expected in (("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", len(pages)), ("ArrowRight", 1)):
            page.keyboard.press(key)
            assert page.evaluate(number) == expected
            counts.append(page.evaluate("document.querySelectorAll('.tile').length"))
        assert counts == [pages[i - 1] for i in (2, 1, len(pages), 1)]
        page.keyboard.press("Space")
        assert "dừng" in page.inner_text("#page-number")


def test_pages_follow_one_another(browser: Browser, wall: WallProcess) -> None:
    pages = tiles_of_pages(wall)
    with Watched(browser, wall.url, HD, "kiosk&rotate=1", SECTOR) as page:
        for expected in (2, 3):
            page.wait_for_function(
                "n => Number(document.documentElement.dataset.page) === n", arg=expected, timeout=30_000
            )
            assert page.evaluate("document.querySelectorAll('.tile').length") == pages[expected - 1]


def test_the_room_goes_from_the_wall_to_the_sectors_and_back(browser: Browser, wall: WallProcess) -> None:
    """By itself: from the wall to the first sector, and from the last board to the wall again."""
    at = "uid => document.documentElement.dataset.uid === uid"
    uids = httpx.get(f"{wall.url}/api/playlist", params={"name": "room"}).json()["uids"]
    assert uids[0] == "ioc-wall"
    assert uids[1:14] == [f"ioc-sector-{code.lower()}" for code in sorted(row.code for row in LAYOUT.sector)]
    with Watched(browser, wall.url, HD, "kiosk&playlist=room&rotate=2") as page:
        page.wait_for_function(at, arg="ioc-wall", timeout=30_000)
        page.wait_for_function(at, arg=uids[1], timeout=30_000)
    with Watched(browser, wall.url, HD, "kiosk&playlist=room&rotate=8") as page:
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(at, arg=uids[-1], timeout=30_000)
        page.wait_for_function(at, arg="ioc-wall", timeout=60_000)
        assert page.evaluate("document.querySelectorAll('.tile').length") == 18


def test_age_goes_from_fresh_to_late_to_old(browser: Browser, clickhouse_front: FrontProcess, tmp_path: Path) -> None:
    world = World(clickhouse_front, "wall_age").migrate().fill(60)
    world.heartbeat()
    panel = panel_of("PA")
    (limit,) = {
        INDICATORS[one.code].freshness_minutes for row in LAYOUT.sector if row.code == "PA" for one in row.vital
    }
    with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
        assert tile(page, panel)["freshness"] == "fresh"
        figure = tile(page, panel)["vital"][0]["figure"]
        assert re.search(r"\d", figure)
        for minutes, state, words in ((limit + 5, "late", "Trễ "), (limit * 3 + 60, "stale", "Cũ ")):
            world.heartbeat(timedelta(minutes=minutes))
            page.wait_for_selector(f'[data-panel="{panel}"][data-freshness="{state}"]', timeout=45_000)
            seen = tile(page, panel)
            assert seen["age"].startswith(words)
            assert seen["vital"][0]["figure"] == figure
        hatched = f"getComputedStyle(document.querySelector('[data-panel=\"{panel}\"]'), '::after').backgroundImage"
        assert "repeating-linear-gradient" in page.evaluate(hatched)
        screenshot(page, "wall-old")
        world.heartbeat()
        page.wait_for_selector(f'[data-panel="{panel}"][data-freshness="fresh"]', timeout=45_000)


def test_outages_are_announced_and_heal(browser: Browser, tmp_path: Path) -> None:
    with FrontProcess(tmp_path / "front") as front:
        world = World(front, "wall_heal").migrate().fill(60)
        world.heartbeat()
        with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
            panel = panel_of("DVC")
            figure = tile(page, panel)["vital"][0]["figure"]
            assert re.search(r"\d", figure)
            assert not page.is_visible("#banner")
            place = page.locator(f'[data-panel="{panel}"]').bounding_box()

            front.kill()
            page.wait_for_selector("#banner:has-text('Mất kết nối ClickHouse từ')", timeout=20_000)
            said = page.inner_text("#banner")
            assert re.search(r"từ \d\d:\d\d:\d\d", said)
            assert tile(page, panel)["vital"][0]["figure"] == figure
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
            assert tile(page, panel)["vital"][0]["figure"] == figure
            wall.start()
            began = time.monotonic()
            world.heartbeat()
            page.wait_for_selector("#banner", state="hidden", timeout=10_000)
            assert time.monotonic() - began < 10


def test_refresh_changes_figures_in_place(browser: Browser, clickhouse_front: FrontProcess, tmp_path: Path) -> None:
    world = World(clickhouse_front, "wall_place").migrate().fill(60)
    world.heartbeat()
    panel = panel_of("DVC")
    with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
        before = tile(page, panel)["vital"][2]["figure"]
        page.evaluate(
            "for (const e of document.querySelectorAll('.tile, .tile .vital b, .tile .lines')) e.marked = true"
        )
        world.fill(120, seed=2)
        world.heartbeat()
        page.wait_for_function(
            "([panel, before]) => document.querySelectorAll(`[data-panel=\"${panel}\"] .vital b`)[2].textContent !== before",
            arg=[panel, before], timeout=45_000,
        )  # fmt: skip
        ((value,),) = world.query(
            "SELECT toInt64(value) FROM indicator_now WHERE code = 'DVC-003' AND level = 'province'"
        )
        assert tile(page, panel)["vital"][2]["figure"] == str(value)
        kept = page.evaluate(
            "[...document.querySelectorAll('.tile, .tile .vital b, .tile .lines')].every(e => e.marked)"
        )
        assert kept, "tiles and figures are the same elements as before"
