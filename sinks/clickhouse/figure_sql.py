"""The figure of one period as SQL, alike for the views that read cells and for those that read days by unit.

Of a reported indicator the series has a period of its own (`native`); a view asks for one grain (`step`, or `whole`: all of the
year until today).
"""

NOT_REPORTED = "CAST(NULL, 'Nullable(Int64)') AS reported, CAST(NULL, 'Nullable(Int64)') AS expected"

_BEGUN = """arrayFilter(
            d -> dateTrunc(native, toDate(d)) = toDate(d),
            range(
                if(whole, min(day), toInt32(period_start)),
                least({today} + 1, if(whole, {today} + 1, toInt32(multiIf(
                    step = 'day', addDays(period_start, 1), step = 'week', addDays(period_start, 7),
                    step = 'month', addMonths(period_start, 1), step = 'quarter', addMonths(period_start, 3),
                    addYears(period_start, 1)
                ))))
            )
        )"""


def value_of(shared: str, multiplier: str, divisor: str) -> str:
    """The figure from `numerator` and `denominator`; `shared`: the condition that it has a denominator."""
    return f"""multiIf(
        NOT ({shared}), toFloat64(numerator) * {multiplier} / {divisor},
        denominator = 0, NULL,
        toFloat64(numerator) * {multiplier} / {divisor} / denominator
    )"""


def report_figure(value: str, shared: str, additivity: str, reporters: str) -> str:
    """The columns of a figure, from numerator to provisional, of a row `c` of one unit and period and its reporters `r`.

    Args:
        value: the figure where it may be summed, see `value_of`.
        shared: the condition that it has a denominator.
        additivity: whether figures of several units make one.
        reporters: how many report it; NULL where its units do, each for itself.

    `c` has the columns of `report_periods`; `r.spans`: from which day to which each reporter is.
    """
    return f"""c.above AS numerator,
    if({shared}, c.below, NULL) AS denominator,
    if({additivity} = 'none' AND c.counted > c.days, NULL, {value}) AS value,
    toNullable(c.counted) AS reported,
    toNullable(if(
        isNull({reporters}), toInt64(arraySum(d -> arrayCount(s -> d >= s.1 AND d < s.2, r.spans), c.periods)),
        assumeNotNull({reporters}) * toInt64(length(c.periods))
    )) AS expected,
    CAST(reported < expected, 'Bool') AS provisional"""


def report_periods(above: str, below: str, counted: str) -> str:
    """The columns above, below, counted (reports), days (of reports) and periods of one unit and period, from named columns of its days.

    Of reports that are not summed over time (`last_only`) those of the last period that has one count.
    """
    return f"""if(last_only, argMax({above}, day), sum({above})) AS above,
        if(last_only, argMax({below}, day), sum({below})) AS below,
        toInt64(if(last_only, argMax({counted}, day), sum({counted}))) AS counted,
        if(last_only, 1, count()) AS days,
        -- The periods of the series that the row is about: one, or all that begin in it and have begun.
        if(last_only OR {{grain:String}} = native, [max(day)], {_BEGUN}) AS periods"""
