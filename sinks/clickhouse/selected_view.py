"""The view of many indicators for every unit and period: `indicator_selected(codes = […])`, on which `indicator_values` rests.

What all indicators of a rollup have in common is done once for the whole vector of its measures, and only then spread over
the indicators. What a reader asks of code, tree, unit, level, grain and period reaches the tables: all are keys of the sums.
"""

from sinks.clickhouse.figure_sql import GRAINS, NOT_REPORTED, reported_of, value_of

_ALWAYS = """WITH
    {today} AS today,
    assumeNotNull((SELECT argMax(generation, active_from) FROM {database}.generations)) AS live,
    (SELECT mapFromArrays(groupArray(rollup_id), groupArray(sealed_until)) FROM {database}.sealed_until) AS sealed,
    (SELECT arraySort(groupUniqArray((toString(unit), toString(level)))) FROM {database}.unit_places) AS units"""

_LISTED = "(empty({codes:Array(String)}) OR has({codes:Array(String)}, code))"


def _facts(modes: str) -> str:
    return f"(SELECT * FROM {{database}}.live_facts WHERE mode IN ({modes}) AND {_LISTED})"


def _grains(names: str) -> str:
    return f"(SELECT toLowCardinality(arrayJoin({names})) AS grain) AS g"


def _start(grain: str, day: str) -> str:
    """First day of the period of a day; a column of type Date ends with 2149-06-06."""
    date = f"toDate(least({day}, 65535))"
    return (
        f"multiIf({grain} = 'week', toMonday({date}), {grain} = 'month', toStartOfMonth({date}), {grain} = 'quarter', "
        f"toStartOfQuarter({date}), {grain} = 'year', toStartOfYear({date}), {grain} = 'to_date', toDate(0), {date})"
    )


def _end(grain: str, start: str) -> str:
    """First day (days since 1970-01-01) after the period that begins on a date."""
    first = f"toDate32({start})"
    return (
        f"toInt32(multiIf({grain} = 'week', addDays({first}, 7), {grain} = 'month', addMonths({first}, 1), {grain} = 'quarter', "
        f"addMonths({first}, 3), {grain} = 'year', addYears({first}, 1), {grain} = 'to_date', toDate32(today + 1), addDays({first}, 1)))"
    )


_VALUE = value_of("w.denominator_position != 0", "w.multiplier", "w.divisor")
_KEYS = "v.unit AS unit, v.level AS level, v.tree AS tree, v.grain AS grain, v.period_start AS period_start"

# A code that no unit has counts as the empty one.
_PLACES = """INNER JOIN (SELECT * FROM {database}.unit_places FINAL) AS p
            ON p.raw_code = if(t.unit IN (SELECT raw_code FROM {database}.unit_places), t.unit, '')"""
_THERE = "t.day >= p.valid_from AND t.day < p.valid_to"
# A code counts in a handful of units. From so many rows to a key on, the engine lists a join's rows one by one, several times slower.
_SPREAD = "SETTINGS join_output_by_rowlist_perkey_rows_threshold = 1000000"

_FLOWS = f"""
SELECT w.code AS code, {_KEYS},
    v.sums[w.numerator_position] AS numerator,
    -- A place beyond the end of a vector holds 0; place 0 would be refused.
    if(w.denominator_position = 0, NULL, v.sums[if(w.denominator_position = 0, 100000, w.denominator_position)]) AS denominator,
    {_VALUE} AS value,
    {NOT_REPORTED},
    CAST(v.grain = 'to_date' OR {_end("v.grain", "v.period_start")} > sealed[v.rollup_id], 'Bool') AS provisional
FROM (
    SELECT t.rollup_id AS rollup_id, p.tree AS tree, p.unit AS unit, p.level AS level, g.grain AS grain,
        {_start("g.grain", "t.day")} AS period_start, sumForEach(t.measures) AS sums
    FROM (
        SELECT rollup_id, unit, bucket AS day, measures FROM {{database}}.day_parts
        WHERE rollup_id IN (SELECT numerator_rollup FROM {_facts("'flow'")})
    ) AS t
    {_PLACES}
    CROSS JOIN {_grains(GRAINS)}
    WHERE {_THERE} AND (g.grain != 'to_date' OR t.day <= today)
    GROUP BY rollup_id, tree, unit, level, grain, period_start
    {_SPREAD}
) AS v
INNER JOIN {_facts("'flow'")} AS w ON w.numerator_rollup = v.rollup_id
WHERE has(w.levels, v.level)"""

