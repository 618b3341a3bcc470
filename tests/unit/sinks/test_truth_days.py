"""Periods of the calendar, by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.truth.days import GRAINS, before, end, ends, months_before, start, starts

EPOCH = date(1970, 1, 1)


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


@pytest.mark.parametrize(
    ("grain", "first", "following"),
    [
        ("day", "2026-02-16", "2026-02-17"),
        ("week", "2026-02-16", "2026-02-23"),
        ("month", "2026-02-01", "2026-03-01"),
        ("quarter", "2026-01-01", "2026-04-01"),
        ("year", "2026-01-01", "2027-01-01"),
    ],
)
def test_a_period_begins_and_ends_on_local_days(grain: str, first: str, following: str) -> None:
    # 2026-02-16 is a Monday.
    assert start(grain, day("2026-02-16")) == day(first)
    assert end(grain, day(first)) == day(following)


def test_weeks_begin_on_monday_and_never_before_the_first_day_of_a_date() -> None:
    found = [EPOCH + timedelta(days=start("week", day(text))) for text in ("2026-02-15", "2026-02-22", "1970-01-02")]
    assert found == [date(2026, 2, 9), date(2026, 2, 16), date(1970, 1, 1)]


@given(st.integers(4, 65_000), st.sampled_from(GRAINS[:-1]))
def test_periods_are_those_of_the_calendar(number: int, grain: str) -> None:
    moment = EPOCH + timedelta(days=number)
    first = {
        "day": moment,
        "week": moment - timedelta(days=moment.weekday()),
        "month": moment.replace(day=1),
        "quarter": date(moment.year, (moment.month - 1) // 3 * 3 + 1, 1),
        "year": date(moment.year, 1, 1),
    }[grain]
    column = np.array([number], np.int64)
    begin = starts(grain, column)
    assert EPOCH + timedelta(days=int(begin[0])) == first
    assert begin[0] <= number < ends(grain, begin)[0]
    assert starts(grain, ends(grain, begin))[0] == ends(grain, begin)[0]


@pytest.mark.parametrize(
    ("grain", "today", "first", "last"),
    [
        ("day", "2026-03-01", "2026-02-28", "2026-02-28"),
        ("week", "2026-02-18", "2026-02-09", "2026-02-11"),
        ("month", "2026-03-30", "2026-02-01", "2026-02-28"),
        ("month", "2026-03-05", "2026-02-01", "2026-02-05"),
        # The 45th day of each quarter.
        ("quarter", "2026-05-15", "2026-01-01", "2026-02-14"),
        ("year", "2024-02-29", "2023-01-01", "2023-02-28"),
        ("to_date", "2026-03-31", "1970-01-01", "2026-02-28"),
    ],
)
def test_a_running_period_is_compared_with_as_much_of_the_one_before(
    grain: str, today: str, first: str, last: str
) -> None:
    assert before(grain, day(today)) == (day(first), day(last))


def test_a_month_earlier_is_the_same_day_or_the_last() -> None:
    assert months_before(day("2026-03-31"), 1) == day("2026-02-28")
    assert months_before(day("2026-03-15"), 12) == day("2025-03-15")
