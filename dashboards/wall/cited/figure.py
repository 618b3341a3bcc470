"""How a figure follows from what was counted: period, value, status, age. Pure functions.

They follow the views `figures_live`, `report_figures` and `composite_scores`, by which `indicator_now` is made.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ioc.clock import EPOCH, LOCAL

ORDER = ("day", "week", "month", "quarter", "year", "to_date")
_LATE = 3
"""Up to so many times what is allowed an age is late, then stale."""
SCALE = 10_000
"""Points of composites are counted in ten-thousandths."""


@dataclass(frozen=True)
class Facts:
    """An indicator, how it is counted, and the unit in question, as the database says it."""

    code: str
    name: str
    event: str
    mode: str
    period: str
    levels: list[str]
    direction: str
    unit_of_measure: str
    warning_margin: float
    freshness_minutes: int
    responsible: str
    divided: bool
    multiplier: int
    divisor: int
    native: str
    additivity: str
    over_time: str
    unit_name: str
    level: str
    target: float | None
    target_document: str


@dataclass(frozen=True)
class Period:
    """Local days of a period, up to the cited moment; both are in it."""

    grain: str
    first: date
    last: date


@dataclass(frozen=True)
class Part:
    """A part of a composite: what it earns at most (ten-thousandths of a point), and between which values."""

    code: str
    name: str
    points: int
    zero: float
    full: float


@dataclass(frozen=True)
class Figure:
    """A figure as it was known."""

    value: float | None
    numerator: int
    denominator: int | None
    period: Period | None
    """None: the state at the moment."""
    reported: int | None = None
    """Of reports: how many there were; of a composite: parts that had a value."""
    expected: int | None = None
    due: tuple[date, ...] = ()
    """Of reports: first days of the periods of the series that should be in it."""

    @property
    def provisional(self) -> bool:
        """Whether the figure could still change then: its period was running, or something was missing."""
        return self.reported is None or self.expected is None or self.reported < self.expected


@dataclass(frozen=True)
class _Day:
    day: date
    above: int
    below: int
    reports: int


def local_date(at: int) -> date:
    """The local day of a moment."""
    return datetime.fromtimestamp(at, LOCAL).date()


def start_of(grain: str, day: date) -> date:
    """The first day of the period that a day lies in."""
    match grain:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "to_date":
            return EPOCH
    return day


def searched(facts: Facts, at: int) -> Period | None:
    """The days to count: the running period of a flow, all days of reports; None for a state, which has none."""
    day = local_date(at)
    match facts.mode:
        case "flow":
            return Period(facts.period, start_of(facts.period, day), day)
        case "report":
            longer = ORDER.index(facts.period) > ORDER.index(facts.native)
            return Period(facts.period if longer else facts.native, EPOCH, day)
    return None


def figure_of(facts: Facts, rows: Iterable[Sequence[Any]], period: Period | None) -> Figure:
    """The figure of rows of `asked.counted`: of reports that of the last period that had any."""
    counted = [_Day(date.fromisoformat(row[0]) if row[0] else EPOCH, *map(int, row[1:4])) for row in rows]
    due: tuple[date, ...] = ()
    if facts.mode == "report" and period is not None:
        counted = [one for one in counted if one.reports]
        newest = max((one.day for one in counted), default=period.last)
        period = Period(period.grain, start_of(period.grain, newest), period.last)
        if not counted:
            return Figure(None, 0, 0 if facts.divided else None, period, 0, due=(period.first,))
        first = newest if facts.over_time == "last" else period.first
        counted = [one for one in counted if one.day >= first]
        alone = facts.over_time == "last" or period.grain == facts.native
        due = (newest,) if alone else _due(facts.native, period, min(one.day for one in counted))
    above, below, reports = (sum(getattr(one, name) for one in counted) for name in ("above", "below", "reports"))
    value: float | None = float(above) * facts.multiplier / facts.divisor
    if facts.divided:
        value = value / below if below and value is not None else None
    if facts.mode == "report" and facts.additivity == "none" and reports > 1:
        value = None
    reported = reports if facts.mode == "report" else None
    return Figure(value, above, below if facts.divided else None, period, reported, due=due)


def _due(native: str, period: Period, oldest: date) -> tuple[date, ...]:
    """The periods of a series that begin in a longer one and had begun; to date they count from the first report on."""
    first = oldest if period.grain == "to_date" else period.first
    days = (first + timedelta(days=number) for number in range((period.last - first).days + 1))
    return tuple(d for d in days if start_of(native, d) == d and start_of(period.grain, d) == period.first)


def earned(part: Part, value: float | None) -> int | None:
    """Ten-thousandths of a point that a value earns, rounded half up; None without a value."""
    if value is None:
        return None
    reached = min(1.0, max(0.0, (value - part.zero) / (part.full - part.zero)))
    return math.floor(part.points * reached + 0.5)


def composite_of(parts: Sequence[Part], values: Mapping[str, float | None]) -> Figure:
    """The points of a composite by the values of its parts; what has no value stays out of the denominator."""
    points = [(part.points, earned(part, values.get(part.code))) for part in parts]
    gained, known = sum(got or 0 for _, got in points), sum(most for most, got in points if got is not None)
    there = sum(got is not None for _, got in points)
    return Figure(gained / SCALE if known else None, gained, known, None, there, len(parts))


def status_of(facts: Facts, figure: Figure) -> str:
    """The figure against the target of its year: good, warning, bad or none."""
    incomplete = (
        facts.mode == "composite" or (facts.mode == "report" and facts.additivity == "sum")
    ) and figure.provisional
    if figure.value is None or facts.target is None or facts.direction == "none" or incomplete:
        return "none"
    if facts.direction == "up":
        return "good" if figure.value >= facts.target else _near(figure.value >= facts.target - facts.warning_margin)
    return "good" if figure.value <= facts.target else _near(figure.value <= facts.target + facts.warning_margin)


def _near(near: bool) -> str:
    return "warning" if near else "bad"


def freshness_of(facts: Facts, at: int, read_at: int) -> str:
    """How old the last reading was at the moment: fresh, late, stale or no_data."""
    if not read_at:
        return "no_data"
    minutes = (at - read_at) / 60
    return (
        "fresh"
        if minutes <= facts.freshness_minutes
        else "late"
        if minutes <= _LATE * facts.freshness_minutes
        else "stale"
    )
