"""Two hours of the wall in some minutes: does its page keep what it has shown, does its server keep what it has told?

Two hours are 1,440 refreshes of 5 s, and 288 screens of 25 s. The wall is asked to refresh as fast as it can, over a small database
whose figures and cells change all the time, so that every refresh has news; the page goes round the wall, a sector and the units, a
screen each few refreshes. Prints the figures; asserts that nodes and listeners of the page do not grow.
"""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import CDPSession, Page

from dashboards.build import PROVISIONED, WALL
from sinks.clickhouse.client import Client
from tests.bench.wall_watch import steps
from tests.browser import HD, chromium, rounds, wait_round
from tests.clickhouse_front import FrontProcess
from tests.wall_world import WallProcess, World

REFRESHES = int(os.environ.get("IOC_BENCH_REFRESHES", "1440"))
REFRESH_S = 0.05
SAMPLES = 8
WARM_UP = 0.15
"""Of the refreshes, so many go by before the first sample: every dashboard of the playlist has been shown by then."""


PLAYLIST = "name: Hai giờ\ninterval: 1s\nitems:\n" + "".join(
    f"  - {{type: dashboard_by_uid, value: {uid}}}\n" for uid in ("ioc-wall", "ioc-sector-dvc", "ioc-units")
)


_HOME = (
    "document.documentElement.dataset.uid === 'ioc-wall' && document.documentElement.dataset.page === '1' "
    "&& document.querySelector('section.tile') && !document.querySelector('[data-message^=\"Đang tải\"]')"
)


@dataclass(frozen=True)
class Sample:
    """What the page and the processes hold, after so many refreshes."""

    refreshes: int
    heap: float
    """MB of JavaScript's heap, after a collection."""
    nodes: int
    listeners: int
    renderer: float
    """MB that the page's process has resident …"""
    server: float
    """… and the wall's."""


class Watch:
    """Reads what the page and the processes hold."""

    def __init__(self, page: Page, wall: WallProcess) -> None:
        assert wall.process is not None
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._wall, self._server = wall, psutil.Process(wall.process.pid)

    def sample(self) -> Sample:
        """When the page shows the wall's first screen next: each screen has nodes of its own."""
        while True:
            self._page.wait_for_function(f"() => {_HOME}", timeout=300_000, polling=50)
            self._page.keyboard.press("Space")  # it stays
            if self._page.evaluate(_HOME):
                break
            self._page.keyboard.press("Space")
        self._session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in self._session.send("Performance.getMetrics")["metrics"]}
        self._page.keyboard.press("Space")
        renderers = [
            child.memory_info().rss
            for child in psutil.Process().children(recursive=True)
            if "--type=renderer" in child.cmdline()
        ]
        return Sample(
            steps(self._wall, "round")[0], found["JSHeapUsedSize"] / 1e6, int(found["Nodes"]), int(found["JSEventListeners"]),
            max(renderers) / 1e6, self._server.memory_info().rss / 1e6,
        )  # fmt: skip


@contextmanager
def changing(world: World) -> Iterator[None]:
    """Figures and cells of every unit change all the time while the block runs."""
    base, ended = world.database, threading.Event()
    figures = (
        f"INSERT INTO {base}.indicator_figures SELECT * REPLACE (value * (0.9 + rand(1) % 200 / 1000) AS value, "
        f"now64(6, 'UTC') AS revision) FROM {base}.indicator_figures FINAL WHERE rand(2) % 3 = 0"
    )
    cells = (
        f"INSERT INTO {base}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures) "
        f"SELECT generation, rollup_id, grain, unit, bucket, part, revision + 1, arrayMap(one -> one + rand(3) % 5, measures) "
        f"FROM {base}.partials FINAL WHERE grain IN ('day', 'now') AND rand(4) % 50 = 0"
    )

    def change() -> None:
        with Client(world.settings, world.settings.admin) as client:
            while not ended.wait(REFRESH_S):
                client.execute(figures)
                client.execute(cells)

    with ThreadPoolExecutor(1) as pool:
        changed = pool.submit(change)
        try:
            yield
        finally:
            ended.set()
        changed.result()


def _folder(directory: Path) -> Path:
    """The dashboards with a playlist of their own beside them; the file of the wall."""
    shutil.copytree(PROVISIONED, directory / "dashboards")
    (directory / "playlists").mkdir()
    (directory / "playlists" / "round.yaml").write_text(PLAYLIST, encoding="utf-8")
    return directory / "dashboards" / WALL.name


def slope(samples: list[Sample], what: str) -> float:
    """Growth for each 1,000 refreshes: a line through all samples."""
    values = [float(getattr(sample, what)) for sample in samples]
    return float(np.polyfit([sample.refreshes / 1000 for sample in samples], values, 1)[0])


@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_two_hours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples: list[Sample] = []
    began = time.monotonic()
    with FrontProcess(tmp_path / "front") as front:
        world = World(front, "wall_memory").migrate().fill(1500).flag()
        world.heartbeat()
        world.dawn()
        with (
            WallProcess(world, tmp_path, _folder(tmp_path), refresh_s=REFRESH_S) as wall,
            changing(world),
            chromium() as browser,
        ):
            page = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
            page.goto(f"{wall.url}/?kiosk&playlist=round")
            watch = Watch(page, wall)
            wait_round(page, timeout_s=60)
            for place in np.linspace(REFRESHES * WARM_UP, REFRESHES, SAMPLES):
                while steps(wall, "round")[0] < place:
                    time.sleep(0.2)
                samples.append(watch.sample())
            asked, shown = steps(wall, "clickhouse")[0], rounds(page)
    with capsys.disabled():
        print(
            f"\nmemory of the wall: {samples[-1].refreshes} refreshes, {asked} queries, {shown} refreshes and screens shown, {time.monotonic() - began:.0f} s in all"
        )
        for name, what, unit in (
            ("JavaScript's heap", "heap", "MB"), ("nodes", "nodes", ""), ("listeners", "listeners", ""),
            ("the renderer, resident", "renderer", "MB"), ("the wall's process, resident", "server", "MB"),
        ):  # fmt: skip
            values = ", ".join(f"{getattr(sample, what):.0f}" for sample in samples)
            print(
                f"  {name}: {values} {unit}; {slope(samples, what):+.2f} {unit} a 1,000 refreshes".replace("  a", " a")
            )
    early, late = samples[: SAMPLES // 2], samples[SAMPLES // 2 :]
    for what in ("nodes", "listeners"):
        # Tables and bars have a row more or less as figures change.
        assert min(getattr(one, what) for one in late) <= 1.05 * max(getattr(one, what) for one in early), what
