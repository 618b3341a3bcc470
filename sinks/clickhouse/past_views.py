"""The views of the past that panels ask: `flow_past`, `state_past`, `report_past` of one indicator, for one grain, by units of today.

They say what `indicator_values` says of the tree of today, from days that are added up by units already (`unit_days`): where
`flow_period` and its like add up every code of the sources at each reading, these read a row for a unit and a day. They are
as late as the snapshot.
"""

from collections.abc import Iterator

from sinks.clickhouse.mode_views import NOT_REPORTED, value_of
from sinks.clickhouse.past_sql import NONE_AT
from sinks.clickhouse.render import Target, render

_GRAIN = "{grain:String}"


def _facts(names: str, modes: str) -> str:
    """Where the indicator's days are and the named facts as the constant `f`, from place 4 on; empty when of another nature."""
    return f"""assumeNotNull((
        SELECT any(tuple(build, series, levels, {names})) FROM {{database}}.unit_series
        WHERE code = {{code:String}} AND mode IN ({modes})
    )) AS f"""


_DAYS = "{database}.unit_days FINAL\n    WHERE build = f.1 AND series = f.2 AND has(f.3, level)"


# Each laying out is a partition: the newest row of a day is that of its own.
_APART = "SETTINGS do_not_merge_across_partitions_select_final = 1"


def _at(place: str) -> str:
    """A measure; place 0, of what is not there, would be refused."""
    return f"measures[greatest({place}, 1)]"


_FLOW = f"""WITH
    {_facts("above_at, below_at, multiplier, divisor, until", "'flow'")},
    {_GRAIN} = 'to_date' AS whole,
    if(whole, 'year', {_GRAIN}) AS step
SELECT {{code:String}} AS code, unit, level, {_GRAIN} AS grain,
    if(whole, toDate(0), toDate(dateTrunc(step, toDate(day)))) AS period_start,
    sum({_at("f.4")}) AS numerator,
    if(f.5 = {NONE_AT}, NULL, sum({_at("f.5")})) AS denominator,
    {value_of(f"f.5 != {NONE_AT}", "f.6", "f.7")},
    {NOT_REPORTED},
    -- Its end lies beyond the last sealed day.
    CAST(whole OR period_start >= toDate(dateTrunc(step, toDate(f.8))), 'Bool') AS provisional
FROM {_DAYS} AND (NOT whole OR day <= {{today}})
GROUP BY unit, level, period_start"""

_STATE = f"""WITH
    {_facts("below_at, multiplier, divisor, first, until", "'now', 'age'")},
    if({_GRAIN} = 'to_date', 'year', {_GRAIN}) AS step
SELECT {{code:String}} AS code, unit, level, {_GRAIN} AS grain,
    toDate(dateTrunc(step, toDate(day))) AS period_start,
    measures[1] AS numerator,
    if(f.4 = {NONE_AT}, NULL, measures[2]) AS denominator,
    {value_of(f"f.4 != {NONE_AT}", "f.5", "f.6")},
    {NOT_REPORTED},
    CAST(false, 'Bool') AS provisional
FROM {_DAYS} AND {_GRAIN} != 'to_date'
    AND day >= f.7 AND day < least(f.8, {{today}})
    -- A state's period ends with the last of its days that the history of states has.
    AND (day = least(f.8, {{today}}) - 1 OR dateTrunc(step, toDate(day + 1)) != dateTrunc(step, toDate(day)))"""

_GRAINS = "['day', 'week', 'month', 'quarter', 'year', 'to_date']"

_REPORT = f"""WITH
    {_facts("above_at, below_at, reports_at, multiplier, divisor, native, additivity, over_time, reporter, reporters", "'report'")},
    {_GRAIN} = 'to_date' AS whole,
    if(whole, 'year', {_GRAIN}) AS step,
    if(f.9 = '', 'day', f.9) AS native
SELECT {{code:String}} AS code, c.unit AS unit, c.level AS level, {_GRAIN} AS grain, c.period_start AS period_start,
    c.above AS numerator,
    if(f.5 = {NONE_AT}, NULL, c.parts) AS denominator,
    multiIf(
        f.10 = 'none' AND c.counted > c.days, NULL,
        f.5 = {NONE_AT}, toFloat64(numerator) * f.7 / f.8,
        denominator = 0, NULL,
        toFloat64(numerator) * f.7 / f.8 / denominator
    ) AS value,
    toNullable(c.counted) AS reported,
    toNullable(if(
        isNull(f.13), toInt64(arraySum(d -> arrayCount(s -> d >= s.1 AND d < s.2, r.spans), c.periods)),
        assumeNotNull(f.13) * toInt64(length(c.periods))
    )) AS expected,
    CAST(reported < expected, 'Bool') AS provisional
FROM (
    SELECT unit, level,
        if(whole, toDate(0), toDate(dateTrunc(step, toDate(day)))) AS period_start,
        -- Of reports that are not summed over time those of the last period that has one count.
        f.11 = 'last' AND {_GRAIN} != native AS last_only,
        if(last_only, argMax({_at("f.4")}, day), sum({_at("f.4")})) AS above,
        if(last_only, argMax({_at("f.5")}, day), sum({_at("f.5")})) AS parts,
        toInt64(if(last_only, argMax({_at("f.6")}, day), sum({_at("f.6")}))) AS counted,
        if(last_only, 1, count()) AS days,
        -- The periods of the series that the row is about: one, or all that begin in it and have begun.
        if(last_only OR {_GRAIN} = native, [max(day)], arrayFilter(
            d -> dateTrunc(native, toDate(d)) = toDate(d),
            range(
                if(whole, min(day), toInt32(period_start)),
                least({{today}} + 1, if(whole, {{today}} + 1, toInt32(multiIf(
                    step = 'day', addDays(period_start, 1), step = 'week', addDays(period_start, 7),
                    step = 'month', addMonths(period_start, 1), step = 'quarter', addMonths(period_start, 3),
                    addYears(period_start, 1)
                ))))
            )
        )) AS periods
    FROM {_DAYS} AND {_at("f.6")} > 0 AND (NOT whole OR day <= {{today}})
        AND indexOf({_GRAINS}, {_GRAIN}) >= indexOf({_GRAINS}, native)
    GROUP BY unit, level, period_start
) AS c
LEFT JOIN (SELECT unit, reporter, spans FROM {{database}}.unit_reporters WHERE tree = 'today') AS r
    ON r.unit = c.unit AND r.reporter = f.12"""


def past_statements(target: Target) -> Iterator[str]:
    """The views; they need the tables of the numbered migrations."""
    for name, query, of in (
        ("flow_past", _FLOW, "of events"),
        ("state_past", _STATE, "of a state, at the end of past days"),
        ("report_past", _REPORT, "that is reported"),
    ):
        comment = (
            f"One indicator {of}, for every unit of today and period of one grain, cheapest, as late as the snapshot: "
            f"{name}(code = …, grain = …). Columns as in indicator_values, without tree"
        )
        yield render(
            f"CREATE OR REPLACE VIEW {{database}}.{name} {{on_cluster}} AS\n{query}\n{_APART}\nCOMMENT '{comment}'",
            name,
            target,
        )
