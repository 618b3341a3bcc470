"""Simulated iOffice: its services in a thread, its folder, and the rigs over both. The simulated clock stands still."""

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
from ingest.simulator.ioffice.messages import Document, Message
from ingest.simulator.ioffice.system import SimulatedOffice
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.source import System
from ingest.sources.ioffice.system import ioffice_system
from ingest.testing import Fault
from ioc.settings.sources import OfficeSourceSettings

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
"""A Thursday afternoon."""

TRANSPORT = ("slow", "http_429", "http_5xx", "dropped", "expired_session", "truncated", "wrong_encoding")
WAYS = ("element_order", "other_prefix", "no_prefix", "bom", "utf16", "missing_optional", "unknown_field")
MISSING = Fault("missing_required", frozenset({"missing_field"}))
ATTACKS = (Fault("dtd", frozenset({"undecodable"})), Fault("bomb", frozenset({"undecodable"})))


class Office:
    """One iOffice, small."""

    def __init__(self, folder: Path, *, times: float = 0.003, history_days: float = 1.0) -> None:
        self.now_ms = BASE_MS
        self.drop_dir = folder / "drop"
        clock = SimulatedClock(0, 0, wall=lambda: self.now_ms)
        self.world = World(
            "ioffice",
            5,
            BASE_MS,
            clock,
            folder / "data",
            times,
            history_days,
            self.drop_dir,
            Faults(names=COMMON),
        )
        self.simulated = SimulatedOffice(self.world)
        self.url = ""

    @contextmanager
    def served(self) -> Iterator[None]:
        """Its services answer, on a free port."""
        loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
        thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve(ready, stop)))
        thread.start()
        assert ready.wait(10)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()

    def settings(self, **changes: Any) -> OfficeSourceSettings:
        given = {
            "url": f"{self.url}/ioffice" if self.url else "",
            "user": "connector",
            "password": SecretStr("simulator"),
            "page_size": 20,
            "requests_per_s": 1e9,
            "timeout_s": 5.0,
            "settle_s": 0.0,
        }
        return OfficeSourceSettings(**{**given, **changes})

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        app = web.Application()
        app.add_routes(self.simulated.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await stop.wait()
        await runner.cleanup()


def events_of(message: Message) -> int:
    """How many events a message comes to."""
    holds = message.holds
    return (
        1 + len({organ.code for organ in holds.receivers} - {holds.sender.code}) if isinstance(holds, Document) else 2
    )


@contextmanager
def fired(faults: Faults, name: str, probability: float) -> Iterator[Callable[[], int]]:
    before = faults.fired[name]
    brief = {"seconds": 0.01} if name == "slow" else {"retry_after": 0} if name == "http_429" else {}
    faults.configure({name: {"probability": probability, **brief}})
    try:
        yield lambda: faults.fired[name] - before
    finally:
        faults.configure({name: None})


@dataclass
class ServicesRig:
    """Exchange and REST."""

    office: Office
    streams: int = 4
    garbage: str = "truncated"
    poison: Fault = MISSING
    canaries: Sequence[str] = ("canary",)

    @property
    def versions(self) -> int:
        simulated = self.office.simulated
        simulated.ledger.advance()
        simulated.accounts.advance()
        simulated.work_files.advance()
        messages = sum(events_of(message) for kept in simulated.ledger.kept.values() for message in kept)
        return messages + len(simulated.accounts.shelf) + len(simulated.work_files.shelf)

    @property
    def faults(self) -> Sequence[Fault]:
        return [*map(Fault, (*TRANSPORT, *WAYS, "duplicate", "out_of_order", "huge_record")), MISSING, *ATTACKS]

    def system(self) -> System:
        return ioffice_system(self.office.settings())

    def misbehave(self, name: str, probability: float) -> Any:
        return fired(self.office.world.faults, name, probability)


class FolderRig:
    """Dropped messages and the export of accounts."""

    streams = 2
    garbage = "folder_gone"
    poison = MISSING
    canaries: Sequence[str] = ("canary",)

    def __init__(self, office: Office) -> None:
        self.office = office
        office.simulated.ledger.advance()
        self.messages = list(office.simulated.ledger.waiting)
        office.simulated.drops.due(asyncio.Event())
        self.files = set(office.drop_dir.iterdir())

    @property
    def versions(self) -> int:
        return sum(map(events_of, self.messages)) + len(self.office.simulated.accounts.shelf)

    @property
    def faults(self) -> Sequence[Fault]:
        return [*map(Fault, (*WAYS, "duplicate", "huge_attachment")), MISSING, *ATTACKS]

    def system(self) -> System:
        return ioffice_system(self.office.settings(url="", drop_dir=self.office.drop_dir))

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        drop_dir = self.office.drop_dir
        if name == self.garbage:
            gone = drop_dir.rename(drop_dir.with_name("gone"))
            yield lambda: 1
            gone.rename(drop_dir)
            return
        with fired(self.office.world.faults, name, probability) as count:
            self.drop_again()
        try:
            yield count
        finally:
            for path in set(drop_dir.iterdir()) - self.files:
                path.unlink()
            self.drop_again()

    def drop_again(self) -> None:
        self.office.simulated.ledger.waiting.extend(self.messages)
        self.office.simulated.drops.due(asyncio.Event())
