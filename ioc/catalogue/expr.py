"""What a measure may ask of an entity: a closed vocabulary, no free expressions.

A predicate is a conjunction of conditions. Null answers no condition but `IsNull`: a comparison with a field that is
null is false, in both engines. Times are whole seconds (rounded down); `by="day"` compares local days
(Asia/Ho_Chi_Minh), which is how the documents count deadlines.
"""

from dataclasses import dataclass
from typing import Literal

Comparison = Literal["eq", "ne", "lt", "le", "gt", "ge"]
Constant = str | int | bool


@dataclass(frozen=True, order=True)
class Compare:
    """`field` compared with a constant; `ne` of null is false."""

    field: str
    op: Comparison
    value: Constant


@dataclass(frozen=True, order=True)
class In:
    """`field` is (or, negated, is not) one of `values`; null is neither."""

    field: str
    values: tuple[Constant, ...]
    negated: bool = False


@dataclass(frozen=True, order=True)
class IsNull:
    """`field` is null, or with `null` false is not null. A field whose facet is unknown is null."""

    field: str
    null: bool


@dataclass(frozen=True, order=True)
class CompareFields:
    """`field` compared with `other` of the same entity and type; false when either is null."""

    field: str
    op: Comparison
    other: str
    by: Literal["value", "day"] = "value"


Condition = Compare | In | IsNull | CompareFields


@dataclass(frozen=True, order=True)
class One:
    """Counts entities."""


@dataclass(frozen=True, order=True)
class FieldValue:
    """Adds up an integer field; a null adds nothing."""

    field: str


@dataclass(frozen=True, order=True)
class Duration:
    """Adds up the seconds from `start` to `end` (whole seconds each); nothing when either is null."""

    start: str
    end: str


@dataclass(frozen=True, order=True)
class WorkingDays:
    """Adds up the working days after the local day of `start` up to that of `end`; nothing when either is null.

    Negative when `end` lies before `start`; days beyond the ends of the calendar (`ioc/calendar.py`) are none.
    """

    start: str
    end: str


Value = One | FieldValue | Duration | WorkingDays


@dataclass(frozen=True)
class Measure:
    """A sum over the entities of a cell: of `value` where every condition of `where` holds.

    `where` is sorted and without repetition, so equal measures are equal values.
    """

    where: tuple[Condition, ...]
    value: Value = One()

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the measure reads."""
        found = {condition.field for condition in self.where}
        found |= {condition.other for condition in self.where if isinstance(condition, CompareFields)}
        match self.value:
            case FieldValue(field):
                found.add(field)
            case Duration(start, end) | WorkingDays(start, end):
                found |= {start, end}
            case One():
                pass
        return frozenset(found)
