"""Legible from afar, whole, in its place; what is not known or not there is said."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from dashboards.build import WALL
from tests.browser import HD, UHD, screenshot
from tests.clickhouse_front import FrontProcess
from tests.wall_page import Watched, panel_of, tile, tiles
from tests.wall_world import WallProcess, World


@pytest.mark.parametrize("size", [HD, UHD], ids=["hd", "uhd"])
def test_legible_whole_and_in_its_place(
    browser: Browser, wall: WallProcess, world: World, size: dict[str, int]
) -> None:
    world.heartbeat()
    watched = Watched(browser, wall.url, size)
    with watched as page:
        page.wait_for_function("() => document.querySelectorAll('.vital, .lines tr').length > 40")
        screenshot(page, f"wall-{size['height']}")
        assert page.evaluate("document.querySelectorAll('.tile').length") == len(tiles()) == 18
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
    if (e.scrollHeight > e.clientHeight + 1 && e.clientHeight && e.matches(".tile, .body, .bars, .table, .figure, .under, .legend, footer, h2, .figures, .lines")) faults.push(`high: ${e.scrollHeight}>${e.clientHeight} ${name(e)}`);
  }
  const boxes = [...document.querySelectorAll(".tile, .top")].map(e => [e, e.getBoundingClientRect()]);
  boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
    if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) faults.push(`overlap: ${name(a)} / ${name(b)}`);
  }));
  for (const [e, box] of boxes) if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) faults.push(`off screen: ${name(e)}`);
  for (const e of document.querySelectorAll(".figure b")) {
    if (visible(e) && parseFloat(getComputedStyle(e).fontSize) < 0.05 * height) faults.push(`key figure small: ${name(e)}`);
  }
  // Of a line of text the letters stand within nine tenths of the type's size around its middle.
  const letters = e => { const r = e.getBoundingClientRect(); const half = parseFloat(getComputedStyle(e).fontSize) * 0.45; const middle = (r.top + r.bottom) / 2; return { left: r.left, right: r.right, top: middle - half, bottom: middle + half }; };
  for (const vital of document.querySelectorAll(".figures")) {
    const texts = [...vital.querySelectorAll(".label, b, .mark span")].filter(e => visible(e) && e.textContent).map(e => [e, letters(e)]);
    texts.forEach(([a, p], i) => texts.slice(i + 1).forEach(([b, q]) => {
      if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) faults.push(`letters overlap: ${name(a)} / ${name(b)}`);
    }));
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
    with WallProcess(world, tmp_path) as wall, Watched(browser, wall.url, HD) as page:
        for panel, row in tiles():
            seen = tile(page, panel)
            if panel == panel_of("late"):
                assert {cells[2] for cells in seen["rows"]} == {"chưa từng"}, "who has never reported is told"
                continue
            nothing = "Hôm nay chưa ghi nhận thay đổi" if panel == panel_of("changed") else "Không có dữ liệu"
            assert seen["message"] == nothing, (row, seen)
            assert not any(one["value"] for one in seen["vital"])
        screenshot(page, "wall-no-data")
        assert page.evaluate(MEASURE, HD["height"]) == []


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
        others = [tile(page, panel)["message"] for panel, _ in tiles() if panel not in {one["id"] for one in stats[:4]}]
        assert others == [""] * len(others), "the others go on"
        screenshot(page, "wall-unknown")


def test_spoken_labels(browser: Browser, wall: WallProcess) -> None:
    with Watched(browser, wall.url, HD) as page:
        labels = page.evaluate(
            "[...document.querySelectorAll('.tile')].map(e => [e.getAttribute('role'), e.getAttribute('aria-label')])"
        )
        for (role, label), (panel, row) in zip(labels, tiles(), strict=True):
            assert role == "group"
            assert label.startswith(row.title)
            assert re.search(r"\d", label), panel


GREYED = """() => [...document.querySelectorAll('.vital[data-value]')].map(e => [e.dataset.status, e.querySelector('.mark use').getAttribute('href'), e.querySelector('.mark span').textContent || e.closest('.counts')?.querySelector('.label').textContent])"""


def test_status_is_told_by_shape_and_word_too(browser: Browser, wall: WallProcess) -> None:
    """Without any colour: each status has a shape of its own and a word beside it; what is missed never looks like what is reached."""
    with Watched(browser, wall.url, HD) as page:
        told = page.evaluate(GREYED)
        assert len(told) > 25
        assert all(shape == f"#{status}" and word for status, shape, word in told if status)
        outlines = page.evaluate(
            "[...document.querySelectorAll('symbol')].map(e => [e.id, e.innerHTML.replace(/#[0-9a-f]{6}/g, '')])"
        )
        shapes = {name: outline for name, outline in outlines if name in ("good", "warning", "bad", "none")}
        assert len(set(shapes.values())) == 4
