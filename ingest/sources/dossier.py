"""What both shapes of the dossier system share: its codes, and how much of a list counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.sources.values import invalid
from ioc.contracts.dossier import ApplicantType, Channel, DossierStatus

SOURCE = "dossier"
CASES = "cases"
RATINGS = "ratings"

NATIONAL_STATUS: Mapping[str, DossierStatus] = {
    "1": "registered",
    "2": "received",
    "3": "refused",
    "4": "processing",
    "5": "supplement",
    "6": "fees_due",
    "7": "withdrawn",
    "8": "stopped",
    "9": "processed",
    "10": "returned",
}
"""TrangThaiHoSo."""

REST_STATUS: Mapping[str, DossierStatus] = {
    "0": "registered",
    "1": "received",
    "12": "refused",
    "2": "processing",
    "3": "supplement",
    "8": "fees_due",
    "6": "withdrawn",
    "7": "stopped",
    "4": "processed",
    "5": "returned",
}
"""dossierStatus.id."""

CHANNEL: Mapping[str, Channel] = {
    "1": "online_full",
    "2": "online_partial",
    "3": "in_person",
    "4": "post",
    "5": "internal",
}
"""KenhTiepNhan and applyMethod.id."""

FORM: Mapping[str, Channel] = {"1": "online_full", "0": "in_person"}
"""HinhThuc, where a system does not tell KenhTiepNhan: online or not."""

APPLICANT: Mapping[str, ApplicantType] = {"1": "person", "2": "business", "3": "agency", "4": "other", "": "other"}
"""LoaiDoiTuong and applicant.ownerType; empty is not known."""

YES: Mapping[str, bool | None] = {"1": True, "0": False, "": None}
"""Yes or no; empty is not known, which is not no."""


def objects(fields: Mapping[str, Any], field: str) -> Sequence[dict[str, Any]]:
    """A list of objects, their keys in lower case; none for null, the empty string and where the key is missing.

    Raises:
        SkippableError: it is no list of objects.
    """
    value = fields.get(field)
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(field, value, "a list of objects")
    return [{key.lower(): member for key, member in item.items()} for item in value]


def inner(fields: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object at a path of keys, its keys in lower case; empty where a part of the way is null or missing.

    Raises:
        SkippableError: a part of the way is no object.
    """
    at = fields
    for field in path:
        value = at.get(field)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise invalid(field, value, "an object")
        at = {key.lower(): member for key, member in value.items()}
    return at
