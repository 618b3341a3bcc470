"""Both shapes of the dossier connector against the simulated system as a real process."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
import stamina

from ingest.conformance import SourceConformance
from ingest.memory import MemoryPublisher
from ingest.testing import Harvest, Rig, run
from ioc.topics import CURSORS
from tests.conformance.connectors.simulator import LOG, DossierRig, SimulatorProcess


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    flags = ["--log", str(LOG), "--backfill", "1200", "--seed", "3"]
    process = SimulatorProcess(tmp_path_factory.mktemp("simulator"), *flags)
    yield process
    process.stop()


class TestNational(SourceConformance):
    @pytest.fixture
    def rig(self, simulator: SimulatorProcess) -> Rig:
        return DossierRig(simulator, "national")


class TestRest(SourceConformance):
    @pytest.fixture
    def rig(self, simulator: SimulatorProcess) -> Rig:
        return DossierRig(simulator, "rest")


def test_both_shapes_give_the_same_events(simulator: SimulatorProcess) -> None:
    national, rest = (
        run(DossierRig(simulator, shape).system(), MemoryPublisher()).versions() for shape in ("national", "rest")
    )
    assert national == rest
    assert len(national) > 1200


def test_a_shape_goes_on_where_the_other_stopped(simulator: SimulatorProcess) -> None:
    national, rest = DossierRig(simulator, "national"), DossierRig(simulator, "rest")
    harvest = run(national.system(), MemoryPublisher())
    before = len(harvest.events())
    after = run(rest.system(), harvest.publisher)
    assert len(after.versions()) == national.versions
    assert len(after.events()) - before < 100


@pytest.mark.parametrize("shape", ["national", "rest"])
def test_dossiers_that_come_in_another_encoding_are_waited_for(
    simulator: SimulatorProcess, shape: Literal["national", "rest"]
) -> None:
    rig, publisher = DossierRig(simulator, shape), MemoryPublisher()
    with rig.misbehave("wrong_encoding", 1.0), stamina.set_testing(True, attempts=12, cap=False):
        run(rig.system(), publisher)
    assert not [m for m in publisher.messages if m.topic == CURSORS.name and m.key == b"dossier/cases"]
    with stamina.set_testing(True, attempts=20, cap=False):
        assert len(run(rig.system(), publisher).versions()) == rig.versions


def test_a_system_without_update_times_ends_with_the_same_state(
    simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("untimed")
    untimed = SimulatorProcess(directory, "--log", str(LOG), "--updated-key", "NgaySua")
    timed = SimulatorProcess(directory, "--log", str(LOG))
    try:
        harvest = run(DossierRig(untimed, "national").system(), MemoryPublisher(), polls=3)
        again = run(DossierRig(untimed, "national").system(), harvest.publisher)
        expected = run(DossierRig(timed, "national").system(), MemoryPublisher())
    finally:
        untimed.stop()
        timed.stop()
    assert latest(again) == latest(expected)
    assert len(latest(expected)) > 1
    assert all(harvest.ended_well)


def latest(harvest: Harvest) -> dict[str, Any]:
    """The state of each entity by its greatest version."""
    ordered = sorted(harvest.events(), key=lambda event: event["version"])
    return {event["entity"]: event["data"] for event in ordered}
