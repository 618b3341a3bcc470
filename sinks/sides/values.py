"""Values: what the views show of each indicator at every level and in every period, beside the second engine's figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ioc.catalogue.compile import Formula
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.sides.difference import EVERYTHING, MOST_NAMED, Found, Scope
from sinks.sides.hashes import Hashes
from sinks.truth.figures import PARTS, WEIGHT, Figures, print_of, values_of, weights
from sinks.truth.sums import Ints
from sinks.truth.tree import Which
from sinks.truth.values import Truth

_EPOCH = date(1970, 1, 1)
_THERE = "(numerator != 0 OR ifNull(denominator, 0) != 0 OR ifNull(reported, 0) != 0)"
_COLUMNS = (
    "numerator",
    "ifNull(denominator, 0)",
    "toInt64(ifNull(reported, 0))",
    f"if({_THERE}, toInt64(ifNull(expected, 0)), 0)",
    f"toInt64({_THERE} AND provisional)",
    f"toInt64({_THERE} AND isNotNull(value))",
)
"""`Figures.parts` in SQL."""

_WEIGHT = WEIGHT.format(
    hash="bitXor(cityHash64(toString(unit)), cityHash64(toString(level)))", number="toInt32(period_start)"
)

Print = tuple[int, ...]


@dataclass
class ValueSides:
    """Compares values of indicators that are no composites."""

    client: Client
    database: str
    hashes: Hashes
    truth: Truth
    scope: Scope = EVERYTHING

    def compare(self, codes: Sequence[str]) -> Found:
        """Some indicators, whole; asked for together, for each question costs as much as many answers."""
        found = Found()
        have = self._prints(codes)
        for code in codes:
            wanted = {(which, grain): self._asked_for(figures) for which, grain, figures in self.truth.figures(code)}
            held = {(which, grain): one for (its, which, grain), one in have.items() if its == code}
            for key in sorted(wanted.keys() | held.keys()):
                figures = wanted.get(key, _NOTHING)
                prints, count, wrong = held.get(key, ((0,) * len(PARTS), 0, 0))
                found.compared += max(count, len(figures.units))
                if prints != print_of(self._weights(figures), figures.parts) or wrong:
                    found.merge([self._named(code, *key, figures)])
        return found

    def _source(self, codes: Sequence[str]) -> str:
        """The rows of some indicators."""
        listed = ", ".join(map(quoted, codes))
        unit = f" AND unit = {quoted(self.scope.unit)}" if self.scope.unit else ""
        since = f" AND toInt32(period_start) >= {self.scope.since}" if self.scope.since else ""
        return f"{self.database}.indicator_selected(codes = [{listed}]) WHERE 1{unit}{since}"

    def _asked_for(self, figures: Figures) -> Figures:
        if self.scope == EVERYTHING:
            return figures
        mine = np.array([not self.scope.unit or unit == self.scope.unit for unit in self.truth.tree.units])
        return figures.of(mine[figures.units] & (figures.starts >= self.scope.since))

    def _prints(self, codes: Sequence[str]) -> dict[tuple[str, Which, str], tuple[Print, int, int]]:
        sums = ", ".join(f"sum({column} * weight)" for column in _COLUMNS)
        rows = self.client.query(
            f"SELECT toString(code), toString(tree), toString(grain), toInt64(count()), toInt64(countIf({self._wrong(codes)})), {sums}\n"
            f"FROM (SELECT *, {_WEIGHT} AS weight FROM {self._source(codes)}) GROUP BY code, tree, grain"
        )
        return {(code, tree, grain): (tuple(prints), count, wrong) for code, tree, grain, count, wrong, *prints in rows}

    def _wrong(self, codes: Sequence[str]) -> str:
        """Where a value is not what its own numerator and denominator give by the catalogue."""
        formulas = [self.truth.catalogue.compiled.formulas[code] for code in codes]
        listed = ", ".join(map(quoted, codes))
        multiplier, divisor, shared = (
            f"transform(toString(code), [{listed}], [{', '.join(str(int(value)) for value in values)}], toInt64(0))"
            for values in (
                [one.multiplier for one in formulas],
                [one.divisor for one in formulas],
                [one.denominator is not None for one in formulas],
            )
        )
        given = f"toFloat64(numerator) * {multiplier} / {divisor}"
        given = f"if({shared} = 1, {given} / ifNull(denominator, 0), {given})"
        far = f"abs(value - {given}) > 1e-12 * abs({given})"
        return f"(isNull(denominator) = {shared} OR (isNotNull(value) AND ifNull({far}, 1)))"

    def _weights(self, figures: Figures) -> Ints:
        tree = self.truth.tree
        return weights(self.hashes(tree.units) ^ self.hashes(tree.levels), figures.units, figures.starts)

    def _named(self, code: str, which: Which, grain: str, figures: Figures) -> Found:
        """The figures that differ; units whose fingerprints are equal are not fetched."""
        formula = self.truth.catalogue.compiled.formulas[code]
        where = f"{self._source([code])} AND tree = '{which}' AND grain = '{grain}'"
        have: dict[tuple[str, str, int], tuple[object, ...]] = {}
        units = self._differing(where, code, figures)
        listed = ", ".join(map(quoted, units)) or "''"
        parts = ", ".join(_COLUMNS)
        for unit, level, start, value, wrong, *rest in self.client.query(
            f"SELECT toString(unit), toString(level), toInt32(period_start), value, {self._wrong([code])}, {parts}\n"
            f"FROM {where} AND unit IN ({listed})"
        ):
            have[unit, level, start] = (tuple(rest), value, bool(wrong))
        want = dict(self._wanted(formula, figures, set(units)))
        found, differing = Found(), 0
        nothing: tuple[object, ...] = ((0,) * len(PARTS), None, False)
        for key in sorted(have.keys() | want.keys()):
            (parts_held, held, wrong), (parts_due, due) = (
                have.get(key, nothing),
                want.get(key, ((0,) * len(PARTS), None)),
            )
            if parts_held == parts_due and not wrong:
                continue
            differing += 1
            if differing <= MOST_NAMED:
                unit, level, start = key
                what = f"indicator_values {code} unit={unit} {level} {which} {grain} {_EPOCH + timedelta(days=start)}"
                found.add(what, _told(parts_held, held), _told(parts_due, due), unit)
        if differing > MOST_NAMED:
            found.add(f"indicator_values {code} {which} {grain}: further values that differ", differing - MOST_NAMED, 0)
        return found

    def _differing(self, where: str, code: str, figures: Figures) -> list[str]:
        """Units of which some figure differs."""
        sums = ", ".join(f"sum({column} * weight)" for column in _COLUMNS)
        have = {
            unit: (tuple(prints), wrong)
            for unit, wrong, *prints in self.client.query(
                f"SELECT toString(unit), toInt64(countIf({self._wrong([code])})), {sums}\n"
                f"FROM (SELECT *, {_WEIGHT} AS weight FROM {where}) GROUP BY unit"
            )
        }
        weight = self._weights(figures)
        want = np.zeros((len(self.truth.tree.units), len(PARTS)), np.int64)
        np.add.at(want, figures.units, np.stack([part * weight for part in figures.parts], axis=1))
        wanted = {unit: tuple(map(int, prints)) for unit, prints in zip(self.truth.tree.units, want, strict=True)}
        zeros = (0,) * len(PARTS)
        return sorted(
            unit for unit in have.keys() | wanted.keys() if have.get(unit, (zeros, 0)) != (wanted.get(unit, zeros), 0)
        )

    def _wanted(
        self, formula: Formula, figures: Figures, units: set[str]
    ) -> Iterator[tuple[tuple[str, str, int], tuple[Print, float | None]]]:
        tree = self.truth.tree
        values = np.where(figures.valued, values_of(formula, figures.above, figures.below), np.nan)
        columns = zip(*(part.tolist() for part in figures.parts), strict=True)
        for place, start, parts, value in zip(
            figures.units.tolist(), figures.starts.tolist(), columns, values, strict=True
        ):
            if tree.units[place] in units:
                key = tree.units[place], tree.levels[place], start
                yield key, (parts, None if np.isnan(value) else float(value))


def _told(parts: object, value: object) -> list[object]:
    """A figure as it is shown: its parts by name where they say something, and its value."""
    assert isinstance(parts, tuple)
    above, below, reported, due, provisional, _ = parts
    told: list[object] = [above, below, value]
    if reported or due:
        told.append(f"{reported} of {due} reported")
    return [*told, "provisional" if provisional else "final"]


_NONE = np.zeros(0, np.int64)
_NOTHING = Figures(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE.astype(np.bool_), _NONE.astype(np.bool_))
