"""How fast tables of the portal are read: from HTTP to acknowledged by a real broker, and how much memory that takes.

Prints the figures. Made-up answers are sent as they were written, by a process of its own, so that only the connector's own processor
time counts; the simulator would take longer to make the rows than the connector to read them.
"""

import json
import multiprocessing
import multiprocessing.connection
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from ingest.cursor import KafkaCursors
from ingest.limit import RateLimit
from ingest.runner import Runner, Tools
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.hub.portal_tables import Table, tables
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.sources.hub.ckan import STREAMS, ckan_part
from ingest.testing import HASH_KEY, KEY, Polls
from ioc import logs
from ioc.deadletters import Sealer
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings
from ioc.topics import FIXED_TOPICS
from tests.kafka_broker import KafkaProcess
from tests.unit.ingest.scripted_server import Reply, ScriptedServer

ROWS = 60_000
PAGE = 1_000
BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
"""An hour's worth and far more: the province's portal has some 8,000 rows."""


def serve(kind: str, folder: Path, ready: "multiprocessing.connection.Connection") -> None:
    """Serves `ROWS` rows of a kind until it is told to end."""
    world = World("hub", 1, BASE_MS, SimulatedClock(0, 0, wall=lambda: BASE_MS), folder, 40.0)
    table = max((table for table in tables(world) if table.kind == kind), key=lambda t: len(t.rows_at(0, BASE_MS)))
    with ScriptedServer(answering(kind, table)) as server:
        ready.send(server.url)
        ready.recv()


def answering(kind: str, table: Table) -> Callable[[str, bytes], Reply]:
    """The portal's answers, all pages of rows made beforehand."""
    made = table.rows_at(0, BASE_MS)
    rows = [{"_id": n + 1, **made[n % len(made)], **fresh(table, n, len(made))} for n in range(ROWS)]
    fields = [{"id": "_id", "type": "int"}, *({"id": n, "type": t} for n, t in table.columns.items())]
    told = {"fields": fields, "total": ROWS, "limit": PAGE}
    pages = [succeeded({**told, "records": rows[at : at + PAGE]}) for at in range(0, ROWS, PAGE)]
    resource = {"id": "r", "last_modified": "2025-11-19T00:00:00", "datastore_active": True}
    extras = [{"key": "ioc_kind", "value": kind}, *({"key": k, "value": v} for k, v in table.extras.items())]
    found = succeeded({"count": 1, "results": [{"name": "p", "extras": extras, "resources": [resource]}]})
    others = {"package_search": found, "resource_show": succeeded(resource)}

    def answer(path: str, _body: bytes) -> Reply:
        url = urlsplit(path)
        action = url.path.rpartition("/")[2]
        body = others[action] if action in others else pages[int(parse_qs(url.query)["offset"][0]) // PAGE]
        return 200, {"Content-Type": "application/json"}, body

    return answer


def fresh(table: Table, number: int, count: int) -> dict[str, Any]:
    """An identity of its own for each row, however often the table's rows are repeated."""
    key = table.identity[0]
    return {key: f"X{number}"} if number >= count else {}


def succeeded(result: object) -> bytes:
    return json.dumps({"help": "h", "success": True, "result": result}, ensure_ascii=False).encode()


@pytest.mark.bench
@pytest.mark.parametrize("stream", STREAMS)
def test_portal(stream: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    server = spawn.Process(target=serve, args=(STREAMS[stream], tmp_path, theirs))
    server.start()
    try:
        used_s, wall_s, grown, steps = read_all(stream, mine.recv(), tmp_path)
    finally:
        mine.send(None)
        server.join()
    with capsys.disabled():
        print(f"\n{stream}: {ROWS / used_s:,.0f} rows a second of one core, from HTTP to acknowledged")
        print(f"  {ROWS / wall_s:,.0f} a second of the clock, memory grew by {grown / 2**20:.0f} MiB; " + ", ".join(
            f"{step} {seconds:.1f} s" for step, seconds in steps.items()
        ))  # fmt: skip


def read_all(stream: str, url: str, tmp_path: Path) -> tuple[float, float, int, dict[str, float]]:
    """Seconds of the processor and of the clock, bytes of memory more than before, seconds by step."""
    part = ckan_part(HubSourceSettings(ckan_url=url, page_size=PAGE))
    assert part is not None
    logs.configure("warning")
    metrics = Metrics("ingest")
    process = psutil.Process(os.getpid())
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, FIXED_TOPICS)
        with Producer(broker.bootstrap) as producer:
            cursors = KafkaCursors(broker.bootstrap, producer)
            flood, limit = FloodSettings(), RateLimit(1e9)
            tools = Tools(
                producer, cursors, Sealer(KEY), Pseudonyms(HASH_KEY), metrics, limit, flood, poll_s=0, stop=Polls()
            )
            before = process.memory_info().rss
            wall_s, used_s = time.perf_counter(), time.process_time()
            (source,) = [one for one in part.streams if one.stream == stream]
            assert Runner(source, tools).run()
            wall_s, used_s = time.perf_counter() - wall_s, time.process_time() - used_s
            grown = process.memory_info().rss - before
    part.close()
    registry = metrics.registry
    assert registry.get_sample_value("ioc_records_total", {"stage": "ingest", "stream": f"hub/{stream}"}) == ROWS
    steps = {
        step: registry.get_sample_value("ioc_step_seconds_sum", {"stage": "ingest", "step": step}) or 0.0
        for step in ("read", "convert", "publish")
    }
    return used_s, wall_s, grown, steps
