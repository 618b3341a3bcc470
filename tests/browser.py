"""Debian's Chromium by Playwright: no browser is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), _NAMES[0])
"""The browser's program."""

ARTEFACTS = Path(__file__).parent / "artefacts"
"""Where screenshots are kept; git ignores it."""

HD = {"width": 1920, "height": 1080}
UHD = {"width": 3840, "height": 2160}

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium for the time of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def rounds(page: Page) -> int:
    """How many events of the wall's stream the page has shown."""
    return int(page.evaluate("Number(document.documentElement.dataset.round ?? 0)"))


def wait_round(page: Page, beyond: int = 0, timeout_s: float = 30.0) -> None:
    """Waits until the page has shown more than `beyond` events."""
    page.wait_for_function(
        "beyond => Number(document.documentElement.dataset.round ?? 0) > beyond", arg=beyond, timeout=timeout_s * 1000
    )


def screenshot(page: Page, name: str) -> Path:
    """Keeps a picture of the page among the artefacts."""
    ARTEFACTS.mkdir(exist_ok=True)
    file = ARTEFACTS / f"{name}.png"
    page.screenshot(path=file)
    return file
