"""The views of one indicator of a known nature, for one grain: `flow_period`, `state_period`, `report_period`, `flow_province`.

They say what `indicator_values` says. To plan a question costs more than to answer it, so that a text of its own for each
nature, without what another would need, halves the time. Where only the province's flow is asked for, no tree of units is needed
either. Panels, which ask for units of today, ask the views of `past_views`.
"""

from collections.abc import Iterator

from sinks.clickhouse.figure_sql import GRAINS, NOT_REPORTED, report_figure, report_periods, report_terms, value_of
from sinks.clickhouse.render import Target, render

_LIVE = "(SELECT argMax(generation, active_from) FROM {database}.generations) AS live"


def _facts(names: str, modes: str) -> str:
    """The named facts of the indicator as the constant `f`, so that only its own rows are read; empty when of another nature."""
    return f"""assumeNotNull((
        SELECT any(tuple({names})) FROM {{database}}.indicator_facts
        WHERE generation = live AND code = {{code:String}} AND mode IN ({modes})
    )) AS f"""


# A place beyond the end of a vector holds 0; place 0, of what is not there, would be refused.
_BELOW = "if(denominator_position = 0, 100000, denominator_position)"
_ABOVE_AT, _REPORTS_AT = "measures[greatest(f.3, 1)]", "measures[greatest(f.5, 1)]"
_BELOW_AT = "measures[greatest(f.4, 1)]"

# A code that no unit has counts as the empty one. The lookups are replaced as a whole: no row is twice in them.
_PLACES = """INNER JOIN (SELECT * FROM {database}.unit_places WHERE tree = {tree:String} AND has(f.1, level)) AS p
    ON p.raw_code = if(t.unit IN (SELECT raw_code FROM {database}.unit_places), t.unit, '')
WHERE t.day >= p.valid_from AND t.day < p.valid_to"""


def _flow(who: str, places: str, keys: str) -> str:
    """Flows by `keys`, of which `who` are the columns; `places` joins the units."""
    return f"""WITH
    {_LIVE},
    {_facts(f"levels, numerator_rollup, numerator_position, {_BELOW}, multiplier, divisor", "'flow'")},
    ifNull((SELECT max(sealed_until) FROM {{database}}.seals WHERE generation = live AND rollup_id = f.2), 0) AS sealed,
    {{grain:String}} = 'to_date' AS whole,
    if(whole, 'year', {{grain:String}}) AS step
SELECT {{code:String}} AS code, {who}{{grain:String}} AS grain,
    if(whole, toDate(0), toDate(dateTrunc(step, toDate(t.day)))) AS period_start,
    sum(t.above) AS numerator,
    if(f.4 = 100000, NULL, sum(t.below)) AS denominator,
    {value_of("f.4 != 100000", "f.5", "f.6")} AS value,
    {NOT_REPORTED},
    -- Its end lies beyond the last sealed day.
    CAST(whole OR period_start >= toDate(dateTrunc(step, toDate(sealed))), 'Bool') AS provisional
FROM (
    SELECT unit, bucket AS day, {_ABOVE_AT} AS above, {_BELOW_AT} AS below FROM {{database}}.partials FINAL
    WHERE generation = live AND rollup_id = f.2 AND grain = 'day' AND bucket >= sealed AND (NOT whole OR bucket <= {{today}})
    UNION ALL
    SELECT unit, bucket AS day, {_ABOVE_AT} AS above, {_BELOW_AT} AS below FROM {{database}}.sealed FINAL
    WHERE generation = live AND rollup_id = f.2 AND bucket < sealed
) AS t{places}
GROUP BY {keys}period_start"""


_FLOW = _flow("p.unit AS unit, p.level AS level, {tree:String} AS tree, ", f"\n{_PLACES}", "unit, level, ")

# Whatever unit a cell is of, and in whatever tree, it counts in the province once.
_PROVINCE = _flow("'province' AS level, ", "", "")

