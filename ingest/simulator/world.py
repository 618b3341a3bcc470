"""The time that all simulated systems live in: when the events of a process happen.

A process ("outpatient visits", "documents sent") has a mean number a day and a profile. How many events an hour has, and when each of them
happens, follows from the seed, the process's name and the hour alone: asked twice, in any order or after a restart, the answer is
the same, and nothing is kept.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from ingest.simulator.moments import from_ms
from ioc.calendar import calendar

HOUR_MS = 3_600_000
SLOTS = 1_000_000
"""More events than this has no hour; an event's number is its hour's number times this, and its place in the hour."""

_POISSON_SMALL = 50.0
"""From this mean on a Poisson draw is a rounded normal one."""


@dataclass(frozen=True)
class Profile:
    """How a process is spread over time; every part is a factor beside the others. Times are local.

    Attributes:
        hours: weights of the 24 hours of a day, beside one another; 0: never in this hour.
        weekdays: weights of Monday to Sunday; their mean is taken as an ordinary day.
        months: weights of January to December; their mean is taken as an ordinary month.
        month_end: factor of the last three days of a month.
        holiday: factor of public holidays and Tết; years that the calendar does not hold are lived through without.
    """

    hours: tuple[float, ...] = (1.0,) * 24
    weekdays: tuple[float, ...] = (1.0,) * 7
    months: tuple[float, ...] = (1.0,) * 12
    month_end: float = 1.0
    holiday: float = 1.0

    def __post_init__(self) -> None:
        """Raises `ValueError` for weights that are too few, negative or all 0."""
        for weights, number in ((self.hours, 24), (self.weekdays, 7), (self.months, 12)):
            if len(weights) != number or min(weights) < 0 or sum(weights) <= 0:
                raise ValueError(f"{weights}: give {number} weights from 0, not all of them 0")

    def of_day(self, day: date) -> float:
        """Events of this day beside those of a mean day."""
        factor = self.weekdays[day.weekday()] * 7 / sum(self.weekdays)
        factor *= self.months[day.month - 1] * 12 / sum(self.months)
        if (day + timedelta(days=3)).month != day.month:
            factor *= self.month_end
        return factor * self.holiday if day in calendar().off else factor

    def of_hour(self, hour: int) -> float:
        """Share of a day's events that falls into this hour of it, 0 to 23."""
        return self.hours[hour] / sum(self.hours)


OFFICE = Profile(
    hours=(0, 0, 0, 0, 0, 0.2, 1, 8, 14, 14, 12, 5, 1, 9, 13, 12, 8, 2, 0.6, 0.4, 0.3, 0.2, 0, 0),
    weekdays=(1.15, 1.05, 1, 1, 1, 0.08, 0.03),
    months=(0.95, 0.8, 1.05, 1, 1, 1.05, 1, 1, 1, 1.05, 1.05, 1.2),
    month_end=1.25,
    holiday=0.03,
)
"""Work in offices: two shifts a weekday, Monday the busiest, more at the end of months and of the year."""

HOSPITAL = Profile(
    hours=(1, 0.8, 0.6, 0.6, 0.8, 2, 6, 14, 16, 14, 10, 4, 3, 9, 9, 7, 4, 2.5, 2, 1.8, 1.6, 1.4, 1.2, 1),
    weekdays=(1.3, 1.1, 1.05, 1.05, 1.05, 0.65, 0.4),
    months=(0.95, 0.85, 1, 1, 1, 1.05, 1.05, 1.1, 1.15, 1.1, 1, 0.95),
    holiday=0.35,
)
"""Visits to health facilities: mornings, Mondays, the rainy season of fevers; emergencies at any hour."""

CITIZENS = Profile(
    hours=(0.5, 0.3, 0.2, 0.2, 0.4, 1, 3, 6, 8, 8, 7, 5, 4, 5, 6, 6, 6, 6, 6, 7, 7, 5, 3, 1.2),
    weekdays=(1.1, 1.05, 1, 1, 1, 0.95, 0.9),
    holiday=0.6,
)
"""What people do on their phones: all day, also in the evening and at weekends."""

ALWAYS = Profile()
"""Machines: the same at any hour."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a process.

    Attributes:
        number: tells it from all others of the process; later ones have greater numbers.
        at_ms: when it happens, milliseconds since the epoch.
        key: seeds whatever else is drawn for it.
    """

    number: int
    at_ms: int
    key: str

    def draws(self, purpose: str = "") -> random.Random:
        """Draws for this event, the same each time; another purpose gives other draws."""
        return random.Random(f"{self.key}:{self.number}:{purpose}")


@dataclass(frozen=True)
class Process:
    """Events that happen again and again.

    Attributes:
        name: of the process; together with the seed it settles everything.
        per_day: events of a mean day, before `times`.
        profile: how they are spread.
        seed: of the world.
        times: multiplies `per_day`.
        begin_ms: nothing happens earlier.
    """

    name: str
    per_day: float
    profile: Profile
    seed: int
    times: float = 1.0
    begin_ms: int = 0

    @cached_property
    def _key(self) -> str:
        return f"{self.seed}:{self.name}"

    def expected(self, hour: int) -> float:
        """Mean number of events of an hour, counted from the epoch."""
        local = from_ms(hour * HOUR_MS)
        return self.per_day * self.times * self.profile.of_day(local.date()) * self.profile.of_hour(local.hour)

    def size(self, hour: int) -> int:
        """How many events an hour has, counted from the epoch; cheaper than its moments."""
        return min(_poisson(random.Random(f"{self._key}:{hour}"), self.expected(hour)), SLOTS)

    def moments(self, hour: int) -> tuple[int, ...]:
        """When the events of an hour happen, in order, milliseconds since the epoch."""
        return _moments(self._key, hour, self.expected(hour))

    def events(self, first_ms: int, end_ms: int) -> Iterator[Event]:
        """The events with `first_ms` ≤ moment < `end_ms`, in order."""
        first_ms = max(first_ms, self.begin_ms)
        if first_ms >= end_ms:
            return
        for hour in range(first_ms // HOUR_MS, (end_ms - 1) // HOUR_MS + 1):
            for place, at_ms in enumerate(self.moments(hour)):
                if first_ms <= at_ms < end_ms:
                    yield Event(hour * SLOTS + place, at_ms, self._key)

    def count(self, first_ms: int, end_ms: int) -> int:
        """How many events `events` gives."""
        return sum(1 for _ in self.events(first_ms, end_ms))

    def event(self, number: int) -> Event | None:
        """The event of this number; None: there is none, or it is before the beginning."""
        hour, place = divmod(number, SLOTS)
        moments = self.moments(hour) if number >= 0 else ()
        if place >= len(moments) or moments[place] < self.begin_ms:
            return None
        return Event(number, moments[place], self._key)


@lru_cache(maxsize=512)
def _moments(key: str, hour: int, expected: float) -> tuple[int, ...]:
    draws = random.Random(f"{key}:{hour}")
    number = min(_poisson(draws, expected), SLOTS)
    return tuple(sorted(hour * HOUR_MS + int(draws.random() * HOUR_MS) for _ in range(number)))


def _poisson(draws: random.Random, mean: float) -> int:
    """A Poisson draw; a rounded normal one where the mean is great."""
    if mean >= _POISSON_SMALL:
        return max(0, round(draws.gauss(mean, mean**0.5)))
    left, number = mean, -1
    while left >= 0:
        left -= draws.expovariate(1.0)
        number += 1
    return number if mean > 0 else 0
