"""Boards on the room's screen and at a desk: whole, in their places, legible, in Vietnamese letters. Every page, both sizes."""

import re
import unicodedata

import pytest
from playwright.sync_api import Browser, Page

from tests.board_screen import Screen
from tests.browser import HD, UHD, screenshot
from tests.integration.wall.test_wall_look import MEASURE, fonts_used
from tests.wall_world import WallProcess

BOARDS = ("sector-dvc", "units", "unit", "freshness", "findings", "targets")

WALL_SHARE = 0.025
"""Of the screen's height: the smallest text of the wall, which the measure has built in."""
ROOM_SHARE = 0.0195
"""The smallest of a board on an unattended screen: a table of many columns may take 0.78 of the wall's smallest."""
DESK_SHARE = 0.0118
"""The smallest at a desk: 12.7 px on a screen 1,080 px high."""

COVERED = """() => {
  const faults = [];
  const walker = document.createTreeWalker(document.querySelector("#stage"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.checkVisibility()) continue;
    if (getComputedStyle(e).textOverflow === "ellipsis") faults.push(`ellipsis: ${e.textContent}`);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) texts.push([e.textContent, box, e]);
  }
  texts.sort((a, b) => a[1].top - b[1].top);
  texts.forEach(([one, p, e], i) => {
    for (let j = i + 1; j < texts.length && texts[j][1].top < p.bottom - 3; j += 1) {
      const [other, q, f] = texts[j];
      // Lines of one text stand closer than their letters are high.
      if (e !== f && p.left < q.right - 2 && q.left < p.right - 2 && Math.min(p.bottom, q.bottom) - q.top > 0.3 * q.height) faults.push(`covered: ${one} / ${other}`);
    }
  });
  return faults;
}"""
"""Texts that lie over one another, or are cut with dots."""


def written(page: Page) -> str:
    """Every text that the page shows."""
    return str(page.evaluate("document.body.innerText"))


def letters(text: str) -> list[str]:
    """What is wrong with the letters of a text: not composed, replaced, or cut with dots."""
    wrong = [] if unicodedata.is_normalized("NFC", text) else ["not NFC"]
    wrong += re.findall(r".{0,20}\N{REPLACEMENT CHARACTER}", text)
    return wrong + [cut for cut in re.findall(r".*\N{HORIZONTAL ELLIPSIS}", text) if "Đang tải" not in cut]


@pytest.mark.parametrize("size", [HD, UHD], ids=["hd", "uhd"])
@pytest.mark.parametrize("board", BOARDS)
def test_on_an_unattended_screen(browser: Browser, wall: WallProcess, board: str, size: dict[str, int]) -> None:
    name = board.partition("?")[0]
    with Screen(browser, wall.url, board, size, kiosk=True) as screen:
        for number in screen.pages():
            screenshot(screen.page, f"board-{name}-{number}-{size['height']}")
            assert screen.page.evaluate(MEASURE, size["height"] * ROOM_SHARE / WALL_SHARE) == [], number
            assert screen.page.evaluate(COVERED) == [], number
            assert letters(written(screen.page)) == [], number
            for tile in screen.tiles():
                assert not tile.found["note"], tile.found["note"]
                assert "Lỗi" not in tile.found["message"], tile.found["message"]
            if number == 1 and size is HD:
                assert set(fonts_used(screen.page)) == {"Inter, brought along"}
        assert screen.complaints == []


@pytest.mark.parametrize("board", BOARDS)
def test_at_a_desk(browser: Browser, wall: WallProcess, board: str) -> None:
    """What has no room is scrolled there, within its tile: only that may be higher than it is."""
    with Screen(browser, wall.url, board, HD, kiosk=False) as screen:
        for number in screen.pages():
            faults = screen.page.evaluate(MEASURE, HD["height"] * DESK_SHARE / WALL_SHARE)
            assert [one for one in faults if not one.startswith(("high", "outside"))] == [], number
            assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), number
            scrolled = "[...document.querySelectorAll('.tile :is(.table, .bars)')].every(e => e.scrollHeight <= e.clientHeight + 1 || e.tabIndex === 0)"
            assert screen.page.evaluate(scrolled), f"page {number}: what is scrolled is reached by keys"
            assert letters(written(screen.page)) == [], number
        assert screen.complaints == []
