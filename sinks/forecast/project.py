"""The value that an indicator will have at the end of the year: pure, from its history by period."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sinks.forecast.paths import Paths, Values, continued

CONFIDENCE = 0.9
"""Share of the continuations that the interval holds."""

Shape = Literal["sum", "ratio", "last"]
"""sum: the year is the sum of its periods; ratio: sums over sums; last: the year is what its last period is."""


@dataclass(frozen=True)
class History:
    """An indicator of one unit.

    Attributes:
        above, below: numerators and denominators (for `sum` and `last` the values; `below` is not read) of the whole periods,
            oldest first, in the unit of measure of the indicator.
        in_year: how many of them, counted from the end, lie in the year that is projected.
        running_above, running_below: of the period that is running.
        left: part of the running period that is still to come, 0 … 1.
        ahead: whole periods after the running one in the year.
        season: periods of a year.
        low, high: domain of the value.
    """

    above: Values
    below: Values
    in_year: int
    running_above: float
    running_below: float
    left: float
    ahead: int
    season: int
    low: float
    high: float


@dataclass(frozen=True)
class Projection:
    """The value at the end of the year, the interval, and how both came about."""

    value: float
    low: float
    high: float
    method: str
    periods: int


def project(shape: Shape, history: History) -> Projection | None:
    """Projects; None when the history is too short to say anything."""
    match shape:
        case "sum":
            paths = continued(history.above, 1 + history.ahead, history.season)
            return None if paths is None else _whole(history, paths, _summed(history, paths))
        case "ratio":
            return _ratio(history)
        case "last":
            return _last(history)


def _summed(history: History, paths: Paths) -> Values:
    """What is there, the part of the running period that is still to come, and the periods after it."""
    done = history.above[len(history.above) - history.in_year :].sum() + history.running_above
    weights = np.concatenate(([history.left], np.ones(history.ahead)))
    # No period takes away what is counted already.
    return np.asarray(done + np.maximum(paths.draws, min(history.low, 0.0)) @ weights, np.float64)


def _ratio(history: History) -> Projection | None:
    known = history.below > 0
    rates = history.above[known] / history.below[known]
    paths = continued(rates, 1 + history.ahead, history.season if known.all() else 1)
    if paths is None:
        return None
    steps = 1 + history.ahead
    weights = _expected(history.below, steps, history.season) * np.concatenate(([history.left], np.ones(history.ahead)))
    first = len(history.above) - history.in_year
    above = history.above[first:].sum() + history.running_above
    below = history.below[first:].sum() + history.running_below + weights.sum()
    if below <= 0:
        return None
    # The value is a multiple of above over below (100 for a share), which the domain is given in.
    rates_ahead = np.clip(paths.draws, history.low, history.high)
    return _whole(history, paths, (above + rates_ahead @ weights) / below)


def _expected(below: Values, steps: int, season: int) -> Values:
    """Denominators ahead: those of the same periods a year ago, else the mean of the last ones."""
    if season > 1 and len(below) >= season:
        lately = below[-season:]
        return np.asarray([lately[step % season] for step in range(steps)], np.float64)
    return np.full(steps, below[-season:].mean() if season > 1 else below.mean())


def _last(history: History) -> Projection | None:
    """The running period's value is the newest that is known: the model goes on from there."""
    values = np.append(history.above, history.running_above)
    if history.ahead == 0:
        paths = continued(values, 1, history.season)
        if paths is None:
            return None
        spread = paths.draws[:, 0] - np.median(paths.draws[:, 0])
        return _whole(history, paths, values[-1] + spread * np.sqrt(history.left))
    paths = continued(values, history.ahead, history.season)
    return None if paths is None else _whole(history, paths, paths.draws[:, -1])


def _whole(history: History, paths: Paths, ends: Values) -> Projection:
    ends = np.clip(ends, history.low, history.high)
    tail = (1 - CONFIDENCE) / 2
    low, middle, high = np.quantile(ends, [tail, 0.5, 1 - tail]).tolist()
    return Projection(middle, low, high, paths.method, paths.periods)
