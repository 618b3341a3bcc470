"""The FHIR server and the REST of health records against the simulated ones."""

from collections.abc import Iterator

import pytest

from ingest.conformance import SourceConformance
from ingest.testing import Rig
from tests.conformance.connectors.health_http import HealthRig, HealthServers


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HealthServers]:
    running = HealthServers(tmp_path_factory.mktemp("health"), times=0.003)
    yield running
    running.stop()


class TestFhir(SourceConformance):
    @pytest.fixture
    def rig(self, servers: HealthServers) -> Rig:
        return HealthRig(servers, "fhir")


class TestRecords(SourceConformance):
    @pytest.fixture
    def rig(self, servers: HealthServers) -> Rig:
        return HealthRig(servers, "records")
