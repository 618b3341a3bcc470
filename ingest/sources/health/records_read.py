"""What the records of the health REST say: entity, unit and contract fields of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.sources.dossier import inner
from ingest.sources.health.identity import FACILITY, matching, number
from ingest.sources.values import coded, invalid, iso_ms, required, text, utc, whole
from ioc.errors import SkippableError

BOOKING_STATE: Mapping[str, str] = {
    **dict.fromkeys(("BOOKED", "CONFIRMED"), "booked"),
    **dict.fromkeys(("CHECKED_IN", "DONE"), "kept"),
    "NO_SHOW": "missed",
    "CANCELLED": "cancelled",
}
"""`state` of a booking."""

BOOKING_TYPE: Mapping[str, bool] = {"IN_PERSON": False, "TELE": True}
"""`type` of a booking: whether it is a consultation from afar."""

CHECK_IN_METHOD: Mapping[str, str] = {
    "CHIP_CARD": "chip_card",
    "VNEID": "vneid",
    "INSURANCE_CARD": "insurance_card",
    "OTHER": "other",
}
"""`method` of a check-in."""

_PERSONS = ("citizenid", "insurancecard", "phonenumber")


def read_health_record(fields: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """A citizen's record; entity: the citizen's number, which the runner hashes; no unit answers for it.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    book = _yes(fields, "healthbook")
    if book is None:
        raise SkippableError("missing_field", "healthbook: missing or null")
    vaccinations = required(fields, "vaccinations")
    data = {
        "created_at": _moment(fields, "createddate"),
        "updated_at": _moment(fields, "updateddate"),
        "health_book": book,
        "vaccinations": whole("vaccinations", vaccinations),
    }
    return required(fields, "citizenid"), "", data


def read_booking(fields: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """A booking; entity: `<facility>/<number>`.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    unit = matching("facility", required(fields, "facility"), FACILITY)
    data = {
        "booked_at": _moment(fields, "bookeddate"),
        "planned_at": utc(iso_ms("planneddate", text(fields, "planneddate"))),
        "closed_at": utc(iso_ms("closeddate", text(fields, "closeddate"))),
        "state": coded("state", required(fields, "state"), BOOKING_STATE),
        "tele": coded("type", required(fields, "type"), BOOKING_TYPE),
    }
    return f"{unit}/{_number(fields, 'number')}", unit, data


def read_check_in(fields: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """A check-in; entity: `<facility>/<MA_LK>`, as of the insurance file of the same visit.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    unit = matching("facility", required(fields, "facility"), FACILITY)
    payment = inner(fields, "payment")
    data = {
        "checked_in_at": _moment(fields, "checkedindate"),
        "check_in": coded("method", required(fields, "method"), CHECK_IN_METHOD),
        "cashless": _yes(payment, "cashless"),
    }
    return f"{unit}/{_number(fields, 'linkkey')}", unit, data


def _number(fields: Mapping[str, Any], field: str) -> str:
    """A number that leaves as it is; the person's own are looked at only to refuse one that was built from them."""
    return number(field, required(fields, field), [text(fields, own) for own in _PERSONS])


def _moment(fields: Mapping[str, Any], field: str) -> datetime:
    found = utc(iso_ms(field, required(fields, field)))
    if found is None:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    return found


def _yes(fields: Mapping[str, Any], field: str) -> bool | None:
    value = fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    raise invalid(field, value, "true, false or null")
