"""The history of indicators that have a target, out of ClickHouse, period by period."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np

from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.forecast.project import History, Shape

Direction = Literal["up", "down", "none"]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Aim:
    """An indicator of a unit and its target."""

    code: str
    unit: str
    level: str
    target: float
    direction: Direction


@dataclass(frozen=True)
class Nature:
    """What decides how an indicator is projected.

    Attributes:
        grain: length of the periods of its history.
        reported: it is a reported series: a period that is not there was not reported yet.
        to_date: everything since the beginning counts, not the year alone.
        low, high: domain of the value.
    """

    shape: Shape
    grain: str
    reported: bool
    to_date: bool
    low: float
    high: float


class Period(NamedTuple):
    """A value as the views of periods have it; `above` in the unit of measure."""

    start: date
    above: float
    below: float


_AIMS = """SELECT code, unit, level, target, direction FROM {database}.indicator_now
WHERE isNotNull(target) AND level != 'unknown' AND kind != 'composite'{only} ORDER BY code, level, unit"""

_NATURES = """SELECT i.code, i.kind, i.mode, i.period, i.grain, i.additivity, i.over_time, i.unit_of_measure = 'percent',
    s.low, s.high
FROM (SELECT * FROM {database}.indicators FINAL) AS i
LEFT JOIN (SELECT * FROM {database}.series FINAL) AS s ON s.code = i.series"""

_VALUES = """SELECT v.code, v.unit, v.period_start, toFloat64(v.numerator) * f.multiplier / f.divisor, toFloat64(ifNull(v.denominator, 0)),
    ifNull(v.value, nan)
FROM {database}.indicator_selected(codes = [{codes}]) AS v
INNER JOIN {database}.live_formulas AS f ON f.code = v.code
WHERE v.tree = 'today' AND v.grain = {grain} AND v.level != 'unknown'
ORDER BY v.code, v.unit, v.period_start"""


def aims(client: Database, database: str, code: str = "", unit: str = "") -> list[Aim]:
    """What has a target now."""
    only = (f" AND code = {quoted(code)}" if code else "") + (f" AND unit = {quoted(unit)}" if unit else "")
    return [Aim(*row) for row in client.query(_AIMS.format(database=database, only=only))]


def natures(client: Database, database: str) -> dict[str, Nature]:
    """How each indicator is projected."""
    return {row[0]: _nature(*row[1:]) for row in client.query(_NATURES.format(database=database))}


def _nature(
    kind: str,
    mode: str,
    period: str,
    grain: str,
    additivity: str,
    over_time: str,
    percent: bool,
    low: float,
    high: float,
) -> Nature:
    shape: Shape = "last"
    if mode == "flow":
        shape = "sum" if kind in ("count", "sum") else "ratio"
    elif over_time == "sum":
        shape = "ratio" if additivity == "ratio" else "sum"
    reported = mode == "report"
    if percent:
        bounds = (min(low, 0.0), high) if reported else (0.0, 100.0)
    else:
        bounds = (-np.inf if reported and low < 0 else 0.0, np.inf)
    return Nature(shape, grain if grain in ("quarter", "year") else "month", reported, period == "to_date", *bounds)


def periods(
    client: Database, database: str, of: Mapping[str, Nature], codes: Sequence[str]
) -> dict[tuple[str, str], list[Period]]:
    """The history of indicators by (code, unit), oldest first."""
    found: dict[tuple[str, str], list[Period]] = {}
    for grain in sorted({of[code].grain for code in codes}):
        mine = [code for code in codes if of[code].grain == grain]
        sql = _VALUES.format(database=database, grain=quoted(grain), codes=", ".join(map(quoted, mine)))
        for code, unit, start, above, below, value in client.query(sql):
            # What a year's last period alone decides is followed by its value.
            one = Period(start, value, 1.0) if of[code].shape == "last" else Period(start, above, below)
            found.setdefault((code, unit), []).append(one)
    return found


def history(nature: Nature, listed: Sequence[Period], today: date) -> History | None:
    """The history in the form that is projected; None without any whole period that has a value.

    Args:
        nature: of the indicator.
        listed: what there is, oldest first; gaps count nothing in a sum and go on as before in a state.
        today: the local day; what lies after it is not looked at.
    """
    months = _MONTHS[nature.grain]
    known = {_index(period.start, months): period for period in listed if period.start <= today}
    running = _index(today, months)
    if nature.reported:
        running = min(running, max(known, default=running - 1) + (nature.shape != "last"))
    if not known or min(known) >= running:
        return None
    rows = list(_filled(nature.shape, known, min(known), running))
    if not rows:
        return None
    above, below = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    year_first = _index(date(today.year, 1, 1), months)
    year_last = year_first + 12 // months - 1
    here = known.get(running)
    if nature.shape == "last" and (here is None or np.isnan(here.above)):
        here = Period(today, float(above[-1]), 1.0)
    return History(
        above=above,
        below=below,
        in_year=len(above) if nature.to_date else max(0, min(len(above), running - year_first)),
        running_above=here.above if here else 0.0,
        running_below=here.below if here else 0.0,
        left=_left(today, running, months),
        ahead=max(0, year_last - running),
        season=12 // months,
        low=nature.low,
        high=nature.high,
    )


def _filled(shape: Shape, known: Mapping[int, Period], first: int, end: int) -> Iterator[tuple[float, float]]:
    last = np.nan
    for index in range(first, end):
        period = known.get(index)
        if shape == "last":
            last = period.above if period is not None and not np.isnan(period.above) else last
            if not np.isnan(last):
                yield last, 1.0
        else:
            yield (0.0, 0.0) if period is None else (period.above, period.below)


def _index(day: date, months: int) -> int:
    return (day.year * 12 + day.month - 1) // months


def _left(today: date, running: int, months: int) -> float:
    """Part of the running period that lies after today; all of one that has not begun, nothing of one that is over."""
    first, end = _first(running, months), _first(running + 1, months)
    length = (end - first).days
    return min(1.0, max(0.0, (end - today - timedelta(days=1)).days / length))


def _first(index: int, months: int) -> date:
    month = index * months
    return date(month // 12, month % 12 + 1, 1)
