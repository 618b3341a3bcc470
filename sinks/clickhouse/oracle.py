"""The second engine: each rollup as one query over the typed view of its kind.

It shares with the fold only the meaning of measures (`ioc/catalogue/expr.py`): times are whole seconds rounded down, days are
local days, null answers no condition but `IsNull`. Whatever the fold has counted, this counts from the tables.
"""

from ioc.calendar import calendar
from ioc.catalogue.expr import (
    Compare,
    CompareFields,
    Comparison,
    Condition,
    Constant,
    Duration,
    FieldValue,
    In,
    IsNull,
    Measure,
    One,
    Value,
    WorkingDays,
)
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Rollup
from ioc.clock import DAY_S, HOUR_S, LOCAL_OFFSET_S
from ioc.contracts.partial import Grain
from sinks.clickhouse.columns import quoted

_SIGNS: dict[Comparison, str] = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def grains(rollup: Rollup) -> tuple[Grain, ...]:
    """The grains that a rollup has cells of."""
    by_mode: dict[str, tuple[Grain, ...]] = {
        "flow": ("hour", "day"), "age": ("day",), "report": ("day",), "now": ("now",),
    }  # fmt: skip
    return by_mode[rollup.mode]


def query(rollup: Rollup, grain: Grain, database: str, source: str | None = None) -> str:
    """The query for all cells of a rollup: rows (unit as the source writes it, bucket, measures as Array(Int64)).

    Cells in which nothing is counted at all have no row. `source` stands for the view of the kind: a query with its columns.
    """
    where = " AND ".join(["NOT deleted", *(condition_sql(rollup.kind, condition) for condition in rollup.where)])
    bucket = "0"
    if rollup.time is not None:
        where += f" AND isNotNull({_name(rollup.time)})"
        moment = seconds(rollup.time)
        bucket = f"intDiv({moment}, {HOUR_S})" if grain == "hour" else local_day(moment)
    measures = ", ".join(measure_sql(rollup.kind, measure, database) for measure in rollup.measures)
    return (
        f"SELECT unit, toInt32(assumeNotNull({bucket})) AS bucket, [{measures}] AS measures\n"
        f"FROM {source or f'{database}.{rollup.kind}'} WHERE {where} GROUP BY unit, bucket"
    )


def beside(oracle: str, fold: str, size: int) -> str:
    """Rows (unit, bucket, oracle, fold): the cells of two queries side by side, vectors of `size` measures.

    A cell that one side does not have is a cell of zeros.
    """
    sides = (
        f"SELECT toString(unit) AS unit, bucket, measures, 1 AS side FROM ({oracle})\nUNION ALL\n"
        f"SELECT toString(unit) AS unit, bucket, measures, 2 AS side FROM ({fold})"
    )
    return (
        f"SELECT unit, bucket, arrayResize(sumForEachIf(measures, side = 1), {size}, 0) AS oracle, "
        f"arrayResize(sumForEachIf(measures, side = 2), {size}, 0) AS fold FROM ({sides}) GROUP BY unit, bucket"
    )


def measure_sql(kind: str, measure: Measure, database: str = "") -> str:
    """The aggregate of one measure, an Int64.

    Without `database` the table of working days is named as one reads it; a query that is run needs it.
    """
    value = value_sql(measure.value, database)
    if not measure.where:
        return f"toInt64(sum({value}))"
    return f"toInt64(sumIf({value}, {' AND '.join(condition_sql(kind, c) for c in measure.where)}))"


def value_sql(added: Value, database: str = "") -> str:
    """What one entity adds to a measure whose conditions it fulfils; `database` as in `measure_sql`."""
    match added:
        case One():
            return "1"
        case FieldValue(field):
            return f"ifNull(toInt64({_name(field)}), 0)"
        case Duration(start, end):
            return f"ifNull({seconds(end)} - {seconds(start)}, 0)"
        case WorkingDays(start, end):
            known = f"isNotNull({_name(start)}) AND isNotNull({_name(end)})"
            return f"if({known}, {_worked(end, database)} - {_worked(start, database)}, 0)"


def condition_sql(kind: str, condition: Condition) -> str:
    """A condition as an expression that is true or false, never null."""
    name = _name(condition.field)
    match condition:
        case IsNull(_, null):
            return f"isNull({name})" if null else f"isNotNull({name})"
        case Compare(_, op, value):
            return f"ifNull({name} {_SIGNS[op]} {literal(value)}, 0)"
        case In(_, values, negated):
            listed = ", ".join(literal(value) for value in values)
            return f"(isNotNull({name}) AND ifNull({name} {'NOT IN' if negated else 'IN'} ({listed}), 0))"
        case CompareFields(field, op, other, by):
            left, right = _name(field), _name(other)
            if fields_of(kind)[field].type == "time":
                left, right = seconds(field), seconds(other)
                if by == "day":
                    left, right = local_day(left), local_day(right)
            return f"ifNull({left} {_SIGNS[op]} {right}, 0)"


def seconds(field: str) -> str:
    """Whole seconds since the epoch of a time column, rounded down, Int64 (null stays null)."""
    return f"intDiv(toUnixTimestamp64Micro({_name(field)}), 1000000)"


def local_day(moment: str) -> str:
    """Days since 1970-01-01 in Asia/Ho_Chi_Minh of an expression in seconds."""
    return f"intDiv({moment} + {LOCAL_OFFSET_S}, {DAY_S})"


def _worked(field: str, database: str) -> str:
    """Working days up to the local day of a time column; before and after the calendar its table stands still."""
    table = f"{database}.calendar" if database else "calendar"
    counted = f"(SELECT arrayConcat([toInt64(0)], groupArray(toInt64(worked))) FROM (SELECT worked FROM {table} FINAL ORDER BY day))"
    place = f"{local_day(f'ifNull({seconds(field)}, 0)')} - {calendar().first_day - 2}"
    return f"{counted}[greatest(1, least({len(calendar().cumulative)}, {place}))]"


def literal(value: Constant) -> str:
    """A constant in SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else str(value)


def _name(field: str) -> str:
    return f"`{field}`"
