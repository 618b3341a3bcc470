"""The period that a report is of."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ioc.errors import ConfigError

_FORM = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?")

Grain = Literal["month", "quarter", "year"]


@dataclass(frozen=True)
class Period:
    """A month, a quarter or a year, by local days; `end` is the first day after it."""

    grain: Grain
    start: date
    end: date

    @property
    def name(self) -> str:
        """`2026-10`, `2026-Q4` or `2026`."""
        if self.grain == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return f"{self.start:%Y-%m}" if self.grain == "month" else f"{self.start:%Y}"


def period_of(text: str) -> Period:
    """The period of a name.

    Raises:
        ConfigError: it is none.
    """
    found = _FORM.fullmatch(text)
    if found is None or (found[2] and not 1 <= int(found[2]) <= 12) or int(found[1]) < 1970:
        raise ConfigError(f"{text!r} is no period: 2026-10, 2026-Q4 or 2026")
    year = int(found[1])
    if found[2]:
        start = date(year, int(found[2]), 1)
        return Period("month", start, _plus_months(start, 1))
    if found[3]:
        start = date(year, 3 * int(found[3]) - 2, 1)
        return Period("quarter", start, _plus_months(start, 3))
    return Period("year", date(year, 1, 1), date(year + 1, 1, 1))


def last_month(today: date) -> Period:
    """The newest month that is over on a day."""
    return period_of(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")


def containing(grain: Grain, day: date) -> Period:
    """The period that a day lies in."""
    return period_of(
        {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": f"{day:%Y}"}[grain]
    )


def _plus_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
