"""What reading the figures costs, and keeping them: on 4 million cells of 150 units over three years.

Prints the figures; asserts only what is no question of speed.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.clickhouse.snapshot import Snapshot
from tests.bench.cells_world import Size, fill, padded
from tests.clickhouse_front import FrontProcess

DATABASE = "bench_views"
UNITS = 150
RUNS = 15


class Bench:
    """A filled database, and a stopwatch that also counts the engine's processor time."""

    def __init__(self, client: Client, front: FrontProcess) -> None:
        self.client = client
        self._process = psutil.Process(front.pid)

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def measure(self, run: Callable[[], object], runs: int = RUNS) -> tuple[float, float, float]:
        """Milliseconds: the median, the least, and of the engine's processor a run."""
        run()
        took, cpu = [], self._cpu()
        for _ in range(runs):
            begun = time.perf_counter()
            run()
            took.append((time.perf_counter() - begun) * 1000)
        return sorted(took)[runs // 2], min(took), (self._cpu() - cpu) * 1000 / runs

    def line(self, what: str, run: Callable[[], object], runs: int = RUNS) -> str:
        """A line of the report."""
        median, least, cpu = self.measure(run, runs)
        return f"  {what}: median {median:.0f} ms, least {least:.0f} ms, {cpu:.0f} ms of the engine's processor"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with FrontProcess(Path(tmp_path_factory.mktemp("front"))) as front:
        user = front.users["ioc_admin"]
        where = ClickHouseSettings(native_port=front.native_port, http_port=front.http_port)
        with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
            catalogue, province = load_catalogue(), padded(load_province("ca_mau"), UNITS)
            generation = migrate(client, Target(DATABASE), catalogue, province, {}).generation
            fill(client, DATABASE, generation, catalogue, province, Size())
            for table in ("partials", "sealed", "state_days"):
                client.execute(f"OPTIMIZE TABLE {DATABASE}.{table} FINAL")
            yield Bench(client, front)


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_views(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    client = bench.client
    cells = client.query(
        f"SELECT (SELECT uniqExact(rollup_id, grain, unit, bucket) FROM {DATABASE}.partials) + (SELECT count() FROM {DATABASE}.sealed)"
    )[0][0]
    snapshot = Snapshot(client, DATABASE)
    begun = time.perf_counter()
    snapshot.refresh()
    whole = time.perf_counter() - begun
    indicators, rows = client.query(f"SELECT uniqExact(code), count() FROM {DATABASE}.indicator_now")[0]
    assert indicators == len(load_catalogue().indicators)
    columns = "code, unit_name, value, previous, trend, target, status, as_of, freshness, provisional"
    now = f"SELECT {columns} FROM {DATABASE}.indicator_now"
    periods = f"SELECT period_start, unit, value FROM {DATABASE}.indicator_period(code = '{{}}') WHERE tree = 'today'"
    flow, state, report = (
        client.query(f"SELECT min(code) FROM {DATABASE}.live_facts WHERE mode = '{mode}'")[0][0]
        for mode in ("flow", "now", "report")
    )

    def quiet_second() -> None:
        snapshot.refresh()

    def busy_second() -> None:
        # What twenty records touch: a few rollups of a few units, today and some days before.
        client.execute(
            f"INSERT INTO {DATABASE}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures) "
            f"SELECT generation, rollup_id, grain, unit, bucket, part, revision + 1, measures FROM {DATABASE}.partials FINAL "
            "WHERE grain IN ('day', 'now') AND cityHash64(unit) % 15 = 0 AND cityHash64(rollup_id, rand(1)) % 50 = 0 LIMIT 60"
        )
        snapshot.refresh()

    lines = [
        f"\nviews: {cells:,} cells, {indicators} indicators, {UNITS} units, {rows:,} rows of indicator_now",
        bench.line("indicator_now, the province", lambda: client.query(f"{now} WHERE level = 'province'")),
        bench.line("indicator_now, all units", lambda: client.query(now)),
    ]
    for name, code in (("flow", flow), ("state", state), ("report", report)):
        for grain, what in (("month", "level = 'province'"), ("day", "level = 'province'"), ("year", "1")):
            lean = f"{DATABASE}.{name}_period(code = '{code}', grain = '{grain}', tree = 'today')"
            sql = f"SELECT period_start, unit, value FROM {lean} WHERE {what}"
            lines.append(bench.line(f"{name}_period, {grain}, {what}", lambda sql=sql: client.query(sql)))  # type: ignore[misc]
            past = f"{DATABASE}.{name}_past(code = '{code}', grain = '{grain}')"
            sql = f"SELECT period_start, unit, value FROM {past} WHERE {what}"
            lines.append(bench.line(f"{name}_past, {grain}, {what}", lambda sql=sql: client.query(sql)))  # type: ignore[misc]
        if name == "flow":
            sql = f"SELECT period_start, value FROM {DATABASE}.flow_province(code = '{code}', grain = 'day')"
            lines.append(bench.line("flow_province, day", lambda sql=sql: client.query(sql)))  # type: ignore[misc]
        sql = f"{periods.format(code)} AND grain = 'month' AND level = 'province'"
        lines.append(bench.line(f"indicator_period, a {name}, by month", lambda sql=sql: client.query(sql)))  # type: ignore[misc]
    lines += [
        f"  snapshot of everything (once a day and an hour): {whole:.1f} s",
        bench.line("snapshot, nothing came in", quiet_second),
        bench.line("snapshot, sixty cells came in, with their insert", busy_second),
    ]
    with capsys.disabled():
        print("\n".join(lines))
