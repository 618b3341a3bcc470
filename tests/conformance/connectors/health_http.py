"""The simulated FHIR server and the REST of health records in a thread, and the rigs over them."""

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
from ingest.simulator.health import fhir_world
from ingest.simulator.health.fhir import FhirServer
from ingest.simulator.health.records import RecordServer
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.source import System
from ingest.sources.health.fhir import fhir_part
from ingest.sources.health.records import record_part
from ingest.testing import ODD_VALUES, Allowances, Fault
from ioc.settings.sources import HealthSourceSettings

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
"""A Thursday afternoon, two ordinary days after the history begins."""


class HealthServers:
    """Both servers on a free port; the simulated clock stands still until it is moved."""

    def __init__(self, data_dir: Path, times: float, seed: int = 5) -> None:
        self.now_ms = BASE_MS
        clock = SimulatedClock(0, 0, wall=lambda: self.now_ms)
        self.world = World("health", seed, BASE_MS, clock, data_dir, times, faults=Faults(names=COMMON))
        self.fhir, self.records = FhirServer(self.world), RecordServer(self.world)
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

    def settings(self, **changes: Any) -> HealthSourceSettings:
        given = {
            "fhir_url": f"{self.url}/fhir",
            "records_url": f"{self.url}/health",
            "user": "connector",
            "password": SecretStr("simulator"),
            "page_size": 8,
            "timeout_s": 5.0,
        }
        return HealthSourceSettings(**{**given, **changes})

    def fhir_facts(self) -> int:
        """How many events the resources come to."""
        self.fhir.advance()
        shelves = self.fhir.shelves
        visits = shelves["Encounter"].changes
        facts = sum(fhir_world.visit(visits.event(version)).facts[version.step] for version in visits)
        return facts + sum(len(shelf.changes) for name, shelf in shelves.items() if name != "Encounter")

    def record_facts(self) -> int:
        self.records.advance()
        return sum(len(shelf.changes) for shelf in self.records.shelves.values())

    async def _serve(self) -> None:
        app = web.Application()
        app.add_routes([*self.fhir.routes(), *self.records.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()


TRANSPORT = ("slow", "http_429", "http_5xx", "dropped", "expired_session", "truncated", "wrong_encoding")
MISSING = Fault("missing_required", frozenset({"missing_field"}))


@dataclass
class HealthRig:
    """One of the two servers."""

    servers: HealthServers
    part: str
    garbage: str = "truncated"
    poison: Fault = MISSING
    canaries: Sequence[str] = ("canary",)

    @property
    def streams(self) -> int:
        return 4 if self.part == "fhir" else 3

    @property
    def versions(self) -> int:
        return self.servers.fhir_facts() if self.part == "fhir" else self.servers.record_facts()

    @property
    def allowances(self) -> Allowances:
        """In FHIR an address that is another text is another extension: what it held is no longer told."""
        return Allowances(odd_values=ODD_VALUES[:-1]) if self.part == "fhir" else Allowances()

    @property
    def faults(self) -> Sequence[Fault]:
        plain = [*map(Fault, (*TRANSPORT, "duplicate", "out_of_order", "unknown_field", "huge_record")), MISSING]
        if self.part != "fhir":
            return plain
        return [
            *plain,
            Fault("invalid_resource", frozenset({"invalid_value"})),
            Fault("unknown_resource", frozenset({"unknown_kind"})),
            Fault("broken_next"),
        ]

    def system(self) -> System:
        settings = self.servers.settings()
        part = fhir_part(settings) if self.part == "fhir" else record_part(settings)
        assert part is not None
        return System(part.streams, 0.0, 1e9, part.close)

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        faults = self.servers.world.faults
        before = faults.fired[name]
        brief = {"seconds": 0.01} if name == "slow" else {"retry_after": 0} if name == "http_429" else {}
        faults.configure({name: {"probability": probability, **brief}})
        try:
            yield lambda: faults.fired[name] - before
        finally:
            faults.configure({name: None})