_STATES = f"""
SELECT v.code AS code, units[v.place].1 AS unit, units[v.place].2 AS level, if(v.of_today, 'today', 'then') AS tree,
    toString(v.grain) AS grain, v.period_start AS period_start,
    v.above AS numerator,
    if(w.denominator_position = 0, NULL, v.below) AS denominator,
    {_VALUE} AS value,
    {NOT_REPORTED},
    CAST(false, 'Bool') AS provisional
FROM (
    SELECT t.code AS code, p.of_today AS of_today, p.place AS place, c.grain AS grain, c.period_start AS period_start,
        sum(t.above) AS above, sum(t.below) AS below
    FROM (
        SELECT code, unit, day, above, below FROM {{database}}.state_days FINAL
        WHERE generation = live AND day < today AND code IN (SELECT code FROM {_facts("'now', 'age'")})
    ) AS t
    INNER JOIN (
        SELECT k.code AS code, k.day AS day, g.grain AS grain, {_start("g.grain", "k.day")} AS period_start
        FROM (
            SELECT f.code AS code, least(m.until_day, today) AS until, arrayJoin(range(m.from_day, until)) AS day
            FROM {_facts("'now', 'age'")} AS f
            INNER JOIN (SELECT * FROM {{database}}.state_marks FINAL WHERE generation = live) AS m ON m.kind = f.event
        ) AS k
        CROSS JOIN {_grains("['day', 'week', 'month', 'quarter', 'year']")}
        -- A state's period ends with the last of its days that the history of states has.
        WHERE k.day = least({_end("g.grain", "period_start")}, k.until) - 1
    ) AS c ON c.code = t.code AND c.day = t.day
    INNER JOIN (
        SELECT raw_code, valid_from, valid_to, tree = 'today' AS of_today, toUInt16(indexOf(units.1, unit)) AS place
        FROM {{database}}.unit_places FINAL
    ) AS p ON p.raw_code = if(t.unit IN (SELECT raw_code FROM {{database}}.unit_places), t.unit, '')
    WHERE {_THERE}
    GROUP BY code, of_today, place, grain, period_start
    {_SPREAD}
) AS v
INNER JOIN {_facts("'now', 'age'")} AS w ON w.code = v.code
WHERE has(w.levels, level)"""

_REPORTS = f"""
SELECT c.code AS code, c.unit AS unit, c.level AS level, c.tree AS tree, c.grain AS grain, c.period_start AS period_start,
    c.numerator AS numerator, c.denominator AS denominator, c.value AS value,
    {reported_of("c.reporters")}
FROM (
    SELECT w.code AS code, {_KEYS}, w.reporter AS reporter, w.reporters AS reporters,
        -- Of reports that are not summed over time those of the last period that has one count.
        w.over_time = 'last' AND v.grain != w.native AS last_only,
        if(last_only, v.last.1, v.above) AS numerator,
        if(w.denominator_position = 0, NULL, if(last_only, v.last.2, v.below)) AS denominator,
        toInt64(if(last_only, v.last.3, v.reports)) AS counted,
        if(w.additivity = 'none' AND counted > if(last_only, 1, v.days), NULL, {_VALUE}) AS value,
        -- The periods of the series that the row is about: one, or all that begin in it and have begun.
        if(last_only OR v.grain = w.native, [v.last_day], arrayFilter(
            d -> toDate(d) = {_start("w.native", "d")},
            range(
                if(v.grain = 'to_date', v.first_day, toInt32(v.period_start)),
                least({_end("v.grain", "v.period_start")}, today + 1)
            )
        )) AS periods
    FROM (
        SELECT n.code AS code, n.tree AS tree, n.unit AS unit, n.level AS level, g.grain AS grain,
            {_start("g.grain", "n.day")} AS period_start,
            sum(n.above) AS above, sum(n.below) AS below, sum(n.reports) AS reports, count() AS days,
            argMax((n.above, n.below, n.reports), n.day) AS last, min(n.day) AS first_day, max(n.day) AS last_day
        FROM (
            SELECT t.code AS code, t.native AS native, p.tree AS tree, p.unit AS unit, p.level AS level, t.day AS day,
                sum(t.above) AS above, sum(t.below) AS below, sum(t.reports) AS reports
            FROM (
                SELECT f.code AS code, f.native AS native, f.levels AS levels, d.unit AS unit, d.bucket AS day,
                    d.measures[f.numerator_position] AS above,
                    d.measures[if(f.denominator_position = 0, 100000, f.denominator_position)] AS below,
                    d.measures[f.reports_position] AS reports
                FROM (
                    SELECT * FROM {{database}}.day_parts
                    WHERE rollup_id IN (SELECT numerator_rollup FROM {_facts("'report'")})
                ) AS d
                INNER JOIN {_facts("'report'")} AS f ON f.numerator_rollup = d.rollup_id
                WHERE reports > 0
            ) AS t
            {_PLACES}
            WHERE {_THERE} AND has(t.levels, p.level)
            GROUP BY code, native, tree, unit, level, day
            {_SPREAD}
        ) AS n
        CROSS JOIN {_grains(GRAINS)}
        WHERE indexOf({GRAINS}, g.grain) >= indexOf({GRAINS}, n.native) AND (g.grain != 'to_date' OR n.day <= today)
        GROUP BY code, tree, unit, level, grain, period_start
    ) AS v
    INNER JOIN {_facts("'report'")} AS w ON w.code = v.code
) AS c
LEFT JOIN (SELECT * FROM {{database}}.unit_reporters FINAL) AS r ON r.tree = c.tree AND r.unit = c.unit AND r.reporter = c.reporter"""

_NOW = f"""
SELECT code, unit, level, tree, 'now' AS grain, period_start, numerator, denominator, value, NULL AS reported,
    NULL AS expected, true AS provisional
FROM {{database}}.indicator_now ARRAY JOIN ['then', 'today'] AS tree
WHERE period_grain = 'now' AND code IN (SELECT code FROM {_facts("'now', 'age'")})"""

SELECTED = _ALWAYS + f"{_FLOWS}\nUNION ALL{_STATES}\nUNION ALL{_REPORTS}\nUNION ALL{_NOW}"
"""The query of the view."""
