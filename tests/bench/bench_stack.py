"""The whole stack on this machine: from warm start to first figure, from source to `indicator_now`, and at rest."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from tests.e2e import made_log
from tests.e2e.live_stack import LiveStack

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

RATE = 50
WATCHED_S = 60.0
REST_S = 60.0
POLL_S = 0.1


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[LiveStack]:
    """A stack at `RATE` generated versions a second over a made log; not started."""
    log = tmp_path / "made.csv"
    made_log.write(log, cases=600, seed=11)
    settings = {"IOC_EMBEDDED__SIMULATOR__LOG": str(log), "IOC_EMBEDDED__SIMULATOR__RATE": str(RATE)}
    stack = LiveStack(tmp_path / "stack", settings)
    stack.data_dir.mkdir()
    yield stack
    if stack.settings_file.is_file():
        stack.down()


def test_start_latency_and_rest(folder: LiveStack) -> None:
    folder.up()
    _await_figure(folder)
    folder.down()
    began = time.monotonic()
    folder.up()
    up_s = time.monotonic() - began
    _await_figure(folder)
    print(
        f"\nwarm start: the wall answers after {up_s:.1f} s, first figure on it after {time.monotonic() - began:.1f} s"
    )
    _print_latency(folder)
    _print_rest(folder)


def _await_figure(stack: LiveStack) -> None:
    """Waits until the wall shows a figure for the dossiers received."""
    url = f"http://127.0.0.1:{stack.settings.wall.port}/api/frames"
    while '"fresh"' not in httpx.get(url, timeout=30).text:
        time.sleep(0.2)


def _print_latency(stack: LiveStack) -> None:
    """How long from the connector's reading of a new dossier until it is counted in `indicator_now`.

    Each new dossier raises DVC-001 by one. The k-th one that the connector read is taken as shown when the figure has risen by k:
    an upper bound, as some of those before it may be the slower ones.
    """
    figure = "SELECT numerator AS n FROM indicator_now WHERE code = 'DVC-001' AND level = 'province'"
    start = int(stack.query(figure)[0]["n"])
    risen: list[tuple[float, int]] = []
    ends = time.time() + WATCHED_S
    while time.time() < ends:
        n = int(stack.query(figure)[0]["n"])
        if not risen or n > risen[-1][1]:
            risen.append((time.time(), n))
        time.sleep(POLL_S)
    # The first reading of each dossier that counts in DVC-001, of this year, in the order of reading.
    read = stack.query(
        "SELECT toUnixTimestamp64Micro(min(observed_at)) / 1e6 AS at FROM dossier_history FINAL "
        "WHERE facet = 'case' AND status NOT IN ('registered', 'refused') AND toYear(received_at + INTERVAL 7 HOUR) = toYear(now('Asia/Ho_Chi_Minh')) "
        "GROUP BY entity ORDER BY at"
    )
    observed = [float(row["at"]) for row in read]
    shown_at: dict[int, float] = {}
    for at, n in risen[1:]:
        for k in range(len(shown_at) + start, n):
            shown_at[k] = at
    waits = [at - observed[k] for k, at in shown_at.items() if k < len(observed)]
    p50, p95 = np.percentile(waits, [50, 95])
    print(f"source to indicator_now at {RATE} versions/s: p50 {p50:.2f} s, p95 {p95:.2f} s over {len(waits)} dossiers")


def _print_rest(stack: LiveStack) -> None:
    """Memory and processor time with the simulator off and one viewer (the browser not counted)."""
    simulator = psutil.Process(int(stack.component("simulator")["pid"]))
    simulator.suspend()
    try:
        parts = [psutil.Process(int(c["pid"])) for c in stack.status()["components"] if c["pid"]]
        family = {p.pid: p for part in parts for p in [part, *part.children(recursive=True)]}
        family.pop(simulator.pid)
        url = f"http://127.0.0.1:{stack.settings.wall.port}/api/stream"
        with httpx.stream("GET", url, timeout=None) as viewer:
            lines = viewer.iter_lines()
            next(lines)
            time.sleep(5)
            before = {pid: sum(p.cpu_times()[:2]) for pid, p in family.items()}
            began = time.monotonic()
            while time.monotonic() - began < REST_S:
                next(lines)
            spent = sum(sum(p.cpu_times()[:2]) - before[pid] for pid, p in family.items())
            share = spent / (time.monotonic() - began)
            resident = sum(p.memory_info().rss for p in family.values())
    finally:
        simulator.resume()
    print(f"at rest, one viewer: {resident / 2**30:.2f} GiB resident, {share:.0%} of one core")
