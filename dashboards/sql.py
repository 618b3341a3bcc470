"""The SQL of the panels, over `indicator_now`; for the past over `flow_past` and its like.

Column names say what a column is, for Grafana's overrides and for the wall alike: `value`, `target`, `status`, `as_of`,
`freshness`, `freshness_minutes`, `period_grain`, `period_start`, `name` (of a bar or row), `time`, `trend`, or the code of an
indicator. `${days}` is the dashboard's variable.
"""

from collections.abc import Sequence
from typing import Literal

from dashboards.nature import nature_of
from ioc.catalogue.indicator import Indicator, Level

TODAY = "toDate(now('Asia/Ho_Chi_Minh'))"
"""The local date: the server's own zone may be another."""

_JUDGED = "value, target, status, as_of, freshness, freshness_minutes"

_DAY = "'day'"


def text_of(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def codes_of(indicators: Sequence[Indicator]) -> str:
    """The codes of indicators, for a list."""
    return ", ".join(text_of(indicator.code) for indicator in indicators)


def level_of(level: Level | Literal["chosen"]) -> str:
    """A level, or the one that the dashboard's variable has chosen."""
    return "${level:sqlstring}" if level == "chosen" else text_of(level)


def _past(indicator: Indicator, grain: str) -> str:
    """The periods of an indicator by units of today, from the view of its nature."""
    return f"{nature_of(indicator)}_past(code = {text_of(indicator.code)}, grain = {grain})"


def current(indicator: Indicator) -> str:
    """One row: the province's figure as it stands."""
    return (
        f"SELECT {_JUDGED}, period_grain, period_start\n"
        "FROM indicator_now\n"
        f"WHERE code = {text_of(indicator.code)} AND level = 'province'"
    )


def trend(indicator: Indicator) -> str:
    """A row a day, from the first that has data to today: the shape of the last days behind a figure."""
    value = "ifNull(value, 0)" if indicator.kind in ("count", "sum") else "value"
    return (
        f"SELECT period_start AS time, {value} AS trend\n"
        f"FROM {_past(indicator, _DAY)}\n"
        "WHERE level = 'province'\n"
        f"  AND period_start > {TODAY} - ${{days}} AND period_start <= {TODAY}\n"
        f"ORDER BY time WITH FILL TO {TODAY} + 1 STEP 1"
    )


def by_unit(indicator: Indicator, level: Level | Literal["chosen"]) -> str:
    """A row a unit, worst first. Codes that no unit owns stand under a unit of level `unknown`: shown, never dropped."""
    order = "ASC" if indicator.direction == "up" else "DESC"
    return (
        f"SELECT unit, unit_name AS name, {_JUDGED}\n"
        "FROM indicator_now\n"
        f"WHERE code = {text_of(indicator.code)} AND level IN ({level_of(level)}, 'unknown') AND value IS NOT NULL\n"
        f"ORDER BY value {order}, name\n"
        "LIMIT 100"
    )


def period_words(grain: str, start: str = "period_start") -> str:
    """A period as Vietnamese write it: 11/2026, Quý 4/2026, 2026, Tuần 47/2026, 22/11/2026; from its grain and first day in SQL."""
    return (
        "multiIf(\n"
        f"    {grain} = 'month', formatDateTime({start}, '%m/%Y'),\n"
        f"    {grain} = 'quarter', concat('Quý ', toString(toQuarter({start})), '/', toString(toYear({start}))),\n"
        f"    {grain} = 'year', toString(toYear({start})),\n"
        f"    {grain} = 'week', formatDateTime({start}, 'Tuần %V/%G'),\n"
        f"    formatDateTime({start}, '%d/%m/%Y'))"
    )


def freshness_of_reports(figures: str) -> str:
    """Begins a query about the past by how old its source is: `source.1` is `as_of`, `source.2` `freshness_minutes`.

    `figures`: a condition on the figures of reports, which tell it themselves.
    """
    return (
        "WITH (\n  SELECT (min(reported_until), min(freshness_minutes)) FROM indicator_figures FINAL\n"
        f"  WHERE {figures}\n) AS source\n"
    )


def freshness_of_kind(kind: str, unit: str, minutes: str) -> str:
    """The same of what is counted of a kind of event: one row tells it.

    All are expressions; `minutes`: up to which age it is fresh.
    """
    return (
        f"WITH (\n  SELECT (min(as_of), min({minutes} + planned_minutes)) FROM figure_ages\n"
        f"  WHERE kind = {kind} AND unit = {unit}\n) AS source\n"
    )


PERIOD = "${period:sqlstring}"
"""The length of the periods that the dashboard's variable has chosen."""

GRAINS = ("day", "week", "month", "quarter", "year")

SINCE = f"{TODAY} - transform({{}}, {list(GRAINS)}, [31, 182, 730, 1095, 3650], 3650)"
"""How far charts by period reach back: a month of days, half a year of weeks, two years of months, and so on; filled with a grain."""


def by_period(indicator: Indicator, native: str, root: str) -> str:
    """A row a period of the chosen length, up to the one that runs.

    What is reported once in a `native` period has no shorter ones: then these are shown. `root`: the province as a unit.
    """
    shorter = ", ".join(text_of(grain) for grain in GRAINS[: GRAINS.index(native)]) if native else ""
    grain = f"if({PERIOD} IN ({shorter}), {text_of(native)}, {PERIOD})" if shorter else PERIOD
    if native:
        source = freshness_of_reports(f"code = {text_of(indicator.code)} AND level = 'province'")
    else:
        source = freshness_of_kind(text_of(indicator.event), text_of(root), str(indicator.freshness_minutes))
    return (
        f"{source}"
        f"SELECT {period_words(grain)} AS period, period_start, value, provisional,\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {_past(indicator, grain)}\n"
        f"WHERE level = 'province' AND period_start > {SINCE.format(grain)} AND period_start <= {TODAY}\n"
        "ORDER BY period_start"
    )