_STATE = f"""WITH
    {_LIVE},
    {_facts("levels, event, denominator_position, multiplier, divisor", "'now', 'age'")},
    assumeNotNull((
        SELECT argMax((from_day, until_day), revision) FROM {{database}}.state_marks WHERE generation = live AND kind = f.2
    )) AS covered,
    least(covered.2, {{today}}) AS until,
    if({{grain:String}} = 'to_date', 'year', {{grain:String}}) AS step
SELECT {{code:String}} AS code, p.unit AS unit, p.level AS level, {{tree:String}} AS tree, {{grain:String}} AS grain,
    toDate(dateTrunc(step, toDate(t.day))) AS period_start,
    sum(t.above) AS numerator,
    if(f.3 = 0, NULL, sum(t.below)) AS denominator,
    {value_of("f.3 != 0", "f.4", "f.5")} AS value,
    {NOT_REPORTED},
    CAST(false, 'Bool') AS provisional
FROM (
    SELECT toString(unit) AS unit, day, above, below FROM {{database}}.state_days FINAL
    WHERE generation = live AND code = {{code:String}} AND day >= covered.1 AND day < until AND {{grain:String}} != 'to_date'
        -- A state's period ends with the last of its days that the history of states has.
        AND (day = until - 1 OR dateTrunc(step, toDate(day + 1)) != dateTrunc(step, toDate(day)))
) AS t
{_PLACES}
GROUP BY unit, level, t.day"""

_REPORT = f"""WITH
    {_LIVE},
    {_facts(f"levels, numerator_rollup, numerator_position, {_BELOW}, reports_position, multiplier, divisor, native, additivity, over_time, reporter, reporters", "'report'")},
    {report_terms("f.8", "f.10")}
SELECT {{code:String}} AS code, c.unit AS unit, c.level AS level, {{tree:String}} AS tree, {{grain:String}} AS grain,
    c.period_start AS period_start,
    {report_figure("f.4 != 100000", ("f.6", "f.7"), "f.9", "f.12")}
FROM (
    SELECT unit, level, if(whole, toDate(0), toDate(dateTrunc(step, toDate(day)))) AS period_start,
        {report_periods("above", "below", "reports")}
    FROM (
        SELECT p.unit AS unit, p.level AS level, t.day AS day,
            sum(t.above) AS above, sum(t.below) AS below, sum(t.reports) AS reports
        FROM (
            SELECT unit, bucket AS day, {_ABOVE_AT} AS above, {_BELOW_AT} AS below, {_REPORTS_AT} AS reports
            FROM {{database}}.partials FINAL
            WHERE generation = live AND rollup_id = f.2 AND grain = 'day' AND reports > 0 AND (NOT whole OR bucket <= {{today}})
                AND indexOf({GRAINS}, {{grain:String}}) >= indexOf({GRAINS}, native)
        ) AS t
        {_PLACES}
        GROUP BY unit, level, day
    )
    GROUP BY unit, level, period_start
) AS c
LEFT JOIN (
    SELECT unit, spans FROM {{database}}.unit_reporters WHERE tree = {{tree:String}} AND reporter = f.11
) AS r ON r.unit = c.unit"""


def mode_statements(target: Target) -> Iterator[str]:
    """The views; they need the tables of the numbered migrations."""
    asked = "code = …, grain = …, tree = …"
    for name, query, of, parameters in (
        ("flow_period", _FLOW, "of events, for every unit and period of one grain in one tree", asked),
        (
            "flow_province",
            _PROVINCE,
            "of events, for the province and every period of one grain",
            "code = …, grain = …",
        ),
        (
            "state_period",
            _STATE,
            "of a state, at the end of past days, for every unit and period of one grain in one tree",
            asked,
        ),
        ("report_period", _REPORT, "that is reported, for every unit and period of one grain in one tree", asked),
    ):
        comment = f"One indicator {of}, fastest: {name}({parameters}). Columns as in indicator_values"
        yield render(
            f"CREATE OR REPLACE VIEW {{database}}.{name} {{on_cluster}} AS\n{query}\nCOMMENT '{comment}'", name, target
        )
