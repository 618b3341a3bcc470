"""A small made log, and a server over it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ingest.simulator import receipt
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import Faults
from ingest.simulator.generator import Generator
from ingest.simulator.journal import Journal
from ingest.simulator.moments import read_iso
from ingest.simulator.population import PROCEDURES
from ingest.simulator.server import DossierServer
from tests.unit.ingest.simulator.callers import Caller

BASE_MS = read_iso("2021-03-01T09:00:00+07:00")
"""Base time of the tests' generators: a Monday morning, after the made log has ended."""


@pytest.fixture
def made_log() -> Path:
    """Five cases: the ordinary one, a step before the start, a step after the end, an end before the start, a step at the start."""
    return Path(__file__).with_name("made_log.csv")


@pytest.fixture
def server(made_log: Path) -> DossierServer:
    """The made log and 600 generated versions, all visible, no faults."""
    log = receipt.versions(receipt.read_log(made_log), shift_days=0)
    journal = Journal(log, Generator(seed=3, rate=0, backfill=600, base_ms=BASE_MS))
    return DossierServer(journal, SimulatedClock(0, 0, wall=lambda: BASE_MS), Faults(seed=5), procedures=PROCEDURES)


@pytest.fixture
async def caller(server: DossierServer) -> AsyncIterator[Caller]:
    """A client of `server`, on a free port."""
    async with TestClient(TestServer(server.app())) as client:
        yield Caller(client)
