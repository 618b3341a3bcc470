"""How far projections to the end of the year lie from what came: against the plain rate so far, and what their intervals hold."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from sinks.forecast.paths import Values
from sinks.forecast.project import CONFIDENCE, History, project

pytestmark = pytest.mark.bench

LOG = Path(__file__).parents[3] / "shared" / "domain" / "data" / "receipt.csv"
YEARS = 4
SHAPES: dict[str, Callable[[np.random.Generator], Values]] = {
    "season and trend": lambda r: _seasonal(r, 0.25, 0.01),
    "season": lambda r: _seasonal(r, 0.35, 0.0),
    "trend": lambda r: _seasonal(r, 0.0, 0.02),
    "level shift": lambda r: np.concatenate((_seasonal(r, 0.1, 0)[:30], 1.6 * _seasonal(r, 0.1, 0)[30:])),
    "few a month": lambda r: r.poisson(3, 12 * YEARS).astype(np.float64),
}


def _seasonal(random: np.random.Generator, season: float, trend: float) -> Values:
    months = np.arange(12 * YEARS)
    phase = random.uniform(0, 2 * np.pi)
    level = 500 * (1 + trend) ** months * (1 + season * np.sin(2 * np.pi * months / 12 + phase))
    return np.asarray(level * (1 + random.normal(0, 0.06, len(months))), np.float64)


def points(series: Values) -> Iterator[tuple[History, float]]:
    """The last year as it looked at the end of its first quarter, half and third quarter, and what its sum came to."""
    year = len(series) // 12 * 12 - 12
    for month in (3, 6, 9):
        known = series[: year + month]
        yield (
            History(known, np.zeros_like(known), month, 0.0, 0.0, 1.0, 11 - month, 12, 0.0, np.inf),
            float(series[year : year + 12].sum()),
        )


def test_projections_are_nearer_than_the_rate_so_far() -> None:
    random = np.random.default_rng(11)
    histories = {name: [make(random) for _ in range(6)] for name, make in SHAPES.items()}
    if LOG.is_file():
        histories["public log of dossiers"] = [public_log()]
    errors: list[tuple[float, float]] = []
    held: list[bool] = []
    print(
        f"\n{'history':24} {'projection':>10} {'rate so far':>11} {'held':>6}  mean absolute percentage error, share in the interval"
    )
    for name, series in histories.items():
        mine: list[tuple[float, float]] = []
        inside: list[bool] = []
        for history, truth in (point for one in series for point in points(one)):
            found = project("sum", history)
            assert found is not None
            plain = history.above[-history.in_year :].mean() * 12
            mine.append((abs(found.value - truth) / truth, abs(plain - truth) / truth))
            inside.append(found.low <= truth <= found.high)
        errors += mine
        held += inside
        ours, plainly = np.mean(mine, axis=0) * 100
        print(f"{name:24} {ours:9.1f}% {plainly:10.1f}% {np.mean(inside):6.0%}")
    ours, plainly = np.mean(errors, axis=0)
    print(f"{'all':24} {ours:9.1%} {plainly:10.1%} {np.mean(held):6.0%}  (interval of {CONFIDENCE:.0%})")
    assert ours < plainly
    assert np.mean(held) > CONFIDENCE - 0.15


def public_log() -> Values:
    """Dossiers begun a month, in the months that the log holds whole."""
    with LOG.open(encoding="utf-8", newline="") as file:
        begun = {row["case:concept:name"]: row["case:startdate"] for row in csv.DictReader(file)}
    months = Counter(datetime.fromisoformat(start).strftime("%Y-%m") for start in begun.values())
    return np.array([count for _, count in sorted(months.items())[1:-1]], np.float64)
