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
        {
            "period_start": "2024-09-01",
            "unit": "D0",
            "numerator": 30_000,
            "denominator": 31_500,
        },  # not counted: earlier
        {"period_start": "2024-08-01", "unit": "D0", "numerator": 29_000, "denominator": 31_500},  # not counted
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
        {"period_start": "2024-09-01", "unit": "D0", "numerator": 60, "denominator": 71},  # not counted: earlier
        {"period_start": "2024-09-01", "unit": "D1", "numerator": 40, "denominator": 48},  # not counted
        {"period_start": "2025-01-01", "unit": "D1", "numerator": 1, "denominator": 48},  # not counted: after today
    ]
    # 71 + 48 + 52 + 66 + 58 + 70 + 40 + 46 + 50 = 501.
    worked("GD-007", records, (501_000, 501_000, 100.0), today="2024-12-10")
    worked("GD-007", records, (71_000, 71_000, 100.0), today="2024-12-10", unit="D0")


def test_pupils_who_left_school_this_year(worked: Worked) -> None:
    """A flow: the months of the year are added up."""
    records: list[Record] = [
        {"period_start": "2024-12-01", "value": 9},  # not counted: last year
        {"period_start": "2025-01-01", "value": 4},
        {"period_start": "2025-01-01", "value": 2, "unit": "U2"},
        {"period_start": "2025-02-01", "value": 7},
        {"period_start": "2025-02-01", "value": 0, "unit": "U2"},
        {"period_start": "2025-03-01", "value": 5, "entity": "corrected"},  # not counted: corrected by the next
        {"period_start": "2025-03-01", "value": 3, "entity": "corrected"},
        {"period_start": "2025-03-01", "value": 1, "unit": "U2"},
        {"period_start": "2025-03-01", "value": 8, "deleted": True},  # not counted: withdrawn
        {"period_start": "2025-04-01", "value": 6},  # not counted: after today
    ]
    # 4 + 2 + 7 + 0 + 3 + 1 = 17, of which U2 2 + 0 + 1 = 3.
    worked("GD-021", records, (17_000, None, 17.0))
    worked("GD-021", records, (3_000, None, 3.0), unit="U2")


def test_attendance_of_the_last_day_that_is_reported(worked: Worked) -> None:
    friday: Record = {"period_start": "2025-03-14"}
    records: list[Record] = [
        {"period_start": "2025-03-12", "numerator": 900, "denominator": 1_000},  # not counted: earlier
        {"period_start": "2025-03-13", "numerator": 910, "denominator": 1_000},  # not counted
        {"period_start": "2025-03-13", "numerator": 480, "denominator": 500, "unit": "U2"},  # not counted
        {**friday, "numerator": 960, "denominator": 1_000},
        {**friday, "numerator": 490, "denominator": 500, "unit": "U2"},
        {**friday, "numerator": 1_000, "denominator": 2_000, "unit": "U3", "entity": "typo"},  # corrected by the next
        {**friday, "numerator": 1_990, "denominator": 2_000, "unit": "U3", "entity": "typo"},
        {"period_start": "2025-03-17", "numerator": 1, "denominator": 1_000},  # not counted: after today
    ]
    # 960 + 490 + 1,990 = 3,440 of 1,000 + 500 + 2,000 = 3,500.
    worked("GD-018", records, (3_440_000, 3_500_000, 344_000 / 3_500))
