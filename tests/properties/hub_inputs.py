"""Answers of the data hub and reports as their senders write them, and what becomes of them when they are mutated."""

import io
import random
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from ingest.convert import Converter, Harvest
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub.portal_tables import Table, tables
from ingest.simulator.hub.reports import SimulatedReports
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.source import Record, Source
from ingest.sources.folder import DroppedFile
from ingest.sources.hub.ckan import CkanStream
from ingest.sources.hub.ckan_portal import Portal
from ingest.sources.hub.lgsp import lgsp_part
from ingest.sources.hub.reports import ReportStream, records_of, reports_part
from ingest.sources.web import Answer
from ingest.testing import HASH_KEY, KEY
from ioc.deadletters import Sealer
from ioc.errors import REASONS, RetriableError
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings
from tests.fuzz import mutations

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
NOW = datetime(2025, 11, 20, 9, tzinfo=UTC)
STAMP = "2025-11-19T00:00:00.000000"
MAX_PAGES = 30
COLUMNS = '{"Mã": "series", "Tháng": "period", "Số đạt": "numerator", "Tổng số": "denominator"}'

STREAMS = {"ckan_statistics": "statistic", "ckan_facilities": "facility", "ckan_vessels": "vessel"}


class Canned:
    """Answers each action, or path, with the bytes it was given."""

    url = "http://canned"

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        return Answer(self.bodies[path.rpartition("/")[2]], None)

    def close(self) -> None:
        """It has no connections."""


class HubInputs:
    """The streams, and inputs of each."""

    def __init__(self, folder: Path) -> None:
        clock = SimulatedClock(0, 0, wall=lambda: BASE_MS)
        world = World("hub", 3, BASE_MS, clock, folder, 0.01, faults=Faults(names=COMMON))
        self.folder = folder
        self.web = Canned()
        portal = Portal("http://127.0.0.1:1", 1.0)
        portal.close()
        vars(portal)["_web"] = self.web
        lgsp, reports = lgsp_part(HubSourceSettings()), reports_part(HubSourceSettings(drop_dir=folder))
        assert lgsp is not None
        assert reports is not None
        lgsp.close()
        for stream in lgsp.streams:
            vars(vars(stream)["_counters"])["_web"] = self.web
        streams: list[Source] = [*(CkanStream(name, portal, 100) for name in STREAMS), *lgsp.streams, *reports.streams]
        self.sources = {stream.stream: stream for stream in streams}
        self.inputs: dict[str, list[bytes]] = {}
        made = tables(world)
        for name, kind in STREAMS.items():
            self.inputs[name] = [ckan_page(table) for table in made if table.kind == kind]
        self.inputs["lgsp_calls"] = [counted(CALLS, 4)]
        self.inputs["lgsp_services"] = [counted(SERVICE, 4)]
        simulated = SimulatedReports(world)
        files = [simulated.file(report) for report in simulated.due(None, BASE_MS)]
        self.csvs = [body for name, body in files if name.endswith(".csv")][:12]
        self.workbooks = [body for name, body in files if name.endswith(".xlsx")][:6]

    def outcome(self, name: str, body: bytes, suffix: str = "csv") -> Counter[str]:
        """What becomes of an input: events, dead letters by reason, or `again` for an answer that is asked for again."""
        source = self.sources[name]
        try:
            records = list(self._file(body, suffix) if isinstance(source, ReportStream) else self._answer(name, body))
        except RetriableError:
            return Counter({"again": 1})
        assert all(isinstance(source.place(record), str) for record in records)
        harvest = Harvest()
        flood = FloodSettings(run=10**9, ratio=1.0)
        Converter(source, Pseudonyms(HASH_KEY), Sealer(KEY), flood).convert(records, NOW, harvest)
        assert {letter.reason for letter in harvest.letters} <= set(REASONS)
        assert not [letter.error for letter in harvest.letters if "canary" in letter.error.lower()]
        return Counter({"event": harvest.events}) + Counter(letter.reason for letter in harvest.letters)

    def _answer(self, name: str, body: bytes) -> Iterator[Record]:
        resource = {"id": "r", "last_modified": STAMP}
        kind = STREAMS.get(name, "")
        extras = {"ioc_kind": kind, "ioc_type": "school"} | ({"ioc_columns": COLUMNS} if kind == "statistic" else {})
        package = {"extras": [{"key": key, "value": value} for key, value in extras.items()], "resources": [resource]}
        self.web.bodies = {
            "package_search": succeeded({"count": 1, "results": [package]}),
            "resource_show": succeeded(resource),
            **dict.fromkeys(("datastore_search", "calls", "services"), body),
        }
        for page in islice(self.sources[name].pages(None), MAX_PAGES):
            yield from page.records

    def _file(self, body: bytes, suffix: str) -> Iterator[Record]:
        path = self.folder / f"report.{suffix}"
        path.write_bytes(body)
        yield from records_of(DroppedFile(path, BASE_MS * 1_000_000, len(body)))


CALLS = {
    "service": "DVC",
    "start": "2025-11-19T08:05:00.000+0700",
    "minutes": 5,
    "calls": 12,
    "failures": 3,
    "unit": "U",
}
SERVICE = {"code": "D", "name": "CANARY", "level": "national", "connected": True, "last_call": None, "phone": "CANARY"}


def succeeded(result: object) -> bytes:
    return msgspec.json.encode({"help": "h", "success": True, "result": result})


def counted(record: dict[str, Any], number: int) -> bytes:
    updated = [f"2025-11-19T08:1{n}:00.000+0700" for n in range(number)]
    records = [{**record, "updated": at} for at in updated]
    return msgspec.json.encode({"total": number, "records": records})


def ckan_page(table: Table, number: int = 5) -> bytes:
    rows = [{"_id": n, **row} for n, row in enumerate(table.rows_at(0, BASE_MS)[:number], 1)]
    fields = [{"id": "_id", "type": "int"}, *({"id": n, "type": t} for n, t in table.columns.items())]
    return succeeded({"fields": fields, "records": rows, "total": len(rows), "limit": 100})


def fuzz(inputs: HubInputs, count: int) -> dict[str, Counter[str]]:
    """Mutates every stream's inputs, `count` in all; outcomes by stream."""
    outcomes: dict[str, Counter[str]] = {}
    for seed, (name, bodies) in enumerate(inputs.inputs.items()):
        found = outcomes.setdefault(name, Counter())
        for body in mutations(bodies, count // 8, seed):
            found += inputs.outcome(name, body)
    csvs = outcomes.setdefault("csv", Counter())
    for body in mutations(inputs.csvs, count // 4, 6):
        csvs += inputs.outcome("reports", body)
    workbooks = outcomes.setdefault("xlsx", Counter())
    for body in mutations(inputs.workbooks, count // 16, 7):
        workbooks += inputs.outcome("reports", body, "xlsx")
    for body in repacked(inputs.workbooks, count // 16, 8):
        workbooks += inputs.outcome("reports", body, "xlsx")
    return outcomes


def repacked(workbooks: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Workbooks of which one part is mutated: what a zip's checksums would hide from mutations of the whole."""
    draw = random.Random(seed)
    for number in range(count):
        with zipfile.ZipFile(io.BytesIO(draw.choice(workbooks))) as book:
            parts = {part.filename: book.read(part) for part in book.infolist()}
        name = draw.choice([one for one in parts if one.endswith(".xml")] + ["xl/worksheets/sheet1.xml"] * 8)
        parts[name] = next(mutations([parts[name]], 1, seed * 1_000_003 + number))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as book:
            for one, body in parts.items():
                book.writestr(one, body)
        yield packed.getvalue()
