"""What indicators should be, by hand."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.province import Province
from ioc.catalogue.rollup import Compiled, Formula, MeasureRef
from ioc.catalogue.series import Series
from sinks.truth.figures import scattered, values_of
from sinks.truth.now import current
from sinks.truth.states import StateDays
from sinks.truth.sums import Cells
from sinks.truth.tree import Tree
from sinks.truth.values import Truth

EPOCH = date(1970, 1, 1)
TODAY = 20_500
"""2026-02-16, a Monday."""


def names(word: str) -> dict[str, str]:
    return {"vi": word, "en": word}


PROVINCE = Province.model_validate(
    {
        "code": "p",
        "name": names("P"),
        "unit": [
            {"code": "P", "name": names("P"), "level": "province"},
            {"code": "D", "name": names("D"), "level": "department", "parent": "P", "aliases": ["d1", "d2"]},
            {
                "code": "H", "name": names("H"), "level": "district", "parent": "P", "valid_to": date(2025, 7, 1),
                "successor": "X",
            },
            {"code": "X", "name": names("X"), "level": "commune", "parent": "P", "valid_from": date(2025, 7, 1)},
            {"code": "Y", "name": names("Y"), "level": "commune", "parent": "P", "valid_from": date(2025, 7, 1)},
        ],
        "target": [
            {"code": "DVC-901", "year": 2025, "level": "department", "value": 10, "document": "d", "reference": "r"},
            {"code": "DVC-901", "year": 2030, "level": "department", "value": 99, "document": "d", "reference": "r"},
        ],
    }
)  # fmt: skip
CATALOGUE = load_catalogue()
BASE = CATALOGUE.indicators["DVC-001"]


def formula(mode: str, below: MeasureRef | None = None, window: tuple[int | None, int | None] | None = None) -> Formula:
    return Formula("DVC-901", mode, MeasureRef("r", 1), below, window, 100, 1)  # type: ignore[arg-type]


def cells(found: dict[tuple[str, int], list[int]]) -> Cells:
    raws = tuple(sorted({raw for raw, _ in found}))
    return Cells(
        raws,
        np.array([raws.index(raw) for raw, _ in found], np.int64),
        np.array([bucket for _, bucket in found], np.int64),
        np.array(list(found.values()), np.int64).reshape(len(found), -1),
    )


def truth(one: Formula, found: dict[str, dict[tuple[str, int], list[int]]], **changes: object) -> Truth:
    series = changes.pop("of_series", None)
    indicator: Indicator = BASE.model_copy(
        update={"code": one.code, "levels": ["province", "department", "district", "commune"], **changes}
    )
    sector = CATALOGUE.sectors[0].model_copy(update={"indicator": [indicator]})
    known = {series.code: series} if isinstance(series, Series) else {}
    whole = Catalogue((sector,), Compiled({}, {one.code: one}), known)
    return Truth(whole, Tree(PROVINCE, TODAY), {name: cells(mine) for name, mine in found.items()}, TODAY)


def shown(world: Truth, tree: str, grain: str) -> dict[tuple[str, str], tuple[int, ...]]:
    """(unit, first day) → numerator, denominator, reported, expected, provisional, whether there is a value."""
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for which, its, figures in world.figures("DVC-901"):
        if (which, its) == (tree, grain):
            rows = zip(figures.units, figures.starts, np.stack(figures.parts, axis=1).tolist(), strict=True)
            found |= {
                (world.tree.units[unit], str(EPOCH + timedelta(days=int(start)))): tuple(parts)
                for unit, start, parts in rows
            }
    return found


FLOW = {"r": {("d1", 20_500): [9, 2], ("d2", 20_499): [9, 3], ("nobody", 20_470): [9, 4], ("P", 20_501): [9, 5]}}


def test_a_flow_is_summed_over_units_and_periods() -> None:
    world = truth(formula("flow"), FLOW)
    assert {key: parts[0] for key, parts in shown(world, "then", "day").items()} == {
        ("D", "2026-02-16"): 2, ("D", "2026-02-15"): 3, ("unknown", "2026-01-17"): 4,
        ("P", "2026-02-16"): 2, ("P", "2026-02-15"): 3, ("P", "2026-01-17"): 4, ("P", "2026-02-17"): 5,
    }  # fmt: skip
    assert {key: parts[0] for key, parts in shown(world, "then", "week").items()} == {
        ("D", "2026-02-16"): 2, ("D", "2026-02-09"): 3, ("unknown", "2026-01-12"): 4,
        ("P", "2026-02-16"): 7, ("P", "2026-02-09"): 3, ("P", "2026-01-12"): 4,
    }  # fmt: skip
    for grain, start in (("year", "2026-01-01"), ("quarter", "2026-01-01")):
        found = {key: parts[0] for key, parts in shown(world, "today", grain).items()}
        assert found == {("D", start): 5, ("unknown", start): 4, ("P", start): 14}
    # Nothing after today.
    assert shown(world, "then", "to_date")["P", "1970-01-01"][0] == 9


def test_a_flow_is_final_when_all_of_its_days_are_sealed() -> None:
    world = replace(truth(formula("flow"), FLOW), sealed_until={"r": TODAY})
    assert {key: parts[4] for key, parts in shown(world, "then", "day").items() if key[0] == "P"} == {
        ("P", "2026-01-17"): 0, ("P", "2026-02-15"): 0, ("P", "2026-02-16"): 1, ("P", "2026-02-17"): 1,
    }  # fmt: skip
    assert shown(world, "then", "month")["P", "2026-01-01"][4] == 0
    assert shown(world, "then", "month")["P", "2026-02-01"][4] == 1
    assert shown(world, "then", "to_date")["P", "1970-01-01"][4] == 1


def test_a_unit_that_has_ceased_is_itself_then_and_its_successor_today() -> None:
    before, after = (date(2025, 6, 30) - EPOCH).days, (date(2025, 7, 1) - EPOCH).days
    world = truth(formula("flow"), {"r": {("H", before): [0, 1], ("H", after): [0, 2]}})
    assert {key[0]: parts[0] for key, parts in shown(world, "then", "year").items()} == {"P": 3, "H": 1, "X": 2}
    assert {key[0]: parts[0] for key, parts in shown(world, "today", "year").items()} == {"P": 3, "X": 3}


def test_a_window_counts_days_relative_to_today_over_all_that_is_now() -> None:
    aged = formula("age", MeasureRef("n", 0), (-2, -1))
    found = {
        "r": {("d1", TODAY): [0, 1], ("d1", TODAY - 1): [0, 2], ("d2", TODAY - 2): [0, 4], ("d1", TODAY - 3): [0, 8]},
        "n": {("d1", 0): [30], ("d2", 0): [10]},
    }
    parts = shown(truth(aged, found), "today", "now")
    assert parts == {("D", "2026-02-16"): (6, 40, 0, 0, 1, 1), ("P", "2026-02-16"): (6, 40, 0, 0, 1, 1)}
    assert values_of(aged, np.array([6]), np.array([40])).tolist() == [15.0]


def test_the_history_of_a_state_shows_the_last_day_of_each_period() -> None:
    states = StateDays(
        cells({("d1", 20_498): [5, 0], ("d1", 20_499): [3, 0], ("d2", 20_484): [7, 0]}), 20_480, TODAY, False
    )
    world = replace(truth(formula("now"), {"r": {("d1", 0): [0, 8]}}), states={"DVC-901": states})
    assert {key: parts[0] for key, parts in shown(world, "then", "day").items() if key[0] == "D"} == {
        ("D", "2026-02-14"): 5, ("D", "2026-02-15"): 3, ("D", "2026-01-31"): 7,
    }  # fmt: skip
    # January ends with a day that is there; the running month's last is yesterday, on which d2 had nothing.
    assert {key: parts[0] for key, parts in shown(world, "then", "month").items() if key[0] == "D"} == {
        ("D", "2026-01-01"): 7, ("D", "2026-02-01"): 3,
    }  # fmt: skip
    # 2026-01-17, thirty days ago, is before the history: nothing to compare with.
    assert current(world, "DVC-901").trend[world.tree.units.index("D")] == "none"
    older = StateDays(cells({("d1", TODAY - 30): [9, 0]}), TODAY - 30, TODAY, False)
    now = current(replace(world, states={"DVC-901": older}), "DVC-901")
    place = world.tree.units.index("D")
    assert (now.value[place], now.previous[place], now.trend[place]) == (800.0, 900.0, "down")


SERIES = Series.model_validate(
    {
        "code": "S", "name": names("S"), "grain": "month", "unit": "percent", "reporter": "local",
        "additivity": "ratio", "over_time": "last", "low": 0, "high": 100,
    }
)  # fmt: skip


def month(year: int, number: int) -> int:
    return (date(year, number, 1) - EPOCH).days


REPORTS = {
    "r": {
        ("X", month(2026, 1)): [0, 1, 4, 1],
        ("Y", month(2026, 1)): [0, 2, 5, 1],
        ("X", month(2026, 2)): [0, 3, 6, 1],
        ("H", month(2025, 6)): [0, 4, 8, 1],
    }
}


def reported(one: Series, found: dict[str, dict[tuple[str, int], list[int]]] = REPORTS) -> Truth:
    below = MeasureRef("r", 2) if one.additivity == "ratio" else None
    latest = replace(formula("report", below), reports=MeasureRef("r", 3))
    return truth(latest, found, of_series=one, series="S", kind="latest", event="statistic", period="month")


def test_a_reported_share_is_a_sum_over_a_sum_and_says_who_is_missing() -> None:
    world = reported(SERIES)
    assert shown(world, "then", "month") == {
        ("P", "2025-06-01"): (4, 8, 1, 1, 0, 1), ("H", "2025-06-01"): (4, 8, 1, 1, 0, 1),
        ("P", "2026-01-01"): (3, 9, 2, 2, 0, 1), ("X", "2026-01-01"): (1, 4, 1, 1, 0, 1),
        ("Y", "2026-01-01"): (2, 5, 1, 1, 0, 1),
        ("P", "2026-02-01"): (3, 6, 1, 2, 1, 1), ("X", "2026-02-01"): (3, 6, 1, 1, 0, 1),
    }  # fmt: skip
    # A year is its last month with a report at that unit.
    assert shown(world, "then", "year")["P", "2026-01-01"] == (3, 6, 1, 2, 1, 1)
    assert shown(world, "then", "year")["Y", "2026-01-01"] == (2, 5, 1, 1, 0, 1)
    now = current(world, "DVC-901")
    place = world.tree.units.index("P")
    assert (now.value[place], now.previous[place], now.reported[place], now.expected[place]) == (50, 100 * 3 / 9, 1, 2)
    assert (now.previous_starts[place], now.trend[place]) == (month(2026, 1), "up")


def test_a_reported_number_is_summed_over_the_months_of_a_year_that_have_begun() -> None:
    world = reported(SERIES.model_copy(update={"unit": "case", "additivity": "sum", "over_time": "sum"}))
    year = shown(world, "then", "year")
    assert year["P", "2026-01-01"] == (6, 0, 3, 4, 1, 1)
    # January to June by one district, July to December by two communes; to date from the unit's first report on.
    assert year["P", "2025-01-01"] == (4, 0, 1, 6 * 1 + 6 * 2, 1, 1)
    assert shown(world, "then", "to_date")["P", "1970-01-01"] == (10, 0, 4, 1 + 6 * 2 + 2 * 2, 1, 1)
    # A sum of half the units says nothing about a target.
    assert current(world, "DVC-901").status[world.tree.units.index("P")] == "none"


def test_what_must_not_be_added_has_no_value_where_two_report() -> None:
    world = reported(SERIES.model_copy(update={"additivity": "none"}))
    assert shown(world, "then", "month")["P", "2026-01-01"] == (3, 0, 2, 2, 0, 0)
    assert shown(world, "then", "month")["Y", "2026-01-01"] == (2, 0, 1, 1, 0, 1)


@pytest.mark.parametrize(
    ("period", "of_province"), [("day", 2), ("week", 2), ("month", 5), ("year", 9), ("to_date", 9)]
)
def test_the_snapshot_of_a_flow_is_its_period_up_to_today(period: str, of_province: int) -> None:
    found = current(truth(formula("flow"), FLOW, period=period), "DVC-901")
    assert found.above[found.may][0] == of_province


def test_the_snapshot_has_every_unit_of_today_and_its_target() -> None:
    found = current(truth(formula("flow"), FLOW, period="month", direction="up", warning_margin=400), "DVC-901")
    assert found.must.tolist() == [True, True, False, True, True, False]
    assert found.target.tolist()[:2] == pytest.approx([np.nan, 10], nan_ok=True)
    assert found.status.tolist()[:2] == ["none", "good"]
    assert found.previous.tolist()[:2] == [0.0, 0.0]
    assert found.trend.tolist()[:2] == ["up", "up"]


def test_unknown_codes_are_not_shown_where_only_the_province_is() -> None:
    world = truth(formula("now"), {"r": {("nobody", 0): [0, 3]}}, levels=["province"])
    assert shown(world, "today", "now") == {("P", "2026-02-16"): (3, 0, 0, 0, 1, 1)}


def test_numbers_are_scattered_as_clickhouse_does() -> None:
    assert scattered(np.array([12345], np.uint64)).tolist() == [16722121143744093920]
