"""The SQL of the panels, over `indicator_now`; for the past, in the tree of today, over `flow_period` and its like and `indicator_selected`.

Column names say what a column is, for Grafana's overrides and for the wall alike: `value`, `target`, `status`, `as_of`,
`freshness`, `freshness_minutes`, `period_grain`, `period_start`, `name` (of a bar or row), `time`, `month`, `trend`, or the
code of an indicator. `${days}` is the dashboard's variable.
"""

from collections.abc import Sequence

from ioc.catalogue.indicator import Indicator, Level

TODAY = "toDate(now('Asia/Ho_Chi_Minh'))"
"""The local date: the server's own zone may be another."""

_UNITS = 400
"""Units of a level at most: a panel says how many it does not show, so it must get them all."""

_JUDGED = "value, target, status, as_of, freshness, freshness_minutes"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _codes(indicators: Sequence[Indicator]) -> str:
    return ", ".join(_text(indicator.code) for indicator in indicators)


def _days(indicator: Indicator) -> str:
    """The days of an indicator in the tree of today, from the view that plans the least."""
    stands = indicator.time is None or indicator.window is not None
    nature = "report" if indicator.kind == "latest" else "state" if stands else "flow"
    return f"{nature}_period(code = {_text(indicator.code)}, grain = 'day', tree = 'today')"


def current(indicator: Indicator) -> str:
    """One row: the province's figure as it stands."""
    return (
        f"SELECT {_JUDGED}, period_grain, period_start\n"
        "FROM indicator_now\n"
        f"WHERE code = {_text(indicator.code)} AND level = 'province'"
    )


def today(indicator: Indicator) -> str:
    """One row: what today alone has brought. A day without events is 0 only if the source was heard of at all."""
    code = _text(indicator.code)
    return (
        "SELECT if(n.freshness = 'no_data', NULL, ifNull(d.value, 0)) AS value, n.as_of AS as_of, n.freshness AS freshness,\n"
        f"  n.freshness_minutes AS freshness_minutes, 'day' AS period_grain, {TODAY} AS period_start\n"
        "FROM indicator_now AS n\n"
        "LEFT JOIN (\n"
        f"  SELECT code, value FROM {_days(indicator)}\n"
        f"  WHERE level = 'province' AND period_start = {TODAY}\n"
        ") AS d ON d.code = n.code\n"
        f"WHERE n.code = {code} AND n.level = 'province'"
    )


def trend(indicator: Indicator) -> str:
    """A row a day, from the first that has data to today: the shape of the last days behind a figure."""
    value = "ifNull(value, 0)" if indicator.kind in ("count", "sum") else "value"
    return (
        f"SELECT period_start AS time, {value} AS trend\n"
        f"FROM {_days(indicator)}\n"
        "WHERE level = 'province'\n"
        f"  AND period_start > {TODAY} - ${{days}} AND period_start <= {TODAY}\n"
        f"ORDER BY time WITH FILL TO {TODAY} + 1 STEP 1"
    )


def by_unit(indicator: Indicator, level: Level) -> str:
    """A row a unit, worst first. Codes that no unit owns stand under a unit of level `unknown`: shown, never dropped."""
    order = "ASC" if indicator.direction == "up" else "DESC"
    return (
        f"SELECT unit_name AS name, {_JUDGED}\n"
        "FROM indicator_now\n"
        f"WHERE code = {_text(indicator.code)} AND level IN ('{level}', 'unknown') AND value IS NOT NULL\n"
        f"ORDER BY value {order}, name\n"
        "LIMIT 100"
    )


def side_by_side(indicators: Sequence[Indicator], labels: Sequence[str]) -> str:
    """A row an indicator, in the order given, under its label."""
    names = ", ".join(_text(label) for label in labels)
    return (
        f"SELECT transform(code, [{_codes(indicators)}], [{names}], name_vi) AS name, {_JUDGED}\n"
        "FROM indicator_now\n"
        f"WHERE code IN ({_codes(indicators)}) AND level = 'province'\n"
        f"ORDER BY indexOf([{_codes(indicators)}], code)"
    )


