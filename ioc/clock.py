"""Time as the pipeline counts it: UTC inside, hours and days of Asia/Ho_Chi_Minh at the edges.

Vietnam keeps UTC+7 the whole year round (Decision 134/2002/QĐ-TTg, article 1), so a local day is a fixed
shift of the UTC clock and both engines can compute it with integers alone.
"""

from datetime import UTC, date, datetime, timedelta, timezone

LOCAL_OFFSET_S = 7 * 3600
"""Seconds that Asia/Ho_Chi_Minh is ahead of UTC."""

LOCAL = timezone(timedelta(seconds=LOCAL_OFFSET_S), "Asia/Ho_Chi_Minh")
"""The local time zone, for reading and writing times at the edges."""

HOUR_S = 3600
DAY_S = 86400


EPOCH = date(1970, 1, 1)
"""The day that local days are counted from: day 0."""


def local_day(unix_s: int) -> int:
    """The local day (days since `EPOCH`) of a moment in seconds since the epoch."""
    return (unix_s + LOCAL_OFFSET_S) // DAY_S


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)
