"""What `indicator_now` should hold: the current figure of each unit, what it is compared with, and how it stands to its target."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Target
from ioc.catalogue.rollup import Formula
from sinks.truth.days import GRAINS, before, end, start
from sinks.truth.figures import Bools, Figures, Floats, values_of
from sinks.truth.sums import Ints
from sinks.truth.values import Truth, rollups_of

BACK_DAYS = 30
"""A state is compared with the end of the day so many days ago."""

_EQUAL = 1e-9


@dataclass(frozen=True)
class Current:
    """Current figures of one indicator, a row for each of `Tree.units`.

    Attributes:
        must: units that have a row, whatever their figure.
        may: units that have values of this indicator.
        value, previous: NaN where there is none.
        previous_starts: first day of what `previous` is of; -1 where there is none.
        trend, status: the words of the columns.
    """

    must: Bools
    may: Bools
    starts: Ints
    above: Ints
    below: Ints
    reported: Ints
    expected: Ints
    provisional: Bools
    value: Floats
    previous: Floats
    previous_starts: Ints
    trend: NDArray[np.str_]
    target: Floats
    status: NDArray[np.str_]


@dataclass
class _Side:
    """Figures of one period, a row for each unit."""

    starts: Ints
    above: Ints
    below: Ints
    reported: Ints
    expected: Ints
    provisional: Bools
    value: Floats


def current(truth: Truth, code: str) -> Current:
    """The snapshot of one indicator that is no composite."""
    formula, indicator = truth.catalogue.compiled.formulas[code], truth.catalogue.indicators[code]
    by_mode = {"flow": _flow, "report": _report, "now": _state, "age": _state}
    now, then = by_mode[formula.mode](truth, formula, indicator)
    may = truth.tree.shown(indicator)
    target = targets(truth, indicator)
    provisional_sum = np.zeros(len(may), np.bool_)
    if formula.mode == "report" and truth.catalogue.series[indicator.series].additivity == "sum":
        provisional_sum = now.provisional
    return Current(
        must=may & truth.tree.valid(truth.today),
        may=may,
        starts=now.starts,
        above=now.above,
        below=now.below,
        reported=now.reported,
        expected=now.expected,
        provisional=now.provisional,
        value=now.value,
        previous=then.value,
        previous_starts=np.where(np.isnan(then.value), -1, then.starts),
        trend=trends(now.value, then.value),
        target=target,
        status=np.where(provisional_sum, "none", statuses(indicator, now.value, target)),
    )


def _blank(truth: Truth, first: int) -> _Side:
    size = len(truth.tree.units)

    def none() -> Ints:
        return np.zeros(size, np.int64)

    return _Side(np.full(size, first), none(), none(), none(), none(), np.zeros(size, np.bool_), np.full(size, np.nan))


def _flow(truth: Truth, formula: Formula, indicator: Indicator) -> tuple[_Side, _Side]:
    first = start(indicator.period, truth.today)
    begun, last = before(indicator.period, truth.today)
    now, then = (_between(truth, formula, *days) for days in ((first, truth.today), (begun, last)))
    sealed = min(truth.sealed_until.get(rollup, 0) for rollup in rollups_of(formula))
    now.provisional[:] = end(indicator.period, first) > sealed
    return now, then


def _between(truth: Truth, formula: Formula, first: int, last: int) -> _Side:
    side = _blank(truth, first)
    for ref, column in ((formula.numerator, side.above), (formula.denominator, side.below)):
        if ref is not None:
            column += truth.within(ref, first, last)
    side.value = values_of(formula, side.above, side.below)
    return side


def _state(truth: Truth, formula: Formula, _: Indicator) -> tuple[_Side, _Side]:
    now = _filled(truth, formula, truth.state_now(formula, "today"), truth.today)
    now.provisional[:] = True
    day = truth.today - BACK_DAYS
    states = truth.states.get(formula.code)
    if states is None or not states.covers(day):
        return now, _blank(truth, -1)
    past = states.figures(truth.tree, "today", "day")
    return now, _filled(truth, formula, past.of(past.starts == day), day)


def _filled(truth: Truth, formula: Formula, found: Figures, first: int) -> _Side:
    side = _blank(truth, first)
    side.above[found.units], side.below[found.units] = found.above, found.below
    side.value = values_of(formula, side.above, side.below)
    return side


def _report(truth: Truth, formula: Formula, indicator: Indicator) -> tuple[_Side, _Side]:
    """The last period with a report, and the one with a report before it."""
    series = truth.catalogue.series[indicator.series]
    grain = max(indicator.period, series.grain, key=GRAINS.index)
    reports = truth.reports(formula, indicator, "today")
    found = reports.by(grain)
    found = found.of(found.starts <= truth.today)
    values = np.where(found.valued, values_of(formula, found.above, found.below), np.nan)
    running = start(grain, truth.today)
    now, then = _blank(truth, running), _blank(truth, -1)
    every = np.arange(len(truth.tree.units))
    if grain != "to_date" or series.reporters is not None:
        now.expected[:] = reports.due(every, np.full(len(every), start(series.grain, truth.today)))
    now.provisional[:] = now.reported < now.expected
    last = np.append(found.units[1:] != found.units[:-1], True)[: len(found.units)]
    for side, rows in ((now, np.flatnonzero(last)), (then, np.flatnonzero(last[1:] & ~last[:-1]))):
        units = found.units[rows]
        side.starts[units], side.above[units], side.below[units] = (
            found.starts[rows],
            found.above[rows],
            found.below[rows],
        )
        side.reported[units], side.expected[units] = found.reported[rows], found.expected[rows]
        side.provisional[units], side.value[units] = found.provisional[rows], values[rows]
    return now, then


def trends(value: Floats, previous: Floats) -> NDArray[np.str_]:
    """Which way a value went."""
    found = np.where(value > previous, "up", "down")
    found = np.where(np.isclose(value, previous, rtol=_EQUAL, atol=0), "flat", found)
    return np.where(np.isnan(value) | np.isnan(previous), "none", found)


def targets(truth: Truth, indicator: Indicator) -> Floats:
    """The target of each unit's level: of the latest year up to the current one, else of the next; NaN without."""
    year = int(np.array([truth.today]).astype("M8[D]").astype("M8[Y]").astype(np.int64)[0]) + 1970
    best: dict[str, Target] = {}
    # The years up to this one from the latest to the earliest, then those to come from the next on; the first counts.
    listed = truth.tree.province.targets_of(indicator.code)
    for target in sorted(listed, key=lambda t: (t.year > year, abs(t.year - year))):
        best.setdefault(target.level, target)
    return np.array([float(best[level].value) if level in best else np.nan for level in truth.tree.levels])


def statuses(indicator: Indicator, value: Floats, target: Floats) -> NDArray[np.str_]:
    """Value against target: good when it is reached, a warning when it is missed by no more than the margin."""
    if indicator.direction == "none":
        return np.full(len(value), "none")
    short = target - value if indicator.direction == "up" else value - target
    found = np.where(short <= 0, "good", np.where(short <= indicator.warning_margin, "warning", "bad"))
    return np.where(np.isnan(short), "none", found)
