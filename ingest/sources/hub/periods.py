"""Periods that figures are reported for: days, weeks, months, quarters, years, as people and systems write them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ingest.sources.hub.columns import folded
from ingest.sources.values import invalid
from ioc.clock import LOCAL
from ioc.errors import SkippableError

Grain = Literal["day", "week", "month", "quarter", "year"]

FIRST_YEAR, LAST_YEAR = 1971, 2198
"""Years whose every moment the contracts hold."""


class Period(NamedTuple):
    """A period: its length, its name in entities (`2026`, `2026-Q3`, `2026-11`, `2026-W47`, `2026-11-22`), its first moment in UTC."""

    grain: Grain
    name: str
    start: datetime


def period(field: str, value: Any) -> Period:
    """The period of a cell.

    A date cell is a day; a number is a year. Texts: see docs/connectors-hub.md.

    Raises:
        SkippableError: it is empty, or no period.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return _day(value.year, value.month, value.day)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    told = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if value is None or (isinstance(value, str) and not told):
        raise SkippableError("missing_field", f"{field}: missing or empty")
    found = _read(told)
    if found is None:
        raise invalid(
            field, value, "a period (2026-11, 2026-Q3, 2026, 2026-W47, 2026-11-22, tháng 11/2026, quý III/2026)"
        )
    return found


def month_of(day: date) -> str:
    """The month of a day, as a period is written: for date cells that show no day."""
    return f"{day.year}-{day.month:02}"


def _year(year: int) -> Period:
    return Period("year", f"{year}", _first_moment(date(year, 1, 1)))


def _quarter(year: int, quarter: int) -> Period:
    if not 1 <= quarter <= 4:
        raise ValueError(quarter)
    return Period("quarter", f"{year}-Q{quarter}", _first_moment(date(year, 3 * quarter - 2, 1)))


def _month(year: int, month: int) -> Period:
    return Period("month", f"{year}-{month:02}", _first_moment(date(year, month, 1)))


def _week(year: int, week: int) -> Period:
    return Period("week", f"{year}-W{week:02}", _first_moment(date.fromisocalendar(year, week, 1)))


def _day(year: int, month: int, day: int) -> Period:
    return Period("day", f"{year}-{month:02}-{day:02}", _first_moment(date(year, month, day)))


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


_MAX_CHARS = 40
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

# Of the folded text: `tháng 11/2026` is thang_11_2026.
_FORMS: tuple[tuple[re.Pattern[str], Callable[..., Period]], ...] = (
    (re.compile(r"(?:nam_)?(?P<year>\d{4})"), _year),
    (re.compile(r"(?P<year>\d{4})_?q(?P<quarter>\d)"), _quarter),
    (re.compile(r"(?:quy_|q_?)(?P<quarter>\d|i{1,3}|iv)_(?:nam_)?(?P<year>\d{4})"), _quarter),
    (re.compile(r"(?P<year>\d{4})_?w(?P<week>\d{1,2})"), _week),
    (re.compile(r"(?:tuan_|w_?)(?P<week>\d{1,2})_(?:nam_)?(?P<year>\d{4})"), _week),
    (re.compile(r"(?:thang_)?(?P<month>\d{1,2})_(?:nam_)?(?P<year>\d{4})"), _month),
    (re.compile(r"(?P<year>\d{4})_(?P<month>\d{1,2})"), _month),
    (re.compile(r"(?:ngay_)?(?P<day>\d{1,2})_(?:thang_)?(?P<month>\d{1,2})_(?:nam_)?(?P<year>\d{4})"), _day),
    (re.compile(r"(?P<year>\d{4})_(?P<month>\d{1,2})_(?P<day>\d{1,2})"), _day),
)


@lru_cache(maxsize=4096)
def _read(told: str) -> Period | None:
    if len(told) > _MAX_CHARS:
        return None
    plain = folded(told)
    for form, make in _FORMS:
        if match := form.fullmatch(plain):
            parts = {name: _ROMAN.get(part) or int(part) for name, part in match.groupdict().items()}
            try:
                return make(**parts) if FIRST_YEAR <= parts["year"] <= LAST_YEAR else None
            except ValueError:
                return None
    return None
