"""Elements of FHIR resources, read into the types of the contracts.

What is missing, is of another type, or is of a code or precision that is of no use here, is refused, also where the specification
allows it. `display` and `text` of codes and references are never read: they hold names.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ingest.sources.health import identity
from ingest.sources.health.icd10 import icd10
from ingest.sources.health.identity import matching
from ingest.sources.values import invalid, iso_ms, shown, text, utc
from ioc.errors import SkippableError

Element = Mapping[str, Any]

INSURANCE = frozenset({"insurance-number", "ma-the-bhyt", "bhyt"})
FACILITY = frozenset({"ma-cskcb", "facility-id", "organization-id"})
LINK_KEY = frozenset({"ma-lk"})
COMMUNE = frozenset({"maxa-cu-tru", "commune"})
FACILITYS_OWN = frozenset({"patient-internal-id", "ma-bn"})
"""Last parts of the systems of identifiers and of the addresses of extensions, as `last_part` gives them. VN Core is a draft,
and systems in use write their own hosts before them."""

_FULL_MOMENT = 16
"""Characters of a moment that tells hour and minute; a date alone is local midnight."""
_DATE = 10
_INSURANCE_DIGITS = 10
_CITIZEN = re.compile(r"[0-9]{12}")


def last_part(element: Element, name: str) -> str:
    """What stands behind the last `/`, `#` or `:` of an address, in lower case, `_` as `-`: `…/sid/MA_LK` is `ma-lk`.

    Raises:
        SkippableError: it is no text.
    """
    uri = element.get(name)
    if uri is None:
        return ""
    if not isinstance(uri, str):
        raise invalid(name, uri, "an address")
    return uri.rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2].replace("_", "-").lower()


def objects(element: Element, name: str) -> list[Element]:
    """The objects of a list; empty where it is missing.

    Raises:
        SkippableError: it is no list of objects.
    """
    value = element.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(name, value, "a list of objects")
    return value


def inner(element: Element, *path: str) -> Element:
    """The object at a path; empty where a part of the way is missing.

    Raises:
        SkippableError: a part of the way is no object.
    """
    for name in path:
        value = element.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise invalid(name, value, "an object")
        element = value
    return element


def identifier(element: Element, systems: frozenset[str]) -> str:
    """The value of the first identifier of one of these systems; empty without one."""
    return next(
        (text(one, "value") for one in objects(element, "identifier") if last_part(one, "system") in systems), ""
    )


def extension(element: Element, names: frozenset[str]) -> Element:
    """The first extension whose address ends in one of these names; empty without one."""
    return next((one for one in objects(element, "extension") if last_part(one, "url") in names), {})


def extension_code(element: Element, names: frozenset[str]) -> str:
    """The code of an extension, as a code, text, coding or concept; empty without one."""
    found = extension(element, names)
    plain = text(found, "valueCode") or text(found, "valueString")
    codes = (text(inner(found, "valueCoding"), "code"), *codes_of(inner(found, "valueCodeableConcept")))
    return plain or next(filter(None, codes), "")


def codings(concept: Element) -> Iterator[tuple[str, str]]:
    """System and code of each coding of a concept."""
    for coding in objects(concept, "coding"):
        yield text(coding, "system"), text(coding, "code")


def codes_of(concept: Element) -> list[str]:
    """The codes of a concept, whatever their systems."""
    return [code for _, code in codings(concept) if code]


def icd10_of(field: str, *concepts: Element) -> str:
    """The first ICD-10 code among concepts, upper case without dot; empty when there is none.

    Raises:
        SkippableError: a code of that system is none.
    """
    for concept in concepts:
        for system, code in codings(concept):
            if "icd-10" in system.lower() and code:
                return icd10(field, code)
    return ""


def facility(reference: Element, field: str) -> str:
    """The code of the facility that a reference names: its identifier's, else the id behind `Organization/`.

    Raises:
        SkippableError: it names none.
    """
    named = inner(reference, "identifier")
    code = text(named, "value") if last_part(named, "system") in {"", *FACILITY} else ""
    code = code or _id(text(reference, "reference"))
    if not code:
        raise SkippableError("missing_field", f"{field}: no identifier of a facility, and no reference to one")
    return matching(field, code, identity.FACILITY)


def person(reference: Element) -> str:
    """What tells a person apart, for the keyed hash: the identifier's number, else the reference; may be empty.

    A reference is one within its server, and so says nothing of persons elsewhere.
    """
    named = inner(reference, "identifier")
    number = text(named, "value")
    if last_part(named, "system") in INSURANCE:
        # As in insurance files: the last ten digits of a card stay when its category and place change.
        return number[-_INSURANCE_DIGITS:]
    return number or text(reference, "reference")


def moment_ms(field: str, value: str) -> int | None:
    """A moment as milliseconds since the epoch; a date alone is its local midnight; None for empty.

    Raises:
        SkippableError: it is of a month or a year only, or none.
    """
    if value and len(value) != _DATE and len(value) < _FULL_MOMENT:
        raise invalid(field, value, "a moment or a day")
    return iso_ms(field, value)


def moment(field: str, value: str) -> datetime | None:
    """As `moment_ms`, in UTC, cut to whole seconds."""
    return utc(moment_ms(field, value))


def required_moment(field: str, value: str) -> datetime:
    """As `moment`, of one that must be there.

    Raises:
        SkippableError: it is missing, or none.
    """
    found = moment(field, value)
    if found is None:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    return found


def milli(field: str, value: object) -> int | None:
    """A number in thousandths, half to even; None for none.

    Raises:
        SkippableError: it is no number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise invalid(field, value, "a number")
    try:
        return int((Decimal(str(value)) * 1000).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError):
        raise SkippableError("invalid_value", f"{field}: {shown(value)} is not a number of thousandths") from None


def number(field: str, value: str, who: Element) -> str:
    """A number that names the resource in every event; `who` is the person it is about.

    Facilities build link keys from their own numbers of patients, which say nothing elsewhere; these may stand in it.

    Raises:
        SkippableError: it is missing, looks like none, or holds the person's own.
    """
    if not value:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    named, referred = inner(who, "identifier"), _id(text(who, "reference"))
    own = [] if last_part(named, "system") in FACILITYS_OWN else [text(named, "value")]
    return identity.number(field, value, [*own, referred] if _CITIZEN.fullmatch(referred) else own)


def commune(fields: Element) -> str:
    """The commune of residence; empty without one.

    Raises:
        SkippableError: it looks like none.
    """
    return matching("extension maxa-cu-tru", extension_code(fields, COMMUNE), identity.COMMUNE)


def _id(reference: str) -> str:
    return reference.rstrip("/").rpartition("/")[2].removeprefix("#")
