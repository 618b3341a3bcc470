"""Projections of series of which the continuation is known."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sinks.forecast.history import Aim, Direction, Nature, Period, history
from sinks.forecast.paths import continued
from sinks.forecast.project import History, Projection, Shape, project
from sinks.forecast.run import on_track

RANDOM = np.random.default_rng(7)


def past(above: list[float], below: list[float] | None = None, **changes: Any) -> History:
    plain = History(
        np.array(above), np.array(below or [0.0] * len(above)), in_year=0, running_above=0.0, running_below=0.0, left=1.0,
        ahead=0, season=12, low=0.0, high=np.inf,
    )  # fmt: skip
    return replace(plain, **changes)


def projected(shape: Shape, of: History) -> Projection:
    found = project(shape, of)
    assert found is not None
    return found


def test_a_constant_goes_on_as_it_is() -> None:
    # Ten months of 5 are done, half of November is to come (2.5), December brings 5: 50 + 2 + 2.5 + 5.
    found = projected("sum", past([5.0] * 10, in_year=10, running_above=2.0, left=0.5, ahead=1))
    assert (found.value, found.low, found.high) == (59.5, 59.5, 59.5)
    assert (found.method, found.periods) == ("constant so far", 10)


def test_few_months_go_on_at_their_mean_with_their_scatter() -> None:
    found = projected("sum", past([10.0, 14.0, 12.0], in_year=3, left=1.0, ahead=8))
    assert found.value == pytest.approx(36 + 9 * 12, rel=0.03)
    assert found.low < found.value < found.high
    assert found.method == "mean so far, interval from the scatter"


def test_a_straight_line_is_followed() -> None:
    line = [100.0 + 5 * month + noise for month, noise in enumerate(RANDOM.normal(0, 1, 20).tolist())]
    found = projected("last", past(line[:-1], running_above=line[-1], ahead=4, season=12))
    assert found.method == "ETS with damped trend"
    # A damped trend flattens: it stays below the line, 100 + 5 × 23, and not far below.
    assert 0.95 * 215 < found.value < 215
    assert found.low < found.value < found.high


def test_a_season_is_followed() -> None:
    season = [60, 50, 70, 90, 110, 130, 140, 130, 100, 80, 60, 180]
    months = [value * (1 + noise) for value, noise in zip(season * 3, RANDOM.normal(0, 0.02, 36), strict=True)]
    found = projected("sum", past(months[:-3], in_year=9, left=1.0, ahead=2))
    # October to December of the season bring 80 + 60 + 180, three times as much as a month on average.
    assert found.method == "ETS with damped trend and season"
    assert found.value == pytest.approx(sum(season), rel=0.05)
    assert found.low < sum(season) < found.high


def test_a_ratio_is_sums_over_sums() -> None:
    # So far 80 of 100 a month; the rest of the year is expected with the same denominators.
    found = projected("ratio", past([8000.0] * 9, [100.0] * 9, in_year=9, left=1.0, ahead=2, high=100.0))
    assert found.value == pytest.approx(80)


def test_a_share_stays_within_its_domain() -> None:
    rising = [90.0, 93.0, 95.5, 97.0, 98.5, 99.0, 99.4, 99.6, 99.8]
    found = projected("last", past(rising, running_above=99.9, ahead=6, high=100.0))
    assert found.high <= 100
    falling = projected("sum", past([9.0, 7.0, 5.0, 3.0, 2.0, 1.0, 1.0, 0.5, 0.2], in_year=9, ahead=3))
    assert falling.low >= 28.7


@pytest.mark.parametrize("values", [[], [4.0]])
def test_from_too_little_nothing_is_said(values: list[float]) -> None:
    assert project("sum", past(values)) is None


def test_draws_are_the_same_each_time() -> None:
    series = RANDOM.normal(50, 5, 30)
    first, second = continued(series, 3, 12), continued(series, 3, 12)
    assert first is not None
    assert second is not None
    assert (first.draws == second.draws).all()


COUNT = Nature("sum", "month", reported=False, to_date=False, low=0.0, high=np.inf)


def test_months_without_anything_are_zeros_of_a_sum() -> None:
    listed = [Period(date(2026, 2, 1), 5, 0), Period(date(2026, 5, 1), 7, 0), Period(date(2026, 6, 1), 2, 0)]
    found = history(COUNT, listed, date(2026, 6, 15))
    assert found is not None
    assert found.above.tolist() == [5, 0, 0, 7]
    # Months from January on lie in the year; of June fifteen of thirty days are to come, and six months after it.
    assert (found.in_year, found.running_above, found.left, found.ahead) == (4, 2, 0.5, 6)


def test_a_report_that_has_not_come_is_still_to_come() -> None:
    reported = Nature("sum", "quarter", reported=True, to_date=False, low=0.0, high=np.inf)
    listed = [Period(date(2025, 10, 1), 3, 0), Period(date(2026, 1, 1), 4, 0)]
    found = history(reported, listed, date(2026, 8, 20))
    assert found is not None
    assert (found.above.tolist(), found.in_year, found.ahead, found.season) == ([3, 4], 1, 2, 4)
    assert (found.running_above, found.left) == (0, 0)


def test_a_state_is_carried_over_what_is_missing() -> None:
    state = Nature("last", "month", reported=False, to_date=False, low=0.0, high=np.inf)
    listed = [
        Period(date(2026, 1, 1), 10, 1),
        Period(date(2026, 2, 1), float("nan"), 1),
        Period(date(2026, 4, 1), 12, 1),
    ]
    found = history(state, listed, date(2026, 4, 30))
    assert found is not None
    assert (found.above.tolist(), found.running_above, found.left, found.ahead) == ([10, 10, 10], 12, 0, 8)


def test_periods_without_any_value_are_no_history() -> None:
    report = Nature("last", "year", reported=True, to_date=False, low=-30.0, high=50.0)
    listed = [Period(date(year, 1, 1), float("nan"), 1) for year in (2023, 2024, 2025)]
    assert history(report, listed, date(2026, 11, 23)) is None


@pytest.mark.parametrize(
    ("direction", "value", "low", "high", "answer"),
    [
        ("up", 95, 92, 97, "yes"),
        ("up", 95, 88, 97, "likely"),
        ("up", 89, 85, 91, "unlikely"),
        ("up", 80, 75, 85, "no"),
        ("down", 80, 75, 85, "yes"),
        ("down", 95, 92, 97, "no"),
        ("none", 95, 92, 97, "unknown"),
    ],
)
def test_on_track_is_sure_when_the_whole_interval_says_so(
    direction: Direction, value: float, low: float, high: float, answer: str
) -> None:
    aim = Aim("DVC-012", "u", "province", 90.0, direction)
    assert on_track(aim, Projection(value, low, high, "", 12)) == answer
