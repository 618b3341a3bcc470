"""Moments as the two shapes write and read them, in Asia/Ho_Chi_Minh."""

import time
from datetime import UTC, datetime, timedelta

from ioc.clock import LOCAL, LOCAL_OFFSET_S

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware moment, cut down to the millisecond."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(moment_ms: int) -> datetime:
    """The aware local moment of milliseconds since the epoch."""
    return (EPOCH + timedelta(milliseconds=moment_ms)).astimezone(LOCAL)


def compact(moment_s: int | None) -> str:
    """`yyyyMMddHHmmss`, the national shape's date; None is the empty string."""
    if moment_s is None:
        return ""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(moment_s + LOCAL_OFFSET_S))


def compact_ms(moment_ms: int) -> str:
    """`yyyyMMddHHmmssSSS`."""
    return f"{compact(moment_ms // 1000)}{moment_ms % 1000:03d}"


def iso_ms(moment_ms: int) -> str:
    """`2026-11-22T08:00:00.000+0700`, the REST shape's date."""
    head = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment_ms // 1000 + LOCAL_OFFSET_S))
    return f"{head}.{moment_ms % 1000:03d}+0700"


def iso(moment_s: int | None) -> str | None:
    """As `iso_ms`, of a moment in seconds; None stays None."""
    return None if moment_s is None else iso_ms(moment_s * 1000)


def read_compact(text: str) -> int:
    """Milliseconds since the epoch of `yyyyMMddHHmmss` with or without `SSS`.

    Raises:
        ValueError: the text is neither.
    """
    if not text.isascii() or not text.isdigit() or len(text) not in (14, 17):
        raise ValueError(f"{text!r} is not yyyyMMddHHmmss or yyyyMMddHHmmssSSS")
    whole = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=LOCAL)
    return to_ms(whole) + int(text[14:] or "0")


def read_iso(text: str) -> int:
    """Milliseconds since the epoch of an ISO 8601 moment; without an offset it is local.

    A blank before the offset is a `+` that was not escaped in a query string.

    Raises:
        ValueError: the text is not ISO 8601.
    """
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=LOCAL))
