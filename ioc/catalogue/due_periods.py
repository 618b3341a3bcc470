"""Periods that are reported on: which have become due, and when. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ioc.catalogue.series import PeriodGrain, Series

_MONTHS: dict[PeriodGrain, int] = {"month": 1, "quarter": 3, "year": 12}
_DAYS: dict[PeriodGrain, int] = {"day": 1, "week": 7}


@dataclass(frozen=True)
class Period:
    """A period and its report: first local day, first day after it, last day on which its report is in time."""

    start: date
    end: date
    due: date


def period_of(grain: PeriodGrain, day: date) -> tuple[date, date]:
    """First day of the period that a day lies in, and the first day after it; weeks begin on Monday."""
    if grain in _DAYS:
        start = day - timedelta(days=day.weekday() if grain == "week" else 0)
        return start, start + timedelta(days=_DAYS[grain])
    length = _MONTHS[grain]
    first = day.year * 12 + (day.month - 1) // length * length
    return tuple(date(months // 12, months % 12 + 1, 1) for months in (first, first + length))  # type: ignore[return-value]


def overdue(series: Series, since: date, today: date) -> Iterator[Period]:
    """Periods of a series whose last day in time is not before `since` and has passed, in order.

    A report is in time until `due_days` after the last day of its period.
    """
    grace = timedelta(days=series.due_days - 1)
    start, end = period_of(series.grain, since - grace - timedelta(days=1))
    while (due := end + grace) < today:
        if due >= since:
            yield Period(start, end, due)
        start, end = period_of(series.grain, end)
