"""An indicator as it was known at the end of a day: counted by the oracle from what had been read by then.

Units and their tree are those of that day; what an indicator means is today's catalogue.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue
from ioc.catalogue.rollup import Formula, MeasureRef
from ioc.clock import EPOCH, LOCAL_OFFSET_S
from ioc.errors import ConfigError
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.oracle import query
from sinks.truth import days as calendar_days

_ORDER = ("day", "week", "month", "quarter", "year", "to_date")
_FAR = 200_000
"""Further than any day of a bucket."""


@dataclass(frozen=True)
class Known:
    """The figure of a unit. `reported`: how many reports it is of; None where it is not of reports."""

    unit: str
    level: str
    period_grain: str
    period_start: date
    numerator: int
    denominator: int | None
    value: float | None
    reported: int | None


@dataclass
class _Sums:
    level: str
    above: int = 0
    below: int = 0
    reports: int = 0


def as_known(
    client: Database, database: str, catalogue: Catalogue, code: str, day: date, unit: str = ""
) -> list[Known]:
    """The figures of an indicator at the end of a local day, of all units of its levels or of one.

    Raises:
        ConfigError: there is no such indicator, or it is a composite, which nothing is counted for.
        RetriableError: ClickHouse is away.
        FatalError: a table is missing.
    """
    indicator = catalogue.indicators.get(code)
    if indicator is None:
        raise ConfigError(f"{code} is not in the catalogue; `ioc catalogue list` shows what is")
    formula = catalogue.compiled.formulas.get(code)
    if formula is None:
        parts = ", ".join(part.code for part in indicator.parts)
        raise ConfigError(f"{code} is a composite: ask for its parts {parts}")
    grain, first = _period(catalogue, indicator, formula, day)
    found = _counted(client, database, catalogue, formula, day, first)
    shown = [*indicator.levels, *([] if indicator.levels == ["province"] else ["unknown"])]
    known = []
    for name, by_day in sorted(found.items()):
        sums, start = _of_period(catalogue, indicator, formula, by_day, grain, first)
        if sums.level in shown and unit in ("", name):
            known.append(_known(catalogue, indicator, formula, name, sums, grain, start))
    return sorted(known, key=lambda one: (one.level != "province", one.level, one.unit))


def _period(catalogue: Catalogue, indicator: Indicator, formula: Formula, day: date) -> tuple[str, date]:
    """The period that is shown, and the first day that matters for it."""
    match formula.mode:
        case "flow":
            return indicator.period, period_start(indicator.period, day)
        case "report":
            native = catalogue.series[indicator.series].grain
            longer = _ORDER.index(indicator.period) > _ORDER.index(native)
            return (indicator.period if longer else native), EPOCH
    return "now", day


def _counted(
    client: Database, database: str, catalogue: Catalogue, formula: Formula, day: date, first: date
) -> dict[str, dict[int, _Sums]]:
    """Unit of that day → bucket → sums; buckets that do not matter are left out."""
    found: dict[str, dict[int, _Sums]] = defaultdict(dict)
    for name, ref in (("above", formula.numerator), ("below", formula.denominator), ("reports", formula.reports)):
        if ref is None:
            continue
        for unit, level, bucket, total in client.query(_query(database, catalogue, formula, ref, day, first)):
            sums = found[unit].setdefault(bucket, _Sums(level))
            setattr(sums, name, total)
    return found


def _query(database: str, catalogue: Catalogue, formula: Formula, ref: MeasureRef, day: date, first: date) -> str:
    rollup = catalogue.compiled.rollups[ref.rollup_id]
    end = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(seconds=LOCAL_OFFSET_S, microseconds=1)
    known = f"{database}.{rollup.kind}_as_known(moment = {quoted(f'{end:%Y-%m-%d %H:%M:%S.%f}')})"
    number = (day - EPOCH).days
    low, high = {
        "flow": ((first - EPOCH).days, number),
        "report": (0, number),
        "age": _window(formula, number),
        "now": (0, 0),
    }[rollup.mode]
    bucket = "c.bucket" if rollup.mode == "report" else "toInt32(0)"
    cells = query(rollup, "now" if rollup.mode == "now" else "day", database, known)
    places = f"(SELECT * FROM {database}.unit_places FINAL WHERE tree = 'then' AND valid_from <= {number} AND {number} < valid_to)"
    return (
        f"SELECT toString(p.unit), toString(p.level), {bucket}, sum(c.measures[{ref.index + 1}]) FROM ({cells}) AS c\n"
        f"INNER JOIN {places} AS p ON p.raw_code = if(c.unit IN (SELECT raw_code FROM {database}.unit_places), c.unit, '')\n"
        f"WHERE c.bucket BETWEEN {low} AND {high} GROUP BY 1, 2, 3"
    )


def _window(formula: Formula, day: int) -> tuple[int, int]:
    start, end = formula.window or (None, None)
    return (-_FAR if start is None else day + start), (_FAR if end is None else day + end)


def _of_period(
    catalogue: Catalogue, indicator: Indicator, formula: Formula, by_day: dict[int, _Sums], grain: str, first: date
) -> tuple[_Sums, date]:
    """The sums of the period that is shown: of reports the last one that has any."""
    level = next(iter(by_day.values())).level
    if formula.mode != "report":
        return by_day.get(0, _Sums(level)), first
    days = {EPOCH + timedelta(days=bucket): sums for bucket, sums in by_day.items() if sums.reports}
    if not days:
        return _Sums(level), first
    start = period_start(grain, max(days))
    inside = {day: sums for day, sums in days.items() if period_start(grain, day) == start}
    if catalogue.series[indicator.series].over_time == "last":
        inside = {max(inside): inside[max(inside)]}
    total = _Sums(level)
    for sums in inside.values():
        total = _Sums(level, total.above + sums.above, total.below + sums.below, total.reports + sums.reports)
    return total, start


def _known(
    catalogue: Catalogue, indicator: Indicator, formula: Formula, unit: str, sums: _Sums, grain: str, start: date
) -> Known:
    value: float | None = float(sums.above) * formula.multiplier / formula.divisor
    if formula.denominator is not None:
        value = value / sums.below if value is not None and sums.below else None
    if formula.mode == "report":
        alone = catalogue.series[indicator.series].additivity == "none"
        value = None if not sums.reports or (alone and sums.reports > 1) else value
    return Known(
        unit, sums.level, grain, start, sums.above, None if formula.denominator is None else sums.below, value,
        sums.reports if formula.mode == "report" else None,
    )  # fmt: skip


def period_start(grain: str, day: date) -> date:
    """First day of the period that a day lies in."""
    return EPOCH + timedelta(days=calendar_days.start(grain, (day - EPOCH).days))
