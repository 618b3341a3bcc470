"""What every indicator should be, worked out from the oracle's cells in plain Python.

It shares nothing with the views but the catalogue and the profile: sums over units, levels and periods are taken again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ioc.catalogue import tree as units
from ioc.catalogue.compile import Formula, MeasureRef
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.clock import LOCAL, now
from sinks.clickhouse.dimensions import UNKNOWN

Cells = Mapping[str, Mapping[tuple[str, int], Sequence[int]]]
"""rollup_id → (unit as the source writes it, bucket) → measures; day cells of flows and ages, the one cell of `now`."""

Key = tuple[str, str, str, date]
"""code, unit, grain, first day of the period."""

_EPOCH = date(1970, 1, 1)


@dataclass
class Sums:
    """Numerator and denominator; the denominator stays 0 when the indicator has none."""

    above: int = 0
    below: int = 0


def value_of(formula: Formula, above: int, below: int | None) -> float | None:
    """The figure, with the operations in the order in which the views do them; None when there is nothing to divide by."""
    scaled = float(above) * formula.multiplier / formula.divisor
    if formula.denominator is None:
        return scaled
    return scaled / below if below else None


class Tree:
    """The units of a province: what a source's code stands for on every level, by the profile and by what operators mapped."""

    def __init__(self, province: Province, mappings: Mapping[str, str] | None = None) -> None:
        """`mappings`: code as a source writes it → unit; where the profile has the code too, it wins."""
        self._province = province
        self.levels: dict[str, str] = {unit.code: unit.level for unit in province.unit} | {UNKNOWN: UNKNOWN}
        tree = units.Tree(province, mappings)
        today = now().astimezone(LOCAL).date()
        self._unknown = (UNKNOWN, tree.root)
        self._paths = {code: tree.trail(unit, today) for code, unit in tree.codes.items()}

    def mapped(self, mappings: Mapping[str, str]) -> "Tree":
        """The same units with other mappings."""
        return Tree(self._province, mappings)

    def path(self, raw: str) -> tuple[str, ...]:
        """The units that a source's code counts in, from the lowest to the province."""
        return self._paths.get(raw, self._unknown)

    def shows(self, indicator: Indicator, unit: str) -> bool:
        """Whether an indicator has a value for a unit: by its levels; what is unknown wherever there is a level below the province."""
        level = self.levels[unit]
        return level in indicator.levels or (level == UNKNOWN and indicator.levels != ["province"])


def expected_values(catalogue: Catalogue, tree: Tree, cells: Cells, today: int) -> dict[Key, Sums]:
    """What `indicator_values` should hold: every unit and period in which something was counted."""
    found: dict[Key, Sums] = defaultdict(Sums)
    indicators = catalogue.indicators
    for code, formula in catalogue.compiled.formulas.items():
        units = _Shown(tree, indicators[code])
        for raw, bucket, above, below in terms(formula, cells, today):
            for grain, start in _periods(formula.mode, bucket, today):
                for unit in units[raw]:
                    sums = found[code, unit, grain, start]
                    sums.above += above
                    sums.below += below
    return dict(found)


class _Shown(dict[str, tuple[str, ...]]):
    """A source's code → the units that it counts in and that an indicator has values for."""

    def __init__(self, tree: Tree, indicator: Indicator) -> None:
        super().__init__()
        self._tree, self._indicator = tree, indicator

    def __missing__(self, raw: str) -> tuple[str, ...]:
        units = tuple(unit for unit in self._tree.path(raw) if self._tree.shows(self._indicator, unit))
        self[raw] = units
        return units


def expected_now(catalogue: Catalogue, tree: Tree, cells: Cells, today: int) -> dict[tuple[str, str], Sums]:
    """What `indicator_now` should hold by (code, unit): every unit of the indicator's levels, zeros included."""
    indicators = catalogue.indicators
    found: dict[tuple[str, str], Sums] = {
        (code, unit): Sums()
        for code, indicator in indicators.items()
        for unit in tree.levels
        if unit != UNKNOWN and tree.shows(indicator, unit)
    }
    for code, formula in catalogue.compiled.formulas.items():
        indicator = indicators[code]
        units = _Shown(tree, indicator)
        first = period_start(indicator.period, today) if formula.mode == "flow" else None
        for raw, bucket, above, below in terms(formula, cells, today):
            if first is not None and not first <= _day(bucket) <= _day(today):
                continue
            for unit in units[raw]:
                sums = found.setdefault((code, unit), Sums())
                sums.above += above
                sums.below += below
    return found


def terms(formula: Formula, cells: Cells, today: int) -> Iterator[tuple[str, int, int, int]]:
    """(unit as the source writes it, day, what it adds to the numerator, to the denominator)."""
    start, end = formula.window or (None, None)
    for (raw, bucket), measures in cells.get(formula.numerator.rollup_id, {}).items():
        inside = (start is None or bucket >= today + start) and (end is None or bucket <= today + end)
        if formula.mode != "age" or inside:
            yield raw, bucket, measures[formula.numerator.index], 0
    below = formula.denominator
    if below is not None:
        yield from ((raw, bucket, 0, m[below.index]) for (raw, bucket), m in cells.get(below.rollup_id, {}).items())


def rollups_of(formula: Formula) -> set[str]:
    """The rollups that an indicator needs."""
    refs: list[MeasureRef] = [ref for ref in (formula.numerator, formula.denominator) if ref is not None]
    return {ref.rollup_id for ref in refs}


def period_start(period: str, day: int) -> date:
    """First day of the day, month or year that a local day lies in."""
    moment = _day(day)
    return {"day": moment, "month": moment.replace(day=1), "year": moment.replace(month=1, day=1)}[period]


@cache
def _periods(mode: str, bucket: int, today: int) -> tuple[tuple[str, date], ...]:
    if mode != "flow":
        return (("now", _day(today)),)
    return tuple((grain, period_start(grain, bucket)) for grain in ("day", "month", "year"))


_LAST_DAY = 65_535


@cache
def _day(bucket: int) -> date:
    # The last day that a column of type Date holds; contracts allow times up to 2199.
    return _EPOCH + timedelta(days=min(bucket, _LAST_DAY))
