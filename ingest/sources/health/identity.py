"""Codes that leave as they are: what they may look like, so that no name, address or person's number leaves by mistake."""

import re
from collections.abc import Iterable

from ingest.sources.values import invalid
from ioc.errors import SkippableError

FACILITY = re.compile(r"[0-9A-Z]{3,10}")
NUMBER = re.compile(r"[0-9A-Za-z._:-]{1,100}")
CODE = re.compile(r"[0-9A-Za-z._:/-]{1,64}")
COMMUNE = re.compile(r"[0-9A-Z]{0,10}")
UCUM = re.compile(r"[!-~]{0,64}")

_PERSONS_CHARS = 9
_OWN_CHARS = 10
"""The last ten of a card are the person's own; of an identity number they are enough to tell the person."""


def matching(field: str, value: str, form: re.Pattern[str]) -> str:
    """`value`, when it looks as its kind does.

    Raises:
        SkippableError: it does not.
    """
    if form.fullmatch(value) is None:
        raise invalid(field, value, f"such a code ({form.pattern})")
    return value


def number(field: str, value: str, persons: Iterable[str]) -> str:
    """A number that names a visit, booking or finding in every event, when it was not built from one of the person's own.

    Raises:
        SkippableError: it does not look like a number of that kind, or holds a person's.
    """
    matching(field, value, NUMBER)
    if any(len(own) >= _PERSONS_CHARS and own[-_OWN_CHARS:] in value for own in persons):
        raise SkippableError("invalid_value", f"{field}: holds the person's own number")
    return value
