"""The wall on a database of years with everything flowing: a round, a cold start, what a browser sees first, and many viewers.

Prints the figures; asserts only what is no question of speed: who looks on does not change what is asked.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Browser

from dashboards.build import PROVISIONED, WALL
from dashboards.wall.definition import ANNOTATIONS, read_definition
from tests.bench.big_world import BigWorld, Flowing, processor_s
from tests.bench.wall_watch import Crowd, rounds, steps, until_all
from tests.browser import HD, chromium
from tests.integration.dashboards.asked import filled, variables
from tests.wall_world import WallProcess

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

REFRESH_S = 5.0
WATCHED_S = float(os.environ.get("IOC_BENCH_WATCHED_S", "60"))
STARTS = int(os.environ.get("IOC_BENCH_STARTS", "5"))
CROWD_S = float(os.environ.get("IOC_BENCH_CROWD_S", "25"))
TURNS = 3
"""So often five and fifty viewers look on in turns."""

_PATHS = ("/api/stream", "/api/stream", "/api/stream", "/api/stream?uid=ioc-sector-dvc", "/api/stream?uid=ioc-units")
"""Three of five look at the wall."""


class Watched(NamedTuple):
    """What happened while a crowd looked on."""

    seconds: float
    rounds: float
    questions: float
    """Queries that the wall asked."""
    asking: float
    """Seconds that it waited for their answers, added up."""
    engine: float
    """Seconds of ClickHouse's processor …"""
    wall: float
    """… and of the wall's."""
    size: float
    """Bytes that the viewers got."""


_SEEN = """() => {
  const seen = () => {
    const tiles = [...document.querySelectorAll("section.tile")].filter(tile => tile.dataset.type !== "text");
    const open = tiles.filter(tile => (tile.dataset.message ?? "").startsWith("Đang tải"));
    if (tiles.length && !open.length) window.allSeen = performance.now();
    else requestAnimationFrame(seen);
  };
  requestAnimationFrame(seen);
}"""


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BigWorld]:
    with BigWorld(tmp_path_factory.mktemp("big")) as world:
        yield world


@pytest.fixture(scope="module")
def flow(big: BigWorld) -> Iterator[Flowing]:
    with big.flowing() as flowing:
        yield flowing


def asking(file: Path) -> int:
    """Panels with a query."""
    return len({target.panel for target in read_definition(file).targets} - {ANNOTATIONS})


def spread(values: list[float]) -> str:
    p50, p95 = np.percentile(values, [50, 95])
    return f"median {p50:.2f} s, p95 {p95:.2f} s"


def test_rounds_and_cold_start(
    big: BigWorld, flow: Flowing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panels, cold = asking(WALL), []
    for _ in range(STARTS):
        with WallProcess(big.world, tmp_path, refresh_s=REFRESH_S) as wall:
            cold.append(until_all(wall, "/api/stream", panels))
    with WallProcess(big.world, tmp_path, refresh_s=REFRESH_S) as wall, flow.counted() as rate:
        other = {
            file.stem: until_all(wall, f"/api/stream?uid=ioc-{file.stem}", asking(file))[1]
            for file in sorted(PROVISIONED.glob("*.json"))
            if file.stem not in ("wall", "pipeline")
        }
        took = asyncio.run(_watched(wall))
    assert took
    slowest = sorted(other.items(), key=lambda item: -item[1])[:3]
    with capsys.disabled():
        print(
            f"\nwall: on {big.size}, {rate.value:,.0f} events/s flowing, {panels} panels\n"
            f"  a round, one viewer: {spread(took)}, longest {max(took):.2f} s, over {len(took)} rounds\n"
            f"  a wall just started, all panels: {spread([both[1] for both in cold])}, the first event: {spread([both[0] for both in cold])}\n"
            f"  the first viewer of another dashboard, all its panels: {spread(list(other.values()))}; "
            + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest)
        )


async def _watched(wall: WallProcess) -> list[float]:
    async with Crowd(wall.url, _PATHS[:1]):
        return await asyncio.to_thread(rounds, wall, WATCHED_S)


