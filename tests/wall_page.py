"""Opens the wall in a browser and reads what stands in a tile."""

import re
from typing import Any

from playwright.sync_api import Browser, Page

from dashboards.boards.glance import WALL, SectorRow, WatchRow, load_wall
from tests.browser import wait_round
from tests.wall_world import CATALOGUE

INDICATORS = CATALOGUE.indicators
LAYOUT = load_wall(WALL, CATALOGUE)


class Watched:
    """A page whose every request and complaint is kept."""

    def __init__(
        self, browser: Browser, address: str, size: dict[str, int], query: str = "kiosk&rotate=0", path: str = "/"
    ) -> None:
        self.page = browser.new_page(viewport={"width": size["width"], "height": size["height"]})
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}{path}?{query}")
        wait_round(self.page)

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_: object) -> None:
        self.page.close()


def tile(page: Page, panel: int) -> dict[str, Any]:
    found = page.evaluate(
        """panel => {
          const root = document.querySelector(`[data-panel="${panel}"]`);
          const texts = selector => [...root.querySelectorAll(selector)].filter(e => e.checkVisibility()).map(e => e.textContent);
          return {
            title: root.querySelector("h2").textContent, figure: texts(".figure b")[0] ?? null, under: texts(".under span"),
            mark: texts("footer .mark")[0] ?? "", age: texts(".age")[0] ?? "", message: texts(".message")[0] ?? "", notes: texts(".note"),
            bars: [...root.querySelectorAll(".bar")].map(b => [b.querySelector(".name").textContent, b.querySelector(".cell").textContent]),
            rows: [...root.querySelectorAll("tbody tr")].map(r => [...r.children].map(c => c.textContent)),
            heads: texts("th"), legend: [...root.querySelectorAll(".legend b")].map(b => [b.dataset.column, b.textContent]),
            vital: [...root.querySelectorAll(".vital")].map(v => ({
              label: v.querySelector(".label").textContent, url: v.querySelector(".label").getAttribute("href"), figure: v.querySelector("b").textContent,
              word: v.querySelector(".mark").checkVisibility() ? v.querySelector(".mark span").textContent : "", status: v.dataset.status ?? null,
              shape: v.querySelector(".mark use").getAttribute("href"), column: v.dataset.column, value: v.dataset.value ?? null,
            })),
            axis: texts(".chart text"), status: root.dataset.status ?? null, freshness: root.dataset.freshness ?? null,
          };
        }""",
        panel,
    )
    assert isinstance(found, dict)
    return found


def tiles() -> list[tuple[int, SectorRow | WatchRow]]:
    """(id in the dashboard, row of the layout) of every panel, in the order in which they are read."""
    return list(enumerate(LAYOUT.tiles, start=1))


def panel_of(name: str) -> int:
    """The panel of a sector by its letters, or of a list by what it is drawn as."""
    return next(panel for panel, row in tiles() if name == (row.code if isinstance(row, SectorRow) else row.draw))


def number(text: str) -> float:
    """A Vietnamese figure: 1.234,5."""
    found = re.search(r"-?[\d.]+(?:,\d+)?", text)
    assert found, text
    return float(found[0].replace(".", "").replace(",", "."))


def decimals(text: str) -> int:
    """How many decimals a Vietnamese figure is shown with."""
    found = re.search(r",(\d+)", text)
    return len(found[1]) if found else 0
