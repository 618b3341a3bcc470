"""Working days: Monday to Friday without public holidays, and the Saturdays that are worked instead.

Holidays are data by year (`calendar.toml` beside this file). The fold and ClickHouse count with the cumulative table: the working
days up to a day; before its first and after its last day it stands still, so that no event can stop an engine.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ioc.clock import EPOCH
from ioc.errors import ConfigError

PACKAGED = Path(__file__).with_name("calendar.toml")

TET = "Tết Nguyên đán"
"""Name of the days off around the lunar new year."""

_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarError(ConfigError):
    """The calendar is wrong, or a day lies in a year that it does not hold; the message names file and year."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Off(_Row):
    """Days off from `day` to `to`; `instead`, a day of rest, is worked for it."""

    day: date
    name: Annotated[str, Field(min_length=1)]
    to: date | None = None
    instead: date | None = None

    @property
    def days(self) -> Iterator[date]:
        return (self.day + n * _DAY for n in range(((self.to or self.day) - self.day).days + 1))


class _Year(_Row):
    year: int
    basis: Literal["decided", "law"]
    off: Annotated[list[_Off], Field(min_length=1)]

    @model_validator(mode="after")
    def _days_fit(self) -> Self:
        seen: set[date] = set()
        for off in self.off:
            days = set(off.days)
            if not days:
                raise ValueError(f"{off.day}: `to` lies before it")
            if wrong := sorted(day for day in days if day.year != self.year or day in seen):
                raise ValueError(f"{wrong[0]} stands twice or is not in {self.year}")
            if off.instead is not None and off.instead.weekday() < _SATURDAY:
                raise ValueError(f"{off.instead} is worked anyway; `instead` is a day of rest")
            seen |= days
        return self


class _File(_Row):
    year: Annotated[list[_Year], Field(min_length=1)]


@dataclass(frozen=True)
class Calendar:
    """Some whole years that follow one another.

    Attributes:
        file: where the data stands.
        first, last: first and last day.
        off: name of each day off by day; other Saturdays and Sundays are not in it.
        worked: days of rest that are worked.
        open_years: years whose days are by the law alone and not decided yet.
    """

    file: str
    first: date
    last: date
    off: dict[date, str]
    worked: frozenset[date]
    open_years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Whether offices work on this local day.

        Raises:
            CalendarError: the calendar does not hold the year.
        """
        self._held(day)
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.off)

    def working_days(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` lies before `start`.

        Raises:
            CalendarError: the calendar does not hold one of the years.
        """
        self._held(start)
        self._held(end)
        return int(self.cumulative[(end - self.first).days + 1] - self.cumulative[(start - self.first).days + 1])

    @cached_property
    def cumulative(self) -> NDArray[np.int64]:
        """Working days from the first day up to and including the n-th (n from 1); at 0 stands 0."""
        days = (self.last - self.first).days + 1
        working = np.fromiter((self.is_working(self.first + n * _DAY) for n in range(days)), np.int64, days)
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(working)])

    @property
    def first_day(self) -> int:
        """The first day as a local day: days since 1970-01-01. `cumulative[local day - first_day + 1]` belongs to it."""
        return (self.first - EPOCH).days

    def rows(self) -> list[tuple[date, bool, str, int]]:
        """Every day: whether it is worked, its name if it is a day off, working days up to and including it."""
        days = [self.first + n * _DAY for n in range(len(self.cumulative) - 1)]
        return [
            (day, self.is_working(day), self.off.get(day, ""), worked)
            for day, worked in zip(days, self.cumulative[1:].tolist(), strict=True)
        ]

    def _held(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise CalendarError(
                f"{self.file}: no data for the year {day.year}; it holds {self.first.year} to {self.last.year}"
            )


def load_calendar(file: Path = PACKAGED) -> Calendar:
    """Reads a calendar.

    Raises:
        CalendarError: the file is wrong, or a year is missing between two others.
    """
    try:
        years = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).year
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CalendarError(f"{file}: {error}") from error
    found = [year.year for year in years]
    if found != list(range(found[0], found[0] + len(found))):
        raise CalendarError(f"{file}: the years do not follow one another: {', '.join(map(str, found))}")
    off = [entry for year in years for entry in year.off]
    return Calendar(
        file=str(file),
        first=date(found[0], 1, 1),
        last=date(found[-1], 12, 31),
        off={day: entry.name for entry in off for day in entry.days},
        worked=frozenset(entry.instead for entry in off if entry.instead is not None),
        open_years=frozenset(year.year for year in years if year.basis == "law"),
    )


@cache
def calendar() -> Calendar:
    """The packaged calendar."""
    return load_calendar()


def is_working(day: date) -> bool:
    """See `Calendar.is_working`."""
    return calendar().is_working(day)


def working_days(start: date, end: date) -> int:
    """See `Calendar.working_days`."""
    return calendar().working_days(start, end)
