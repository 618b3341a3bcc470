"""Cells of tables that are no numbers: yes or no, days, codes, texts."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from ingest.sources.hub.columns import folded
from ingest.sources.values import invalid, iso_ms, text, utc
from ioc.clock import LOCAL
from ioc.errors import SkippableError

_YES = frozenset({"co", "yes", "true", "1", "x", "dat", "da", "roi", "duoc"})
_NO = frozenset({"khong", "no", "false", "0", "chua", "khong_dat"})
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LAST = time(23, 59, 59)


def yes(fields: dict[str, Any], field: str) -> bool | None:
    """`có`/`không`, `yes`/`no`, `true`/`false`, `1`/`0`, `x`; None for an empty cell.

    Raises:
        SkippableError: it is none of these.
    """
    value = fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    word = folded(value) if isinstance(value, str) else str(value) if value in (0, 1) else None
    if word in _YES:
        return True
    if word in _NO:
        return False
    if word == "" and isinstance(value, str) and not value.strip():
        return None
    raise invalid(field, value, "yes or no (có, không)")


def certain(fields: dict[str, Any], field: str) -> bool:
    """As `yes`, of a cell that must not be empty.

    Raises:
        SkippableError: it is empty, or neither yes nor no.
    """
    found = yes(fields, field)
    if found is None:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    return found


def moment(fields: dict[str, Any], field: str) -> datetime | None:
    """A day or moment, in UTC; `yyyy-MM-dd`, `dd/MM/yyyy`, or ISO 8601 with a time (local without offset). None for empty.

    A day without time is its last second, local: what is valid until a day is valid on it.

    Raises:
        SkippableError: it is no such moment.
    """
    value = fields.get(field)
    if isinstance(value, datetime):
        at = value if value.tzinfo is not None else value.replace(tzinfo=LOCAL)
        return at.astimezone(UTC).replace(microsecond=0)
    if isinstance(value, date):
        return _end_of(value)
    told = text(fields, field)
    if not told:
        return None
    day = _day(told)
    return _end_of(day) if day is not None else utc(iso_ms(field, told))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, _LAST, LOCAL).astimezone(UTC)


@lru_cache(maxsize=4096)
def _day(value: str) -> date | None:
    """The day that a text is; None for another text."""
    try:
        if _ISO_DAY.fullmatch(value):
            return date.fromisoformat(value)
        if match := _DAY.fullmatch(value):
            day, month, year = map(int, match.groups())
            return date(year, month, day)
    except ValueError:
        return None
    return None
