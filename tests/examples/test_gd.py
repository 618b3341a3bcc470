"""Education, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_share_of_schools_with_broadband(worked: Worked) -> None:
    school: Record = {"type": "school", "category": "THCS", "online": True}
    records: list[Record] = [
        {**school},  # connected
        {**school, "category": "THPT"},  # connected
        {**school, "category": "Mầm non"},  # connected
        {**school, "category": "Tiểu học", "online": False},  # not
        {**school, "online": False},  # not
        {**school, "type": "hospital"},  # not counted: no school
        {**school, "type": "camera", "online": False},  # not counted
        {**school, "entity": "new line", "online": False},  # not counted: connected since, says the next
        {**school, "entity": "new line"},  # connected
        {**school, "unit": "U2"},  # connected
        {**school, "unit": "U2", "online": False},  # not
        {**school, "deleted": True},  # not counted: closed
    ]
    # 1, 2, 3, 9 and 10 = 5 of 8.
    worked("GD-001", records, (5, 8, 62.5))
    worked("GD-001", records, (1, 2, 50.0), unit="U2")
    # Of the lower secondary schools 1, 9 and 10 of 1, 5, 9, 10 and 11.
    worked("GD-005", records, (3, 5, 60.0))
    # There is no other primary school than the fourth.
    worked("GD-004", records, (0, 1, 0.0))


def test_schools_of_the_province(worked: Worked) -> None:
    school: Record = {"type": "school", "category": "Mầm non"}
    records: list[Record] = [
        *({**school} for _ in range(4)),  # 4
        *({**school, "category": "THPT"} for _ in range(3)),  # 7
        {**school, "category": ""},  # 8: its class is not known
        {**school, "unit": "U2"},  # 9
        {**school, "entity": "merged"},  # not counted: gone, says the next
        {**school, "entity": "merged", "deleted": True},  # not counted
        {**school, "type": "hospital"},  # not counted
    ]
    worked("GD-002", records, (9, None, 9.0))


def test_children_with_an_identity_code(worked: Worked) -> None:
    """200,583 of 202,583 children (Plan 267/KH-UBND, part I, II.8.a): that is 99.0 %, not the 99.2 % that the plan states."""
    october: Record = {"period_start": "2024-10-01"}
    parts = (31_000, 22_000, 24_000, 25_000, 23_000, 27_000, 15_000, 18_000, 15_583)
    records: list[Record] = [
        {"period_start": "2024-09-01", "unit": "D0", "numerator": 30_000, "denominator": 31_500},  # an earlier month
        {"period_start": "2024-08-01", "unit": "D0", "numerator": 29_000, "denominator": 31_500},  # an earlier month
        *({**october, "unit": f"D{n}", "numerator": part, "denominator": part} for n, part in enumerate(parts[:-1])),
        {**october, "unit": "D8", "numerator": 15_583, "denominator": 17_583},
        {**october, "unit": "D9", "numerator": 5_000, "denominator": 5_000, "deleted": True},  # not counted: withdrawn
    ]
    # 31,000 + 22,000 + 24,000 + 25,000 + 23,000 + 27,000 + 15,000 + 18,000 + 15,583 = 200,583; 2,000 more are asked of D8.
    worked("GD-013", records, (200_583_000, 202_583_000, 20_058_300 / 202_583), today="2024-11-30")
    # What is stated does not matter where the parts are reported.
    stated = [{**record, "value": 99.2} for record in records]
    worked("GD-013", stated, (200_583_000, 202_583_000, 20_058_300 / 202_583), today="2024-11-30")


def test_schools_that_take_fees_without_cash(worked: Worked) -> None:
    """501/501 schools (Plan 267/KH-UBND, part I, II.8.a), as districts report them."""
    schools = (71, 48, 52, 66, 58, 70, 40, 46, 50)
    records: list[Record] = [
        {"period_start": "2024-10-01", "unit": f"D{n}", "numerator": count, "denominator": count}
        for n, count in enumerate(schools)
    ]
    records += [
        {"period_start": "2024-09-01", "unit": "D0", "numerator": 60, "denominator": 71},  # an earlier month
        {"period_start": "2024-09-01", "unit": "D1", "numerator": 40, "denominator": 48},  # an earlier month
        {"period_start": "2025-01-01", "unit": "D1", "numerator": 1, "denominator": 48},  # not counted: after today
    ]
    # 71 + 48 + 52 + 66 + 58 + 70 + 40 + 46 + 50 = 501.
    worked("GD-007", records, (501_000, 501_000, 100.0), today="2024-12-10")
    worked("GD-007", records, (71_000, 71_000, 100.0), today="2024-12-10", unit="D0")


def test_pupils_who_left_school_this_year(worked: Worked) -> None:
    """A flow: the months of the year are added up, those of the districts (D…) and from 1/7/2025 on of the communes (X…)."""
    march: Record = {"period_start": "2025-03-01"}
    records: list[Record] = [
        {"period_start": "2024-12-01", "value": 9, "unit": "D1"},  # not counted: last year
        {"period_start": "2025-01-01", "value": 4, "unit": "D1"},  # counted: in UTC the month begins on 31/12
        {"period_start": "2025-01-01", "value": 2, "unit": "D2"},
        {"period_start": "2025-02-01", "value": 7, "unit": "D1"},
        {"period_start": "2025-02-01", "value": 0, "unit": "D2"},
        {**march, "value": 5, "unit": "D1", "entity": "march"},  # corrected by the next
        {**march, "value": 3, "unit": "D1", "entity": "march"},
        {**march, "value": 1, "unit": "D2"},
        {**march, "value": 8, "unit": "D3", "deleted": True},  # not counted: withdrawn
        {"period_start": "2025-06-01", "value": 5, "unit": "D1"},  # the last month of the districts
        {"period_start": "2025-07-01", "value": 2, "unit": "X1"},
        {"period_start": "2025-07-01", "value": 1, "unit": "X2"},
        {"period_start": "2025-04-01", "value": 6, "unit": "D2"},  # late: came after that of July
    ]
    # 4 + 2 + 7 + 0 + 3 + 1 = 17 until March, of which D2 has 2 + 0 + 1 = 3.
    worked("GD-021", records, (17_000, None, 17.0), today="2025-03-31")
    worked("GD-021", records, (3_000, None, 3.0), today="2025-03-31", unit="D2")
    # Until July 6 of D2's April, 5 of June and 2 + 1 of the communes more: 17 + 6 + 5 + 3 = 31. No month is lost, none counts twice.
    worked("GD-021", records, (31_000, None, 31.0), today="2025-07-31")
    worked("GD-021", records, (2_000, None, 2.0), today="2025-07-31", unit="X1")
    # Last year's are counted last year.
    worked("GD-021", records, (9_000, None, 9.0), today="2024-12-31")


def test_attendance_of_the_last_day_that_is_reported(worked: Worked) -> None:
    friday: Record = {"period_start": "2025-03-14"}
    records: list[Record] = [
        {"period_start": "2025-03-12", "numerator": 900, "denominator": 1_000},  # an earlier day
        {"period_start": "2025-03-13", "numerator": 910, "denominator": 1_000},  # an earlier day
        {"period_start": "2025-03-13", "numerator": 700, "denominator": 800, "unit": "U4"},  # silent on Friday
        {**friday, "numerator": 960, "denominator": 1_000},
        {**friday, "numerator": 490, "denominator": 500, "unit": "U2"},
        {**friday, "numerator": 1_000, "denominator": 2_000, "unit": "U3", "entity": "typo"},  # corrected by the next
        {**friday, "numerator": 1_990, "denominator": 2_000, "unit": "U3", "entity": "typo"},
        {**friday, "value": 98, "unit": "U5"},  # not counted: a share without its parts
        {**friday, "value": 80, "numerator": 380, "denominator": 400, "unit": "U6"},  # its parts count: 95 %
        {**friday, "numerator": 40, "denominator": 50, "unit": "U7", "deleted": True},  # not counted: withdrawn
        {"period_start": "2025-03-13", "numerator": 480, "denominator": 500, "unit": "U2"},  # late, of Thursday
        {"period_start": "2025-03-17", "numerator": 955, "denominator": 1_000},  # Monday; in UTC it begins on Sunday
    ]
    # 960 + 490 + 1,990 + 380 = 3,820 of 1,000 + 500 + 2,000 + 400 = 3,900, on Sunday evening still.
    worked("GD-018", records, (3_820_000, 3_900_000, 382_000 / 3_900), today="2025-03-16")
    # U4 by itself was last heard of on Thursday.
    worked("GD-018", records, (700_000, 800_000, 87.5), today="2025-03-16", unit="U4")
    # On Monday nobody but U1 has reported so far.
    worked("GD-018", records, (955_000, 1_000_000, 95.5), today="2025-03-17")
    # Thursday was 910 + 700 + 480 = 2,090 of 1,000 + 800 + 500 = 2,300.
    worked("GD-018", records, (2_090_000, 2_300_000, 209_000 / 2_300), today="2025-03-13")
