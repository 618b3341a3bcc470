"""The SQL of the panels, over `indicator_now`; for the past, in the tree of today, over `flow_province` and its like.

Column names say what a column is, for Grafana's overrides and for the wall alike: `value`, `target`, `status`, `as_of`,
`freshness`, `freshness_minutes`, `period_grain`, `period_start`, `name` (of a bar or row), `time`, `month`, `trend`, or the
code of an indicator. `${days}` is the dashboard's variable.
"""

from collections.abc import Sequence
from typing import Literal

from dashboards.nature import NATURE, nature_of
from ioc.catalogue.indicator import Indicator, Level

TODAY = "toDate(now('Asia/Ho_Chi_Minh'))"
"""The local date: the server's own zone may be another."""

_UNITS = 400
"""Units of a level at most: a panel says how many it does not show, so it must get them all."""

_JUDGED = "value, target, status, as_of, freshness, freshness_minutes"


_DAY, _MONTH = "'day'", "'month'"


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
    """The periods of an indicator of the province, from the view that plans the least; rows of other units may be among them."""
    code, nature = text_of(indicator.code), nature_of(indicator)
    if nature == "flow":
        return f"flow_province(code = {code}, grain = {grain})"
    return f"{nature}_period(code = {code}, grain = {grain}, tree = 'today')"


def current(indicator: Indicator) -> str:
    """One row: the province's figure as it stands."""
    return (
        f"SELECT {_JUDGED}, period_grain, period_start\n"
        "FROM indicator_now\n"
        f"WHERE code = {text_of(indicator.code)} AND level = 'province'"
    )


