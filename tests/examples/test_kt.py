"""Socio-economy, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_growth_is_that_of_the_last_quarter(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2022-10-01", "value": 5.1},
        {"period_start": "2023-01-01", "value": 6.12},
        {"period_start": "2023-04-01", "value": 6.9},
        {"period_start": "2023-07-01", "value": 7.05},
        {"period_start": "2023-10-01", "value": 7.83},
        {"period_start": "2024-01-01", "value": -1.2},
        {"period_start": "2024-04-01", "value": 4.44},
        {"period_start": "2024-07-01", "value": 6.5},
        {"period_start": "2024-10-01", "value": 7.1, "entity": "IV"},  # an estimate, corrected by the next
        {"period_start": "2024-10-01", "value": 6.87, "entity": "IV"},
        {"period_start": "2025-04-01", "value": 9.9},  # not counted: after today
        {"period_start": "2025-01-01", "value": 8.8, "deleted": True},  # not counted: taken back
    ]
    # I/2025 was taken back, so IV/2024 is the last quarter; in March 2024 it is the first of that year.
    worked("KT-002", records, (6_870, None, 6.87))
    worked("KT-002", records, (-1_200, None, -1.2), today="2024-03-31")


def test_retail_sales_this_year(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2024-12-01", "value": 900, "unit": "A"},  # not counted: last year
        {"period_start": "2025-01-01", "value": 812.25, "unit": "A"},
        {"period_start": "2025-01-01", "value": 401.5, "unit": "B"},
        {"period_start": "2025-01-01", "value": 0, "unit": "C"},
        {"period_start": "2025-02-01", "value": 700, "unit": "A", "entity": "A"},  # corrected by the next
        {"period_start": "2025-02-01", "value": 770.25, "unit": "A", "entity": "A"},
        {"period_start": "2025-02-01", "value": 416, "unit": "B"},
        {"period_start": "2025-02-01", "value": 300, "unit": "D", "deleted": True},  # not counted
        {"period_start": "2025-02-01", "value": 300, "unit": "D", "series": "BUDGET_REVENUE"},  # not counted
        {"period_start": "2025-01-01", "value": 3_000, "unit": "D", "period_grain": "quarter"},  # not counted
        {"period_start": "2025-04-01", "value": 800, "unit": "A"},  # not counted: after today
        {"period_start": "2024-01-01", "value": 700, "unit": "A"},  # not counted: the year before
    ]
    # 812.25 + 401.5 + 0 + 770.25 + 416 = 2,400 billion đồng.
    worked("KT-008", records, (2_400_000, None, 2_400.0))
    worked("KT-008", records, (817_500, None, 817.5), unit="B")


def test_small_firms_on_platforms(worked: Worked) -> None:
    last: Record = {"period_start": "2024-10-01"}
    records: list[Record] = [
        {"period_start": "2024-07-01", "numerator": 900, "denominator": 1_240, "unit": "A"},  # an earlier quarter
        {**last, "numerator": 1_102, "denominator": 1_240, "unit": "A"},
        {**last, "numerator": 210, "denominator": 330, "unit": "B", "entity": "B"},  # reported again by the next
        {**last, "numerator": 240, "denominator": 330, "unit": "B", "entity": "B"},
        {**last, "numerator": 198, "denominator": 310, "unit": "C"},
        {**last, "numerator": 305, "denominator": 420, "unit": "D"},
        {**last, "numerator": 160, "denominator": 270, "unit": "E"},
        {**last, "numerator": 231, "denominator": 360, "unit": "F"},
        {**last, "numerator": 254, "denominator": 430, "unit": "G"},
        {**last, "value": 52.42, "unit": "H"},  # not counted: a share without its parts
        {**last, "numerator": 9, "denominator": 9, "unit": "I", "deleted": True},  # not counted
        {"period_start": "2025-04-01", "numerator": 9, "denominator": 9, "unit": "A"},  # not counted: after today
    ]
    # 1,102 + 240 + 198 + 305 + 160 + 231 + 254 = 2,490 of 1,240 + 330 + 310 + 420 + 270 + 360 + 430 = 3,360: the 74.1 % of
    # Plan 267/KH-UBND, appendix I, row II.1.
    worked("KT-023", records, (2_490_000, 3_360_000, 249_000 / 3_360))


def test_sales_on_platforms_to_date(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2022-01-01", "value": 1_240},
        {"period_start": "2022-12-01", "value": 2_013},
        {"period_start": "2023-03-01", "value": 1_870},
        {"period_start": "2023-09-01", "value": 2_400},
        {"period_start": "2024-02-01", "value": 0},
        {"period_start": "2024-05-01", "value": 3_100, "entity": "5"},  # corrected by the next
        {"period_start": "2024-05-01", "value": 3_300, "entity": "5"},
        {"period_start": "2024-08-01", "value": 2_900},
        {"period_start": "2024-10-01", "value": 2_800},
        {"period_start": "2025-02-01", "value": 500, "deleted": True},  # not counted
        {"period_start": "2025-02-01", "value": 500, "unit": "X", "series": "OCOP_ONLINE"},  # not counted
        {"period_start": "2025-04-01", "value": 700},  # not counted: after today
    ]
    # 1,240 + 2,013 + 1,870 + 2,400 + 0 + 3,300 + 2,900 + 2,800 = 16,523 (Plan 267/KH-UBND, part I, II.8.a).
    worked("KT-026", records, (16_523_000, None, 16_523.0))


def test_social_payments_by_account(worked: Worked) -> None:
    last: Record = {"period_start": "2024-10-01"}
    records: list[Record] = [
        {"period_start": "2024-09-01", "numerator": 11_000, "denominator": 74_000, "unit": "A"},  # an earlier month
        {**last, "numerator": 5_100, "denominator": 21_000, "unit": "A"},
        {**last, "numerator": 2_093, "denominator": 9_950, "unit": "B"},
        {**last, "numerator": 1_500, "denominator": 8_000, "unit": "C"},
        {**last, "numerator": 0, "denominator": 6_500, "unit": "D"},
        {**last, "numerator": 3_000, "denominator": 17_500, "unit": "E", "entity": "E"},  # reported again by the next
        {**last, "numerator": 3_200, "denominator": 17_500, "unit": "E", "entity": "E"},
        {**last, "numerator": 2_500, "denominator": 12_000, "unit": "F"},
        {**last, "value": 19.2, "unit": "G"},  # not counted: a share without its parts
        {**last, "numerator": 9, "denominator": 9, "unit": "H", "deleted": True},  # not counted
        {**last, "numerator": 9, "denominator": 9, "unit": "I", "series": "MERIT_RECORDS"},  # not counted
        {"period_start": "2025-04-01", "numerator": 9, "denominator": 9, "unit": "A"},  # not counted: after today
    ]
    # 5,100 + 2,093 + 1,500 + 0 + 3,200 + 2,500 = 14,393 of 21,000 + 9,950 + 8,000 + 6,500 + 17,500 + 12,000 = 74,950: the
    # 19.2 % of Plan 267/KH-UBND, part I, II.8.a.
    worked("KT-016", records, (14_393_000, 74_950_000, 1_439_300 / 74_950))
    worked("KT-016", records, (0, 6_500_000, 0.0), unit="D")


def test_people_with_an_electronic_identity(worked: Worked) -> None:
    last: Record = {"period_start": "2024-10-01"}
    records: list[Record] = [
        {"period_start": "2024-08-01", "numerator": 780_000, "denominator": 1_006_000, "unit": "A"},  # an earlier month
        {"period_start": "2024-09-01", "numerator": 800_000, "denominator": 1_006_500, "unit": "A"},  # an earlier month
        {**last, "numerator": 200_000, "denominator": 240_000, "unit": "A"},
        {**last, "numerator": 118_508, "denominator": 146_704, "unit": "B"},
        {**last, "numerator": 99_000, "denominator": 130_000, "unit": "C", "entity": "C"},  # reported again by the next
        {**last, "numerator": 100_000, "denominator": 130_000, "unit": "C", "entity": "C"},
        {**last, "value": 81.6, "numerator": 150_000, "denominator": 180_000, "unit": "D"},  # its parts count
        {**last, "numerator": 120_000, "denominator": 150_000, "unit": "E"},
        {**last, "numerator": 130_000, "denominator": 160_000, "unit": "F"},
        {**last, "numerator": 9, "denominator": 9, "unit": "G", "deleted": True},  # not counted
        {**last, "numerator": 9, "denominator": 9, "unit": "H", "period_grain": "day"},  # not counted
        {"period_start": "2025-04-01", "numerator": 9, "denominator": 9, "unit": "A"},  # not counted: after today
    ]
    # 818,508 of 1,006,704 people: 81.31 %, not the 81.6 % that Plan 267/KH-UBND states (part I, II.8.a).
    worked("KT-034", records, (818_508_000, 1_006_704_000, 81_850_800 / 1_006_704))
