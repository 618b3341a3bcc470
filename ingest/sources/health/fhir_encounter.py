"""What a FHIR Encounter says: the check-in of every visit, and the stay of those that no insurance file tells of.

An Encounter whose identifiers have one of MA_LK is the visit that an insurance file tells of, and has the same entity,
`<facility>/<MA_LK>`. The file knows the stay better (costs, outcome, settlement), so FHIR tells only what the file does not: when
and how the patient checked in. An Encounter without it is `<facility>/fhir:<id>`, was not insured, and FHIR tells both.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.source import Change, Target
from ingest.sources.health import fhir_values as f
from ingest.sources.health.icd10 import chapter
from ingest.sources.values import coded, required, text

CHECK_IN = Target("encounter", "check_in")
STAY = Target("encounter", "stay")

SETTING: Mapping[str, str] = {
    **dict.fromkeys(("AMB", "HH", "VR"), "outpatient"),
    "SS": "day_care",
    **dict.fromkeys(("IMP", "ACUTE", "NONAC"), "inpatient"),
    "EMER": "emergency",
    **dict.fromkeys(("FLD", "OBSENC", "PRENC"), "other"),
}
"""Encounter.class: codes of HL7 v3 ActCode."""

LEAVING: Mapping[str, tuple[str, str]] = {
    "": ("unknown", "unknown"),
    **dict.fromkeys(("home", "alt-home"), ("home", "unknown")),
    **dict.fromkeys(("other-hcf", "hosp", "long", "rehab", "psy", "snf"), ("transfer", "unknown")),
    "aadvice": ("asked", "unknown"),
    "exp": ("other", "died"),
    "oth": ("other", "unknown"),
}
"""dischargeDisposition: how the patient left, and with which outcome."""

IDENTIFIED: Mapping[str, str] = {
    **dict.fromkeys(("chip-card", "cccd"), "chip_card"),
    "vneid": "vneid",
    **dict.fromkeys(("insurance-card", "bhyt"), "insurance_card"),
    "other": "other",
}
"""Extension `check-in`: by what the patient was identified."""

STATUS: Mapping[str, str] = {
    **dict.fromkeys(("planned", "unknown"), "none"),
    **dict.fromkeys(("arrived", "triaged", "in-progress", "onleave", "finished"), "here"),
    **dict.fromkeys(("cancelled", "entered-in-error"), "gone"),
}
"""Whether the visit takes place: not yet, yes, no longer."""

_CHECK_IN = frozenset({"check-in", "checkin"})
_CASHLESS = frozenset({"cashless"})
_DAYS = frozenset({"d", "day", "days"})
_INPATIENT = frozenset(code for code, setting in SETTING.items() if setting == "inpatient")


def read_encounter(fields: Mapping[str, Any], updated_ms: int | None) -> list[Change]:
    """The check-in and the stay, as far as the Encounter tells them.

    Raises:
        SkippableError: an element is missing or cannot be.
    """
    unit = f.facility(f.inner(fields, "serviceprovider"), "serviceProvider")
    who = f.inner(fields, "subject")
    link_key = f.identifier(fields, f.LINK_KEY)
    own = f.number("MA_LK", link_key, who) if link_key else f"fhir:{f.number('id', text(fields, 'id'), who)}"
    entity = f"{unit}/{own}"
    state = coded("status", required(fields, "status"), STATUS)
    targets = (CHECK_IN,) if link_key else (CHECK_IN, STAY)
    if state == "none":
        return []
    if state == "gone":
        return [Change(entity, unit, updated_ms, None, deleted=True, target=target) for target in targets]
    told = [(CHECK_IN, _check_in(fields))]
    if not link_key:
        told.append((STAY, _stay(fields)))
    return [Change(entity, unit, updated_ms, data, target=target) for target, data in told if data is not None]


def _check_in(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """How the patient checked in; None when the Encounter does not tell by what."""
    code = f.extension_code(fields, _CHECK_IN)
    if not code:
        return None
    return {
        "checked_in_at": _since(fields, "statushistory", "status", frozenset({"arrived"})) or _begin(fields),
        "check_in": coded("extension check-in", code.lower(), IDENTIFIED),
        "cashless": f.extension(fields, _CASHLESS).get("valueBoolean"),
    }


def _stay(fields: Mapping[str, Any]) -> dict[str, Any]:
    class_ = f.inner(fields, "class")
    setting = coded("class.code", required(class_, "code").upper(), SETTING)
    disposition = f.codes_of(f.inner(fields, "hospitalization", "dischargeDisposition"))
    leaving, outcome = coded("dischargeDisposition", disposition[0] if disposition else "", LEAVING)
    icd10 = f.icd10_of("reasonCode", *f.objects(fields, "reasoncode"))
    inpatient_at = _since(fields, "classhistory", "class", _INPATIENT)
    return {
        "patient": f.person(f.inner(fields, "subject")),
        "setting": setting,
        "insured": False,
        "admitted_at": _begin(fields),
        "inpatient_at": inpatient_at or (_begin(fields) if setting == "inpatient" else None),
        "discharged_at": f.moment("period.end", text(f.inner(fields, "period"), "end")),
        "settled_at": None,
        "submitted_at": None,
        "days": _days(f.inner(fields, "length")),
        "outcome": outcome,
        "leaving": leaving,
        "icd10": icd10,
        "chapter": chapter(icd10),
        "sex": "unknown",
        "age_years": None,
        "commune": f.commune(fields),
        **dict.fromkeys(("total_vnd", "insurance_vnd", "copayment_vnd", "patient_vnd", "drugs_vnd", "supplies_vnd")),
    }


def _begin(fields: Mapping[str, Any]) -> datetime:
    return f.required_moment("period.start", text(f.inner(fields, "period"), "start"))


def _since(fields: Mapping[str, Any], history: str, of: str, values: frozenset[str]) -> datetime | None:
    """The earliest moment at which a history says one of these values."""
    found = []
    for past in f.objects(fields, history):
        value = text(f.inner(past, of), "code") if of == "class" else text(past, of)
        begin = text(f.inner(past, "period"), "start")
        if value in values and begin:
            found.append(f.required_moment(f"{history}.period.start", begin))
    return min(found, default=None)


def _days(length: f.Element) -> int | None:
    """`length` in days, when it is told in whole ones."""
    unit = (text(length, "code") or text(length, "unit")).lower()
    thousandths = f.milli("length", length.get("value"))
    return None if thousandths is None or unit not in _DAYS or thousandths % 1000 else thousandths // 1000
