from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.source import Change
from ingest.sources.health.fhir_diseases import notifiable
from ioc.errors import SkippableError
from tests.unit.ingest.health.fhir_examples import (
    APPOINTMENT,
    FACILITY,
    IMMUNIZATION,
    OBSERVATION,
    SID,
    UPDATED_MS,
    changed,
    changes_of,
)


def data(resource: dict[str, Any], **elements: Any) -> Any:
    (change,) = changes_of(changed(resource, **elements))
    return change.data


def reason(resource: dict[str, Any], **elements: Any) -> str:
    with pytest.raises(SkippableError) as refused:
        changes_of(changed(resource, **elements))
    assert "096000000001" not in str(refused.value)
    return refused.value.reason


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def test_a_booking() -> None:
    told = {
        "booked_at": datetime(2025, 11, 19, 13, tzinfo=UTC),
        "planned_at": datetime(2025, 11, 21, 1, tzinfo=UTC),
        "closed_at": None,
        "state": "booked",
        "tele": False,
    }
    assert changes_of(APPOINTMENT) == [Change("96002/a1", "96002", UPDATED_MS, told)]


def test_a_booking_is_known_by_its_number_where_it_has_one() -> None:
    (change,) = changes_of(changed(APPOINTMENT, identifier=[{"system": f"{SID}booking", "value": "VNC9"}]))
    assert change.entity == "96002/VNC9"


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        ("booked", ["proposed", "pending", "booked", "waitlist"]),
        ("kept", ["arrived", "checked-in", "fulfilled"]),
        ("missed", ["noshow"]),
        ("cancelled", ["cancelled"]),
    ],
)
def test_states_of_a_booking_and_when_it_was_closed(state: str, statuses: list[str]) -> None:
    closed = None if state == "booked" else datetime(2025, 11, 20, 2, 30, tzinfo=UTC)
    told = [data(APPOINTMENT, status=status) for status in statuses]
    assert {(one["state"], one["closed_at"]) for one in told} == {(state, closed)}


def test_a_consultation_from_afar_is_told_by_any_of_its_kinds() -> None:
    vr = concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "VR")
    assert data(APPOINTMENT, appointmentType=vr)["tele"]
    assert data(APPOINTMENT, serviceType=[concept("x", "1"), concept("x", "tele")])["tele"]
    assert data(APPOINTMENT, serviceCategory=[concept("x", "telehealth")])["tele"]
    assert not data(APPOINTMENT, appointmentType=concept("x", "ROUTINE"))["tele"]


def test_a_booking_without_place_time_or_known_state_is_refused() -> None:
    assert reason(APPOINTMENT, participant=APPOINTMENT["participant"][:1]) == "missing_field"
    assert reason(APPOINTMENT, created=None) == "missing_field"
    assert reason(APPOINTMENT, status="maybe") == "invalid_value"
    assert reason(APPOINTMENT, start="mai") == "invalid_value"


def test_a_vaccination() -> None:
    told = {
        "vaccinated": "096000000001",
        "vaccine": "08",
        "given_at": datetime(2025, 11, 19, 17, tzinfo=UTC),
        "dose": 2,
        "state": "completed",
        "commune": "32002",
    }
    assert changes_of(IMMUNIZATION) == [Change("96001/i1", "96001", UPDATED_MS, told)]


def test_a_vaccination_may_have_no_number_and_a_place_instead_of_a_performer() -> None:
    elements = {"protocolApplied": [{"doseNumberString": "nhắc lại"}], "performer": None, "extension": None}
    (change,) = changes_of(
        changed(IMMUNIZATION, location={"reference": "Location/96003"}, status="not-done", **elements)
    )
    assert change.unit == "96003"
    assert change.data is not None
    assert (change.data["dose"], change.data["state"], change.data["commune"]) == (None, "not_done", "")


def test_a_vaccination_without_vaccine_place_or_moment_is_refused() -> None:
    assert reason(IMMUNIZATION, vaccineCode={"text": "Viêm gan B"}) == "missing_field"
    assert reason(IMMUNIZATION, performer=None) == "missing_field"
    assert reason(IMMUNIZATION, occurrenceDateTime=None, occurrenceString="hôm qua") == "missing_field"
    assert reason(IMMUNIZATION, occurrenceDateTime="2025") == "invalid_value"
    assert reason(IMMUNIZATION, status="half-done") == "invalid_value"
    assert reason(IMMUNIZATION, protocolApplied=[{"doseNumberPositiveInt": 0}]) == "invalid_value"


