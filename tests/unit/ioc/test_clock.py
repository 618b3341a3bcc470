"""Buckets: floor division, local days, before and after the epoch."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.clock import LOCAL, day_of, day_of_hour, hour_of, now

SECONDS = st.integers(-(2**35), 2**33)


@pytest.mark.parametrize(
    ("moment", "hour", "day"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0, 0),
        (datetime(1970, 1, 1, 16, 59, 59, tzinfo=UTC), 16, 0),
        (datetime(1970, 1, 1, 17, tzinfo=UTC), 17, 1),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1, 0),
        (datetime(1969, 12, 31, 16, 59, 59, tzinfo=UTC), -8, -1),
    ],
)
def test_buckets(moment: datetime, hour: int, day: int) -> None:
    seconds = int(moment.timestamp())
    assert (hour_of(seconds), day_of(seconds)) == (hour, day)


@given(SECONDS)
def test_an_hour_lies_in_one_local_day(seconds: int) -> None:
    assert day_of_hour(hour_of(seconds)) == day_of(seconds)


@given(st.integers(315_532_800, 4_102_444_800))
def test_the_local_day_is_that_of_the_time_zone(seconds: int) -> None:
    """Since 1975 the zone of the whole country has been UTC+7 (IANA tz, Asia/Ho_Chi_Minh); drawn from 1980 to 2100."""
    moment = datetime.fromtimestamp(seconds, UTC)
    local = moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    assert date(1970, 1, 1) + timedelta(days=day_of(seconds)) == local
    assert moment.astimezone(LOCAL).date() == local


def test_now_is_aware_and_utc() -> None:
    assert now().tzinfo is UTC
