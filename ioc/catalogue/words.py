"""What a measure counts, in words: for people who check a figure and do not read its SQL."""

from ioc.catalogue.expr import (
    Compare,
    CompareFields,
    Condition,
    Duration,
    FieldValue,
    In,
    IsNull,
    Measure,
    One,
    WorkingDays,
)
from ioc.catalogue.rollup import Formula, Rollup

_OPS = {"eq": "is", "ne": "is not", "lt": "is less than", "le": "is at most", "gt": "is more than", "ge": "is at least"}
_DAYS = {
    "eq": "is on the day of",
    "lt": "is before the day of",
    "le": "is on or before the day of",
    "gt": "is after the day of",
    "ge": "is on or after the day of",
}


def condition_in_words(condition: Condition) -> str:
    """One condition; a null field fulfils none but the one that asks for null."""
    match condition:
        case Compare(field, op, value):
            return f"{field} {_OPS[op]} {_constant(value)}"
        case In(field, values, negated):
            return f"{field} is {'none' if negated else 'one'} of {', '.join(map(_constant, values))}"
        case IsNull(field, null):
            return f"{field} is {'not known' if null else 'known'}"
        case CompareFields(field, op, other, "day"):
            return f"{field} {_DAYS[op]} {other} (local days)"
        case CompareFields(field, op, other, _):
            return f"{field} {_OPS[op]} {other}"


def measure_in_words(measure: Measure) -> list[str]:
    """What is added up, then one line a condition, all of which must hold."""
    match measure.value:
        case One():
            head = "counts the entities"
        case FieldValue(field):
            head = f"adds up {field}"
        case Duration(start, end):
            head = f"adds up the seconds from {start} to {end}"
        case WorkingDays(start, end):
            head = f"adds up the working days after the local day of {start} up to that of {end}"
    if not measure.where:
        return [f"{head}, without condition"]
    return [f"{head} where", *(f"  {condition_in_words(condition)}" for condition in measure.where)]


def rollup_in_words(rollup: Rollup) -> str:
    """Where the rollup places an entity."""
    match rollup.mode:
        case "flow":
            return f"counted in the hour and the local day of {rollup.time}"
        case "age":
            return f"counted in the local day of {rollup.time}, so that age follows from the calendar alone"
        case "now":
            return "counted in the present, as the entities stand now"
        case "report":
            return "counted in the first day of the period that is reported on"


def formula_in_words(formula: Formula) -> str:
    """How the value follows from the measures."""
    scale = f" × {formula.multiplier}" if formula.multiplier != 1 else ""
    scale += f" / {formula.divisor:_}" if formula.divisor != 1 else ""
    text = f"numerator{' / denominator' if formula.denominator else ''}{scale}"
    if formula.window is None:
        return text
    first, last = formula.window
    match first, last:
        case None, int():
            days = f"up to {_day(last)}"
        case int(), None:
            days = f"from {_day(first)} on"
        case _:
            days = _day(first) if first == last else f"from {_day(first)} to {_day(last)}"
    return f"{text}; the numerator takes the days {days}"


def _day(offset: int | None) -> str:
    if not offset:
        return "today"
    return f"{abs(offset)} {'day' if abs(offset) == 1 else 'days'} {'ago' if offset < 0 else 'ahead'}"


def _constant(value: str | int | bool) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
