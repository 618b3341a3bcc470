"""Health, feedback, education and civil servants: so many as they should be, and every value that they ask for can occur."""

from collections.abc import Iterable
from typing import Any

import pytest

from ingest.simulator.health import fhir_world, insurance_visits
from ingest.simulator.hub import push_cases
from ingest.simulator.hub.portal_tables import FACILITIES
from ingest.sources.health import fhir_encounter, fhir_facts, insurance_codes, records_read
from ingest.sources.health.fhir_diseases import notifiable
from ingest.sources.health.icd10 import chapter, icd10
from ingest.sources.hub import feedback
from ingest.sources.ioffice import accounts
from ioc.catalogue.expr import Compare, In, Measure
from ioc.catalogue.fields import fields_of
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue, load_province
from ioc.catalogue.rollup import Compiled

CATALOGUE = load_catalogue()
CA_MAU = load_province("ca_mau")
COUNTS = {"YT": 56, "PA": 16, "GD": 22, "CC": 14}
MINE = {code: i for code, i in CATALOGUE.indicators.items() if i.sector in COUNTS}

WRITTEN: dict[tuple[str, str], set[Any]] = {
    ("encounter", "setting"): {*insurance_codes.SETTING.values(), *fhir_encounter.SETTING.values(), "emergency"},
    ("encounter", "leaving"): {*insurance_codes.LEAVING.values(), *(leaving for leaving, _ in fhir_encounter.LEAVING.values())},
    ("encounter", "outcome"): {*insurance_codes.OUTCOME.values(), *(outcome for _, outcome in fhir_encounter.LEAVING.values())},
    ("encounter", "check_in"): {*fhir_encounter.IDENTIFIED.values(), *records_read.CHECK_IN_METHOD.values()},
    ("encounter", "chapter"): {chapter(icd10("MA_BENH_CHINH", code)) for code in insurance_visits.DISEASES},
    ("appointment", "state"): {*fhir_facts.APPOINTMENT_STATE.values(), *records_read.BOOKING_STATE.values()},
    ("immunization", "state"): {*fhir_facts.DOSE_STATE.values()},
    ("observation", "status"): {*fhir_facts.FINDING_STATUS.values()},
    ("feedback_case", "state"): {*feedback.STATES.values()},
    ("feedback_case", "channel"): {*feedback.CHANNELS.values()},
    ("feedback_case", "topic"): {*push_cases.TOPICS},
    ("facility", "type"): {*FACILITIES},
    ("facility", "category"): {category for classes in FACILITIES.values() for category in classes},
    ("office_account", "holder"): {*accounts.HOLDER.values()},
    ("office_account", "signature"): {*accounts.SIGNATURE.values()},
}  # fmt: skip
"""What connectors write into a field, or the simulated source where the code is the source's own."""


@pytest.mark.parametrize("sector", COUNTS)
def test_the_sector_is_complete(sector: str) -> None:
    assert [c for c in MINE if c.startswith(sector)] == [f"{sector}-{n:03d}" for n in range(1, COUNTS[sector] + 1)]


def measures(code: str, compiled: Compiled = CATALOGUE.compiled) -> Iterable[Measure]:
    """What an indicator counts."""
    formula = compiled.formulas[code]
    for ref in (formula.numerator, formula.denominator):
        if ref is not None:
            yield compiled.rollups[ref.rollup_id].measures[ref.index]


def asked(code: str) -> Iterable[tuple[str, str | int | bool]]:
    """Fields that an indicator compares with constants, and these."""
    for measure in measures(code):
        for condition in measure.where:
            match condition:
                case Compare(field, "eq" | "ne", value):
                    yield field, value
                case In(field, values, _):
                    yield from ((field, value) for value in values)


@pytest.mark.parametrize("indicator", [i for i in MINE.values() if i.series == ""], ids=lambda i: i.code)
def test_every_value_that_is_asked_for_can_occur(indicator: Indicator) -> None:
    specs = fields_of(indicator.event)
    for field, value in asked(indicator.code):
        if specs[field].type != "bool" and field != "disease":
            assert value in WRITTEN[indicator.event, field]


@pytest.mark.parametrize("code", ["YT-053", "YT-054", "YT-055", "YT-056"])
def test_diseases_are_such_that_must_be_notified_and_are_found(code: str) -> None:
    diseases = {str(value) for field, value in asked(code) if field == "disease"}
    assert all(icd10("disease", disease) == disease and notifiable(disease) for disease in diseases)
    assert diseases & {icd10("disease", disease) for disease in fhir_world.DISEASES}


def test_chapters_of_icd_10_are_counted_once_each() -> None:
    chapters = [value for code in MINE for field, value in asked(code) if field == "chapter"]
    assert len(chapters) == len(set(chapters)) == 10


def test_every_series_of_these_sectors_is_shown() -> None:
    shown = {i.series for i in MINE.values() if i.series}
    assert shown == {code for code in CATALOGUE.series if code.split("_")[0] in COUNTS}


@pytest.mark.parametrize(
    ("code", "year", "value"),
    [
        ("YT-036", 2025, 100), ("YT-040", 2025, 100), ("YT-042", 2025, 100), ("GD-001", 2025, 100), ("GD-007", 2024, 70),
        ("GD-008", 2024, 60), ("GD-009", 2024, 60), ("GD-011", 2024, 60), ("GD-011", 2025, 70), ("GD-012", 2024, 60),
        ("GD-012", 2025, 80), ("GD-019", 2025, 100), ("CC-002", 2024, 80), ("CC-002", 2025, 100), ("CC-007", 2024, 100),
        ("CC-010", 2024, 20), ("CC-010", 2025, 50), ("CC-011", 2024, 60), ("CC-011", 2025, 70),
    ],
)  # fmt: skip
def test_targets_that_plan_267_states(code: str, year: int, value: int) -> None:
    stated = {(t.year, t.level): t.value for t in CA_MAU.targets_of(code)}
    assert stated[year, "province"] == value
