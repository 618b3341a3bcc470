"""Units that report in time, late, or for a while not at all."""

from ingest.simulator.reporting import DAY_MS, Reporting
from ingest.simulator.world import HOUR_MS

UNITS = [f"000.{number // 100:02d}.{number % 100:02d}.H12" for number in range(400)]
FIGURES = Reporting("hub:figures", seed=3)


def test_the_same_is_said_each_time() -> None:
    again = Reporting("hub:figures", seed=3)
    asked = [(unit, period) for unit in UNITS[:50] for period in range(12)]
    said = [FIGURES.at_ms(unit, period, 10**12) for unit, period in asked]
    assert [again.at_ms(unit, period, 10**12) for unit, period in reversed(asked)] == said[::-1]
    other = Reporting("hub:figures", seed=4)
    assert [other.at_ms(unit, period, 10**12) for unit, period in asked] != said


def test_most_report_within_hours_some_within_days() -> None:
    lags = {unit: (FIGURES.at_ms(unit, 7, 0), FIGURES.late(unit)) for unit in UNITS}
    prompt = [lag for lag, late in lags.values() if lag is not None and not late]
    tardy = [lag for lag, late in lags.values() if lag is not None and late]
    assert 40 < len(tardy) < 120
    assert 0 < min(prompt) < max(prompt) < 4 * HOUR_MS < DAY_MS / 2 < min(tardy) < max(tardy) < 6 * DAY_MS
    assert len(set(prompt)) > 250


def test_a_late_unit_stays_late() -> None:
    late = next(unit for unit in UNITS if FIGURES.late(unit) and not FIGURES.falls_silent(unit))
    lags = [FIGURES.at_ms(late, period, 0) for period in range(30)]
    assert all(lag is not None and lag > DAY_MS / 2 for lag in lags)


def test_silent_units_skip_stretches_and_come_back() -> None:
    silent = [unit for unit in UNITS if FIGURES.falls_silent(unit)]
    assert 15 < len(silent) < 55
    skipped = {unit: [period for period in range(60) if FIGURES.at_ms(unit, period, 0) is None] for unit in UNITS}
    assert all(not periods for unit, periods in skipped.items() if unit not in silent)
    assert 0.25 < sum(map(len, skipped.values())) / (60 * len(silent)) < 0.42
    one = next(periods for unit, periods in skipped.items() if unit in silent and periods)
    assert one[:6] == list(range(one[0], one[0] + 6))
    assert len(one) < 60


def test_habits_can_be_other() -> None:
    eager = Reporting("hub:figures", seed=3, late_share=0, silent_share=0, prompt_ms=1000)
    assert all(300 <= (eager.at_ms(unit, 1, 0) or 0) <= 1700 for unit in UNITS)
