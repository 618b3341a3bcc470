"""Numbers, periods, headings and cells of the data hub's tables."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.hub.cells import certain, moment, yes
from ingest.sources.hub.columns import FACILITY, STATISTIC, Layout, folded
from ingest.sources.hub.decimals import figure, percentage_contradicts
from ingest.sources.hub.periods import period
from ioc.clock import LOCAL
from ioc.errors import SkippableError


@pytest.mark.parametrize(
    ("written", "milli"),
    [
        ("1.234,5", 1_234_500),
        ("1234,5", 1_234_500),
        ("1 234 567", 1_234_567_000),
        ("1\u00a0234", 1_234_000),
        ("-0,001", -1),
        ("+5", 5_000),
        ("98,67%", 98_670),
        ("98,67 %", 98_670),
        ("349.605", 349_605_000),
        ("0,0005", 1),
        ("0,0004", 0),
        ("-0,0005", -1),
        (7, 7_000),
        (98.67, 98_670),
        (66.66666666666667, 66_667),
        (Decimal("1.0005"), 1_001),
        (1e11, 10**14),
    ],
)
def test_numbers_are_exact_thousandths(written: Any, milli: int) -> None:
    found = figure("value", written)
    assert found is not None
    assert found.milli == milli


@pytest.mark.parametrize("written", [None, "", "   "])
def test_an_empty_cell_is_no_number(written: Any) -> None:
    assert figure("value", written) is None


@pytest.mark.parametrize(
    "written",
    [
        "98.67",
        "1.23",
        "1,234.5",
        "1.2345",
        "12.34.567",
        "một",
        "1,",
        ",5",
        "--1",
        "١٢٣",
        "1e5",
        "9" * 41,
        "1" + "0" * 16,
        True,
        float("nan"),
        float("inf"),
        10**15,
        1000000000000000.0,
        Decimal("1e20"),
        [],
        {},
        datetime(2026, 1, 1, tzinfo=UTC),
    ],
)
def test_what_is_no_vietnamese_number_is_refused_and_not_repeated(written: Any) -> None:
    with pytest.raises(SkippableError) as refused:
        figure("value", written)
    assert refused.value.reason == "invalid_value"
    assert str(refused.value).startswith("value: ")
    assert len(str(written)) < 5 or str(written) not in str(refused.value)


@given(st.integers(-(10**14), 10**14))
def test_any_number_of_thousandths_reads_back_as_itself(milli: int) -> None:
    whole, fraction = divmod(abs(milli), 1000)
    text = f"{'-' if milli < 0 else ''}{whole:,}".replace(",", ".") + f",{fraction:03}"
    found = figure("value", text)
    assert found is not None
    assert found.milli == milli


@pytest.mark.parametrize(
    ("stated", "numerator", "denominator", "wrong"),
    [
        ("98,67", "349.605", "356.257", True),
        ("81,6", "818.508", "1.006.704", True),
        ("99,2", "200.583", "202.583", True),
        ("98,13", "349.605", "356.257", False),
        ("98,1", "349.605", "356.257", False),
        ("98,14", "349.605", "356.257", True),
        ("98", "349.605", "356.257", False),
        ("81,3", "818.508", "1.006.704", False),
        ("81,31", "818.508", "1.006.704", False),
        ("81,30", "818.508", "1.006.704", True),
        ("99,0", "200.583", "202.583", False),
        ("99,01", "200.583", "202.583", False),
        (66.66666666666667, 2, 3, False),
        (66.6, 2, 3, True),
        ("33,333", 1, 3, False),
        ("-50", -1, 2, False),
        ("0", 0, 0, False),
        ("100", 0, 0, True),
    ],
)
def test_a_percentage_contradicts_beyond_rounding_to_its_own_decimals(
    stated: Any, numerator: Any, denominator: Any, wrong: bool
) -> None:
    told = [figure("x", value) for value in (stated, numerator, denominator)]
    assert None not in told
    assert percentage_contradicts(*told) is wrong  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "grain", "name", "first"),
    [
        ("2026-11", "month", "2026-11", date(2026, 11, 1)),
        ("tháng 11/2026", "month", "2026-11", date(2026, 11, 1)),
        ("THÁNG 1 NĂM 2026", "month", "2026-01", date(2026, 1, 1)),
        ("11/2026", "month", "2026-11", date(2026, 11, 1)),
        ("2026-Q3", "quarter", "2026-Q3", date(2026, 7, 1)),
        ("quý III/2026", "quarter", "2026-Q3", date(2026, 7, 1)),
        ("Quý 4 năm 2026", "quarter", "2026-Q4", date(2026, 10, 1)),
        ("q1/2026", "quarter", "2026-Q1", date(2026, 1, 1)),
        ("2026", "year", "2026", date(2026, 1, 1)),
        ("năm 2026", "year", "2026", date(2026, 1, 1)),
        (2026, "year", "2026", date(2026, 1, 1)),
        (2026.0, "year", "2026", date(2026, 1, 1)),
        ("2026-W47", "week", "2026-W47", date(2026, 11, 16)),
        ("tuần 1/2026", "week", "2026-W01", date(2025, 12, 29)),
        ("2026-11-22", "day", "2026-11-22", date(2026, 11, 22)),
        ("22/11/2026", "day", "2026-11-22", date(2026, 11, 22)),
        ("ngày 2 tháng 11 năm 2026", "day", "2026-11-02", date(2026, 11, 2)),
        (datetime.fromisoformat("2026-11-22T09:30"), "day", "2026-11-22", date(2026, 11, 22)),
        (date(2026, 11, 22), "day", "2026-11-22", date(2026, 11, 22)),
    ],
)
def test_periods_as_people_and_systems_write_them(written: Any, grain: str, name: str, first: date) -> None:
    found = period("period", written)
    assert (found.grain, found.name) == (grain, name)
    assert found.start == datetime(first.year, first.month, first.day, tzinfo=LOCAL)
    assert found.start.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "quý V/2026",
        "2026-13",
        "2026-W54",
        "2025-W53",
        "31/2/2026",
        "tháng mười",
        "2026-11-22T00",
        "1969",
        "2199",
        "26",
        26,
        True,
        1.5,
        [],
        "tháng 11/2026 " + "x" * 60,
    ],
)
def test_what_is_no_period_is_refused(written: Any) -> None:
    with pytest.raises(SkippableError) as refused:
        period("period", written)
    assert refused.value.reason == "invalid_value"


@pytest.mark.parametrize("written", [None, "", "  "])
def test_a_period_must_be_there(written: Any) -> None:
    with pytest.raises(SkippableError) as refused:
        period("period", written)
    assert refused.value.reason == "missing_field"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Có", True),
        ("không", False),
        ("X", True),
        ("Chưa", False),
        (1, True),
        (0, False),
        (True, True),
        ("", None),
        (" ", None),
        (None, None),
        ("Đạt", True),
        ("không đạt", False),
    ],
)
def test_yes_and_no(written: Any, read: bool | None) -> None:
    assert yes({"online": written}, "online") is read


@pytest.mark.parametrize("written", ["có thể", 2, 0.5, [], "?"])
def test_neither_yes_nor_no_is_refused(written: Any) -> None:
    with pytest.raises(SkippableError, match="online: "):
        yes({"online": written}, "online")


def test_a_certain_cell_is_not_empty() -> None:
    with pytest.raises(SkippableError) as refused:
        certain({"online": " "}, "online")
    assert refused.value.reason == "missing_field"


def test_a_day_is_valid_until_its_last_second() -> None:
    end = datetime(2026, 12, 31, 23, 59, 59, tzinfo=LOCAL)
    for written in ("31/12/2026", "2026-12-31", date(2026, 12, 31)):
        assert moment({"until": written}, "until") == end
    assert moment({"until": "2026-12-31T08:00:00Z"}, "until") == datetime(2026, 12, 31, 8, tzinfo=UTC)
    assert moment({"until": datetime.fromisoformat("2026-12-31T08:00")}, "until") == datetime(
        2026, 12, 31, 1, tzinfo=UTC
    )
    assert moment({"until": ""}, "until") is None
    with pytest.raises(SkippableError):
        moment({"until": "31/2/2026"}, "until")


def test_headings_are_compared_without_diacritics_case_and_punctuation() -> None:
    assert {folded(h) for h in ("Mã chỉ tiêu", "MA_CHI_TIEU", " ma-chi  tieu ")} == {"ma_chi_tieu"}
    assert folded("Tỷ lệ (%)") == "ty_le"
    assert folded("Đơn vị") == "don_vi"


def test_a_layout_takes_fields_and_leaves_persons() -> None:
    names = ["STT", "Mã chỉ tiêu", "Chỉ tiêu", "Đơn vị", "Kỳ", "Giá trị", "Họ tên người lập", "Người lập biểu"]
    layout = Layout(STATISTIC, names)
    layout.check()
    row = dict(zip(names, ["1", "A", "a", "U", "2026", "5", "lạ", "CANARY"], strict=True))
    assert layout.take(row) == {"series": "A", "unit": "U", "period": "2026", "value": "5", "ho_ten_nguoi_lap": "lạ"}


def test_a_table_without_a_required_column_is_none() -> None:
    with pytest.raises(SkippableError, match="no column for unit, value or percentage") as refused:
        Layout(STATISTIC, ["Mã chỉ tiêu", "Kỳ"]).check()
    assert refused.value.reason == "missing_field"


def test_mappings_and_constants_of_a_package() -> None:
    layout = Layout(FACILITY, ["ma", "trang thai", "loai"], {"trang_thai": "online"}, {"type": "bts", "unit": "U"})
    layout.check()
    assert layout.take({"ma": "1", "trang thai": "có", "loai": "school"}) == {
        "unit": "U", "code": "1", "online": "có", "type": "school",
    }  # fmt: skip


@given(st.dates(date(1971, 1, 2), date(2198, 12, 31)))
def test_every_day_lies_in_its_periods(day: date) -> None:
    iso = day.isocalendar()
    for name in (f"{day.year}", f"{day.year}-Q{(day.month + 2) // 3}", f"{day:%m/%Y}", f"{iso.year}-W{iso.week}"):
        start = period("period", name).start
        assert timedelta(0) <= datetime(day.year, day.month, day.day, tzinfo=LOCAL) - start < timedelta(days=367)
