"""Dates and times as edXML and the exchange write them, in Asia/Ho_Chi_Minh.

`yyyy/MM/dd` and `yyyy/MM/dd HH:mm:ss` by the format; systems also write the day first and use dashes, `T`, fractions, offsets.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from ingest.sources.values import invalid, utc
from ioc.clock import DAY_S, LOCAL_OFFSET_S

_FORMS = re.compile(
    r"(?:(\d{4})[/-](\d{1,2})[/-](\d{1,2})|(\d{1,2})[/-](\d{1,2})[/-](\d{4}))"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_EPOCH = date(1970, 1, 1)
_END_S = (date(2199, 12, 31) - _EPOCH).days * DAY_S
_NEVER = "0001"
"""The year of .NET's empty date: the way in which its systems write that there is none."""


@lru_cache(maxsize=8_192)
def moment_ms(field: str, value: str) -> int | None:
    """A moment in milliseconds since the epoch; a date is the beginning of its local day. None for empty and for no date.

    Raises:
        SkippableError: it is no moment.
    """
    if not value or _NEVER in (value[:4], value[6:10]):
        return None
    found = _FORMS.fullmatch(value)
    if found is None:
        raise invalid(field, value, "a moment yyyy/MM/dd HH:mm:ss")
    year, month, day, day_first, month_second, year_last, hour, minute, second, fraction, offset = found.groups()
    try:
        local = date(int(year or year_last), int(month or month_second), int(day or day_first))
        clock = timedelta(hours=int(hour or 0), minutes=int(minute or 0), seconds=int(second or 0))
        if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
            raise ValueError(value)
    except ValueError:
        raise invalid(field, value, "a moment yyyy/MM/dd HH:mm:ss") from None
    seconds = (local - _EPOCH).days * DAY_S + int(clock.total_seconds()) - _offset_s(offset)
    if not 0 <= seconds < _END_S:
        raise invalid(field, value, "a moment from 1970 to 2199")
    return seconds * 1000 + int((fraction or "0")[:3].ljust(3, "0"))


def end_of_day(field: str, value: str) -> datetime | None:
    """As `moment`; a date without a time is the last second of its local day, for what is due by then."""
    found = moment_ms(field, value)
    if found is not None and ":" not in value:
        found += (DAY_S - 1) * 1000
    return utc(found)


def local_day(at_ms: int) -> str:
    """The local day of a moment, `yyyy/MM/dd`."""
    return f"{datetime.fromtimestamp(at_ms // 1000 + LOCAL_OFFSET_S, UTC):%Y/%m/%d}"


def written(at_ms: int) -> str:
    """A moment as the exchange is asked for it: `dd/MM/yyyy HH:mm:ss`, local."""
    return f"{datetime.fromtimestamp(at_ms // 1000 + LOCAL_OFFSET_S, UTC):%d/%m/%Y %H:%M:%S}"


def _offset_s(offset: str | None) -> int:
    if offset is None:
        return LOCAL_OFFSET_S
    if offset == "Z":
        return 0
    sign = -1 if offset[0] == "-" else 1
    return sign * (int(offset[1:3]) * 3600 + int(offset[-2:]) * 60)