def matrix(indicators: Sequence[Indicator], level: Level) -> str:
    """A row a unit, a column an indicator, most trouble first by the last column that has a direction."""
    judged = [indicator for indicator in indicators if indicator.direction != "none"] or list(indicators)
    order = "ASC" if judged[-1].direction == "up" else "DESC"
    columns = "".join(f'  maxIf(value, code = {_text(i.code)}) AS "{i.code}",\n' for i in indicators)
    return (
        "SELECT unit_name AS name,\n"
        f"{columns}"
        "  min(as_of) AS as_of, min(freshness_minutes) AS freshness_minutes\n"
        "FROM indicator_now\n"
        f"WHERE code IN ({_codes(indicators)}) AND level IN ('{level}', 'unknown')\n"
        "GROUP BY unit, unit_name\n"
        f'ORDER BY "{judged[-1].code}" {order} NULLS LAST, name\n'
        f"LIMIT {_UNITS}"
    )


def attention(sector: str) -> str:
    """A row an indicator that has a target, missed ones first and those furthest from their target before the others."""
    chosen = f" AND sector = {_text(sector)}" if sector else ""
    return (
        f"SELECT name_vi AS name, value, unit_of_measure, target, status, as_of, freshness, freshness_minutes\n"
        "FROM indicator_now\n"
        f"WHERE level = 'province' AND target IS NOT NULL{chosen}\n"
        "ORDER BY indexOf(['bad', 'warning', 'none', 'good'], toString(status)),\n"
        "  abs(ifNull(value, 0) - target) / greatest(abs(target), 1) DESC, code\n"
        "LIMIT 40"
    )


_PERIOD = """multiIf(
    f.period_grain = 'month', formatDateTime(f.period_start, '%m/%Y'),
    f.period_grain = 'quarter', concat('Quý ', toString(toQuarter(f.period_start)), '/', toString(toYear(f.period_start))),
    f.period_grain = 'year', toString(toYear(f.period_start)),
    f.period_grain = 'week', formatDateTime(f.period_start, 'Tuần %V/%G'),
    formatDateTime(f.period_start, '%d/%m/%Y'))"""
"""A period as Vietnamese write it: 11/2026, Quý 4/2026, 2026, Tuần 47/2026, 22/11/2026."""


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
        f"  {_PERIOD} AS period,\n"
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


def _wide(indicators: Sequence[Indicator]) -> str:
    """A column an indicator. A period without events counts 0 for counts and sums; for means and shares it has no value."""
    columns = []
    for indicator in indicators:
        value = f"maxIf(value, code = {_text(indicator.code)})"
        if indicator.kind in ("count", "sum"):
            value = f"ifNull({value}, 0)"
        columns.append(f'{value} AS "{indicator.code}"')
    return ",\n  ".join(columns)


def _freshness(indicators: Sequence[Indicator]) -> str:
    return (
        "WITH (\n"
        "  SELECT (min(as_of), min(freshness_minutes)) FROM indicator_now\n"
        f"  WHERE code IN ({_codes(indicators)}) AND level = 'province'\n"
        ") AS source\n"
    )


def by_day(indicators: Sequence[Indicator]) -> str:
    """A row a day from the first that has data to today."""
    return (
        f"{_freshness(indicators)}"
        "SELECT period_start AS time,\n"
        f"  {_wide(indicators)},\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM indicator_selected(codes = [{_codes(indicators)}])\n"
        "WHERE level = 'province' AND tree = 'today' AND grain = 'day'\n"
        f"  AND period_start > {TODAY} - ${{days}} AND period_start <= {TODAY}\n"
        "GROUP BY time\n"
        f"ORDER BY time WITH FILL TO {TODAY} + 1 STEP 1\n"
        "INTERPOLATE (as_of, freshness_minutes)"
    )


def by_month(indicators: Sequence[Indicator]) -> str:
    """A row a month of the last twelve, this one included."""
    return (
        f"{_freshness(indicators)}"
        "SELECT formatDateTime(period_start, '%m/%Y') AS month,\n"
        f"  {_wide(indicators)},\n"
        "  source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM indicator_selected(codes = [{_codes(indicators)}])\n"
        "WHERE level = 'province' AND tree = 'today' AND grain = 'month'\n"
        f"  AND period_start > toStartOfMonth({TODAY}) - INTERVAL 12 MONTH AND period_start <= {TODAY}\n"
        "GROUP BY period_start\n"
        "ORDER BY period_start"
    )
