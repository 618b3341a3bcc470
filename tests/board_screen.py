"""Opens a dashboard in a browser, turns its pages, and reads what its tiles show: figures, rows by their heads, where they lead."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page

from dashboards.build import PROVISIONED

_LOADED = "() => document.querySelector('.tile') && ![...document.querySelectorAll('.tile')].some(e => e.dataset.message === 'Đang tải…')"
_DRAWN = "() => [...document.querySelectorAll('.chart, .arc')].filter(e => e.checkVisibility()).every(e => e.querySelector('svg'))"

_READ = """() => [...document.querySelectorAll(".tile")].map(root => {
  const texts = selector => [...root.querySelectorAll(selector)].filter(e => e.checkVisibility()).map(e => e.textContent);
  const cell = e => ({ text: e.textContent, value: e.querySelector("[data-value]")?.dataset.value ?? null, href: e.querySelector("a[href]")?.getAttribute("href") ?? "" });
  const heads = texts("th");
  return {
    panel: Number(root.dataset.panel), type: root.dataset.type, title: root.querySelector("h2").textContent, value: root.dataset.value ?? null,
    message: texts(".message")[0] ?? "", note: texts(".note")[0] ?? "", figure: texts(".figure b")[0] ?? "", under: texts(".under span").join(" "),
    foot: texts("footer")[0] ?? "",
    bars: [...root.querySelectorAll(".bar")].map(e => ({ name: e.querySelector(".name").textContent, ...cell(e) , text: e.querySelector(".cell").textContent })),
    rows: [...root.querySelectorAll("tbody tr")].map(e => Object.fromEntries([...e.children].map((c, i) => [heads[i], cell(c)]))),
    legend: [...root.querySelectorAll(".legend b")].filter(e => e.checkVisibility()).map(e => ({ text: e.textContent, value: e.dataset.value ?? null })),
  };
})"""


@dataclass(frozen=True)
class Shown:
    """A tile as it stands on the page: what `_READ` finds of it."""

    found: dict[str, Any]

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.found["title"])

    @property
    def rows(self) -> list[dict[str, dict[str, Any]]]:
        """Rows of a table: head → `text`, `value`, `href`."""
        rows: list[dict[str, dict[str, Any]]] = self.found["rows"]
        return rows

    @property
    def bars(self) -> list[dict[str, Any]]:
        """Bars: `name`, `text`, `value`, `href`."""
        bars: list[dict[str, Any]] = self.found["bars"]
        return bars

    @property
    def left_out(self) -> int:
        """How many rows or bars it says that it has no room for."""
        said = re.search(r"và (\d+) (?:dòng|mục) khác", str(self.found["foot"]))
        return int(said[1]) if said else 0


def asked(href: str) -> dict[str, str]:
    """The variables that an address chooses, and as `board` the dashboard that it leads to."""
    parts = urlsplit(href)
    chosen = {name.removeprefix("var-"): values[0] for name, values in parse_qs(parts.query).items()}
    return chosen | {"board": parts.path.removeprefix("/d/ioc-")}


class Screen:
    """A dashboard on a screen. A context manager.

    Args:
        browser: where it is opened.
        address: of the wall.
        board: name of the dashboard's file, with further parameters after `?` if need be.
        size: of the screen.
        kiosk: as an unattended screen.
    """

    def __init__(self, browser: Browser, address: str, board: str, size: dict[str, int], *, kiosk: bool) -> None:
        name, _, more = board.partition("?")
        query = "&".join(part for part in ("kiosk" if kiosk else "", "rotate=0", more) if part)
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": size["width"], "height": size["height"]})
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}/d/ioc-{name}?{query}")
        self.wait()

    def wait(self) -> None:
        """Waits until every tile of the page has something to say, and charts are drawn."""
        self.page.wait_for_function(_LOADED)
        self.page.wait_for_function(_DRAWN)

    def pages(self) -> Iterator[int]:
        """Turns every page in its turn, by key; gives its number."""
        count = int(self.page.inner_text("#page-number").partition("/")[2].split()[0])
        for number in range(1, count + 1):
            if number > 1:
                self.page.keyboard.press("ArrowRight")
            self.wait()
            assert int(self.page.evaluate("document.documentElement.dataset.page")) == number
            yield number

    def tiles(self) -> list[Shown]:
        """The tiles of the page that is shown."""
        return [Shown(found) for found in self.page.evaluate(_READ)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()


def panels(board: str) -> dict[int, dict[str, Any]]:
    """The panels of a dashboard's file, by id."""
    loaded = json.loads((PROVISIONED / f"{board}.json").read_text(encoding="utf-8"))
    return {panel["id"]: panel for panel in loaded["panels"] if panel["type"] != "row"}
