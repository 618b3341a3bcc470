"""Legible from afar, whole, in its place; what is not known or not there is said."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from dashboards.build import WALL
from tests.browser import HD, UHD, screenshot
from tests.clickhouse_front import FrontProcess
from tests.wall_page import PAGES, Watched, panels_of_page, tile
from tests.wall_world import WallProcess, World


@pytest.mark.parametrize("size", [HD, UHD], ids=["hd", "uhd"])
@pytest.mark.parametrize("number", range(1, PAGES + 1))
def test_legible_whole_and_in_its_place(
    browser: Browser, wall: WallProcess, world: World, number: int, size: dict[str, int]
) -> None:
    world.heartbeat()
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
    while True:
        try:
            found: dict[str, int] = {}
            root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
            for node in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "body, body *"})["nodeIds"]:
                for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
                    name = font["familyName"] + (", brought along" if font["isCustomFont"] else ", of the machine")
                    found[name] = found.get(name, 0) + int(font["glyphCount"])
        except Error as error:
            # A round came in between and a chart was drawn anew.
            if "Could not find node" not in str(error):
                raise
        else:
            session.detach()
            return found


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
