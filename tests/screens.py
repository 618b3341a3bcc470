"""The pictures of docs/screens.md: `python -m tests.screens [name …]` takes them anew, of made-up figures.

Without names all of them. It starts a ClickHouse front and the wall of its own, in a temporary directory, and ends both.
"""

import io
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.board_screen import Screen
from tests.browser import HD, UHD, chromium
from tests.clickhouse_front import ROOT, FrontProcess
from tests.room_world import RoomWorld
from tests.wall_world import WallProcess, World

FOLDER = ROOT / "docs" / "screens"
MOST_BYTES = 150_000
"""A picture is drawn with a lower quality until it is no larger."""


@dataclass(frozen=True)
class Picture:
    """A page of a dashboard, at one size."""

    board: str
    page: int = 1
    kiosk: bool = True
    size: str = "hd"


PICTURES = {
    "wall": Picture("wall"),
    "wall-uhd": Picture("wall", size="uhd"),
    "sector-dvc": Picture("sector-dvc"),
    "sector-dvc-units": Picture("sector-dvc", page=2),
    "sector-dvc-rows": Picture("sector-dvc", page=4),
    "sector-gd": Picture("sector-gd", kiosk=False),
    "units": Picture("units"),
    "units-uhd": Picture("units", size="uhd"),
    "units-desk": Picture("units", page=4, kiosk=False),
    "unit": Picture("unit?var-unit=000.00.09.H12", kiosk=False),
    "freshness": Picture("freshness"),
    "freshness-sectors": Picture("freshness", page=3),
    "findings": Picture("findings"),
    "targets": Picture("targets"),
    "targets-desk": Picture("targets", page=2, kiosk=False),
    "indicator-flow": Picture("indicator-flow?var-code=DVC-012", kiosk=False),
    "indicator-report": Picture("indicator-report?var-code=GD-007", kiosk=False),
    "indicator-composite": Picture("indicator-composite?var-code=DVC-064"),
}


def small(png: bytes) -> bytes:
    """The picture as WebP of at most `MOST_BYTES`."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(80, 0, -10):
        held = io.BytesIO()
        image.save(held, "WEBP", quality=quality, method=6)
        if held.tell() <= MOST_BYTES:
            break
    return held.getvalue()


def shoot(browser: Browser, address: str, world: World, names: Sequence[str], folder: Path) -> None:
    """Takes the pictures of these names, of the wall at this address over the world."""
    for name in names:
        shown = PICTURES[name]
        board, _, query = shown.board.partition("?")
        asked = f"{board}?page={shown.page}" + (f"&{query}" if query else "")
        world.heartbeat()
        with Screen(browser, address, asked, HD if shown.size == "hd" else UHD, kiosk=shown.kiosk) as screen:
            screen.page.wait_for_selector("#banner", state="hidden")
            (folder / f"{name}.webp").write_bytes(small(screen.page.screenshot()))
        sys.stdout.write(f"{name}\n")


def take(names: Sequence[str], folder: Path = FOLDER) -> None:
    """Takes the pictures of these names, of a world of its own."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, FrontProcess(Path(place) / "front") as front:
        world = RoomWorld(front, "screens").migrate().fill(1500).flag()
        world.heartbeat()
        world.dawn()
        with WallProcess(world, Path(place)) as wall, chromium() as browser:
            shoot(browser, wall.url, world, names, folder)


if __name__ == "__main__":
    take(sys.argv[1:] or list(PICTURES))
