"""Values as source systems write them, read into the types of the contracts.

Messages name the field and what is expected, and repeat a value only when it is a short code: a field that was filled wrongly
may hold a person's data, and messages stand in clear.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from ioc.clock import LOCAL, LOCAL_OFFSET_S
from ioc.errors import SkippableError

T = TypeVar("T")

_EPOCH = date(1970, 1, 1)
_SHOWN_CHARS = 4
_INT64_DIGITS = 18


def shown(value: object) -> str:
    """A value for a message: short codes as they are, of anything else only what it is."""
    if isinstance(value, str):
        if len(value) <= _SHOWN_CHARS and value.isascii():
            return repr(value)
        return f"a text of {len(value)} characters"
    if isinstance(value, bool) or value is None or (isinstance(value, int) and abs(value) < 10**_SHOWN_CHARS):
        return repr(value)
    return f"a value of type {type(value).__name__}"


def invalid(field: str, value: object, expected: str) -> SkippableError:
    """The error of a value that cannot be."""
    return SkippableError("invalid_value", f"{field}: {shown(value)} is not {expected}")


def text(fields: Mapping[str, Any], field: str) -> str:
    """A text in Unicode's composed form (NFC), without blanks around it; empty for null and where the key is missing.

    Raises:
        SkippableError: it is neither a text nor a whole number.
    """
    value = fields.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        value = value.strip()
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise invalid(field, value, "a text")


def required(fields: Mapping[str, Any], field: str) -> str:
    """A text that must be there and not empty.

    Raises:
        SkippableError: it is not.
    """
    found = text(fields, field)
    if not found:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    return found


def coded(field: str, value: str, codes: Mapping[str, T]) -> T:
    """What a code stands for.

    Raises:
        SkippableError: the code is not known.
    """
    try:
        return codes[value]
    except KeyError:
        raise invalid(field, value, f"one of {', '.join(filter(None, codes))}") from None


def whole(field: str, value: str) -> int:
    """A whole number from 0, in ASCII digits.

    Raises:
        SkippableError: it is none.
    """
    if value.isdigit() and value.isascii() and len(value) <= _INT64_DIGITS:
        return int(value)
    raise invalid(field, value, "a whole number from 0")


def compact_ms(field: str, value: str) -> int | None:
    """`yyyyMMddHHmmss` or `yyyyMMddHHmmssSSS` in Asia/Ho_Chi_Minh as milliseconds since the epoch; None for empty.

    Raises:
        SkippableError: it is no such moment.
    """
    if not value:
        return None
    if len(value) in (14, 17) and value.isascii() and value.isdigit():
        hour, minute, second = int(value[8:10]), int(value[10:12]), int(value[12:14])
        day_s = _compact_day_s(value[:8])
        if day_s is not None and hour < 24 and minute < 60 and second < 60:
            return (day_s + hour * 3600 + minute * 60 + second) * 1000 + int(value[14:] or "0")
    raise invalid(field, value, "a moment yyyyMMddHHmmss or yyyyMMddHHmmssSSS")


def iso_ms(field: str, value: str) -> int | None:
    """An ISO 8601 moment as milliseconds since the epoch; without offset it is local; None for empty.

    Raises:
        SkippableError: it is no such moment.
    """
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(field, value, "a moment yyyy-MM-ddTHH:mm:ss.SSS+0700") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LOCAL)
    delta = moment - _EPOCH_UTC
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def utc(moment_ms: int | None) -> datetime | None:
    """Milliseconds since the epoch as a moment in UTC, cut to whole seconds.

    The national shape has no milliseconds in its dates; both shapes must tell the same of a dossier.

    Raises:
        SkippableError: in UTC it is before the year 1 or after 9999: the offset has moved it out of the calendar.
    """
    try:
        return None if moment_ms is None else datetime.fromtimestamp(moment_ms // 1000, UTC)
    except (ValueError, OverflowError):
        raise SkippableError("invalid_value", "a moment before the year 1 or after 9999") from None


_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=8192)
def _compact_day_s(day: str) -> int | None:
    try:
        local = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return (local - _EPOCH).days * 86_400 - LOCAL_OFFSET_S
