"""How long the query of every panel of every dashboard takes, on a database of years: at rest, and with everything flowing.

Prints the figures; asserts only that none of them is refused and all were asked.
"""

import os
from collections.abc import Iterator

import numpy as np
import pytest

from tests.bench.big_world import BigWorld, processor_s
from tests.bench.panel_queries import PanelQuery, ask, panel_queries

GOAL_MS = 50.0
RUNS = int(os.environ.get("IOC_BENCH_RUNS", "20"))
"""Of each query."""
WORST = 10


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BigWorld]:
    with BigWorld(tmp_path_factory.mktemp("big")) as world:
        yield world


def report(what: str, queries: list[PanelQuery]) -> str:
    """The figures of one condition."""
    ordered = sorted(queries, key=lambda query: -query.percentile(95))
    over = [query for query in ordered if query.percentile(95) > GOAL_MS]
    dear = [query for query in ordered if query.percentile(50) > GOAL_MS]
    everything = [took for query in queries for took in query.took]
    p50, p95 = np.percentile(everything, [50, 95])
    late = sum(query.late for query in queries)
    lines = [
        f"panels, {what}: {len(queries)} queries, {RUNS} times each: p50 {p50:.0f} ms, p95 {p95:.0f} ms of all answers",
        f"  {len(over)} queries over {GOAL_MS:.0f} ms in their own p95, {len(dear)} in their median, {late} answers not waited for; the worst:",
    ]
    lines += [
        f"  p50 {query.percentile(50):4.0f}, p95 {query.percentile(95):4.0f} ms, {query.rows:5} rows: {query.board}: {query.title}"
        for query in ordered[:WORST]
    ]
    return "\n".join(lines)


@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_panels(big: BigWorld, capsys: pytest.CaptureFixture[str]) -> None:
    settings = big.world.settings
    at_rest, busy = panel_queries(), panel_queries()
    size = big.size
    ask(settings, at_rest, RUNS)
    with big.flowing() as flow, flow.counted() as rate:
        spent = processor_s(big.front.pid)
        ask(settings, busy, RUNS)
        spent = processor_s(big.front.pid) - spent
    assert all(len(query.took) == RUNS for query in (*at_rest, *busy))
    with capsys.disabled():
        print(f"\npanels: on {size}\n{report('at rest', at_rest)}")
        print(report(f"with {rate.value:,.0f} events/s flowing", busy))
        print(f"  {rate.seconds:.0f} s, in which the engine took {spent / rate.seconds:.0%} of a core")
