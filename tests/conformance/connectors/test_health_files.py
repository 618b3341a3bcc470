"""Insurance files against a folder that the simulator has filled."""

from pathlib import Path

import pytest

from ingest.conformance import SourceConformance
from ingest.memory import MemoryPublisher
from ingest.simulator.health import insurance_spoil
from ingest.simulator.health.insurance_xml import document, hoso
from ingest.testing import Rig, run
from tests.conformance.connectors.health_files import FAULTS, FilesRig, files, mixed


@pytest.fixture(scope="module")
def folder_rig(tmp_path_factory: pytest.TempPathFactory) -> FilesRig:
    made = FilesRig(tmp_path_factory.mktemp("health") / "files", mixed(400))
    made.fill()
    return made


class TestInsuranceFiles(SourceConformance):
    @pytest.fixture
    def rig(self, folder_rig: FilesRig) -> Rig:
        return folder_rig


def test_the_rig_knows_every_fault_of_the_simulator() -> None:
    assert {fault.name for fault in FAULTS} == set(insurance_spoil.NAMES)


def test_a_file_may_have_several_pages(folder_rig: FilesRig) -> None:
    stream = folder_rig.system().streams[0]
    cursors = [page.cursor for page in stream.pages(None)]
    assert sum('"done":' in cursor for cursor in cursors) >= 6


def test_each_facility_has_a_heartbeat_of_its_own(folder_rig: FilesRig) -> None:
    harvest = run(folder_rig.system(), MemoryPublisher())
    assert {feed.unit for feed in harvest.feeds()} >= {plan.facility for plan in folder_rig.plans}


def test_new_fields_are_counted_and_shown(folder_rig: FilesRig) -> None:
    with folder_rig.misbehave("unknown_field", 1.0):
        harvest = run(folder_rig.system(), MemoryPublisher())
    unknown = {name for feed in harvest.feeds() for name in feed.unknown_fields.split(",") if name}
    assert unknown == {"truong_moi", "xml99"}


def test_a_correction_wins_whichever_file_comes_first(tmp_path: Path) -> None:
    plan = max(files(60), key=lambda plan: len(plan.sent))
    visits = plan.visits()
    corrected = [visit.but(KET_QUA_DTRI="5") for visit in visits]
    for order in ((1, 2), (2, 1)):
        folder = tmp_path / str(order[0])
        folder.mkdir()
        for which in order:
            told = [hoso(visit) for visit in (visits if which == 1 else corrected)]
            (folder / f"{which if order == (1, 2) else 3 - which}.xml").write_bytes(
                document(plan.facility, f"2026112{which}", told)
            )
        events = run(FilesRig(folder, []).system(), MemoryPublisher()).events()
        assert len(events) == 2 * len(visits)
        latest = {event["entity"]: event for event in sorted(events, key=lambda event: event["version"])}
        assert {event["data"]["outcome"] for event in latest.values()} == {"died"}
