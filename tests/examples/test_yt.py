"""Health, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_transfers_to_another_facility(worked: Worked) -> None:
    moved: Record = {"leaving": "transfer", "admitted_at": "2024-12-01", "discharged_at": "2025-03-10 10:00"}
    records: list[Record] = [
        {**moved},  # 1
        {**moved, "setting": "emergency"},  # 2: wherever from
        {**moved, "discharged_at": "2025-01-01 00:00"},  # 3: the first moment of the year
        {**moved, "discharged_at": "2024-12-31 23:59"},  # not counted: last year
        {**moved, "discharged_at": "2025-03-15 23:59"},  # 4: today
        {**moved, "discharged_at": "2025-03-16 00:00"},  # not counted: after today
        {**moved, "discharged_at": None},  # not counted: still there
        {**moved, "leaving": "home"},  # not counted
        {**moved, "leaving": "asked"},  # not counted
        {**moved, "unit": "96002"},  # 5
        {**moved, "entity": "twice", "leaving": "home"},  # not counted: corrected by the next
        {**moved, "entity": "twice"},  # 6
        {**moved, "deleted": True},  # not counted
    ]
    worked("YT-003", records, (6, None, 6.0))
    worked("YT-003", records, (1, None, 1.0), unit="96002")


def test_mean_length_of_stay(worked: Worked) -> None:
    stay: Record = {"setting": "inpatient", "admitted_at": "2024-12-01", "inpatient_at": "2025-03-01 08:00"}
    records: list[Record] = [
        {**stay, "discharged_at": "2025-03-02 08:00"},  # 86,400 s
        {**stay, "discharged_at": "2025-03-04 08:00"},  # 259,200 s
        {**stay, "discharged_at": "2025-03-01 20:00"},  # 43,200 s
        {**stay, "inpatient_at": "2024-12-30 08:00", "discharged_at": "2025-01-01 08:00"},  # 172,800 s: left this year
        {**stay, "inpatient_at": "2024-12-30 08:00", "discharged_at": "2024-12-31 08:00"},  # not counted: last year
        {**stay, "discharged_at": None},  # not counted: still there
        {**stay, "inpatient_at": None, "discharged_at": "2025-03-02 08:00"},  # not counted: since when is not known
        {**stay, "setting": "day_care", "discharged_at": "2025-03-01 16:00"},  # not counted
        {**stay, "setting": "outpatient", "discharged_at": "2025-03-01 09:00"},  # not counted
        {**stay, "discharged_at": "2025-03-16 08:00"},  # not counted: after today
        {**stay, "discharged_at": "2025-03-06 08:00", "unit": "96002"},  # 432,000 s
        {**stay, "discharged_at": "2025-03-02 08:00", "deleted": True},  # not counted
    ]
    # 86,400 + 259,200 + 43,200 + 172,800 + 432,000 = 993,600 s of 5 stays: 198,720 s, which are 2.3 days.
    worked("YT-009", records, (993_600, 5, 2.3))


def test_inpatients_at_present(worked: Worked) -> None:
    here: Record = {"setting": "inpatient", "inpatient_at": "2025-03-10 08:00"}
    records: list[Record] = [
        {**here},  # 1
        {**here, "inpatient_at": "2024-11-01 08:00"},  # 2: however long
        {**here, "inpatient_at": None},  # 3: since when is not known
        {**here, "discharged_at": "2025-03-12 08:00"},  # not counted: gone
        {**here, "setting": "outpatient"},  # not counted
        {**here, "setting": "emergency"},  # not counted
        {**here, "entity": "left"},  # not counted: left, says the next
        {**here, "entity": "left", "discharged_at": "2025-03-14 08:00"},  # not counted
        {**here, "entity": "came"},  # 4
        {**here, "entity": "came", "checked_in_at": "2025-03-10 07:30"},  # the same once more
        {**here, "unit": "96002"},  # 5
        {**here, "deleted": True},  # not counted
    ]
    worked("YT-020", records, (5, None, 5.0))


def test_share_of_patients_cured_or_improved(worked: Worked) -> None:
    gone: Record = {"admitted_at": "2024-12-01", "discharged_at": "2025-02-03 09:00"}
    records: list[Record] = [
        {**gone, "outcome": "cured"},  # well
        {**gone, "outcome": "improved"},  # well
        {**gone, "outcome": "improved", "setting": "inpatient"},  # well
        {**gone, "outcome": "unchanged"},  # counted, not well
        {**gone, "outcome": "worse"},  # counted, not well
        {**gone, "outcome": "died"},  # counted, not well
        {**gone, "outcome": "unknown"},  # not counted
        {**gone, "outcome": "cured", "discharged_at": None},  # not counted: still treated
        {**gone, "outcome": "cured", "discharged_at": "2024-12-31 09:00"},  # not counted: last year
        {**gone, "outcome": "cured", "discharged_at": "2025-03-16 09:00"},  # not counted: after today
        {**gone, "outcome": "worse", "entity": "again"},  # not counted: corrected by the next
        {**gone, "outcome": "cured", "entity": "again"},  # well
        {**gone, "outcome": "cured", "deleted": True},  # not counted
    ]
    # Well 1, 2, 3 and 12 = 4 of 1 … 6 and 12 = 7: 57.14 %.
    worked("YT-023", records, (4, 7, 400 / 7))


def test_mean_costs_of_an_outpatient_visit(worked: Worked) -> None:
    paid: Record = {"setting": "outpatient", "settled_at": "2025-03-03 09:00"}
    records: list[Record] = [
        {**paid, "total_vnd": 120_000},
        {**paid, "total_vnd": 380_000},
        {**paid, "total_vnd": 0},  # counted: it cost nothing
        {**paid, "total_vnd": None},  # not counted: what it cost is not known
        {**paid, "total_vnd": 900_000, "setting": "inpatient"},  # not counted
        {**paid, "total_vnd": 900_000, "settled_at": None},  # not counted: not settled
        {**paid, "total_vnd": 900_000, "settled_at": "2024-12-31 09:00"},  # not counted: last year
        {**paid, "total_vnd": 1_000_000, "settled_at": "2025-01-01 00:00"},
        {**paid, "total_vnd": 999, "entity": "corrected"},  # not counted: corrected by the next
        {**paid, "total_vnd": 500_000, "entity": "corrected"},
        {**paid, "total_vnd": 200_000, "unit": "96002"},
        {**paid, "total_vnd": 900_000, "deleted": True},  # not counted
    ]
    # 120,000 + 380,000 + 0 + 1,000,000 + 500,000 + 200,000 = 2,200,000 đồng of 6 visits.
    worked("YT-027", records, (2_200_000, 6, 2_200_000 / 6))


def test_share_of_files_sent_on_the_day_of_discharge(worked: Worked) -> None:
    left: Record = {"admitted_at": "2024-12-01", "discharged_at": "2025-03-05 10:00"}
    eve: Record = {**left, "discharged_at": "2024-12-31 22:00"}
    records: list[Record] = [
        {**left, "submitted_at": "2025-03-05 10:05"},  # the same day
        {**left, "submitted_at": "2025-03-05 23:59"},  # the same day
        {**left, "submitted_at": "2025-03-06 00:00"},  # the next day
        {**left, "submitted_at": "2025-03-14 08:00"},  # nine days later
        {**left, "submitted_at": "2025-03-04 17:00"},  # earlier: written before the patient left
        {**left, "submitted_at": None},  # not counted: not sent
        {**left, "discharged_at": None, "submitted_at": "2025-03-05 12:00"},  # not counted: still treated
        {**eve, "submitted_at": "2025-01-01 07:00"},  # the next day, sent this year
        {**eve, "submitted_at": "2024-12-31 23:00"},  # not counted: sent last year
        {**left, "discharged_at": "2025-03-16 08:00", "submitted_at": "2025-03-16 09:00"},  # not counted: after today
        {**left, "submitted_at": "2025-03-05 11:00", "unit": "96002"},  # the same day
        {**left, "submitted_at": "2025-03-05 11:00", "deleted": True},  # not counted
    ]
    # 1, 2, 5 and 11 = 4 of 1 … 5, 8 and 11 = 7: 57.14 %.
    worked("YT-030", records, (4, 7, 400 / 7))


def test_insured_visits_not_settled_a_week_after_discharge(worked: Worked) -> None:
    """Seven days before 15/3 is the 8th: who left on the 7th or earlier is overdue."""
    left: Record = {"insured": True, "admitted_at": "2024-05-01", "discharged_at": "2025-03-01 08:00"}
    records: list[Record] = [
        {**left},  # 1
        {**left, "discharged_at": "2025-03-07 23:59"},  # 2: eight days ago
        {**left, "discharged_at": "2025-03-08 00:00"},  # not counted: seven days ago
        {**left, "discharged_at": "2025-03-15 07:00"},  # not counted: today
        {**left, "discharged_at": "2024-06-01 07:00"},  # 3: last year is late too
        {**left, "discharged_at": None},  # not counted: still treated
        {**left, "settled_at": "2025-03-01 09:00"},  # not counted: settled
        {**left, "insured": False},  # not counted
        {**left, "setting": "inpatient"},  # 4
        {**left, "entity": "paid"},  # not counted: settled, says the next
        {**left, "entity": "paid", "settled_at": "2025-03-14 08:10"},  # not counted
        {**left, "unit": "96002"},  # 5
        {**left, "deleted": True},  # not counted
    ]
    worked("YT-031", records, (5, None, 5.0))


def test_working_days_from_discharge_to_the_file(worked: Worked) -> None:
    """Facilities have working days to send a file: the weekend of 8/3 and 9/3 is not theirs."""
    left: Record = {"admitted_at": "2024-12-01", "discharged_at": "2025-03-07 10:00"}  # a Friday
    monday: Record = {**left, "discharged_at": "2024-12-30 10:00"}
    records: list[Record] = [
        {**left, "submitted_at": "2025-03-07 16:00"},  # 0: the same day
        {**left, "submitted_at": "2025-03-08 09:00"},  # 0: Saturday
        {**left, "submitted_at": "2025-03-10 09:00"},  # 1: Monday
        {**left, "submitted_at": "2025-03-14 09:00"},  # 5: Friday
        {**left, "submitted_at": None},  # not counted: not sent
        {**left, "discharged_at": None, "submitted_at": "2025-03-07 16:00"},  # not counted: still treated
        {**monday, "submitted_at": "2025-01-02 09:00"},  # 2: 31/12, 2/1; 1/1 is a holiday
        {**monday, "submitted_at": "2024-12-31 09:00"},  # not counted: sent last year
        {**left, "submitted_at": "2025-03-17 09:00"},  # not counted: after today
        {**left, "discharged_at": "2025-03-10 10:00", "submitted_at": "2025-03-12 09:00"},  # 2
        {**left, "submitted_at": "2025-03-11 09:00", "unit": "96002"},  # 2
        {**left, "submitted_at": "2025-03-11 09:00", "deleted": True},  # not counted
    ]
    # 0 + 0 + 1 + 5 + 2 + 2 + 2 = 12 working days of 7 files.
    worked("YT-029", records, (12, 7, 12 / 7))


def test_dengue(worked: Worked) -> None:
    found: Record = {"disease": "A91", "status": "final", "found_at": "2025-03-10 08:00"}
    records: list[Record] = [
        {**found},  # 1
        {**found, "disease": "A90"},  # 2
        {**found, "disease": "A97"},  # 3
        {**found, "disease": "A972"},  # 4
        {**found, "disease": "A92"},  # not counted: another fever
        {**found, "disease": "B084"},  # not counted
        {**found, "disease": ""},  # not counted: none was found
        {**found, "status": "preliminary"},  # 5
        {**found, "status": "cancelled"},  # not counted
        {**found, "status": "unknown"},  # not counted
        {**found, "found_at": "2024-12-31 23:00"},  # not counted: last year
        {**found, "entity": "no longer"},  # not counted: cancelled by the next
        {**found, "entity": "no longer", "status": "cancelled"},  # not counted
        {**found, "unit": "96002"},  # 6
    ]
    worked("YT-053", records, (6, None, 6.0))


def test_facilities_that_check_in_by_chip_card(worked: Worked) -> None:
    """125/125 facilities (Plan 267/KH-UBND, part I, II.8.a), as the department of health reports them."""
    told: Record = {"period_start": "2025-02-01", "numerator": 125, "denominator": 125}
    records: list[Record] = [
        {**told, "period_start": "2024-08-01", "numerator": 62, "denominator": 118},  # an earlier month
        {**told, "period_start": "2024-09-01", "numerator": 75, "denominator": 121},
        {**told, "period_start": "2024-10-01", "numerator": 90},
        {**told, "period_start": "2024-12-01", "numerator": 110},
        {**told, "period_start": "2024-11-01", "numerator": 100},  # late: came after that of December, is of November
        {**told, "period_start": "2025-01-01", "numerator": 120},
        {**told, "entity": "february", "numerator": 122},  # corrected by the next
        {**told, "entity": "february"},  # the last month that is reported
        {**told, "unit": "other", "value": 100, "denominator": None},  # not counted: no whole
        {**told, "unit": "other", "series": "YT_RECORD_COVERAGE"},  # not counted
        {**told, "period_start": "2025-03-01", "numerator": 12, "deleted": True},  # not counted: withdrawn
        {**told, "period_start": "2025-04-01", "numerator": 124},  # begins here; in UTC it is 31/3 still
    ]
    # 125 of 125, in thousandths.
    worked("YT-032", records, (125_000, 125_000, 100.0), today="2025-03-31")
    worked("YT-032", records, (124_000, 125_000, 99.2), today="2025-04-01")
    # Earlier months as is known today.
    worked("YT-032", records, (120_000, 125_000, 96.0), today="2025-01-31")
    worked("YT-032", records, (100_000, 125_000, 80.0), today="2024-11-30")


def test_cashless_transactions_to_date(worked: Worked) -> None:
    """More than 6,413 transactions until October 2024 (Plan 267/KH-UBND, part I, II.8.a): a flow, added up from the beginning."""
    records: list[Record] = [
        {"period_start": "2023-12-01", "value": 300},  # last year's too: from the beginning on
        {"period_start": "2024-01-01", "value": 420},
        {"period_start": "2024-02-01", "value": 510},
        {"period_start": "2024-03-01", "value": 600},
        {"period_start": "2024-04-01", "value": 640},
        {"period_start": "2024-05-01", "value": 700},  # begins here; in UTC it is 30/4 still
        {"period_start": "2024-06-01", "value": 760},
        {"period_start": "2024-08-01", "value": 833},
        {"period_start": "2024-07-01", "value": 800},  # late, and counted all the same
        {"period_start": "2024-09-01", "value": 840, "deleted": True},  # not counted: withdrawn
        {"period_start": "2024-10-01", "value": 85, "entity": "october"},  # corrected by the next
        {"period_start": "2024-10-01", "value": 850, "entity": "october"},
        {"period_start": "2024-10-01", "value": 120, "series": "YT_CASHLESS_FACILITIES"},  # not counted
        {"period_start": "2024-12-01", "value": 900},  # not counted: after today
    ]
    # 300 + 420 + 510 + 600 + 640 + 700 + 760 + 833 + 800 + 850 = 6,413.
    worked("YT-038", records, (6_413_000, None, 6_413.0), today="2024-11-30")
    # Until April 300 + 420 + 510 + 600 + 640 = 2,470.
    worked("YT-038", records, (2_470_000, None, 2_470.0), today="2024-04-30")
