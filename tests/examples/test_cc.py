"""Civil servants, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_records_that_are_complete(worked: Worked) -> None:
    """27,457/27,457 records (Plan 267/KH-UBND, part I, II.5.a), as the department of home affairs reports them."""
    all_: Record = {"denominator": 27_457}
    records: list[Record] = [
        {**all_, "period_start": "2024-03-01", "numerator": 26_757},
        {**all_, "period_start": "2024-04-01", "numerator": 26_857},
        {**all_, "period_start": "2024-06-01", "numerator": 20_757, "entity": "june"},  # corrected by the next
        {**all_, "period_start": "2024-06-01", "numerator": 27_057, "entity": "june"},
        {**all_, "period_start": "2024-05-01", "numerator": 26_957},  # late: came after that of June, is of May
        {**all_, "period_start": "2024-08-01", "numerator": 27_257},  # of July nothing was reported
        {**all_, "period_start": "2024-09-01", "numerator": 27_357},
        {**all_, "period_start": "2024-10-01", "numerator": 27_457},
        {**all_, "period_start": "2024-10-01", "numerator": 9, "series": "CC_BASIC_SKILLS"},  # not counted
        {"period_start": "2024-11-01", "value": 99, "numerator": 27_182, "denominator": None},  # not counted: no whole
        {**all_, "period_start": "2024-12-01", "numerator": 27_300, "deleted": True},  # not counted: withdrawn
        {**all_, "period_start": "2025-01-01", "numerator": 27_000},  # begins here; in UTC it is 31/12 still
    ]
    # November lacks a denominator and December was withdrawn, so until the end of the year October is the last month.
    worked("CC-001", records, (27_457_000, 27_457_000, 100.0), today="2024-12-31")
    worked("CC-001", records, (27_000_000, 27_457_000, 2_700_000 / 27_457), today="2025-01-01")
    # In July June is the last one, as it was corrected.
    worked("CC-001", records, (27_057_000, 27_457_000, 2_705_700 / 27_457), today="2024-07-31")
    # Seen from the end of May, the late report is there.
    worked("CC-001", records, (26_957_000, 27_457_000, 2_695_700 / 27_457), today="2024-05-31")


def test_online_courses_completed_to_date(worked: Worked) -> None:
    """7,525 of 14,582 enrolments (Plan 267/KH-UBND, part I, II.4.a): 51.6 %, which the plan rounds to 52 %."""
    october: Record = {"period_start": "2024-10-01", "denominator": 800, "entity": "october"}
    records: list[Record] = [
        {"period_start": "2023-12-01", "numerator": 900, "denominator": 2_000},  # last year's too: from the beginning
        {"period_start": "2024-01-01", "numerator": 800, "denominator": 1_800},
        {"period_start": "2024-02-01", "numerator": 1_000, "denominator": 1_900},
        {"period_start": "2024-03-01", "numerator": 750, "denominator": 1_400},
        {"period_start": "2024-04-01", "numerator": 650, "denominator": 1_282},
        {"period_start": "2024-06-01", "numerator": 700, "denominator": 1_300},
        {"period_start": "2024-05-01", "numerator": 825, "denominator": 1_500},  # late, and counted all the same
        {"period_start": "2024-07-01", "numerator": 900, "denominator": 1_600, "value": 52},  # 56.25: its parts count
        {"period_start": "2024-08-01", "numerator": 600, "denominator": 1_000},
        {"period_start": "2024-09-01", "numerator": 10, "denominator": 20, "deleted": True},  # not counted: withdrawn
        {**october, "numerator": 500},  # corrected by the next
        {**october, "numerator": 400},
        {"period_start": "2024-11-01", "value": 52},  # not counted: a share without its parts
        {"period_start": "2024-12-01", "numerator": 300, "denominator": 600},  # not counted before December
    ]
    # 900 + 800 + 1,000 + 750 + 650 + 700 + 825 + 900 + 600 + 400 = 7,525 of
    # 2,000 + 1,800 + 1,900 + 1,400 + 1,282 + 1,300 + 1,500 + 1,600 + 1,000 + 800 = 14,582.
    worked("CC-005", records, (7_525_000, 14_582_000, 752_500 / 14_582), today="2024-11-30")
    # 7,525 + 300 = 7,825 of 14,582 + 600 = 15,182.
    worked("CC-005", records, (7_825_000, 15_182_000, 782_500 / 15_182), today="2024-12-01")


def test_enrolments_in_online_courses_to_date(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2023-11-01", "value": 400},
        {"period_start": "2023-12-01", "value": 600},
        *({"period_start": f"2024-{month:02}-01", "value": 1_300} for month in range(1, 10)),
        {"period_start": "2024-10-01", "value": 2_000, "entity": "october"},  # not counted: corrected by the next
        {"period_start": "2024-10-01", "value": 1_882, "entity": "october"},
        {"period_start": "2024-12-01", "value": 5_000},  # not counted: after today
    ]
    # 400 + 600 + 9 × 1,300 + 1,882 = 14,582.
    worked("CC-004", records, (14_582_000, None, 14_582.0), today="2024-11-15")


def test_people_trained_by_districts_to_date(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": f"2024-{month:02}-01", "unit": unit, "value": count}
        for month in (7, 8, 9)
        for unit, count in (("D1", 120), ("D2", 80), ("D3", 0), ("D4", 45))
    ]
    # Each month 120 + 80 + 0 + 45 = 245; in three months 735, of which D4 has 135.
    worked("CC-003", records, (735_000, None, 735.0), today="2024-10-31")
    worked("CC-003", records, (135_000, None, 135.0), today="2024-10-31", unit="D4")
    worked("CC-003", records, (490_000, None, 490.0), today="2024-08-31")


def test_adults_with_a_digital_signature(worked: Worked) -> None:
    """68,999 signatures are 7.25 % (Plan 267/KH-UBND, appendix I, III.2): of 951,711 adults then.

    Districts (D…) report until 30/6/2025, communes (X…) from 1/7/2025 on.
    """
    october: Record = {"period_start": "2024-10-01"}
    records: list[Record] = [
        {"period_start": "2024-09-01", "unit": "D0", "numerator": 9_000, "denominator": 190_000},  # an earlier month
        {"period_start": "2024-09-01", "unit": "D9", "numerator": 6_000, "denominator": 80_000},  # silent in October
        {**october, "unit": "D0", "numerator": 20_000, "denominator": 200_000},
        {**october, "unit": "D1", "numerator": 10_000, "denominator": 150_000},
        {**october, "unit": "D2", "numerator": 8_999, "denominator": 151_711},
        *({**october, "unit": f"D{n}", "numerator": 5_000, "denominator": 75_000} for n in range(3, 9)),
        {"period_start": "2025-06-01", "unit": "D0", "numerator": 30_000, "denominator": 200_000},
        {"period_start": "2025-07-01", "unit": "X1", "numerator": 4_000, "denominator": 20_000},
        {"period_start": "2025-07-01", "unit": "X2", "numerator": 7_500, "denominator": 30_000},
    ]
    # 20,000 + 10,000 + 8,999 + 6 × 5,000 = 68,999 of 200,000 + 150,000 + 151,711 + 6 × 75,000 = 951,711. What D9 had in
    # September is not carried on.
    worked("CC-010", records, (68_999_000, 951_711_000, 6_899_900 / 951_711), today="2024-10-31")
    # D9 by itself was last heard of in September: 6,000 of 80,000.
    worked("CC-010", records, (6_000_000, 80_000_000, 7.5), today="2024-10-31", unit="D9")
    # The last day of the districts: 30,000 of 200,000.
    worked("CC-010", records, (30_000_000, 200_000_000, 15.0), today="2025-06-30")
    # July is the communes' alone: 4,000 + 7,500 = 11,500 of 20,000 + 30,000 = 50,000.
    worked("CC-010", records, (11_500_000, 50_000_000, 23.0), today="2025-07-31")


def test_share_of_personal_accounts_that_log_in_by_vneid(worked: Worked) -> None:
    own: Record = {"holder": "person", "active": True, "vneid": True}
    records: list[Record] = [
        {**own},  # does
        {**own},  # does
        {**own, "signature": "sim_pki"},  # does
        {**own, "vneid": False},  # does not
        {**own, "vneid": None},  # not counted: the source does not say
        {**own, "active": False},  # not counted: may not log in
        {**own, "holder": "organisation"},  # not counted
        {**own, "entity": "changed", "vneid": False},  # not counted: changed by the next
        {**own, "entity": "changed"},  # does
        {**own, "vneid": False, "unit": "U2"},  # does not
        {**own, "unit": "U2"},  # does
        {**own, "deleted": True},  # not counted
    ]
    # 1, 2, 3, 9 and 11 = 5 of these and of 4 and 10 = 7.
    worked("CC-012", records, (5, 7, 500 / 7))


def test_signatures_about_to_expire_and_expired(worked: Worked) -> None:
    own: Record = {"holder": "person", "active": True, "signature": "token"}
    records: list[Record] = [
        {**own, "signature_until": "2025-03-15 23:59"},  # about to: today is its last day
        {**own, "signature_until": "2025-04-14 08:00"},  # about to: in 30 days
        {**own, "signature_until": "2025-04-15 00:00"},  # neither: in 31 days
        {**own, "signature_until": "2025-03-14 23:59"},  # expired yesterday
        {**own, "signature_until": "2020-01-01"},  # expired
        {**own, "signature_until": None},  # neither: until when is not known
        {**own, "signature": "none", "signature_until": "2025-03-20"},  # neither: taken back
        {**own, "signature": "remote", "signature_until": "2025-03-20"},  # about to
        {**own, "active": False, "signature_until": "2025-03-20"},  # neither: its holder has left
        {**own, "holder": "organisation", "signature_until": "2025-03-20"},  # neither
        {**own, "entity": "renewed", "signature_until": "2025-03-01"},  # neither: renewed, says the next
        {**own, "entity": "renewed", "signature_until": "2029-03-01"},
        {**own, "signature_until": "2025-03-20", "deleted": True},  # neither
    ]
    worked("CC-013", records, (3, None, 3.0))
    worked("CC-014", records, (2, None, 2.0))
