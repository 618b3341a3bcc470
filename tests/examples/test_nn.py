"""Agriculture, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_area_of_shrimp_farming(worked: Worked) -> None:
    last: Record = {"period_start": "2025-02-01"}
    records: list[Record] = [
        {"period_start": "2025-01-01", "value": 41_000.5, "unit": "A"},  # an earlier month
        {"period_start": "2025-01-01", "value": 28_300, "unit": "B"},  # an earlier month
        {**last, "value": 40_800.5, "unit": "A"},
        {**last, "value": 28_450, "unit": "B", "entity": "B"},  # corrected by the next
        {**last, "value": 28_150, "unit": "B", "entity": "B"},
        {**last, "value": 0, "unit": "C"},
        {**last, "value": 12_049.5, "unit": "D"},
        {**last, "value": 8_000, "unit": "E", "deleted": True},  # not counted
        {**last, "value": 8_000, "unit": "F", "series": "SHRIMP_INTENSIVE_AREA"},  # not counted
        {**last, "value": 8_000, "unit": "G", "period_grain": "quarter"},  # not counted
        {"period_start": "2025-04-01", "value": 50_000, "unit": "A"},  # not counted: after today
        {"period_start": "2024-02-01", "value": 39_000, "unit": "A"},  # a year ago
    ]
    # An area is as large as it is in the last month: 40,800.5 + 28,150 + 0 + 12,049.5 = 81,000 ha.
    worked("NN-001", records, (81_000_000, None, 81_000.0))
    worked("NN-001", records, (69_300_500, None, 69_300.5), today="2025-01-31")


def test_output_of_shrimp_this_year(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2024-12-01", "value": 2_100, "unit": "A"},  # not counted: last year
        {"period_start": "2025-01-01", "value": 1_850.4, "unit": "A"},
        {"period_start": "2025-01-01", "value": 900.6, "unit": "B"},
        {"period_start": "2025-01-01", "value": 0, "unit": "C"},
        {"period_start": "2025-02-01", "value": 1_650, "unit": "A", "entity": "A"},  # corrected by the next
        {"period_start": "2025-02-01", "value": 1_560, "unit": "A", "entity": "A"},
        {"period_start": "2025-02-01", "value": 789, "unit": "B"},
        {"period_start": "2025-02-01", "value": 300, "unit": "D", "deleted": True},  # not counted
        {"period_start": "2025-02-01", "value": 300, "unit": "D", "series": "CATCH_OUTPUT"},  # not counted
        {"period_start": "2025-02-01", "value": 300, "unit": "D", "period_grain": "week"},  # not counted
        {"period_start": "2025-03-01", "value": 400, "unit": "B"},
        {"period_start": "2025-04-01", "value": 2_000, "unit": "A"},  # not counted: after today
    ]
    # 1,850.4 + 900.6 + 0 + 1,560 + 789 + 400 = 5,500 tonnes.
    worked("NN-003", records, (5_500_000, None, 5_500.0))
    worked("NN-003", records, (2_089_600, None, 2_089.6), unit="B")


def test_price_of_prawns(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2025-01-06", "value": 198_000},
        {"period_start": "2025-01-13", "value": 201_000},
        {"period_start": "2025-01-20", "value": 207_500},
        {"period_start": "2025-02-03", "value": 205_000},  # no market in the week of Tết
        {"period_start": "2025-02-10", "value": 199_500},
        {"period_start": "2025-02-17", "value": 196_000},
        {"period_start": "2025-02-24", "value": 194_000},
        {"period_start": "2025-03-03", "value": 190_000},
        {"period_start": "2025-03-10", "value": 188_000, "entity": "10/3"},  # corrected by the next
        {"period_start": "2025-03-10", "value": 191_500, "entity": "10/3"},
        {"period_start": "2025-03-17", "value": 230_000},  # not counted: next week
        {"period_start": "2025-03-10", "value": 91_500, "series": "OTHER"},  # not counted
    ]
    # The last week's: 191,500 đồng.
    worked("NN-005", records, (191_500_000, None, 191_500.0))
    # In the week of Tết the last one was that of 20/1.
    worked("NN-005", records, (207_500_000, None, 207_500.0), today="2025-02-02")


def test_forest_cover(worked: Worked) -> None:
    last: Record = {"period_start": "2024-01-01", "denominator": 527_000}
    records: list[Record] = [
        {"period_start": "2015-01-01", "numerator": 118_000, "denominator": 522_000},
        {"period_start": "2016-01-01", "numerator": 119_000, "denominator": 522_000},
        {"period_start": "2017-01-01", "numerator": 120_500, "denominator": 522_000},
        {"period_start": "2018-01-01", "numerator": 122_000, "denominator": 522_000},
        {"period_start": "2019-01-01", "numerator": 124_000, "denominator": 522_000},
        {"period_start": "2020-01-01", "numerator": 126_000, "denominator": 522_000},
        {"period_start": "2021-01-01", "numerator": 128_000, "denominator": 522_000},
        {"period_start": "2022-01-01", "numerator": 130_000, "denominator": 527_000},
        {"period_start": "2023-01-01", "numerator": 133_000, "denominator": 527_000},
        {**last, "numerator": 135_000, "entity": "24"},  # corrected by the next
        {**last, "numerator": 136_493, "entity": "24"},
        {"period_start": "2025-01-01", "value": 26.1},  # not counted: without its parts
    ]
    # 2024 is the last year with its parts: 136,493 of 527,000 ha are 25.9 %.
    worked("NN-010", records, (136_493_000, 527_000_000, 25.9))
    worked("NN-010", records, (133_000_000, 527_000_000, 13_300 / 527), today="2023-12-31")


def test_outbreaks_in_shrimp_this_year(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2024-12-23", "value": 4, "unit": "A"},  # not counted: last year
        {"period_start": "2024-12-30", "value": 5, "unit": "A"},  # not counted: its week began last year
        {"period_start": "2025-01-06", "value": 2, "unit": "A"},
        {"period_start": "2025-01-06", "value": 0, "unit": "B"},
        {"period_start": "2025-02-10", "value": 3, "unit": "B", "entity": "B"},  # corrected by the next
        {"period_start": "2025-02-10", "value": 1, "unit": "B", "entity": "B"},
        {"period_start": "2025-02-17", "value": 6, "unit": "C"},
        {"period_start": "2025-03-10", "value": 1, "unit": "A"},
        {"period_start": "2025-03-10", "value": 2, "unit": "D", "deleted": True},  # not counted
        {"period_start": "2025-03-10", "value": 2, "unit": "D", "series": "LIVESTOCK_OUTBREAKS"},  # not counted
        {"period_start": "2025-03-10", "value": 2, "unit": "D", "period_grain": "day"},  # not counted
        {"period_start": "2025-03-17", "value": 7, "unit": "A"},  # not counted: next week
    ]
    # 2 + 0 + 1 + 6 + 1 = 10.
    worked("NN-013", records, (10_000, None, 10.0))
    worked("NN-013", records, (3_000, None, 3.0), unit="A")


def test_farms_that_can_be_traced(worked: Worked) -> None:
    last: Record = {"period_start": "2025-02-01"}
    records: list[Record] = [
        {"period_start": "2025-01-01", "numerator": 10, "denominator": 500, "unit": "A"},  # an earlier month
        {"period_start": "2025-01-01", "numerator": 20, "denominator": 500, "unit": "B"},  # an earlier month
        {**last, "numerator": 45, "denominator": 500, "unit": "A"},
        {**last, "numerator": 30, "denominator": 400, "unit": "B", "entity": "B"},  # reported again by the next
        {**last, "numerator": 35, "denominator": 400, "unit": "B", "entity": "B"},
        {**last, "numerator": 0, "denominator": 90, "unit": "C"},
        {**last, "numerator": 10, "denominator": 10, "unit": "D"},
        {**last, "numerator": 6, "denominator": 0, "unit": "E"}
        | {"value": 0},  # nonsense is added up as it was reported
        {**last, "value": 80, "unit": "F"},  # not counted: without its parts
        {**last, "numerator": 9, "denominator": 9, "unit": "G", "deleted": True},  # not counted
        {**last, "numerator": 9, "denominator": 9, "unit": "H", "period_grain": "quarter"},  # not counted
        {"period_start": "2025-04-01", "numerator": 9, "denominator": 9, "unit": "A"},  # not counted: after today
    ]
    # 45 + 35 + 0 + 10 + 6 = 96 of 500 + 400 + 90 + 10 + 0 = 1,000: 9.6 %.
    worked("NN-016", records, (96_000, 1_000_000, 9.6))