def today(indicator: Indicator) -> str:
    """One row: what today alone has brought. A day without events is 0 only if the source was heard of at all."""
    code = text_of(indicator.code)
    return (
        "SELECT if(n.freshness = 'no_data', NULL, ifNull(d.value, 0)) AS value, n.as_of AS as_of, n.freshness AS freshness,\n"
        f"  n.freshness_minutes AS freshness_minutes, 'day' AS period_grain, {TODAY} AS period_start\n"
        "FROM indicator_now AS n\n"
        "LEFT JOIN (\n"
        f"  SELECT code, value FROM {_past(indicator, _DAY)}\n"
        f"  WHERE level = 'province' AND period_start = {TODAY}\n"
        ") AS d ON d.code = n.code\n"
        f"WHERE n.code = {code} AND n.level = 'province'"
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


def side_by_side(indicators: Sequence[Indicator], labels: Sequence[str]) -> str:
    """A row an indicator, in the order given, under its label."""
    names = ", ".join(text_of(label) for label in labels)
    return (
        f"SELECT transform(code, [{codes_of(indicators)}], [{names}], name_vi) AS name, {_JUDGED}\n"
        "FROM indicator_now\n"
        f"WHERE code IN ({codes_of(indicators)}) AND level = 'province'\n"
        f"ORDER BY indexOf([{codes_of(indicators)}], code)"
    )


def matrix(indicators: Sequence[Indicator], level: Level | Literal["chosen"]) -> str:
    """A row a unit, a column an indicator, most trouble first by the last column that has a direction."""
    judged = [indicator for indicator in indicators if indicator.direction != "none"] or list(indicators)
    order = "ASC" if judged[-1].direction == "up" else "DESC"
    columns = "".join(f'  maxIf(value, code = {text_of(i.code)}) AS "{i.code}",\n' for i in indicators)
    return (
        "SELECT unit, unit_name AS name,\n"
        f"{columns}"
        "  min(as_of) AS as_of, min(freshness_minutes) AS freshness_minutes\n"
        "FROM indicator_now\n"
        f"WHERE code IN ({codes_of(indicators)}) AND level IN ({level_of(level)}, 'unknown')\n"
        "GROUP BY unit, unit_name\n"
        f'ORDER BY "{judged[-1].code}" {order} NULLS LAST, name\n'
        f"LIMIT {_UNITS}"
    )


def attention(sector: str) -> str:
    """A row an indicator that has a target, missed ones first and those furthest from their target before the others."""
    chosen = f" AND sector = {text_of(sector)}" if sector else ""
    return (
        f"SELECT code, {NATURE} AS nature, unit, name_vi AS name, value, unit_of_measure, target, status, as_of, freshness,\n"
        "  freshness_minutes\n"
        "FROM indicator_now\n"
        f"WHERE level = 'province' AND target IS NOT NULL{chosen}\n"
        "ORDER BY indexOf(['bad', 'warning', 'none', 'good'], toString(status)),\n"
        "  abs(ifNull(value, 0) - target) / greatest(abs(target), 1) DESC, code\n"
        "LIMIT 40"
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


def findings() -> str:
    """A row a finding that stands open, newest first; one row `none` when there are reports and nothing is wrong with them.

    `as_of` is the moment up to which reports were read: what was not read has no findings.
    """
    return (
        "WITH (\n"
        "  SELECT (max(as_of), max(freshness_minutes), countIf(value IS NOT NULL)) FROM indicator_now\n"
        "  WHERE level = 'province' AND code IN (SELECT code FROM indicators WHERE series != '')\n"
        ") AS source\n"
        "SELECT if(u.name_vi = '', f.unit, u.name_vi) AS unit_name, if(s.name_vi = '', f.series, s.name_vi) AS name,\n"
        f"  {period_words('f.period_grain', 'f.period_start')} AS period,\n"
        "  toString(f.reason) AS reason, f.stated AS stated, f.expected AS expected, toNullable(f.found_at) AS found_at,\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        "FROM (\n"
        "  SELECT * FROM findings FINAL WHERE isNull(resolved_at) ORDER BY found_at DESC, entity, reason LIMIT 40\n"
        ") AS f\n"
        "LEFT JOIN unit_codes AS c ON c.raw_code = f.unit\n"
        "LEFT JOIN (SELECT code, name_vi FROM units FINAL) AS u ON u.code = c.unit\n"
        "LEFT JOIN (SELECT code, name_vi FROM series FINAL) AS s ON s.code = f.series\n"
        "ORDER BY f.found_at DESC, f.entity, f.reason\n"
        "UNION ALL\n"
        "SELECT '', '', '', 'none', NULL, NULL, NULL, source.1, source.2\n"
        "WHERE source.3 > 0 AND (SELECT count() FROM findings FINAL WHERE isNull(resolved_at)) = 0"
    )


def forecasts() -> str:
    """A row an indicator of the province that has a target, those that will miss it first. They are made once a day."""
    return (
        "SELECT name_vi AS name, value, low, high, unit_of_measure, target, on_track, made_on AS as_of,\n"
        "  toUInt32(2 * 24 * 60) AS freshness_minutes\n"
        "FROM forecast_now\n"
        "WHERE level = 'province'\n"
        "ORDER BY indexOf(['no', 'unlikely', 'likely', 'yes', 'unknown'], on_track),\n"
        "  abs(ifNull(value, 0) - target) / greatest(abs(target), 1) DESC, code\n"
        "LIMIT 40"
    )


def _several(indicators: Sequence[Indicator], grain: str) -> str:
    """The periods of several indicators, each from the view that plans the least: far cheaper than the view of many."""
    each = [f"SELECT code, level, period_start, value FROM {_past(indicator, grain)}" for indicator in indicators]
    return "(\n  " + "\n  UNION ALL ".join(each) + "\n)"


def _wide(indicators: Sequence[Indicator]) -> str:
    """A column an indicator. A period without events counts 0 for counts and sums; for means and shares it has no value."""
    columns = []
    for indicator in indicators:
        value = f"maxIf(value, code = {text_of(indicator.code)})"
        if indicator.kind in ("count", "sum"):
            value = f"ifNull({value}, 0)"
        columns.append(f'{value} AS "{indicator.code}"')
    return ",\n  ".join(columns)


def freshness_of(codes: str, where: str = "level = 'province'") -> str:
    """Begins a query about the past by how old its source is: `source.1` is `as_of`, `source.2` `freshness_minutes`."""
    return (
        "WITH (\n"
        "  SELECT (min(as_of), min(freshness_minutes)) FROM indicator_now\n"
        f"  WHERE code IN ({codes}) AND {where}\n"
        ") AS source\n"
    )


def by_day(indicators: Sequence[Indicator]) -> str:
    """A row a day from the first that has data to today."""
    return (
        f"{freshness_of(codes_of(indicators))}"
        "SELECT period_start AS time,\n"
        f"  {_wide(indicators)},\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {_several(indicators, _DAY)}\n"
        "WHERE level = 'province'\n"
        f"  AND period_start > {TODAY} - ${{days}} AND period_start <= {TODAY}\n"
        "GROUP BY time\n"
        f"ORDER BY time WITH FILL TO {TODAY} + 1 STEP 1\n"
        "INTERPOLATE (as_of, freshness_minutes)"
    )


def by_month(indicators: Sequence[Indicator]) -> str:
    """A row a month of the last twelve, this one included."""
    return (
        f"{freshness_of(codes_of(indicators))}"
        "SELECT formatDateTime(period_start, '%m/%Y') AS month,\n"
        f"  {_wide(indicators)},\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {_several(indicators, _MONTH)}\n"
        "WHERE level = 'province'\n"
        f"  AND period_start > toStartOfMonth({TODAY}) - INTERVAL 12 MONTH AND period_start <= {TODAY}\n"
        "GROUP BY period_start\n"
        "ORDER BY period_start"
    )


PERIOD = "${period:sqlstring}"
"""The length of the periods that the dashboard's variable has chosen."""

GRAINS = ("day", "week", "month", "quarter", "year")

SINCE = f"{TODAY} - transform({{}}, {list(GRAINS)}, [31, 182, 730, 1095, 3650], 3650)"
"""How far charts by period reach back: a month of days, half a year of weeks, two years of months, and so on; filled with a grain."""


def by_period(indicator: Indicator, native: str) -> str:
    """A row a period of the chosen length, up to the one that runs.

    What is reported once in a `native` period has no shorter ones: then these are shown.
    """
    shorter = ", ".join(text_of(grain) for grain in GRAINS[: GRAINS.index(native)]) if native else ""
    grain = f"if({PERIOD} IN ({shorter}), {text_of(native)}, {PERIOD})" if shorter else PERIOD
    return (
        f"{freshness_of(codes_of([indicator]))}"
        f"SELECT {period_words(grain)} AS period, period_start, value, provisional,\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {_past(indicator, grain)}\n"
        f"WHERE level = 'province' AND period_start > {SINCE.format(grain)} AND period_start <= {TODAY}\n"
        "ORDER BY period_start"
    )
