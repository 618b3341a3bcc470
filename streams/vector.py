"""Measures as one program of numpy operations over columns.

The closed vocabulary of `ioc.catalogue.expr` is translated once into steps, each of which appends a column to a list of
registers. Equal sub-expressions share a register, so a condition that thirty measures ask is computed once a batch, and a
further measure costs an `and` and a column of the sums.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ioc.calendar import calendar
from ioc.catalogue.expr import (
    Compare,
    CompareFields,
    Condition,
    Constant,
    Duration,
    FieldValue,
    In,
    IsNull,
    Measure,
    One,
    WorkingDays,
)  # fmt: skip
from ioc.clock import DAY_S, LOCAL_OFFSET_S
from streams.features import NULL, Array, Columns, Feature, Interner

Operation = Callable[[Any, Any], Array]
Register = int
Step = Callable[[list[Array]], Array]

_COMPARE: dict[str, Operation] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
_LEAST, _GREATEST = NULL + 1, 2**63 - 1


class Program:
    """The vectors of some measures, computed for many entities at once.

    Attributes:
        features: the features that it reads.
        counts: indices (in the order given) of the measures that count entities.
        sums: indices of those that add up a value.
    """

    def __init__(self, measures: Sequence[Measure], features: dict[str, Feature], texts: Interner) -> None:
        self.features = tuple(sorted(frozenset[str]().union(*(measure.fields for measure in measures))))
        self.counts = tuple(i for i, measure in enumerate(measures) if isinstance(measure.value, One))
        self.sums = tuple(i for i, measure in enumerate(measures) if not isinstance(measure.value, One))
        builder = _Builder(self.features, features, texts)
        self._count_registers = [builder.count(measures[i]) for i in self.counts]
        self._sum_registers = [builder.sum(measures[i]) for i in self.sums]
        self._steps = builder.steps

    def run(self, columns: Columns, rows: int) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """The vectors of `rows` entities.

        Returns:
            Two matrices with a row for each entity: 0 or 1 in the order of `counts`, and values in the order of `sums`.
        """
        registers = [columns[name] for name in self.features]
        for step in self._steps:
            registers.append(step(registers))
        counts = np.empty((rows, len(self.counts)), np.int8)
        for place, register in enumerate(self._count_registers):
            counts[:, place] = 1 if register is None else registers[register]
        sums = np.empty((rows, len(self.sums)), np.int64)
        for place, register in enumerate(self._sum_registers):
            sums[:, place] = registers[register]
        return counts, sums


class Gate:
    """Which entities fulfil some conditions, all of them.

    Attributes:
        features: the features that it reads.
    """

    def __init__(self, where: Sequence[Condition], features: dict[str, Feature], texts: Interner) -> None:
        self._program = Program([Measure(tuple(where))], features, texts)
        self.features = self._program.features

    def open(self, columns: Columns, rows: int) -> NDArray[np.bool_]:
        """Where the conditions hold, of `rows` entities."""
        counts, _ = self._program.run(columns, rows)
        passed: NDArray[np.bool_] = counts[:, 0].astype(np.bool_)
        return passed


def _two(operation: Operation, left: Register, right: Register, registers: list[Array]) -> Array:
    return operation(registers[left], registers[right])


def _constant(operation: Operation, left: Register, right: object, registers: list[Array]) -> Array:
    return operation(registers[left], right)


def _worked(cumulative: Array, place: Register, registers: list[Array]) -> Array:
    return cumulative.take(registers[place], mode="clip")


class _Builder:
    """Translates conditions and values; each method gives the register that holds the result."""

    def __init__(self, names: Sequence[str], features: dict[str, Feature], texts: Interner) -> None:
        self._columns = {name: number for number, name in enumerate(names)}
        self._features, self._texts = features, texts
        self._known: dict[Hashable, Register] = {}
        self.steps: list[Step] = []

    def count(self, measure: Measure) -> Register | None:
        """Where the measure counts an entity; None is everywhere."""
        return self._all([self._condition(condition) for condition in measure.where])

    def sum(self, measure: Measure) -> Register:
        """What the measure adds for an entity."""
        match measure.value:
            case FieldValue(field):
                value, present = self._columns[field], [self._present(field)]
            case Duration(start, end):
                value = self._two(np.subtract, self._columns[end], self._columns[start])
                present = [self._present(start), self._present(end)]
            case WorkingDays(start, end):
                value = self._two(np.subtract, self._worked(self._columns[end]), self._worked(self._columns[start]))
                present = [self._present(start), self._present(end)]
            case One():
                raise TypeError("a count has no value to add up")
        # Null is the least int64: times false it is 0, and what a difference with it wraps round to is masked as well.
        mask = self._all([*(self._condition(condition) for condition in measure.where), *present])
        assert mask is not None
        return self._two(np.multiply, value, mask)

    def _condition(self, condition: Condition) -> Register:
        match condition:
            case Compare(field, "ne", value):
                return self._one_of(field, (value,), negated=True)
            case Compare(field, "eq", value):
                return self._one_of(field, (value,), negated=False)
            case Compare(field, op, value):
                return self._range(field, op, int(value))
            case In(field, values, negated):
                return self._one_of(field, values, negated=negated)
            case IsNull(field, null):
                return self._with(np.equal, self._columns[field], self._null(field)) if null else self._present(field)
            case CompareFields(field, op, other, by):
                sides = self._columns[field], self._columns[other]
                left, right = map(self._day, sides) if by == "day" else sides
                compared = self._two(_COMPARE[op], left, right)
                return self._and([self._present(field), self._present(other), compared])

    def _one_of(self, field: str, values: Sequence[Constant], *, negated: bool) -> Register:
        feature = self._features[field]
        codes = sorted({feature.code(value, self._texts) for value in values})
        # What the column cannot hold equals nothing in it, null least of all.
        codes = [code for code in codes if (_LEAST if feature.null == NULL else 0) <= code <= _GREATEST]
        column = self._columns[field]
        if negated:
            differ = [self._with(np.not_equal, column, feature.dtype(code)) for code in codes]
            return self._and([self._present(field), *differ])
        if not codes:
            return self._two(np.less, column, column)
        return reduce(
            partial(self._two, np.logical_or), [self._with(np.equal, column, feature.dtype(c)) for c in codes]
        )

    def _range(self, field: str, op: str, value: int) -> Register:
        """An integer within bounds; the lower one keeps null out, which is below every integer of a contract."""
        low, high = {
            "lt": (_LEAST, value - 1), "le": (_LEAST, value), "gt": (value + 1, _GREATEST), "ge": (value, _GREATEST),
        }[op]  # fmt: skip
        column = self._columns[field]
        if low > _GREATEST or high < _LEAST:
            return self._two(np.less, column, column)
        above = self._with(np.greater_equal, column, np.int64(max(low, _LEAST)))
        if high >= _GREATEST:
            return above
        return self._and([above, self._with(np.less_equal, column, np.int64(high))])

    def _present(self, field: str) -> Register:
        return self._with(np.not_equal, self._columns[field], self._null(field))

    def _null(self, field: str) -> object:
        feature = self._features[field]
        return feature.dtype(feature.null)

    def _day(self, time: Register) -> Register:
        shifted = self._with(np.add, time, np.int64(LOCAL_OFFSET_S))
        return self._with(np.floor_divide, shifted, np.int64(DAY_S))

    def _worked(self, time: Register) -> Register:
        """Working days up to the local day of a time; before and after the calendar the table stands still."""
        place = self._with(np.subtract, self._day(time), np.int64(calendar().first_day - 1))
        return self._add((_worked, place), partial(_worked, calendar().cumulative, place))

    def _all(self, conditions: Sequence[Register]) -> Register | None:
        return self._and(conditions) if conditions else None

    def _and(self, conditions: Sequence[Register]) -> Register:
        """All of them; in order of register, so that measures with the same first conditions share their conjunction."""
        return reduce(partial(self._two, np.logical_and), sorted(set(conditions)))

    def _two(self, operation: Operation, left: Register, right: Register) -> Register:
        return self._add((operation, left, right), partial(_two, operation, left, right))

    def _with(self, operation: Operation, left: Register, constant: Any) -> Register:
        return self._add((operation, left, "constant", int(constant)), partial(_constant, operation, left, constant))

    def _add(self, key: Hashable, step: Step) -> Register:
        if key not in self._known:
            self._known[key] = len(self._columns) + len(self.steps)
            self.steps.append(step)
        return self._known[key]
