"""The page over time: it turns, ages, announces what is away, and heals by itself."""

import re
import time
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser

from ioc.clock import LOCAL, now
from tests.browser import HD, screenshot
from tests.clickhouse_front import FrontProcess
from tests.wall_page import INDICATORS, LAYOUT, PAGES, Watched, panels_of_page, tile
from tests.wall_world import PROVINCE, WallProcess, World


def test_header_tells_place_time_and_page(browser: Browser, wall: WallProcess, world: World) -> None:
    world.heartbeat()
    with Watched(browser, wall.url, HD) as page:
        # The page may have come before the wall read the new figures.
        page.wait_for_selector("#banner", state="hidden")
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
