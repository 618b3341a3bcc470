"""What indicators should be, by hand."""

from datetime import date

import pytest

from ioc.catalogue.compile import Compiled, Formula, MeasureRef
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.province import Province
from sinks.expected import Sums, Tree, expected_now, expected_values, period_start, value_of

TODAY = 20_500
"""2026-02-16"""

PROVINCE = Province.model_validate(
    {
        "code": "p",
        "name": {"vi": "Tỉnh", "en": "Province"},
        "unit": [
            {"code": "P", "name": {"vi": "Tỉnh", "en": "Province"}, "level": "province"},
            {
                "code": "D",
                "name": {"vi": "Sở", "en": "Dep"},
                "level": "department",
                "parent": "P",
                "aliases": ["d1", "d2"],
            },
        ],
    }
)
BASE = load_catalogue().indicators["DVC-001"]


def catalogue(formula: Formula, **changes: object) -> Catalogue:
    indicator: Indicator = BASE.model_copy(
        update={"code": formula.code, "levels": ["province", "department"], **changes}
    )
    sector = load_catalogue().sectors[0].model_copy(update={"indicator": [indicator]})
    return Catalogue((sector,), Compiled({}, {formula.code: formula}))


def formula(
    mode: str, denominator: MeasureRef | None = None, window: tuple[int | None, int | None] | None = None
) -> Formula:
    return Formula("DVC-901", mode, MeasureRef("r", 1), denominator, window, 100, 1)  # type: ignore[arg-type]


def test_a_flow_is_summed_over_units_and_periods() -> None:
    cells = {"r": {("d1", 20_500): [9, 2], ("d2", 20_499): [9, 3], ("nobody", 20_470): [9, 4], ("P", 20_501): [9, 5]}}
    whole = catalogue(formula("flow"))
    found = {key[1:]: sums.above for key, sums in expected_values(whole, Tree(PROVINCE), cells, TODAY).items()}
    assert found == {
        ("D", "day", date(2026, 2, 16)): 2, ("D", "day", date(2026, 2, 15)): 3, ("unknown", "day", date(2026, 1, 17)): 4,
        ("P", "day", date(2026, 2, 16)): 2, ("P", "day", date(2026, 2, 15)): 3, ("P", "day", date(2026, 1, 17)): 4,
        ("P", "day", date(2026, 2, 17)): 5,
        ("D", "month", date(2026, 2, 1)): 5, ("unknown", "month", date(2026, 1, 1)): 4,
        ("P", "month", date(2026, 2, 1)): 10, ("P", "month", date(2026, 1, 1)): 4,
        ("D", "year", date(2026, 1, 1)): 5, ("unknown", "year", date(2026, 1, 1)): 4, ("P", "year", date(2026, 1, 1)): 14,
    }  # fmt: skip


@pytest.mark.parametrize(("period", "of_province"), [("day", 2), ("month", 5), ("year", 9)])
def test_the_snapshot_of_a_flow_is_its_period_up_to_today(period: str, of_province: int) -> None:
    cells = {"r": {("d1", 20_500): [9, 2], ("d2", 20_499): [9, 3], ("nobody", 20_470): [9, 4], ("P", 20_501): [9, 5]}}
    found = expected_now(catalogue(formula("flow"), period=period), Tree(PROVINCE), cells, TODAY)
    assert found["DVC-901", "P"] == Sums(of_province, 0)


def test_a_window_counts_days_relative_to_today_over_all_that_is_now() -> None:
    aged = formula("age", MeasureRef("n", 0), (-2, -1))
    cells = {
        "r": {("d1", TODAY): [0, 1], ("d1", TODAY - 1): [0, 2], ("d2", TODAY - 2): [0, 4], ("d1", TODAY - 3): [0, 8]},
        "n": {("d1", 0): [30], ("d2", 0): [10]},
    }
    found = expected_values(catalogue(aged), Tree(PROVINCE), cells, TODAY)
    today = date(2026, 2, 16)
    assert found == {("DVC-901", "D", "now", today): Sums(6, 40), ("DVC-901", "P", "now", today): Sums(6, 40)}
    assert value_of(aged, 6, 40) == 15.0


def test_units_without_anything_stand_in_the_snapshot_with_zero() -> None:
    found = expected_now(catalogue(formula("now")), Tree(PROVINCE), {}, TODAY)
    assert found == {("DVC-901", "P"): Sums(), ("DVC-901", "D"): Sums()}


def test_unknown_codes_are_not_shown_where_only_the_province_is() -> None:
    of_province = catalogue(formula("now"), levels=["province"])
    cells = {"r": {("nobody", 0): [0, 3]}}
    assert expected_now(of_province, Tree(PROVINCE), cells, TODAY) == {("DVC-901", "P"): Sums(3, 0)}


def test_nothing_to_divide_by_is_no_value() -> None:
    assert value_of(formula("flow", MeasureRef("r", 0)), 0, 0) is None
    assert value_of(formula("flow"), 7, None) == 700.0


def test_periods_begin_on_their_first_local_day() -> None:
    assert [period_start(p, TODAY) for p in ("day", "month", "year")] == [
        date(2026, 2, 16),
        date(2026, 2, 1),
        date(2026, 1, 1),
    ]
