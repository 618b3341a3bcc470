"""The data hub's portal, counters and dropped reports against the simulated ones."""

from collections.abc import Iterator

import pytest

from ingest.conformance import SourceConformance
from ingest.memory import MemoryPublisher
from ingest.testing import Rig, run
from tests.conformance.connectors.hub_http import HubRig, HubServer, ReportsRig


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    running = HubServer(tmp_path_factory.mktemp("hub"), times=0.01)
    yield running
    running.stop()


class TestPortalAndCounters(SourceConformance):
    @pytest.fixture
    def rig(self, server: HubServer) -> Rig:
        return HubRig(server)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> ReportsRig:
    made = ReportsRig(tmp_path_factory.mktemp("folder") / "reports", tmp_path_factory.mktemp("world"))
    made.versions = len(run(made.system(), MemoryPublisher()).versions())
    return made


class TestReports(SourceConformance):
    @pytest.fixture
    def rig(self, reports: ReportsRig) -> Rig:
        return reports
