"""The views of the past that panels ask: `flow_past`, `state_past`, `report_past` of one indicator, for one grain, by units of today.

They say what `indicator_values` says of the tree of today, from days that are added up by units already (`unit_days`): where
`flow_period` and its like add up every code of the sources at each reading, these read a row for a unit and a day. They are
as late as the snapshot.
"""

from collections.abc import Iterator

from sinks.clickhouse.figure_sql import GRAINS, NOT_REPORTED, report_figure, report_periods, report_terms, value_of
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
    {value_of(f"f.5 != {NONE_AT}", "f.6", "f.7")} AS value,
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
    {value_of(f"f.4 != {NONE_AT}", "f.5", "f.6")} AS value,
    {NOT_REPORTED},
    CAST(false, 'Bool') AS provisional
FROM {_DAYS} AND {_GRAIN} != 'to_date'
    AND day >= f.7 AND day < least(f.8, {{today}})
    -- A state's period ends with the last of its days that the history of states has.
    AND (day = least(f.8, {{today}}) - 1 OR dateTrunc(step, toDate(day + 1)) != dateTrunc(step, toDate(day)))"""

_REPORT = f"""WITH
    {_facts("above_at, below_at, reports_at, multiplier, divisor, native, additivity, over_time, reporter, reporters", "'report'")},
    {report_terms("f.9", "f.11")}
SELECT {{code:String}} AS code, c.unit AS unit, c.level AS level, {_GRAIN} AS grain, c.period_start AS period_start,
    {report_figure(f"f.5 != {NONE_AT}", ("f.7", "f.8"), "f.10", "f.13")}
FROM (
    SELECT unit, level, if(whole, toDate(0), toDate(dateTrunc(step, toDate(day)))) AS period_start,
        {report_periods(_at("f.4"), _at("f.5"), _at("f.6"))}
    FROM {_DAYS} AND {_at("f.6")} > 0 AND (NOT whole OR day <= {{today}})
        AND indexOf({GRAINS}, {_GRAIN}) >= indexOf({GRAINS}, native)
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
