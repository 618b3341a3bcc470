"""Buckets of the fold: hours since the epoch, and local days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.clock import LOCAL
from streams.cells import day_buckets, hour_buckets


def buckets(seconds: int) -> tuple[int, int]:
    times = np.array([seconds], np.int64)
    return int(hour_buckets(times)[0]), int(day_buckets(times)[0])


@pytest.mark.parametrize(
    ("moment", "hour", "day"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0, 0),
        (datetime(1970, 1, 1, 16, 59, 59, tzinfo=UTC), 16, 0),
        (datetime(1970, 1, 1, 17, tzinfo=UTC), 17, 1),
    ],
)
def test_buckets(moment: datetime, hour: int, day: int) -> None:
    assert buckets(int(moment.timestamp())) == (hour, day)


@given(st.integers(0, 2**33))
def test_an_hour_lies_in_one_local_day(seconds: int) -> None:
    hour, day = buckets(seconds)
    assert buckets(hour * 3600)[1] == day


@given(st.integers(315_532_800, 4_102_444_800))
def test_the_local_day_is_that_of_the_time_zone(seconds: int) -> None:
    """Since 1975 the zone of the whole country has been UTC+7 (IANA tz, Asia/Ho_Chi_Minh); drawn from 1980 to 2100."""
    moment = datetime.fromtimestamp(seconds, UTC)
    local = moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    assert date(1970, 1, 1) + timedelta(days=buckets(seconds)[1]) == local
    assert moment.astimezone(LOCAL).date() == local
