"""The views of any period: `indicator_period(code = …)` for one indicator, `indicator_selected(codes = […])` and `indicator_values`.

They say the same. For one indicator its facts are constants, so that the engine reads only what the indicator needs; the
text for many stands in `selected_view`. Who knows the nature of the indicator, the grain and the tree asks the views of
`mode_views`, which are faster.
"""

from collections.abc import Iterator

from sinks.clickhouse.figure_sql import GRAINS, expected_of, value_of
from sinks.clickhouse.render import Target, render
from sinks.clickhouse.selected_view import SELECTED

_COLUMNS = (
    "code, unit, level, tree, grain, period_start, numerator, denominator, value, reported, expected, provisional"
)

_FACTS = (
    ("mode", "String"), ("event", "String"), ("levels", "Array(String)"), ("numerator_rollup", "String"),
    ("numerator_position", "UInt32"), ("denominator_position", "UInt32"), ("reports_position", "UInt32"),
    ("multiplier", "Int64"), ("divisor", "Int64"), ("native", "String"), ("additivity", "String"), ("over_time", "String"),
    ("reporter", "String"), ("reporters", "Nullable(Int64)"),
)  # fmt: skip

_ALWAYS = """{today} AS today,
    assumeNotNull((SELECT argMax(generation, active_from) FROM {database}.generations)) AS live"""

_FACT = f"""assumeNotNull((
        SELECT CAST(any(tuple({", ".join(name for name, _ in _FACTS)})), 'Tuple({", ".join(f"{n} {t}" for n, t in _FACTS)})')
        FROM {{database}}.indicator_facts WHERE generation = live AND code = {{code:String}}
    )) AS f"""
_HOW_FAR_SEALED = """,
    ifNull((SELECT max(sealed_until) FROM {database}.seals WHERE generation = live AND rollup_id = f.numerator_rollup), 0) AS sealed"""
_HOW_FAR_COVERED = """,
    assumeNotNull((
        SELECT (any(from_day), any(until_day)) FROM {database}.state_marks FINAL WHERE generation = live AND kind = f.event
    )) AS covered"""

# A place beyond the end of a vector holds 0; place 0 would be refused.
_PLACES = "".join(
    f", measures[if(f.{n}_position = 0, 100000, f.{n}_position)] AS {alias}"
    for n, alias in (("numerator", "above"), ("denominator", "below"), ("reports", "reports"))
)

_FOLDED = f"""
        SELECT unit, bucket AS day{_PLACES}
        FROM {{database}}.partials FINAL
        WHERE generation = live AND rollup_id = f.numerator_rollup AND grain = 'day' AND f.mode IN ('flow', 'report')
            AND bucket >= sealed"""
_SEALED = f"""
        SELECT unit, bucket AS day{_PLACES}
        FROM {{database}}.sealed FINAL
        WHERE generation = live AND rollup_id = f.numerator_rollup AND f.mode = 'flow' AND bucket < sealed"""
_STATES = """
        SELECT toString(unit) AS unit, day, above, below, toInt64(0) AS reports
        FROM {database}.state_days FINAL WHERE generation = live AND code = {code:String} AND day < today"""
_UNION = "\n        UNION ALL"

_TERMS_OF_ONE = _UNION.join((_FOLDED, _SEALED, _STATES))

_GROUPED = f"""
    WITH toDate(least(t.day, 65535)) AS date
    SELECT {{code:String}} AS code, p.tree AS tree, p.unit AS unit, p.level AS level, g.grain AS grain,
        multiIf(
            grain = 'week', toMonday(date), grain = 'month', toStartOfMonth(date), grain = 'quarter', toStartOfQuarter(date),
            grain = 'year', toStartOfYear(date), grain = 'to_date', toDate(0), date
        ) AS period_start,
        toInt32(multiIf(
            grain = 'week', addDays(toDate32(period_start), 7), grain = 'month', addMonths(toDate32(period_start), 1),
            grain = 'quarter', addMonths(toDate32(period_start), 3), grain = 'year', addYears(toDate32(period_start), 1),
            grain = 'to_date', toDate32(today + 1), addDays(toDate32(period_start), 1)
        )) AS period_end,
        sum(t.above) AS above, sum(t.below) AS below,
        groupArrayIf((t.day, t.above, t.below, t.reports), t.reports > 0) AS reports
    FROM ({_TERMS_OF_ONE}
    ) AS t
    INNER JOIN (SELECT * FROM {{database}}.unit_places FINAL) AS p
        ON p.raw_code = if(t.unit IN (SELECT raw_code FROM {{database}}.unit_places), t.unit, '')
    CROSS JOIN (SELECT arrayJoin({GRAINS}) AS grain) AS g
    WHERE t.day >= p.valid_from AND t.day < p.valid_to AND has(f.levels, p.level) AND (g.grain != 'to_date' OR t.day <= today)
        AND multiIf(
            f.mode = 'flow', true,
            f.mode = 'report', t.reports > 0 AND indexOf({GRAINS}, g.grain) >= indexOf({GRAINS}, f.native),
            -- A state's period ends with the last of its days that the history of states has.
            g.grain != 'to_date' AND t.day >= covered.1 AND t.day = least(period_end, covered.2, today) - 1
        )
    GROUP BY code, tree, unit, level, grain, period_start, period_end"""

