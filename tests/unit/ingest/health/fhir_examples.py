"""FHIR resources as the tests change them."""

import json
from functools import cache
from typing import Any

from ingest.source import Change, Record
from ingest.sources.health.fhir import FhirStream, fhir_part
from ingest.sources.health.fhir_bundle import BundleReader
from ioc.settings.sources import HealthSourceSettings

SID = "http://fhir.ehealth.gov.vn/core/sid/"
EXTENSION = "http://fhir.ehealth.gov.vn/core/StructureDefinition/"

META = {"lastUpdated": "2025-11-20T09:30:00.125+07:00"}
UPDATED_MS = 1_763_605_800_125

HEAD: dict[str, Any] = {"meta": META, "text": {"status": "generated", "div": "<div>Nguyễn Văn A, ấp 1</div>"}}
PERSON = {
    "reference": "Patient/7",
    "display": "Nguyễn Văn A",
    "identifier": {"system": f"{SID}cccd", "value": "096000000001"},
}
FACILITY = {"reference": "Organization/96001", "identifier": {"system": f"{SID}ma-cskcb", "value": "96001"}}

ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e1",
    **HEAD,
    "extension": [
        {"url": f"{EXTENSION}check-in", "valueCode": "chip-card"},
        {"url": f"{EXTENSION}cashless", "valueBoolean": True},
        {"url": f"{EXTENSION}maxa-cu-tru", "valueCode": "32002"},
    ],
    "identifier": [{"system": "http://other/id", "value": "7"}, {"system": f"{SID}MA_LK", "value": "LK1"}],
    "status": "finished",
    "statusHistory": [
        {"status": "in-progress", "period": {"start": "2025-11-20T07:40:00+07:00"}},
        {"status": "arrived", "period": {"start": "2025-11-20T07:20:00+07:00"}},
    ],
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "subject": PERSON,
    "period": {"start": "2025-11-20T07:30:00+07:00", "end": "2025-11-20T09:00:00+07:00"},
    "length": {"value": 2, "code": "d", "system": "http://unitsofmeasure.org"},
    "reasonCode": [
        {
            "coding": [
                {"system": "http://snomed.info/sct", "code": "1"},
                {"system": "http://hl7.org/fhir/sid/icd-10", "code": "j18.9"},
            ]
        }
    ],
    "hospitalization": {"dischargeDisposition": {"coding": [{"code": "home", "display": "Về nhà"}]}},
    "serviceProvider": FACILITY,
}
UNINSURED = {**ENCOUNTER, "identifier": []}

APPOINTMENT: dict[str, Any] = {
    "resourceType": "Appointment",
    "id": "a1",
    **HEAD,
    "status": "booked",
    "created": "2025-11-19T20:00:00+07:00",
    "start": "2025-11-21T08:00:00+07:00",
    "participant": [
        {"actor": PERSON, "status": "accepted"},
        {"actor": {"reference": "HealthcareService/96002"}, "status": "accepted"},
    ],
}

IMMUNIZATION: dict[str, Any] = {
    "resourceType": "Immunization",
    "id": "i1",
    **HEAD,
    "extension": [{"url": f"{EXTENSION}maxa-cu-tru", "valueString": "32002"}],
    "status": "completed",
    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "08"}], "text": "Viêm gan B"},
    "patient": PERSON,
    "occurrenceDateTime": "2025-11-20",
    "performer": [{"actor": {"reference": "Practitioner/3"}}, {"actor": FACILITY}],
    "protocolApplied": [{"doseNumberPositiveInt": 2}],
}

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    **HEAD,
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
    "subject": PERSON,
    "effectiveDateTime": "2025-11-20T07:45:00+07:00",
    "performer": [{"reference": "Practitioner/3"}, FACILITY],
    "valueQuantity": {"value": 38.25, "unit": "°C", "code": "Cel"},
}


def changed(resource: dict[str, Any], **elements: Any) -> dict[str, Any]:
    """A copy with other elements; None leaves one out, `class_` is `class`."""
    made = {**resource, **{name.rstrip("_"): value for name, value in elements.items()}}
    return {name: value for name, value in made.items() if value is not None}


def bundle(*resources: Any, **members: Any) -> bytes:
    """A searchset of these resources."""
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}).encode()


@cache
def stream_of(resource: str) -> FhirStream:
    """The stream of a resource type."""
    part = fhir_part(HealthSourceSettings())
    assert part is not None
    part.close()
    (found,) = [
        one for one in part.streams if isinstance(one, FhirStream) and one.known_fields and one.path == f"/{resource}"
    ]
    return found


def record_of(resource: dict[str, Any]) -> Record:
    """The record of a resource."""
    (record,) = BundleReader(resource["resourceType"]).read(bundle(resource)).records
    return record


def changes_of(resource: dict[str, Any]) -> list[Change]:
    """What a resource says.

    Raises:
        SkippableError: it cannot be used.
    """
    record = record_of(resource)
    if record.fault is not None:
        raise record.fault
    read = stream_of(resource["resourceType"]).read(record)
    return [read] if isinstance(read, Change) else list(read)