def test_first_paint(big: BigWorld, flow: Flowing, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
    with chromium() as browser, flow.counted() as rate:
        for _ in range(STARTS):
            with WallProcess(big.world, tmp_path, refresh_s=REFRESH_S) as wall:
                for name, seen in zip(found, _paints(browser, wall), strict=True):
                    found[name].append(seen)
    with capsys.disabled():
        print(f"\nfirst paint of the wall, {rate.value:,.0f} events/s flowing, {STARTS} starts of the wall's process")
        for name, what in (("cold", "neither process nor browser knows anything"), ("warm", "the page loaded again")):
            paint, whole = ([both[place] for both in found[name]] for place in (0, 1))
            print(f"  {what}: first contentful paint {spread(paint)}; the last tile has its figure: {spread(whole)}")


def _paints(browser: Browser, wall: WallProcess) -> Iterator[tuple[float, float]]:
    """Seconds from the navigation to the first contentful paint and to the last tile's figure: opened, and loaded again."""
    with browser.new_context(viewport={"width": HD["width"], "height": HD["height"]}) as context:
        page = context.new_page()
        page.add_init_script(f"({_SEEN})()")
        for _ in range(2):
            page.goto(f"{wall.url}/?kiosk&rotate=0")
            page.wait_for_function("() => window.allSeen", timeout=120_000)
            painted, whole = page.evaluate(
                "() => [performance.getEntriesByName('first-contentful-paint')[0].startTime, window.allSeen]"
            )
            yield painted / 1000, whole / 1000


def test_viewers(big: BigWorld, flow: Flowing, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[int, list[Watched]] = {5: [], 50: []}
    with WallProcess(big.world, tmp_path, refresh_s=REFRESH_S) as wall, flow.counted() as rate:
        for _ in range(TURNS):
            for viewers, turns in found.items():
                turns.append(asyncio.run(_crowd(big, wall, viewers)))
    few, many = (Watched(*np.sum(turns, axis=0)) for turns in found.values())
    with capsys.disabled():
        print(
            f"\nviewers of {len(set(_PATHS))} dashboards, {rate.value:,.0f} events/s flowing, {TURNS} turns of {CROWD_S:.0f} s each"
        )
        for viewers, sums in ((5, few), (50, many)):
            print(
                f"  {viewers:2}: {sums.questions / sums.rounds:.1f} queries a round in {sums.asking / sums.rounds:.2f} s of asking; "
                f"engine {sums.engine / sums.seconds:.0%} of a core, wall {sums.wall / sums.seconds:.1%}, "
                f"{sums.size / sums.seconds / 1e6:.2f} MB/s to viewers"
            )
        each = [
            one.engine / one.seconds / (other.engine / other.seconds)
            for one, other in zip(found[50], found[5], strict=True)
        ]
        print(
            f"  the engine's processor time, 50 to 5: {many.engine / many.seconds / (few.engine / few.seconds):.2f} ({min(each):.2f} to {max(each):.2f})"
        )
    # Each question is asked once a round at most, whoever looks on.
    for sums in (few, many):
        assert 0 < sums.questions <= (sums.rounds + TURNS) * (questions() + 1)


async def _crowd(big: BigWorld, wall: WallProcess, viewers: int) -> Watched:
    assert wall.process is not None
    pids = big.front.pid, wall.process.pid
    async with Crowd(wall.url, [_PATHS[number % len(_PATHS)] for number in range(viewers)]) as crowd:
        began, before, size = time.monotonic(), _so_far(wall, *pids), crowd.size
        spent = [0.0]
        while time.monotonic() - began < CROWD_S or spent[0] < 1:
            await asyncio.sleep(0.5)
            spent = [late - early for late, early in zip(_so_far(wall, *pids), before, strict=True)]
        return Watched._make((time.monotonic() - began, *spent, crowd.size - size))


def _so_far(wall: WallProcess, engine: int, own: int) -> tuple[float, float, float, float, float]:
    count, asking = steps(wall, "clickhouse")
    return steps(wall, "round")[0], count, asking, processor_s(engine), processor_s(own)


def questions() -> int:
    """Different questions of the dashboards that are looked at."""
    found = set()
    for name in ("wall", "sector-dvc", "units"):
        file = PROVISIONED / f"{name}.json"
        values = variables(json.loads(file.read_text(encoding="utf-8")))
        found |= {filled(target.text, values) for target in read_definition(file).targets}
    return len(found)
