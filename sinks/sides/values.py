"""Values: what the views show of each indicator at every level and in every period, beside the second engine's figures."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ioc.catalogue.rollup import Formula
from ioc.clock import EPOCH
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.sides.difference import EVERYTHING, MOST_NAMED, Found, Scope
from sinks.sides.hashes import Hashes, unit_weight, unit_weights
from sinks.truth.figures import PARTS, Figures, print_of, values_of
from sinks.truth.sums import Ints
from sinks.truth.tree import Which
from sinks.truth.values import Truth

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

_WEIGHT = unit_weight("toInt32(period_start)")

Print = tuple[int, ...]
Place = tuple[Which, str]
"""Tree and grain."""


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
        # One engine sums while the other does; only the first may use the connection meanwhile, so hashes are fetched before.
        self.hashes([*self.truth.tree.units, *self.truth.tree.levels])
        with ThreadPoolExecutor(1) as engine:
            asked = engine.submit(self._prints, codes)
            due = {(code, *key): one for code in codes for key, one in self._due(code)}
            have = asked.result()
        differing: dict[str, set[Place]] = {}
        nothing = (0,) * len(PARTS)
        for code, which, grain in sorted(due.keys() | have.keys()):
            wanted, number = due.get((code, which, grain), (nothing, 0))
            prints, count, wrong = have.get((code, which, grain), (nothing, 0, 0))
            found.compared += max(count, number)
            if prints != wanted or wrong:
                differing.setdefault(code, set()).add((which, grain))
        for code, places in differing.items():
            wanted_there = {(which, grain): figures for which, grain, figures in self.truth.figures(code)}
            found.merge(
                [self._named(code, {key: self._asked_for(wanted_there.get(key, _NOTHING)) for key in sorted(places)})]
            )
        return found

    def _due(self, code: str) -> Iterator[tuple[Place, tuple[Print, int]]]:
        """Fingerprint and number of the second engine's figures, by tree and grain."""
        for which, grain, figures in self.truth.figures(code):
            mine = self._asked_for(figures)
            yield (which, grain), (print_of(self._weights(mine), mine.parts), len(mine.units))

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
        place = f"indexOf([{', '.join(map(quoted, codes))}], toString(code))"
        multiplier, divisor, shared = (
            f"[{', '.join(str(int(value)) for value in values)}][{place}]"
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
        return unit_weights(self.hashes, self.truth.tree, figures.units, figures.starts)

    def _named(self, code: str, differing: dict[Place, Figures]) -> Found:
        """The figures that differ in some trees and grains; units whose fingerprints are equal are not fetched."""
        units = self._units(code, differing)
        listed = ", ".join(f"('{which}', '{grain}', {quoted(unit)})" for (which, grain), unit in units)
        have: dict[tuple[str, str, str, str, int], tuple[object, float | None, bool]] = {}
        if units:
            for which, grain, unit, level, start, value, wrong, *rest in self.client.query(
                "SELECT toString(tree), toString(grain), toString(unit), toString(level), toInt32(period_start), value, "
                f"{self._wrong([code])}, {', '.join(_COLUMNS)}\n"
                f"FROM {self._source([code])} AND (toString(tree), toString(grain), toString(unit)) IN ({listed})"
            ):
                have[which, grain, unit, level, start] = (tuple(rest), value, bool(wrong))
        formula = self.truth.catalogue.compiled.formulas[code]
        want: dict[tuple[str, str, str, str, int], tuple[Print, float | None]] = {}
        for (which, grain), figures in differing.items():
            mine = {unit for key, unit in units if key == (which, grain)}
            want |= {(which, grain, *key): one for key, one in self._wanted(formula, figures, mine)}
        found, count = Found(), 0
        zeros = (0,) * len(PARTS)
        for key in sorted(have.keys() | want.keys()):
            parts, value, wrong = have.get(key, (zeros, None, False))
            due_parts, due = want.get(key, (zeros, None))
            if parts == due_parts and not wrong:
                continue
            count += 1
            if count <= MOST_NAMED:
                which, grain, unit, level, start = key
                what = f"indicator_values {code} unit={unit} {level} {which} {grain} {EPOCH + timedelta(days=start)}"
                found.add(what, _told(parts, value), _told(due_parts, due), unit)
        if count > MOST_NAMED:
            found.add(f"indicator_values {code}: further values that differ", count - MOST_NAMED, 0)
        return found

    def _units(self, code: str, differing: dict[Place, Figures]) -> list[tuple[Place, str]]:
        """Units of which some figure differs, with tree and grain."""
        sums = ", ".join(f"sum({column} * weight)" for column in _COLUMNS)
        have = {
            ((tree, grain), unit): (tuple(prints), wrong)
            for tree, grain, unit, wrong, *prints in self.client.query(
                f"SELECT toString(tree), toString(grain), toString(unit), toInt64(countIf({self._wrong([code])})), {sums}\n"
                f"FROM (SELECT *, {_WEIGHT} AS weight FROM {self._source([code])}) GROUP BY tree, grain, unit"
            )
        }
        nothing = ((0,) * len(PARTS), 0)
        found = []
        for place, figures in differing.items():
            weight = self._weights(figures)
            want = np.zeros((len(self.truth.tree.units), len(PARTS)), np.int64)
            np.add.at(want, figures.units, np.stack([part * weight for part in figures.parts], axis=1))
            wanted = {unit: (tuple(row), 0) for unit, row in zip(self.truth.tree.units, want.tolist(), strict=True)}
            units = wanted.keys() | {unit for its, unit in have if its == place}
            found += [
                (place, unit) for unit in sorted(units) if have.get((place, unit), nothing) != wanted.get(unit, nothing)
            ]
        return found

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
