"""The simulated portal and counters of the data hub in a thread, and the rigs over them and over dropped reports."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub.figures import reported, span
from ingest.simulator.hub.lgsp import SimulatedLgsp
from ingest.simulator.hub.portal import SimulatedPortal
from ingest.simulator.hub.report_files import FORM, Line, as_csv, as_xlsx
from ingest.simulator.hub.reports import SimulatedReports
from ingest.simulator.hub.series import BY_CODE
from ingest.simulator.moments import read_iso
from ingest.simulator.records import spoil_by
from ingest.simulator.spoil import wrong_encoding
from ingest.simulator.system import World
from ingest.source import System
from ingest.sources.hub.system import hub_system
from ingest.testing import Fault
from ioc.settings.sources import HubSourceSettings

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")


class HubServer:
    """Portal and counters on a free port; the simulated clock stands still until it is moved."""

    def __init__(self, data_dir: Path, times: float, history_days: float = 0.025, seed: int = 5) -> None:
        self.now_ms = BASE_MS
        clock = SimulatedClock(0, 0, wall=lambda: self.now_ms)
        faults = Faults(names=COMMON)
        self.world = World("hub", seed, BASE_MS, clock, data_dir, times, history_days, faults=faults)
        self.portal, self.lgsp = SimulatedPortal(self.world), SimulatedLgsp(self.world)
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def settings(self, **changes: Any) -> HubSourceSettings:
        given = {
            "ckan_url": f"{self.url}/ckan",
            "lgsp_url": f"{self.url}/lgsp",
            "user": "connector",
            "password": SecretStr("simulator"),
            "page_size": 50,
            "timeout_s": 5.0,
        }
        return HubSourceSettings(**{**given, **changes})

    async def _serve(self) -> None:
        app = web.Application()
        app.add_routes([*self.portal.routes(), *self.lgsp.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()


MISSING = Fault("missing_required", frozenset({"missing_field"}))
TRANSPORT = ("slow", "http_429", "http_5xx", "dropped", "expired_session", "truncated", "wrong_encoding")


@dataclass
class HubRig:
    """Portal and counters."""

    server: HubServer
    streams: int = 5
    garbage: str = "truncated"
    poison: Fault = MISSING
    canaries: Sequence[str] = ("canary",)

    @property
    def versions(self) -> int:
        counters = self.server.lgsp.state()
        rows: dict[str, int] = self.server.portal.state()["rows"]
        return sum(rows.values()) + int(counters["calls"]) + int(counters["services"])

    @property
    def faults(self) -> Sequence[Fault]:
        return [*map(Fault, (*TRANSPORT, "duplicate", "out_of_order", "unknown_field", "huge_record")), MISSING]

    def system(self) -> System:
        return hub_system(self.server.settings())

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        faults = self.server.world.faults
        before = faults.fired[name]
        brief = {"seconds": 0.01} if name == "slow" else {"retry_after": 0} if name == "http_429" else {}
        faults.configure({name: {"probability": probability, **brief}})
        try:
            yield lambda: faults.fired[name] - before
        finally:
            faults.configure({name: None})


def made_lines(unit: str, count: int = 4) -> list[Line]:
    """Lines of a report of a unit that reports nothing else."""
    series = [one for one in BY_CODE.values() if one.grain == "month"][:count]
    return [Line(one, unit, "2025-10", reported(1, one, unit, span("month", 669).number)) for one in series]


class ReportsRig:
    """Reports in a folder; faults drop files of units that nobody else reports for, and take them away again."""

    streams = 1
    garbage = "away"
    poison = MISSING
    canaries: Sequence[str] = ("canary",)
    faults: Sequence[Fault] = (
        Fault("truncated", frozenset({"undecodable"}), extra=True),
        Fault("wrong_encoding", frozenset({"undecodable"}), extra=True),
        Fault("missing_required", frozenset({"missing_field"}), extra=True),
        Fault("contradicting_cells", frozenset({"invalid_value"}), extra=True),
        Fault("huge_record", extra=True),
        Fault("unknown_field", extra=True),
        Fault("duplicate", extra=True),
        Fault("out_of_order", extra=True),
    )

    def __init__(self, folder: Path, data_dir: Path) -> None:
        clock = SimulatedClock(0, 0, wall=lambda: BASE_MS)
        world = World("hub", 5, BASE_MS, clock, data_dir, drop_dir=folder, faults=Faults(names=COMMON))
        self.folder = folder
        folder.mkdir()
        reports = SimulatedReports(world)
        files = [reports.file(report) for report in reports.due(None, BASE_MS) if report.turn == 0][::4]
        lines = 0
        for name, body in files:
            (folder / name).write_bytes(body)
        self.files = dict(files)
        self.versions = lines

    def system(self) -> System:
        return hub_system(HubSourceSettings(ckan_url="", lgsp_url="", drop_dir=self.folder, settle_s=0.0, page_size=7))

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        if name == "away":
            away = self.folder.with_name("away")
            self.folder.rename(away)
            try:
                yield lambda: 1
            finally:
                away.rename(self.folder)
            return
        dropped = self._spoiled(name)
        for file, body in dropped.items():
            (self.folder / file).write_bytes(body)
        try:
            yield lambda: len(dropped)
        finally:
            for file in dropped:
                (self.folder / file).unlink()

    def _spoiled(self, name: str) -> dict[str, bytes]:
        lines = made_lines("000.00.77.H12")
        body = as_csv("Báo cáo", lines)
        match name:
            case "truncated":
                workbook = as_xlsx("Báo cáo", lines)
                return {"nua.xlsx": workbook[: len(workbook) // 2]}
            case "wrong_encoding":
                return {"windows.csv": wrong_encoding(as_csv("Báo cáo", lines, encoding="utf-8"), 1)}
            case "contradicting_cells":
                bare = as_csv("Báo cáo", lines, separator=",").replace(b'"', b"")
                return {"dau-phay.csv": bare}
            case "missing_required":
                spoiled = spoil_by(name, lines, FORM, Faults(names=COMMON))
                return {"thieu.csv": as_csv("Báo cáo", spoiled), "thieu.xlsx": as_xlsx("Báo cáo", spoiled)}
            case "duplicate":
                return {"mot.csv": body, "hai.csv": body}
        spoiled = spoil_by(name, lines, FORM, Faults(names=COMMON))
        return {f"{name}.csv": as_csv("Báo cáo", spoiled), f"{name}.xlsx": as_xlsx("Báo cáo", spoiled)}
