"""An indicator's figures as the wall shows them, and the province's beside what the second engine counts."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ioc.catalogue.rollup import Compiled, Formula, MeasureRef
from ioc.catalogue.series import OverTime
from ioc.settings import ClickHouseSettings
from sinks.clickhouse.client import Client
from sinks.clickhouse.oracle import query
from sinks.clickhouse.render import TODAY

SHOWN = 12
"""Units that are shown; the province first, then those that count most."""


class _Figure(NamedTuple):
    level: str
    unit_name: str
    period_grain: str
    period_start: str
    start_day: int
    numerator: int
    denominator: int | None
    value: float | None
    as_of: datetime
    freshness: str
    status: str


def figures(
    clickhouse: ClickHouseSettings, formula: Formula, compiled: Compiled, over_time: OverTime = "last"
) -> Iterator[str]:
    """A line for each unit from `indicator_now` (the fold), and one that compares the province with the oracle.

    Args:
        clickhouse: where to ask.
        formula: the indicator's.
        compiled: the rollups that it names.
        over_time: of reported figures, what a longer period is of its shorter ones.

    Raises:
        IocError: ClickHouse does not answer or has not these tables.
    """
    # What the driver would log it raises too.
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
    with Client(clickhouse, clickhouse.analyst, timeout_s=30) as client:
        found = [_Figure(*row) for row in client.query(_snapshot(clickhouse.database, formula.code))]
        if not found:
            yield "indicator_now has no row of it yet"
            return
        for figure in found[:SHOWN]:
            yield _line(figure)
        if len(found) > SHOWN:
            yield f"… and {len(found) - SHOWN} units more"
        if found[0].level != "province":
            return
        refs = [ref for ref in (formula.numerator, formula.denominator) if ref is not None]
        counted = [
            int(client.query(_total(compiled, formula, ref, found[0].start_day, over_time, clickhouse.database))[0][0])
            for ref in refs
        ]
        folded = [count for count in (found[0].numerator, found[0].denominator) if count is not None]
        equal = "equal" if counted == folded else "DIFFERENT: events are on their way, or run `ioc reconcile`"
        yield f"fold {'/'.join(map(str, folded))}, oracle {'/'.join(map(str, counted))}: {equal}"


def _snapshot(database: str, code: str) -> str:
    return (
        "SELECT level, unit_name, period_grain, toString(period_start), toInt32(period_start), numerator, denominator, value, as_of, "
        f"freshness, status FROM {database}.indicator_now WHERE code = '{code}' "
        "ORDER BY level = 'province' DESC, numerator DESC, unit"
    )


def _line(figure: _Figure) -> str:
    of = "" if figure.denominator is None else f" of {figure.denominator}"
    shown = "no value" if figure.value is None else f"{figure.value:.6g}"
    since = f"{figure.period_grain} {figure.period_start}"
    read = f"read up to {figure.as_of:%Y-%m-%d %H:%M:%S}Z, {figure.freshness}"
    return f"{figure.level} {figure.unit_name}: {shown} ({figure.numerator}{of}; {since}; {read}; {figure.status})"


def _total(
    compiled: Compiled, formula: Formula, ref: MeasureRef, start_day: int, over_time: OverTime, database: str
) -> str:
    """The oracle's query of a measure over the province, in the days that `indicator_now` covers."""
    rollup = compiled.rollups[ref.rollup_id]
    cells = query(rollup, "now" if rollup.mode == "now" else "day", database)
    conditions: list[str] = []
    match rollup.mode:
        case "flow":
            conditions.append(f"bucket BETWEEN {start_day} AND {TODAY}")
        case "age":
            first, last = formula.window or (None, None)
            conditions += [f"bucket >= {TODAY} + ({first})"] if first is not None else []
            conditions += [f"bucket <= {TODAY} + ({last})"] if last is not None else []
        case "report":
            conditions.append(f"bucket BETWEEN {start_day} AND {TODAY}")
            if over_time == "last" and formula.reports is not None:
                reports = f"measures[{formula.reports.index + 1}] > 0"
                conditions.append(f"bucket = (SELECT max(bucket) FROM ({cells}) WHERE {conditions[0]} AND {reports})")
        case "now":
            pass
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT sum(measures[{ref.index + 1}]) FROM ({cells}){where}"
