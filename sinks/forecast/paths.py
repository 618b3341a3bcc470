"""How a series may go on: many possible continuations, from which a projection takes its middle and its interval.

Season and trend where the history allows it (exponential smoothing with error, trend and season, ETS; Hyndman et al. 2008, by
statsmodels), else the simplest method that is honest: as so far, with the scatter so far.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

DRAWS = 1000
"""Continuations that are drawn."""

SEASONS, TREND_PERIODS, LEAST_PERIODS = 2, 8, 2
"""So many whole seasons allow for season; so many periods for a trend; fewer than the last allow for nothing."""

_FITTED = 4
"""Level, trend, and the two constants by which they are smoothed."""

_MOST_GROWTH = 3.0
"""A draw ahead is at most e^3, twenty times, the greatest value behind."""

_SEED = 20_250_101


@dataclass(frozen=True)
class Paths:
    """Continuations.

    Attributes:
        draws: DRAWS rows, a column for each step ahead.
        method: in words.
        periods: whole periods that they rest on.
    """

    draws: Values
    method: str
    periods: int


def continued(history: Values, steps: int, season: int) -> Paths | None:
    """Continues a series.

    Args:
        history: one value a period, oldest first, without gaps.
        steps: periods ahead, at least 1.
        season: periods of a year; 1 for yearly series.

    Returns:
        None when the history is too short to say anything.
    """
    size = len(history)
    if size < LEAST_PERIODS:
        return None
    if np.ptp(history) == 0:
        return Paths(np.full((DRAWS, steps), history[-1]), "constant so far", size)
    if season > 1 and size >= SEASONS * season:
        draws = _smoothed(history, steps, season)
        if draws is not None:
            return Paths(draws, "ETS with damped trend and season", size)
    if size >= TREND_PERIODS:
        draws = _smoothed(history, steps, None)
        if draws is not None:
            return Paths(draws, "ETS with damped trend", size)
    return Paths(_as_so_far(history, steps), "mean so far, interval from the scatter", size)


def _smoothed(history: Values, steps: int, season: int | None) -> Values | None:
    """Draws from the fitted model; None when it cannot be fitted."""
    # Heavy to import, and most programs never forecast.
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    # What is always above zero grows and scatters by shares: its logarithm does so evenly.
    shares = bool((history > 0).all())
    scale = float(np.abs(history).max())
    series = np.log(history) if shares else history / scale
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = ETSModel(
                series,
                error="add",
                trend="add",
                damped_trend=True,
                seasonal="add" if season else None,
                seasonal_periods=season,
                initialization_method="heuristic",
            )
            fitted = model.fit(disp=False, maxiter=200)
            errors = _errors(np.asarray(fitted.resid), _FITTED + (season or 0), steps)
            drawn = fitted.simulate(nsimulations=steps, anchor="end", repetitions=DRAWS, random_errors=errors)
        except (ValueError, np.linalg.LinAlgError):
            return None
    draws = np.asarray(drawn, np.float64).reshape(steps, DRAWS).T
    draws = np.exp(np.minimum(draws, np.log(scale) + _MOST_GROWTH)) if shares else draws * scale
    return draws if np.isfinite(draws).all() else None


def _errors(residuals: Values, fitted: int, steps: int) -> Values:
    """Errors ahead, with Student's spread: what was fitted has used up some of the freedom of those behind."""
    freedom = max(2, len(residuals) - fitted)
    scatter = np.sqrt((residuals**2).sum() / freedom)
    drawn = np.random.default_rng(_SEED).standard_t(freedom, (steps, DRAWS)) * scatter
    return np.asarray(drawn, np.float64)


def _as_so_far(history: Values, steps: int) -> Values:
    """The mean with Student's spread: of the mean itself, the same on every step, and of each single period."""
    size = len(history)
    random = np.random.default_rng(_SEED)
    scatter = float(history.std(ddof=1))
    mean = history.mean() + random.standard_t(size - 1, (DRAWS, 1)) * scatter / np.sqrt(size)
    return np.asarray(mean + random.standard_t(size - 1, (DRAWS, steps)) * scatter, np.float64)
