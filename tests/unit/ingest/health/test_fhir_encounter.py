from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.source import Change
from ingest.sources.health.fhir_encounter import CHECK_IN, STAY
from ioc.errors import SkippableError
from tests.unit.ingest.health.fhir_examples import ENCOUNTER, EXTENSION, SID, UNINSURED, UPDATED_MS, changed, changes_of


def check_in(**elements: Any) -> Any:
    """The data of the check-in of an Encounter with other elements."""
    return next(change for change in changes_of(changed(ENCOUNTER, **elements)) if change.target == CHECK_IN).data


def stay(**elements: Any) -> Any:
    return next(change for change in changes_of(changed(UNINSURED, **elements)) if change.target == STAY).data


def refusal(resource: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(SkippableError) as refused:
        changes_of(resource)
    assert "096000000001" not in str(refused.value)
    return refused.value.reason, str(refused.value)


def how(code: str) -> list[dict[str, str]]:
    return [{"url": f"{EXTENSION}check-in", "valueCode": code}]


def test_an_insured_visit_is_the_one_of_the_insurance_file_and_only_its_check_in_is_told() -> None:
    (change,) = changes_of(ENCOUNTER)
    data = {
        "checked_in_at": datetime(2025, 11, 20, 0, 20, tzinfo=UTC),
        "check_in": "chip_card",
        "cashless": True,
    }
    assert change == Change("96001/LK1", "96001", UPDATED_MS, data, target=CHECK_IN)


def test_an_uninsured_visit_is_told_with_its_stay() -> None:
    first, second = changes_of(UNINSURED)
    assert (first.entity, first.target) == ("96001/fhir:e1", CHECK_IN)
    assert second == Change(
        "96001/fhir:e1",
        "96001",
        UPDATED_MS,
        {
            "patient": "096000000001",
            "setting": "outpatient",
            "insured": False,
            "admitted_at": datetime(2025, 11, 20, 0, 30, tzinfo=UTC),
            "inpatient_at": None,
            "discharged_at": datetime(2025, 11, 20, 2, 0, tzinfo=UTC),
            "settled_at": None,
            "submitted_at": None,
            "days": 2,
            "outcome": "unknown",
            "leaving": "home",
            "icd10": "J189",
            "chapter": 10,
            "sex": "unknown",
            "age_years": None,
            "commune": "32002",
            "total_vnd": None,
            "insurance_vnd": None,
            "copayment_vnd": None,
            "patient_vnd": None,
            "drugs_vnd": None,
            "supplies_vnd": None,
        },
        target=STAY,
    )


@pytest.mark.parametrize("code", ["chip-card", "cccd", "CCCD"])
def test_a_chip_card_has_several_codes(code: str) -> None:
    assert check_in(extension=how(code))["check_in"] == "chip_card"


def test_by_what_the_patient_was_identified() -> None:
    told = {code: check_in(extension=how(code))["check_in"] for code in ("vneid", "bhyt", "insurance-card", "other")}
    assert told == {"vneid": "vneid", "bhyt": "insurance_card", "insurance-card": "insurance_card", "other": "other"}
    coding = {"url": "urn:x:check_in", "valueCoding": {"code": "vneid"}}
    concept = {"url": "urn:x#checkin", "valueCodeableConcept": {"coding": [{"code": "vneid"}]}}
    assert check_in(extension=[coding]) == check_in(extension=[concept])
    assert check_in(extension=[coding])["cashless"] is None


def test_without_by_what_there_is_no_check_in() -> None:
    assert changes_of(changed(ENCOUNTER, extension=[])) == []
    assert [change.target for change in changes_of(changed(UNINSURED, extension=[]))] == [STAY]


def test_without_a_history_the_check_in_is_the_begin() -> None:
    assert check_in(statusHistory=None)["checked_in_at"] == datetime(2025, 11, 20, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", ["arrived", "triaged", "in-progress", "onleave", "finished"])
def test_a_visit_that_takes_place_is_told(status: str) -> None:
    assert len(changes_of(changed(UNINSURED, status=status))) == 2


@pytest.mark.parametrize("status", ["planned", "unknown"])
def test_a_visit_that_does_not_yet_take_place_says_nothing(status: str) -> None:
    assert changes_of(changed(UNINSURED, status=status)) == []


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_visit_that_was_none_is_deleted_where_it_was_told(status: str) -> None:
    (insured,) = changes_of(changed(ENCOUNTER, status=status))
    assert (insured.data, insured.deleted, insured.target) == (None, True, CHECK_IN)
    uninsured = changes_of(changed(UNINSURED, status=status))
    assert [(change.deleted, change.target) for change in uninsured] == [(True, CHECK_IN), (True, STAY)]


def test_the_class_is_the_setting() -> None:
    codes = {"AMB": "outpatient", "VR": "outpatient", "HH": "outpatient", "SS": "day_care", "IMP": "inpatient", "ACUTE": "inpatient",
             "NONAC": "inpatient", "EMER": "emergency", "FLD": "other", "OBSENC": "other", "PRENC": "other"}  # fmt: skip
    assert {code: stay(class_={"code": code})["setting"] for code in codes} == codes


def test_an_inpatient_is_one_from_when_the_class_changed() -> None:
    history = [{"class": {"code": "EMER"}, "period": {"start": "2025-11-20T07:30:00+07:00"}},
               {"class": {"code": "IMP"}, "period": {"start": "2025-11-20T10:00:00+07:00"}}]  # fmt: skip
    assert stay(class_={"code": "IMP"}, classHistory=history)["inpatient_at"] == datetime(2025, 11, 20, 3, tzinfo=UTC)
    assert stay(class_={"code": "IMP"})["inpatient_at"] == datetime(2025, 11, 20, 0, 30, tzinfo=UTC)


def test_how_the_patient_left() -> None:
    def left(code: str | None) -> tuple[str, str]:
        told = {"dischargeDisposition": {"coding": [{"code": code}]}} if code else None
        data = stay(hospitalization=told)
        return data["leaving"], data["outcome"]

    assert left(None) == ("unknown", "unknown")
    assert left("other-hcf") == left("hosp") == ("transfer", "unknown")
    assert left("aadvice") == ("asked", "unknown")
    assert left("exp") == ("other", "died")
    assert left("oth") == ("other", "unknown")


def test_what_is_not_told_is_empty() -> None:
    data = stay(length={"value": 90, "code": "min"}, reasonCode=None, extension=None, subject=None)
    assert (data["days"], data["icd10"], data["chapter"], data["commune"], data["patient"]) == (None, "", 0, "", "")
    assert stay(length={"value": 1.5, "code": "d"})["days"] is None
    assert stay(subject={"reference": "Patient/7"})["patient"] == "Patient/7"


def test_the_facility_may_be_a_reference_only() -> None:
    assert changes_of(changed(ENCOUNTER, serviceProvider={"reference": "Organization/96077"}))[0].unit == "96077"


def test_what_is_missing_or_cannot_be_is_refused() -> None:
    def reason(**elements: Any) -> tuple[str, str]:
        return refusal(changed(UNINSURED, **elements))

    assert reason(serviceProvider=None)[0] == "missing_field"
    assert reason(serviceProvider={"display": "Bệnh viện"})[0] == "missing_field"
    assert reason(period=None)[0] == "missing_field"
    assert reason(status=None) == ("missing_field", "status: refused by FHIR R4 (model_field_validation.missing)")
    assert reason(class_=None)[0] == "missing_field"
    assert reason(class_={"code": "XYZ"})[0] == "invalid_value"
    assert reason(status="weird")[0] == "invalid_value"
    assert reason(period={"start": "2025-11"})[0] == "invalid_value"
    assert reason(period={"start": "hôm qua 096000000001"})[0] == "invalid_value"
    assert reason(extension=how("096000000001")) == (
        "invalid_value",
        "extension check-in: a text of 12 characters is not one of chip-card, cccd, vneid, insurance-card, bhyt, other",
    )
    assert reason(hospitalization={"dischargeDisposition": {"coding": [{"code": "moon"}]}})[0] == "invalid_value"
    assert reason(reasonCode=[{"coding": [{"system": "x/icd-10", "code": "viêm phổi"}]}])[0] == "invalid_value"
    assert reason(id=None, identifier=None)[0] == "missing_field"


def test_what_holds_a_persons_number_or_a_name_does_not_leave() -> None:
    def link_key(value: str) -> list[dict[str, str]]:
        return [{"system": "urn:x:ma-lk", "value": value}]

    assert changes_of(changed(ENCOUNTER, identifier=link_key("96001.2025:7")))[0].entity == "96001/96001.2025:7"
    for value in ("096000000001", "LK-096000000001-1", "Nguyễn Văn A", "a b", "x" * 101):
        assert refusal(changed(ENCOUNTER, identifier=link_key(value)))[0] == "invalid_value"
    assert refusal(changed(UNINSURED, id="e-096000000001"))[0] == "invalid_value"
    assert (
        refusal(changed(UNINSURED, id="e-096000000001", subject={"reference": "Patient/096000000001"}))[0]
        == "invalid_value"
    )
    own = {"reference": "Patient/1", "identifier": {"system": f"{SID}patient-internal-id", "value": "BN20250001234"}}
    assert changes_of(changed(ENCOUNTER, subject=own, identifier=link_key("BN20250001234-1")))[0].entity.endswith("-1")
    assert refusal(changed(ENCOUNTER, serviceProvider={"identifier": {"value": "Trạm y tế"}}))[0] == "invalid_value"
    where = [{"url": f"{EXTENSION}maxa-cu-tru", "valueString": "ấp 1, xã Tân Ân"}]
    assert refusal(changed(UNINSURED, extension=where))[0] == "invalid_value"


def test_a_card_is_the_person_as_in_insurance_files() -> None:
    card = {
        "identifier": {"system": "http://fhir.ehealth.gov.vn/core/sid/insurance_number", "value": "DN4960123456789"}
    }
    assert stay(subject=card)["patient"] == "0123456789"
