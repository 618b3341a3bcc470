"""What FHIR Appointments, Immunizations and Observations say."""

from collections.abc import Mapping
from typing import Any

from ingest.source import Change, Target
from ingest.sources.health import fhir_values as f
from ingest.sources.health.fhir_diseases import notifiable
from ingest.sources.health.identity import CODE, UCUM, matching
from ingest.sources.values import coded, required, text, utc
from ioc.errors import SkippableError

BOOKING = Target("appointment", "booking")
DOSE = Target("immunization", "dose")
FINDING = Target("observation", "finding")

APPOINTMENT_STATE: Mapping[str, str] = {
    **dict.fromkeys(("proposed", "pending", "booked", "waitlist"), "booked"),
    **dict.fromkeys(("arrived", "checked-in", "fulfilled"), "kept"),
    "noshow": "missed",
    "cancelled": "cancelled",
}
"""Appointment.status; `entered-in-error` is a deletion."""

DOSE_STATE: Mapping[str, str] = {"completed": "completed", "not-done": "not_done"}
"""Immunization.status; `entered-in-error` is a deletion."""

FINDING_STATUS: Mapping[str, str] = {
    name: name for name in ("registered", "preliminary", "final", "amended", "corrected", "cancelled", "unknown")
}
"""Observation.status; `entered-in-error` is a deletion."""

ERROR = "entered-in-error"
_TELE = frozenset({"VR", "TELE", "TELEHEALTH", "TELEMEDICINE"})
"""Codes of the kind of an appointment that say: from afar."""
_PLACES = ("HealthcareService/", "Location/", "Organization/")
_BOOKING_NUMBER = frozenset({"booking", "ma-dat-lich", "vncare"})


def read_appointment(fields: Mapping[str, Any], updated_ms: int | None) -> Change:
    """A booking.

    Raises:
        SkippableError: an element is missing or cannot be.
    """
    actors = [f.inner(one, "actor") for one in f.objects(fields, "participant")]
    unit = f.facility(next(filter(_is_place, actors), {}), "participant.actor")
    who = next((actor for actor in actors if text(actor, "reference").startswith("Patient/")), {})
    own = f.identifier(fields, _BOOKING_NUMBER) or text(fields, "id")
    entity = f"{unit}/{f.number('identifier, id', own, who)}"
    status = required(fields, "status")
    if status == ERROR:
        return Change(entity, unit, updated_ms, None, deleted=True)
    state = coded("status", status, APPOINTMENT_STATE)
    kinds = [
        f.inner(fields, "appointmenttype"),
        *f.objects(fields, "servicetype"),
        *f.objects(fields, "servicecategory"),
    ]
    data = {
        "booked_at": f.required_moment("created", text(fields, "created")),
        "planned_at": f.moment("start", text(fields, "start")),
        # FHIR keeps no moment of it: what closed the appointment is its newest update.
        "closed_at": None if state == "booked" else utc(updated_ms),
        "state": state,
        "tele": any(code.upper() in _TELE for kind in kinds for code in f.codes_of(kind)),
    }
    return Change(entity, unit, updated_ms, data)


def read_immunization(fields: Mapping[str, Any], updated_ms: int | None) -> Change:
    """A vaccination.

    Raises:
        SkippableError: an element is missing or cannot be.
    """
    performers = [f.inner(one, "actor") for one in f.objects(fields, "performer")]
    places = [one for one in performers if _is_place(one)]
    unit = f.facility(places[0] if places else f.inner(fields, "location"), "performer.actor, location")
    who = f.inner(fields, "patient")
    entity = f"{unit}/{f.number('id', text(fields, 'id'), who)}"
    status = required(fields, "status")
    if status == ERROR:
        return Change(entity, unit, updated_ms, None, deleted=True)
    vaccines = f.codes_of(f.inner(fields, "vaccinecode"))
    if not vaccines:
        raise SkippableError("missing_field", "vaccineCode.coding.code: missing or empty")
    doses = [
        one["doseNumberPositiveInt"] for one in f.objects(fields, "protocolapplied") if "doseNumberPositiveInt" in one
    ]
    data = {
        "vaccinated": f.person(who),
        "vaccine": matching("vaccineCode", vaccines[0], CODE),
        "given_at": f.required_moment("occurrenceDateTime", text(fields, "occurrencedatetime")),
        "dose": doses[0] if doses else None,
        "state": coded("status", status, DOSE_STATE),
        "commune": f.commune(fields),
    }
    return Change(entity, unit, updated_ms, data)


def read_observation(fields: Mapping[str, Any], updated_ms: int | None) -> Change:
    """A finding.

    Raises:
        SkippableError: an element is missing or cannot be.
    """
    places = [one for one in f.objects(fields, "performer") if _is_place(one)]
    unit = f.facility(places[0] if places else {}, "performer")
    who = f.inner(fields, "subject")
    entity = f"{unit}/{f.number('id', text(fields, 'id'), who)}"
    status = required(fields, "status")
    if status == ERROR:
        return Change(entity, unit, updated_ms, None, deleted=True)
    codes = f.codes_of(f.inner(fields, "code"))
    if not codes:
        raise SkippableError("missing_field", "code.coding.code: missing or empty")
    quantity = f.inner(fields, "valuequantity")
    disease = f.icd10_of("valueCodeableConcept, code", f.inner(fields, "valuecodeableconcept"), f.inner(fields, "code"))
    value = quantity.get("value", fields.get("valueinteger"))
    found = text(fields, "effectivedatetime") or text(fields, "effectiveinstant")
    found = found or text(f.inner(fields, "effectiveperiod"), "start") or text(fields, "issued")
    data = {
        "subject": f.person(who),
        "code": matching("code", codes[0], CODE),
        "status": coded("status", status, FINDING_STATUS),
        "found_at": f.required_moment("effective, issued", found),
        "value_milli": f.milli("value", value),
        "value_unit": matching("valueQuantity.code", text(quantity, "code"), UCUM),
        "disease": disease,
        "notifiable": notifiable(disease),
        "commune": f.commune(fields),
    }
    return Change(entity, unit, updated_ms, data)


def _is_place(reference: f.Element) -> bool:
    system = f.last_part(f.inner(reference, "identifier"), "system")
    return system in f.FACILITY or any(place in text(reference, "reference") for place in _PLACES)
