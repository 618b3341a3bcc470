"""Numbers, dates and ages as Vietnamese write them."""

from datetime import UTC, date, datetime

import pytest

from dashboards.brief import words
from ioc.catalogue.unit_of_measure import UnitOfMeasure


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (85.25, "percent", "85,3%"),
        (0.05, "percent", "0,1%"),
        (-0.04, "percent", "0,0%"),
        (1204.0, "dossier", "1.204 hồ sơ"),
        (1234567.5, "billion_vnd", "1.234.567,5 tỷ đồng"),
        (-3.0, "point", "−3,0 điểm"),
        (None, "percent", "—"),
    ],
)
def test_quantities(value: float | None, unit: UnitOfMeasure, text: str) -> None:
    assert words.quantity(value, unit) == text


def test_differences_bear_their_sign() -> None:
    assert words.difference(1.24, "percent") == "+1,2 điểm %"
    assert words.difference(-14, "dossier") == "−14 hồ sơ"
    assert words.difference(0.0, "dossier") == "0 hồ sơ"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "dưới 1 phút"),
        (59, "dưới 1 phút"),
        (60, "1 phút"),
        (3599, "59 phút"),
        (7300, "2 giờ"),
        (86_400 * 12 + 5, "12 ngày"),
    ],
)
def test_ages(seconds: int, text: str) -> None:
    assert words.age(seconds) == text


def test_moments_are_local() -> None:
    assert words.moment(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "06:30 ngày 23/11/2026"
    assert words.weekday(date(2026, 11, 22)) == "Chủ nhật"


def test_periods() -> None:
    assert [words.period(grain, date(2026, 10, 1)) for grain in ("month", "quarter", "year", "now")] == [
        "tháng 10/2026", "quý 4/2026", "năm 2026", "hiện tại",
    ]  # fmt: skip
