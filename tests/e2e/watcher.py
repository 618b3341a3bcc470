"""Pages of the wall that stay open while something changes, and what stands on them."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from playwright.sync_api import Browser, Page

from dashboards.build import PROVISIONED
from dashboards.nature import nature_of
from ioc.catalogue.load import load_catalogue
from tests.browser import HD, wait_round

INDICATORS = load_catalogue().indicators
PROVINCE = "000.00.00.H12"


@dataclass(frozen=True)
class Place:
    """Where an indicator's figure for the province stands: dashboard, page and panel."""

    uid: str
    page: int
    panel: int


def place_of(code: str) -> Place:
    """On the wall, else on the board of the indicator's sector."""
    for name in ("wall", f"sector-{code.split('-')[0].lower()}"):
        content = msgspec.json.decode((PROVISIONED / f"{name}.json").read_bytes())
        page = 0
        for panel in content["panels"]:
            page += panel["type"] == "row"
            if panel["type"] in ("stat", "gauge") and code in _codes(panel):
                return Place(content["uid"], max(page, 1), panel["id"])
    raise AssertionError(f"no tile shows {code}")


def _codes(panel: dict[str, Any]) -> set[str]:
    """The indicators whose figures for the province a tile shows: the one that it asks for, or a column each."""
    asked = panel["targets"][0]["rawSql"]
    alone = re.findall(r"FROM indicator_now\nWHERE code = '(\S+)' AND level = 'province'$", asked)
    return {*alone, *(one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"])}


class Watcher:
    """Pages of the wall that are opened once and never loaded again."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._open: dict[tuple[str, int], Page] = {}

    def shown(self, code: str) -> dict[str, Any]:
        """What the tile of an indicator says: its figure, and the age of what the tile shows."""
        place = place_of(code)
        found: dict[str, Any] = self.page(place).evaluate(
            """([panel, code]) => {
              const root = document.querySelector(`[data-panel="${panel}"]`);
              const seen = [...root.querySelectorAll(`.vital[data-column="${code}"] .amount b, .figure b`)].filter(e => e.checkVisibility());
              return {figure: seen[0]?.textContent ?? null, age: root.querySelector(".age").innerText};
            }""",
            [place.panel, code],
        )
        return found

    def page(self, place: Place) -> Page:
        """The page that a place is on."""
        key = (place.uid, place.page)
        if key not in self._open:
            page = self._browser.new_page(viewport=HD)  # type: ignore[arg-type]
            page.goto(f"{self._url}/d/{place.uid}?rotate=0&page={place.page}")
            wait_round(page)
            page.evaluate("window.openedOnce = true")
            self._open[key] = page
        return self._open[key]

    @property
    def reloaded(self) -> list[tuple[str, int]]:
        """The pages that were loaded again since they were opened."""
        return [key for key, page in self._open.items() if not page.evaluate("window.openedOnce === true")]

    def behind(self, code: str) -> Page:
        """The page of an indicator's dashboard with what its figure counts and what has changed."""
        asked = urlencode({"var-code": code, "var-unit": PROVINCE, "rotate": "0", "page": "3"})
        page = self._browser.new_page(viewport=HD)  # type: ignore[arg-type]
        page.goto(f"{self._url}/d/ioc-indicator-{nature_of(INDICATORS[code])}?{asked}")
        wait_round(page)
        return page


def rows_of(page: Page, title: str) -> list[dict[str, str]]:
    """The rows of the table of that title, by the headings."""
    found: list[dict[str, str]] = page.evaluate(
        """title => {
          const root = [...document.querySelectorAll("[data-panel]")].find(e => e.querySelector("h2").textContent === title);
          const heads = [...root.querySelectorAll("th")].map(e => e.textContent);
          return [...root.querySelectorAll("tbody tr")].map(row => Object.fromEntries([...row.children].map((c, i) => [heads[i], c.textContent])));
        }""",
        title,
    )
    return found
