"""From board to board by pointer: sector → indicator, units → unit → indicator, targets → indicator, freshness → unit, and back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.board_screen import Screen, asked
from tests.browser import HD
from tests.wall_world import WallProcess, World


@pytest.fixture
def screen(browser: Browser, wall: WallProcess, request: pytest.FixtureRequest) -> Iterator[Screen]:
    with Screen(browser, wall.url, request.param, HD, kiosk=False) as opened:
        yield opened
        assert opened.complaints == []


def follow(screen: Screen, panel: str, link: str = "tbody tr a[href]") -> dict[str, str]:
    """Clicks the first link of the panel of this title; gives where it led, once that is shown."""
    anchor = screen.page.locator(f".tile:has(h2 button:text-is('{panel}'))").locator(link).first
    wanted = asked(anchor.get_attribute("href") or "")
    anchor.click()
    screen.page.wait_for_url(re.compile(re.escape(f"/d/ioc-{wanted['board']}")))
    screen.wait()
    assert asked(screen.page.url).items() >= wanted.items()
    return wanted


def turn(screen: Screen, times: int) -> None:
    """Turns so many pages on."""
    for _ in range(times):
        screen.page.keyboard.press("ArrowRight")
    screen.wait()


def chosen(page: Page, variable: str) -> str:
    """What a selector of the bar has chosen."""
    return page.input_value(f"#bar select[name={variable}]")


def figure(world: World, code: str, unit: str) -> str:
    """The figure of an indicator in a unit, as the board of the indicator writes it; its share is a percentage."""
    ((value,),) = world.query(f"SELECT value FROM indicator_now WHERE code = '{code}' AND unit = '{unit}'")
    return "Không có dữ liệu" if value is None else f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",") + "%"


def shown_figure(screen: Screen) -> str:
    """The large figure of an indicator's board."""
    tile = next(tile for tile in screen.tiles() if tile.title == "Giá trị hiện nay")
    return str(tile.found["figure"] or tile.found["message"])


@pytest.mark.parametrize("screen", ["sector-dvc"], indirect=True)
def test_sector_to_indicator_and_back(screen: Screen, world: World) -> None:
    turn(screen, 3)
    led = follow(screen, "Chỉ tiêu có mục tiêu (1/2)")
    assert led["board"] == "indicator-flow"
    assert chosen(screen.page, "code") == led["code"]
    assert shown_figure(screen) == figure(world, led["code"], led["unit"])
    screen.page.go_back()
    screen.page.wait_for_url(re.compile("/d/ioc-sector-dvc"))
    screen.wait()
    screen.page.click("#bar .home")
    screen.page.wait_for_function("() => document.documentElement.dataset.uid === 'ioc-wall'")


@pytest.mark.parametrize("screen", ["units"], indirect=True)
def test_units_to_unit_to_indicator(screen: Screen, world: World) -> None:
    led = follow(screen, screen.tiles()[0].title)
    assert led["board"] == "unit"
    assert chosen(screen.page, "unit") == led["unit"]
    on = follow(screen, "Chưa đạt và cần chú ý, nặng nhất trước")
    assert on["unit"] == led["unit"], "the indicator in this unit, not in the province"
    assert shown_figure(screen) == figure(world, on["code"], on["unit"])


@pytest.mark.parametrize("screen", ["targets"], indirect=True)
def test_targets_to_indicator(screen: Screen) -> None:
    led = follow(screen, "Mục tiêu, kết quả và dự báo")
    assert led["board"].startswith("indicator-")
    assert chosen(screen.page, "code") == led["code"]


@pytest.mark.parametrize("screen", ["freshness"], indirect=True)
def test_freshness_to_unit_and_by_its_bar_to_the_others(screen: Screen) -> None:
    led = follow(screen, "Đơn vị còn thiếu báo cáo")
    assert led["board"] == "unit"
    assert chosen(screen.page, "unit") == led["unit"]
    screen.page.click("#bar .menu summary")
    screen.page.click("#bar .list a:has-text('Số liệu báo cáo cần kiểm tra')")
    screen.page.wait_for_function("() => document.documentElement.dataset.uid === 'ioc-findings'")


@pytest.mark.parametrize("screen", ["units"], indirect=True)
def test_levels_that_have_no_units_are_not_offered(screen: Screen, world: World) -> None:
    offered = screen.page.locator("#bar select[name=level] option").evaluate_all("all => all.map(e => e.value)")
    with_units = {level for (level,) in world.query("SELECT DISTINCT level FROM units FINAL WHERE valid_to IS NULL")}
    assert set(offered) <= with_units
    assert "district" not in offered
