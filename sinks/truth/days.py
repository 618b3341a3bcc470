"""Periods of the calendar over whole columns of local days (days since 1970-01-01)."""

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Grain = Literal["day", "week", "month", "quarter", "year", "to_date"]
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year", "to_date")
"""From the shortest to the longest."""

Days = NDArray[np.int64]

LAST_DAY = 65_535
"""The last day that a column of type Date holds; contracts allow times up to 2199, which are shown on it."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def starts(grain: str, days: Days) -> Days:
    """First day of the period that each day lies in; weeks begin on Monday, `to_date` on 1970-01-01."""
    if grain == "day":
        return days
    found: Days = _starts(grain)[days]
    return found


def ends(grain: str, firsts: Days) -> Days:
    """First day after the period that begins on each day; `to_date` never ends."""
    if grain == "to_date":
        return np.full_like(firsts, LAST_DAY + 1)
    if grain in ("day", "week"):
        return firsts + (1 if grain == "day" else 7)
    found: Days = _ends(grain)[firsts]
    return found


@cache
def _starts(grain: str) -> Days:
    """For every day that there is: looking up is several times faster than the calendar's arithmetic."""
    days = np.arange(LAST_DAY + 1, dtype=np.int64)
    if grain == "to_date":
        return np.zeros_like(days)
    if grain == "week":
        # 1970-01-01 was a Thursday; the week before it begins on no day that a column of type Date holds.
        mondays: Days = np.maximum(days - (days + 3) % 7, 0)
        return mondays
    months = _months(days)
    return _first(months - months % _MONTHS[grain])


@cache
def _ends(grain: str) -> Days:
    return _first(_months(_starts(grain)) + _MONTHS[grain])


def months_before(day: int, months: int) -> int:
    """The same day of an earlier month; the last one where that month is shorter."""
    there = np.array([day], np.int64)
    month = _months(there) - months
    last = int((_first(month + 1) - 1)[0])
    return min(int(_first(month)[0]) + day - int(_first(_months(there))[0]), last)


def before(grain: str, today: int) -> tuple[int, int]:
    """First and last day of what a running period is compared with: the period before it, up to the same place in it."""
    if grain == "to_date":
        return 0, months_before(today, 1)
    if grain in ("day", "week"):
        length = 1 if grain == "day" else 7
        return start(grain, today) - length, today - length
    if grain == "year":
        last = months_before(today, 12)
        return start(grain, last), last
    begin = start(grain, today)
    first = start(grain, begin - 1)
    return first, min(first + today - begin, begin - 1)


def start(grain: str, day: int) -> int:
    """`starts` of one day."""
    return int(starts(grain, np.array([day], np.int64))[0])


def end(grain: str, first: int) -> int:
    """`ends` of one period."""
    return int(ends(grain, np.array([first], np.int64))[0])


def _months(days: Days) -> Days:
    """Months since January 1970."""
    return days.astype("M8[D]").astype("M8[M]").astype(np.int64)


def _first(months: Days) -> Days:
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)
