"""The snapshot: `indicator_now` beside the second engine's current figures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from ioc.clock import EPOCH
from sinks.clickhouse.client import Client, Words
from sinks.sides.difference import Found
from sinks.truth.figures import Bools, same
from sinks.truth.now import Current, current
from sinks.truth.sums import Ints
from sinks.truth.values import Truth

NOW = "indicator_now "
"""How the names of its differences begin."""


_WORDS = ("code", "unit", "level", "trend", "status")
_NUMBERS = {
    "starts": "toInt64(toInt32(period_start))",
    "above": "numerator",
    "below": "ifNull(denominator, 0)",
    "reported": "toInt64(ifNull(reported, 0))",
    "expected": "toInt64(ifNull(expected, 0))",
    "provisional": "toInt64(provisional)",
    "previous_starts": "if(isNull(previous_start), -1, toInt64(toInt32(assumeNotNull(previous_start))))",
    "value": "ifNull(value, nan)",
    "previous": "ifNull(previous, nan)",
    "target": "ifNull(target, nan)",
}
_FLOATS = ("value", "previous", "target")
_DAYS = ("starts", "previous_starts")


@dataclass
class SnapshotSide:
    """The rows of the snapshot as they were fetched, and what they should be.

    Attributes:
        expected: (code, unit) → value, of every indicator that was compared.
    """

    truth: Truth
    _words: dict[str, Words]
    _numbers: dict[str, Any]
    expected: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def compare(self, code: str) -> Found:
        """One indicator: every unit that it has values for."""
        tree, want = self.truth.tree, current(self.truth, code)
        rows = self._rows(code)
        place = {unit: number for number, unit in enumerate(tree.units)}
        names = np.array([place.get(unit, -1) for unit in self._words["unit"].words] or [-1], np.int64)
        units = names[self._words["unit"].codes[rows]]
        found = Found(len(rows))
        present = np.bincount(units[units >= 0], minlength=len(tree.units))
        for at in np.flatnonzero((present == 0) & (want.must | _counts(want))):
            found.add(f"{NOW}{code} unit={tree.units[at]}", None, int(want.above[at]), tree.units[at])
        for at in np.flatnonzero(present > 1):
            found.add(f"{NOW}{code} unit={tree.units[at]} rows", int(present[at]), 1, tree.units[at])
        for row in rows[(units < 0) | ~want.may[units]]:
            unit = self._word("unit", row)
            found.add(f"{NOW}{code} unit={unit}", "a row", None, unit)
        mine = (units >= 0) & want.may[units]
        for column, row, held, due in self._differing(want, rows[mine], units[mine]):
            unit = self._word("unit", row)
            found.add(f"{NOW}{code} unit={unit} {column}", held, due, unit)
        self.expected |= {
            (code, tree.units[place]): None if np.isnan(value) else float(value)
            for place, value in zip(np.flatnonzero(want.may), want.value[want.may], strict=True)
        }
        return found

    def _rows(self, code: str) -> Ints:
        words = self._words["code"]
        if code not in words.words:
            return np.zeros(0, np.int64)
        return np.flatnonzero(words.codes == words.words.index(code))

    def _word(self, column: str, row: int) -> str:
        words = self._words[column]
        word: str = words.words[words.codes[row]]
        return word

    def _differing(self, want: Current, rows: Ints, units: Ints) -> Iterator[tuple[str, int, Any, Any]]:
        """(column, row, what it holds, what it should hold)."""
        for name, values in self._numbers.items():
            due = getattr(want, name)[units]
            wrong = ~same(values[rows], due) if name in _FLOATS else values[rows] != due.astype(np.int64)
            for at in np.flatnonzero(wrong):
                yield name, rows[at], _shown(name, values[rows[at]]), _shown(name, due[at])
        words: dict[str, Any] = {"trend": want.trend, "status": want.status, "level": np.array(self.truth.tree.levels)}
        for name, given in words.items():
            held = np.array([*self._words[name].words, ""])[self._words[name].codes[rows]]
            for at in np.flatnonzero(held != given[units]):
                yield name, rows[at], str(held[at]), str(given[units][at])


def read_snapshot(client: Client, database: str, truth: Truth) -> SnapshotSide:
    """Fetches the snapshot whole."""
    texts = ", ".join(f"toLowCardinality(toString({name})) AS w_{name}" for name in _WORDS)
    numbers = ", ".join(f"{sql} AS n_{name}" for name, sql in _NUMBERS.items())
    columns = client.columns(f"SELECT {texts}, {numbers} FROM {database}.indicator_now")
    words, given = columns[: len(_WORDS)], columns[len(_WORDS) :]
    return SnapshotSide(truth, dict(zip(_WORDS, words, strict=True)), dict(zip(_NUMBERS, given, strict=True)))


def _counts(want: Current) -> Bools:
    there: Bools = want.may & ((want.above != 0) | (want.below != 0) | (want.reported != 0))
    return there


def _shown(name: str, value: Any) -> Any:
    if name in _DAYS:
        return None if value < 0 else str(EPOCH + timedelta(days=int(value)))
    if name in _FLOATS:
        return None if np.isnan(value) else float(value)
    return int(value)
