"""iOffice against the suite that every source must pass: its services, and its folder."""

from collections.abc import Iterator

import pytest

from ingest.conformance import SourceConformance
from ingest.memory import MemoryPublisher
from ingest.testing import Harvest, run
from tests.conformance.connectors.ioffice import FolderRig, Office, ServicesRig


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServicesRig]:
    """Exchange and REST."""
    office = Office(tmp_path_factory.mktemp("services"))
    with office.served():
        yield ServicesRig(office)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> FolderRig:
    """Dropped files."""
    return FolderRig(Office(tmp_path_factory.mktemp("folder"), times=0.002))


@pytest.fixture(scope="module")
def services_read(services: ServicesRig) -> Harvest:
    return run(services.system(), MemoryPublisher())


@pytest.fixture(scope="module")
def folder_read(folder: FolderRig) -> Harvest:
    return run(folder.system(), MemoryPublisher())


class TestServices(SourceConformance):
    """Exchange and REST."""

    @pytest.fixture
    def rig(self, services: ServicesRig) -> ServicesRig:
        return services

    @pytest.fixture
    def baseline(self, services_read: Harvest) -> Harvest:
        return services_read


class TestFolder(SourceConformance):
    """Dropped files."""

    @pytest.fixture
    def rig(self, folder: FolderRig) -> FolderRig:
        return folder

    @pytest.fixture
    def baseline(self, folder_read: Harvest) -> Harvest:
        return folder_read
