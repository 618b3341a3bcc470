"""The figure of one period as SQL: the words that all views of periods share, whatever they read.

Of a reported indicator the series has a period of its own (`native`); a view asks for one grain (`step`, or `whole`: all up to
today).
"""

GRAINS = "['day', 'week', 'month', 'quarter', 'year', 'to_date']"
"""From the shortest to the longest; a week begins on Monday, `to_date` is everything up to today and begins on 1970-01-01."""

NOT_REPORTED = "CAST(NULL, 'Nullable(Int64)') AS reported, CAST(NULL, 'Nullable(Int64)') AS expected"


def value_of(shared: str, multiplier: str, divisor: str) -> str:
    """The figure from `numerator` and `denominator`; `shared`: the condition that it has a denominator."""
    return f"""multiIf(
        NOT ({shared}), toFloat64(numerator) * {multiplier} / {divisor},
        denominator = 0, NULL,
        toFloat64(numerator) * {multiplier} / {divisor} / denominator
    )"""


def expected_of(reporters: str) -> str:
    """How many reports there should be in `c.periods`.

    `reporters`: so many report each period; NULL where the units do that were there then (`r.spans`: from which day to which each was).
    """
    return f"""if(
        isNull({reporters}), toInt64(arraySum(d -> arrayCount(s -> d >= s.1 AND d < s.2, r.spans), c.periods)),
        assumeNotNull({reporters}) * toInt64(length(c.periods))
    )"""


def reported_of(reporters: str) -> str:
    """The columns reported, expected and provisional of what is reported: `c.counted` reports; `reporters`: see `expected_of`."""
    return f"""toNullable(c.counted) AS reported,
    toNullable({expected_of(reporters)}) AS expected,
    CAST(reported < expected, 'Bool') AS provisional"""


def report_terms(native: str, over_time: str) -> str:
    """What `report_periods` needs to know for one indicator, whose own period is `native`, empty where there is none.

    Of reports that are not summed `over_time` those of the last period that has one count: `last_only`.
    """
    return f"""{{grain:String}} = 'to_date' AS whole,
    if(whole, 'year', {{grain:String}}) AS step,
    if({native} = '', 'day', {native}) AS native,
    {over_time} = 'last' AND {{grain:String}} != native AS last_only"""


def report_periods(above: str, below: str, counted: str) -> str:
    """The columns above, below, counted (reports), days (of reports) and periods of one unit and period, from named columns of its days."""
    return f"""if(last_only, argMax({above}, day), sum({above})) AS above,
        if(last_only, argMax({below}, day), sum({below})) AS below,
        toInt64(if(last_only, argMax({counted}, day), sum({counted}))) AS counted,
        if(last_only, 1, count()) AS days,
        -- The periods of the series that the row is about: one, or all that begin in it and have begun.
        if(last_only OR {{grain:String}} = native, [max(day)], arrayFilter(
            d -> dateTrunc(native, toDate(d)) = toDate(d),
            range(
                if(whole, min(day), toInt32(period_start)),
                least({{today}} + 1, if(whole, {{today}} + 1, toInt32(multiIf(
                    step = 'day', addDays(period_start, 1), step = 'week', addDays(period_start, 7),
                    step = 'month', addMonths(period_start, 1), step = 'quarter', addMonths(period_start, 3),
                    addYears(period_start, 1)
                ))))
            )
        )) AS periods"""


def report_figure(shared: str, scale: tuple[str, str], additivity: str, reporters: str) -> str:
    """The columns of a figure, from numerator to provisional, of a row `c` that has the columns of `report_periods`.

    Args:
        shared: the condition that it has a denominator.
        scale: multiplier and divisor.
        additivity: whether figures of several units make one.
        reporters: see `expected_of`.
    """
    return f"""c.above AS numerator,
    if({shared}, c.below, NULL) AS denominator,
    if({additivity} = 'none' AND c.counted > c.days, NULL, {value_of(shared, *scale)}) AS value,
    {reported_of(reporters)}"""