# Of reports that are not summed over time those of the last period that has one count.
_COUNTED = f"""
    SELECT v.*, f.over_time = 'last' AND v.grain != f.native AS last_only, arrayMax(v.reports.1) AS last_day,
        if(last_only, arrayFilter(r -> r.1 = last_day, v.reports), v.reports) AS counted,
        if(last_only, arraySum(counted.2), v.above) AS numerator,
        if(last_only, arraySum(counted.3), v.below) AS parts,
        arraySum(counted.4) AS reports_in_it,
        -- The periods of the series that the row is about: one, or all that begin in it and have begun.
        multiIf(
            f.mode != 'report', [],
            last_only OR v.grain = f.native, [last_day],
            arrayFilter(
                d -> d = toInt32(multiIf(
                    f.native = 'week', toMonday(toDate(d)), f.native = 'month', toStartOfMonth(toDate(d)),
                    f.native = 'quarter', toStartOfQuarter(toDate(d)), f.native = 'year', toStartOfYear(toDate(d)), toDate(d)
                )),
                range(if(v.grain = 'to_date', arrayMin(v.reports.1), toInt32(v.period_start)), least(v.period_end, today + 1))
            )
        ) AS periods
    FROM ({_GROUPED}
    ) AS v"""

_VALUE = value_of("f.denominator_position != 0", "f.multiplier", "f.divisor")
_SHOWN = f"""
SELECT c.code AS code, c.unit AS unit, c.level AS level, c.tree AS tree, c.grain AS grain, c.period_start AS period_start,
    c.numerator AS numerator,
    if(f.denominator_position = 0, NULL, c.parts) AS denominator,
    if(f.additivity = 'none' AND c.reports_in_it > length(arrayDistinct(c.counted.1)), NULL, {_VALUE}) AS value,
    if(f.mode = 'report', toInt64(c.reports_in_it), NULL) AS reported,
    if(f.mode = 'report', {expected_of("f.reporters")}, NULL) AS expected,
    CAST(multiIf(
        f.mode = 'report', ifNull(reported < expected, false),
        f.mode = 'flow', c.grain = 'to_date' OR c.period_end > sealed,
        false
    ), 'Bool') AS provisional
"""

_NOW = """UNION ALL
SELECT code, unit, level, tree, 'now' AS grain, period_start, numerator, denominator, value, NULL AS reported,
    NULL AS expected, true AS provisional
FROM {database}.indicator_now ARRAY JOIN ['then', 'today'] AS tree
WHERE period_grain = 'now' AND code = {code:String} AND f.mode IN ('now', 'age')"""

_REPORTERS = "LEFT JOIN (SELECT * FROM {database}.unit_reporters FINAL WHERE reporter = f.reporter) AS r ON r.tree = c.tree AND r.unit = c.unit"


def _of_one() -> str:
    return (
        f"WITH\n    {_ALWAYS},\n    {_FACT}{_HOW_FAR_SEALED}{_HOW_FAR_COVERED}"
        + _SHOWN
        + f"FROM ({_COUNTED}\n) AS c\n{_REPORTERS}\n{_NOW}"
    )


_MEANINGS = """
    code String COMMENT 'Code of the indicator',
    unit String COMMENT 'Unit of the province, or unknown: codes that no unit has',
    level String COMMENT 'Level of the unit; unknown lies below the province and is counted in it',
    tree String COMMENT 'then: the tree of units as it was valid on the day; today: a unit that has ceased stands for its successor. Choose one',
    grain String COMMENT 'day, week (from Monday), month, quarter, year, to_date (up to today); now for states, as in indicator_now. Choose one',
    period_start Date COMMENT 'First local day of the period; today for now, 1970-01-01 for to_date',
    numerator Int64 COMMENT 'Sum of the numerator measure; of a state at the end of the last day of the period that its history has; of reports in thousandths',
    denominator Nullable(Int64) COMMENT 'Sum of the denominator measure; null when the indicator has none',
    value Nullable(Float64) COMMENT 'The figure; null when there is nothing to divide by, and of several reports that may not be summed',
    reported Nullable(Int64) COMMENT 'Of reports: how many are in it; where over_time is last, in the last period of the series that has one',
    expected Nullable(Int64) COMMENT 'Of reports: how many there should be by the units that existed, in the same period, or in all that have begun by today',
    provisional Bool COMMENT 'It can still change: a period of a flow that is not wholly sealed, a state of now, fewer reports than expected'
"""


def period_statements(target: Target) -> Iterator[str]:
    """The views; they need the tables of the numbered migrations and the views of `migrations/views`."""
    yield _view(
        "indicator_period", "", _of_one(), target,
        "One indicator for every unit and period, fast: SELECT … FROM indicator_period(code = \\'DVC-001\\'). Columns as in indicator_values",
    )  # fmt: skip
    yield _view(
        "indicator_selected", "", SELECTED, target,
        "The indicators of a list for every unit and period: SELECT … FROM indicator_selected(codes = [\\'DVC-001\\']); all when "
        "it is empty. Columns as in indicator_values",
    )  # fmt: skip
    yield _view(
        "indicator_values", f" ({_MEANINGS})",
        f"SELECT {_COLUMNS} FROM {{database}}.indicator_selected(codes = CAST([], 'Array(String)'))", target,
        "Every indicator for every unit, period and tree, computed when asked; for one of them indicator_period is faster",
    )  # fmt: skip


def _view(name: str, columns: str, query: str, target: Target, comment: str) -> str:
    text = f"CREATE OR REPLACE VIEW {{database}}.{name} {{on_cluster}}{columns} AS\n{query}\nCOMMENT '{comment}'"
    return render(text, name, target)
