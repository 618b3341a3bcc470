"""Boards in the operations room: the playlist goes through all of them by itself and by keys."""

import yaml
from playwright.sync_api import Browser

from dashboards.build import PROVISIONED
from tests.browser import HD, wait_round
from tests.wall_world import WallProcess

ROOM = [
    item["value"] for item in yaml.safe_load((PROVISIONED.parent / "playlists/room.yaml").read_text("utf-8"))["items"]
]
UID = "document.documentElement.dataset.uid"


def test_the_playlist_of_the_room_goes_on_by_itself(browser: Browser, wall: WallProcess) -> None:
    """Every page a second, until the second dashboard of the list is shown and left."""
    page = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
    page.goto(f"{wall.url}/?kiosk&playlist=room&rotate=1")
    for uid in ROOM[:3]:
        page.wait_for_function(f"uid => {UID} === uid", arg=uid, timeout=60_000)
    page.close()


def test_every_board_of_the_room_is_reached_by_keys(browser: Browser, wall: WallProcess) -> None:
    """Backwards: from the first page of a dashboard a key leads to the last page of the one before it, and holds there."""
    page = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
    page.goto(f"{wall.url}/d/ioc-wall?kiosk&playlist=room&rotate=0")
    wait_round(page)
    for uid in (*reversed(ROOM[-4:]), ROOM[-5]):
        while page.evaluate(UID) != uid:
            before = page.evaluate(f"{UID} + document.documentElement.dataset.page")
            page.keyboard.press("ArrowLeft")
            page.wait_for_function(f"before => {UID} + document.documentElement.dataset.page !== before", arg=before)
        assert page.evaluate("document.querySelectorAll('.tile').length") > 0
        assert not page.is_visible("#bar")
    page.keyboard.press("Space")
    assert "dừng" in page.inner_text("#page-number")
    page.close()