def test_a_measurement() -> None:
    told = {
        "subject": "096000000001",
        "code": "8310-5",
        "status": "final",
        "found_at": datetime(2025, 11, 20, 0, 45, tzinfo=UTC),
        "value_milli": 38_250,
        "value_unit": "Cel",
        "disease": "",
        "notifiable": False,
        "commune": "",
    }
    assert changes_of(OBSERVATION) == [Change("96001/o1", "96001", UPDATED_MS, told)]


def test_a_disease_is_found_as_value_or_as_code() -> None:
    dengue = concept("http://hl7.org/fhir/sid/icd-10", "a91")
    as_value = data(OBSERVATION, valueQuantity=None, valueCodeableConcept=dengue)
    assert (as_value["disease"], as_value["notifiable"], as_value["value_milli"]) == ("A91", True, None)
    as_code = data(
        OBSERVATION, code=concept("http://hl7.org/fhir/sid/icd-10", "I10"), valueQuantity=None, valueInteger=3
    )
    assert (as_code["disease"], as_code["notifiable"], as_code["value_milli"]) == ("I10", False, 3_000)
    assert as_code["value_unit"] == ""


def test_when_it_was_found() -> None:
    def found(**elements: Any) -> datetime:
        at: datetime = data(OBSERVATION, effectiveDateTime=None, **elements)["found_at"]
        return at

    at = datetime(2025, 11, 20, 1, tzinfo=UTC)
    assert found(effectiveInstant="2025-11-20T08:00:00+07:00") == at
    assert found(effectivePeriod={"start": "2025-11-20T08:00:00+07:00"}) == at
    assert found(issued="2025-11-20T01:00:00Z") == at


def test_a_finding_without_place_code_or_moment_is_refused() -> None:
    assert reason(OBSERVATION, performer=[{"reference": "Practitioner/3"}]) == "missing_field"
    assert reason(OBSERVATION, code={"text": "sốt"}) == "missing_field"
    assert reason(OBSERVATION, effectiveDateTime=None) == "missing_field"
    assert reason(OBSERVATION, status="guess") == "invalid_value"
    assert reason(OBSERVATION, valueString="x") == "invalid_value", "a finding has one value"


@pytest.mark.parametrize("resource", [APPOINTMENT, IMMUNIZATION, OBSERVATION])
def test_what_was_entered_in_error_is_deleted(resource: dict[str, Any]) -> None:
    (change,) = changes_of(changed(resource, status="entered-in-error"))
    assert (change.deleted, change.data) == (True, None)


def test_another_identifier_of_a_place_is_no_code_of_a_facility() -> None:
    tax = {"reference": "Organization/96005", "identifier": {"system": "http://tax", "value": "2000"}}
    (change,) = changes_of(changed(OBSERVATION, performer=[tax]))
    assert change.unit == "96005"
    assert changes_of(changed(OBSERVATION, performer=[FACILITY]))[0].unit == "96001"


def test_which_diseases_must_be_notified() -> None:
    assert all(map(notifiable, ["A91", "A910", "B084", "A15", "U071", "B05"]))
    assert not any(map(notifiable, ["", "B08", "B083", "I10", "J06", "A09"]))


def test_codes_and_numbers_that_look_like_none_are_refused() -> None:
    assert reason(OBSERVATION, code=concept("x", "sốt cao")) == "invalid_value"
    assert reason(OBSERVATION, valueQuantity={"value": 1, "code": "lần mỗi phút"}) == "invalid_value"
    assert reason(IMMUNIZATION, vaccineCode=concept("x", "viêm gan")) == "invalid_value"
    assert reason(IMMUNIZATION, id="096000000001") == "invalid_value"
    assert reason(OBSERVATION, id="o-096000000001") == "invalid_value"
    assert reason(OBSERVATION, id=None) == "missing_field"
    number = [{"system": "urn:booking", "value": "VNC-096000000001"}]
    assert reason(APPOINTMENT, identifier=number) == "invalid_value"
    assert data(OBSERVATION, valueQuantity={"value": 1, "unit": "lần mỗi phút"})["value_unit"] == ""
