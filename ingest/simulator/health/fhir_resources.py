"""FHIR R4 resources in JSON, as a provincial server writes them. Persons are made up: every such text contains the word CANARY."""

from typing import Any

from ingest.simulator.health import fhir_world as w
from ingest.simulator.moments import from_ms
from ingest.simulator.world import Event

Resource = dict[str, Any]

SID = "http://fhir.ehealth.gov.vn/core/sid/"
EXTENSION = "http://fhir.ehealth.gov.vn/core/StructureDefinition/"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

_STATUS = ("arrived", "in-progress")


def encounter(event: Event, step: int, updated_ms: int) -> Resource:
    """A visit after so many steps."""
    visit = w.visit(event)
    status = visit.ends if step == len(_STATUS) else _STATUS[step]
    arrived, called, ended = map(moment, visit.steps_ms)
    history = [{"status": "arrived", "period": {"start": arrived, **({"end": called} if step else {})}}]
    if step == len(_STATUS):
        history.append({"status": "in-progress", "period": {"start": called, "end": ended}})
    paid = [{"url": f"{EXTENSION}cashless", "valueBoolean": visit.cashless}] if status == "finished" else []
    how = [{"url": f"{EXTENSION}check-in", "valueCode": visit.how}] if visit.how and not visit.at_counter else []
    link = [{"system": f"{SID}ma-lk", "value": visit.link_key}] if visit.link_key else []
    number = [{"system": f"{SID}encounter-internal-id", "value": f"CANARY-HSBA-{event.number}"}]
    leaving = {"dischargeDisposition": {"coding": [{"code": "home", "display": "Về nhà"}]}}
    return {
        **_head("Encounter", event, updated_ms),
        "extension": [*how, *paid, commune(event)],
        "identifier": [*number, *link],
        "status": status,
        "statusHistory": history,
        "class": {"system": ACT_CODE, "code": visit.setting},
        "subject": person(event),
        "participant": [
            {"individual": {"reference": f"Practitioner/{event.number % 900}", "display": "CANARY Bác sĩ"}}
        ],
        "period": {"start": arrived, **({"end": ended} if step == len(_STATUS) else {})},
        "reasonCode": [concept(ICD10, visit.illness, "Bệnh chính: CANARY lời kể của người bệnh")],
        **({"hospitalization": leaving} if status == "finished" else {}),
        "serviceProvider": organisation(visit.facility),
    }


def appointment(event: Event, step: int, updated_ms: int) -> Resource:
    """A booking made at a facility; closed after its second step."""
    draws = event.draws("appointment")
    closed = draws.choices(("fulfilled", "noshow", "cancelled"), (78, 12, 10))[0]
    planned_ms = w.booking_steps(event)[1]
    tele = draws.random() < 0.07
    kind = concept(ACT_CODE, "VR", "Khám từ xa") if tele else concept(ACT_CODE, "ROUTINE", "Khám thường")
    return {
        **_head("Appointment", event, updated_ms),
        "status": closed if step else "booked",
        "appointmentType": kind,
        "description": f"CANARY: đau lưng {event.number}",
        "start": moment(planned_ms),
        "end": moment(planned_ms + 15 * w.MINUTE_MS),
        "created": moment(event.at_ms),
        "comment": "CANARY gọi lại số 09",
        "participant": [
            {"actor": person(event), "status": "accepted"},
            {"actor": organisation(w.facility(draws), "HealthcareService"), "status": "accepted"},
        ],
    }


def immunization(event: Event, step: int, updated_ms: int) -> Resource:
    """A vaccination."""
    del step
    draws = event.draws("immunization")
    given = draws.random() < 0.985
    return {
        **_head("Immunization", event, updated_ms),
        "extension": [commune(event)],
        "status": "completed" if given else "not-done",
        "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", draws.choice(w.VACCINES), "Vắc xin"),
        "patient": person(event),
        "occurrenceDateTime": moment(event.at_ms),
        "lotNumber": f"L{draws.randrange(10_000):04}",
        "performer": [
            {"actor": {"reference": f"Practitioner/{event.number % 900}", "display": "CANARY Điều dưỡng"}},
            {"actor": organisation(w.facility(draws))},
        ],
        "note": [{"text": f"CANARY: dị ứng {event.number}"}],
        "protocolApplied": [{"doseNumberPositiveInt": draws.randrange(1, 5)}],
    }


def observation(event: Event, step: int, updated_ms: int) -> Resource:
    """A finding: a disease that may have to be notified, or a measurement."""
    draws = event.draws("observation")
    disease = w.disease(event)
    if disease:
        told = {
            "code": concept("http://loinc.org", "29308-4", "Chẩn đoán"),
            "valueCodeableConcept": concept(ICD10, disease, "CANARY chẩn đoán của người bệnh"),
        }
    else:
        value = round(draws.uniform(36, 41), 1)
        told = {
            "code": concept("http://loinc.org", "8310-5", "Nhiệt độ cơ thể"),
            "valueQuantity": {"value": value, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"},
        }
    return {
        **_head("Observation", event, updated_ms),
        "extension": [commune(event)],
        "status": "final" if step else "preliminary",
        **told,
        "subject": person(event),
        "effectiveDateTime": moment(event.at_ms),
        "issued": instant(updated_ms),
        "performer": [organisation(w.facility(draws))],
        "note": [{"text": f"CANARY: người bệnh {event.number}"}],
    }


def moment(at_ms: int) -> str:
    """A FHIR dateTime, local, of seconds."""
    return from_ms(at_ms).isoformat(timespec="seconds")


def instant(at_ms: int) -> str:
    """A FHIR instant, local, of milliseconds."""
    return from_ms(at_ms).isoformat(timespec="milliseconds")


def concept(system: str, code: str, display: str) -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def organisation(code: str, kind: str = "Organization") -> Resource:
    """A reference to a facility, by its code (MACSKCB)."""
    return {
        "reference": f"{kind}/{code}",
        "identifier": {"system": f"{SID}ma-cskcb", "value": code},
        "display": f"Cơ sở khám bệnh, chữa bệnh {code}",
    }


def person(event: Event) -> Resource:
    """A reference to a patient, with the name and the citizen's number that it must not have."""
    number = event.draws("person").randrange(800_000)
    return {
        "reference": f"Patient/CANARY-{number}",
        "identifier": {"system": f"{SID}cccd", "value": f"CANARY-CCCD-{number:06}"},
        "display": f"CANARY Nguyễn Văn {number}",
    }


def commune(event: Event) -> Resource:
    """The commune that the patient lives in."""
    return {"url": f"{EXTENSION}maxa-cu-tru", "valueCode": event.draws("commune").choice(w.COMMUNES)}


def _head(kind: str, event: Event, updated_ms: int) -> Resource:
    name = f"CANARY Nguyễn Thị {event.number}"
    address = {"line": [f"CANARY số {event.number % 200} đường Phan Ngọc Hiển"], "city": "Cà Mau"}
    patient = {
        "resourceType": "Patient",
        "id": "nguoi-benh",
        "name": [{"text": name}],
        "telecom": [{"system": "phone", "value": f"CANARY-SDT-{event.number}"}],
        "address": [address],
    }
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{name}, {address["line"][0]}</div>'
    return {
        "resourceType": kind,
        "id": f"{kind[:3].lower()}-{event.number}",
        "meta": {"versionId": str(updated_ms), "lastUpdated": instant(updated_ms)},
        "text": {"status": "generated", "div": div},
        "contained": [patient],
    }
