"""The simulated drop of insurance files: believable visits, canaries in all that is personal, files as facilities send them."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.envelope import Enveloper
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.health import insurance_spoil
from ingest.simulator.health.fhir_world import UNKNOWN_FACILITY
from ingest.simulator.health.insurance import InsuranceDrops
from ingest.simulator.health.insurance_plan import BY_HOUR, FACILITIES, FilePlan, Plan
from ingest.simulator.health.insurance_visits import insurance_visit
from ingest.simulator.health.insurance_xml import Visit
from ingest.simulator.reporting import Reporting
from ingest.simulator.system import World
from ingest.simulator.world import HOSPITAL, Process
from ingest.sources.folder import Folder
from ingest.sources.health.insurance import InsuranceFiles
from ingest.sources.health.insurance_file import ARRIVED, COMPILED, FACILITY, NAMED
from ingest.sources.health.insurance_stay import read_stay
from ingest.sources.health.insurance_xml1 import FIELDS
from ingest.testing import HASH_KEY
from ioc.catalogue.load import load_province
from ioc.privacy import Pseudonyms

DAY_MS = 86_400_000
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
NOW_MS = 1_795_402_800_000
MIDNIGHT_MS = 1_794_330_000_000
"""11/11/2026, 0 o'clock local time."""

FILE = {FACILITY: "", COMPILED: "202611222030", NAMED: None, ARRIVED: NOW_MS}

PERSONAL = (
    *("ho_ten", "so_cccd", "dia_chi", "dien_thoai", "ma_the_bhyt", "ma_bn"),
    *("ly_do_vv", "chan_doan_vao", "chan_doan_rv", "ghi_chu", "ma_ttdv"),
)


@pytest.fixture(scope="module")
def made() -> list[Visit]:
    process = Process("health:fhir visits", 4_000, HOSPITAL, 3, 1.0, NOW_MS - DAY_MS)
    return [visit for e in process.events(NOW_MS - DAY_MS, NOW_MS) if (visit := insurance_visit(e)) is not None]


def test_personal_values_of_a_true_visit_are_in_no_event(made: list[Visit]) -> None:
    events = Enveloper(InsuranceFiles(Folder.__new__(Folder)), Pseudonyms(HASH_KEY))
    for visit in made[:500]:
        fields = {name.lower(): value for name, value in visit.general.items()}
        event = events.event(read_stay({**fields, **FILE}), NOW)
        assert b"canary" not in event.encoded.lower()
        assert all("CANARY" in fields[name] for name in PERSONAL if fields[name])


def test_the_simulator_writes_the_fields_of_the_decision(made: list[Visit]) -> None:
    assert {name.lower() for name in made[0].general} == FIELDS


def test_made_up_visits_are_those_of_a_province(made: list[Visit]) -> None:
    general = [visit.general for visit in made]
    assert 2_500 < len(general) < 5_000
    shares = {
        "insured": sum(bool(g["MA_THE_BHYT"]) for g in general) / len(general),
        "inpatient": sum(g["MA_LOAI_KCB"] in {"03", "04"} for g in general) / len(general),
        "unsettled": sum(not g["NGAY_TTOAN"] for g in general) / len(general),
    }
    assert 0.94 < shares["insured"] < 0.99
    assert 0.06 < shares["inpatient"] < 0.13
    assert 0.04 < shares["unsettled"] < 0.1
    assert len({g["MA_CSKCB"] for g in general}) > 110


def plan() -> Plan:
    return Plan(
        Process("health:fhir visits", 500, HOSPITAL, 1, 1.0, MIDNIGHT_MS),
        Reporting("health:insurance", 1),
        Reporting("hours", 1, 900_000, 32_400_000),
    )


def days(first: int, end: int) -> dict[int, list[FilePlan]]:
    made = plan()
    return {day: made.files(MIDNIGHT_MS + day * DAY_MS, MIDNIGHT_MS + (day + 1) * DAY_MS) for day in range(first, end)}


@pytest.fixture(scope="module")
def november() -> dict[int, list[FilePlan]]:
    """Files by day of sending, days counted from 11/11/2026."""
    return days(15, 25)


def test_files_come_in_order_under_names_of_their_own_the_same_each_time(november: dict[int, list[FilePlan]]) -> None:
    files = [file for of_day in november.values() for file in of_day]
    assert len({file.name for file in files}) == len(files)
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(files))
    assert days(17, 18)[17] == november[17]


def test_some_facilities_are_late_and_some_silent_hospitals_send_by_the_hour(
    november: dict[int, list[FilePlan]],
) -> None:
    files = [file for of_day in november.values() for file in of_day]
    days_late = [(file.at_ms - file.end_ms) / DAY_MS for file in files if file.facility not in BY_HOUR]
    hours_late = [(file.at_ms - file.end_ms) * 24 / DAY_MS for file in files if file.facility in BY_HOUR]
    assert 0 < min(days_late) < 0.1
    assert 0.1 < sum(late > 0.8 for late in days_late) / len(days_late) < 0.4
    assert sum(late < 1 for late in hours_late) > 0.7 * len(hours_late) > 100
    reported = Counter(file.facility for file in files if file.facility not in BY_HOUR)
    assert min(reported.values()) < 6 < max(reported.values())


def test_bills_are_corrected_more_of_them_at_the_end_of_the_month(november: dict[int, list[FilePlan]]) -> None:
    last_day = range(MIDNIGHT_MS + 19 * DAY_MS + 1, MIDNIGHT_MS + 20 * DAY_MS + 1)  # 30/11
    again: dict[bool, list[int]] = {True: [], False: []}
    for file in (file for of_day in november.values() for file in of_day):
        again[file.end_ms in last_day] += [before for _, before in file.sent]
    usual, at_end = (sum(again[last]) / len(again[last]) for last in (False, True))
    assert 0.01 < usual < 0.08
    assert at_end > 2 * usual
    event = next(event for of_day in november.values() for f in of_day for event, before in f.sent if before)
    first, second = (insurance_visit(event, revision) for revision in (0, 1))
    assert first is not None
    assert second is not None
    assert first.general["MA_LK"] == second.general["MA_LK"]
    assert first.general["T_TONGCHI_BV"] != second.general["T_TONGCHI_BV"]


def test_the_drop_goes_on_after_a_restart_and_drops_bad_files_beside_true_ones(tmp_path: Path) -> None:
    base_ms = MIDNIGHT_MS + 12 * DAY_MS

    def drops(faults: bool) -> tuple[InsuranceDrops, set[str]]:
        world = World(
            "health", 1, base_ms, SimulatedClock(base_ms, base_ms, 1.0), tmp_path, 0.01, drop_dir=tmp_path / "drop"
        )
        part = InsuranceDrops(world)
        world.faults.configure({name: {"times": 1} for name in insurance_spoil.NAMES if faults})

        asyncio.run(part.drop_due(asyncio.Event()))
        return part, {file.name for file in (tmp_path / "drop").iterdir()}

    part, first = drops(faults=True)
    told = part.state()
    assert len(insurance_spoil.NAMES) == told["spoiled"]
    assert len(first) == told["files"] + told["spoiled"]  # type: ignore[operator]
    again, second = drops(faults=False)
    assert again.state()["files"] == 0
    assert second == first


def test_the_province_knows_every_facility_and_not_the_odd_one() -> None:
    known = {code for unit in load_province("ca_mau").unit for code in (unit.code, *unit.aliases)}
    assert set(FACILITIES) - known == {UNKNOWN_FACILITY}
