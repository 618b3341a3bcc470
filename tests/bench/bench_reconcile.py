"""How long it takes to compare the engines: every cell and every indicator, over five million made-up events.

Prints the figures; asserts only that nothing differs.
"""

import time
from pathlib import Path

import psutil
import pytest

from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.compare import Comparison
from tests.bench.event_world import fill
from tests.clickhouse_front import FrontProcess

ENTITIES = 150_000
"""Of each kind, with their facets, and a second version of a quarter of them: about five million events."""

DATABASE = "reconcile_bench"


@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_reconcile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogue, province = load_catalogue(), load_province("ca_mau")
    with FrontProcess(tmp_path / "front") as front:
        user = front.users["ioc_admin"]
        where = ClickHouseSettings(native_port=front.native_port, http_port=front.http_port)
        with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
            done = migrate(client, Target(DATABASE), catalogue, province, {"events.dossier": "bench"})
            fill(client, DATABASE, done.generation, catalogue, province, ENTITIES)
            events = client.query(
                f"SELECT sum(total_rows) FROM system.tables WHERE database = '{DATABASE}' AND name LIKE '%_history'"
            )[0][0]
            engine = psutil.Process(front.pid)
            spent = sum(engine.cpu_times()[:2])
            began, cpu = time.monotonic(), time.process_time()
            result, found = Comparison(client, DATABASE, catalogue, province).run()
            seconds, python = time.monotonic() - began, time.process_time() - cpu
            spent = sum(engine.cpu_times()[:2]) - spent
            memory = psutil.Process().memory_info().rss >> 20
    assert found == {}
    with capsys.disabled():
        print(
            f"\nreconcile: {events:,} events, {result.cells:,} cells, {result.indicators} indicators with {result.values:,} values\n"
            f"  {seconds:.1f} s for everything; processor time: {spent:.1f} s of the engine, {python:.1f} s of numpy ({memory} MiB)"
        )
