"""Civil servants, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_records_that_are_complete(worked: Worked) -> None:
    """27,457/27,457 records (Plan 267/KH-UBND, part I, II.5.a), as the department of home affairs reports them."""
    records: list[Record] = [
        {"period_start": f"2024-{month:02}-01", "numerator": 26_557 + 100 * (month - 1), "denominator": 27_457}
        for month in range(1, 11)
    ]
    # In October 26,557 + 9 × 100 = 27,457; in June 26,557 + 5 × 100 = 27,057.
    worked("CC-001", records, (27_457_000, 27_457_000, 100.0), today="2024-12-10")
    worked("CC-001", records, (27_057_000, 27_457_000, 2_705_700 / 27_457), today="2024-06-30")


def test_online_courses_completed_to_date(worked: Worked) -> None:
    """7,525 of 14,582 enrolments (Plan 267/KH-UBND, part I, II.4.a): 51.6 %, which the plan rounds to 52 %."""
    months = ((900, 2_000), (800, 1_800), (1_000, 1_900), (750, 1_400), (650, 1_282), (825, 1_500), (700, 1_300))
    records: list[Record] = [
        {"period_start": f"2024-{month:02}-01", "numerator": done, "denominator": begun}
        for month, (done, begun) in enumerate((*months, (900, 1_600), (600, 1_000), (400, 800)), 1)
    ]
    # 900 + 800 + 1,000 + 750 + 650 + 825 + 700 + 900 + 600 + 400 = 7,525 of
    # 2,000 + 1,800 + 1,900 + 1,400 + 1,282 + 1,500 + 1,300 + 1,600 + 1,000 + 800 = 14,582.
    worked("CC-005", records, (7_525_000, 14_582_000, 752_500 / 14_582), today="2024-11-15")


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
    """68,999 signatures are 7.25 % (Plan 267/KH-UBND, appendix I, III.2): of 951,711 adults then."""
    records: list[Record] = [
        {
            "period_start": "2024-09-01",
            "unit": "D0",
            "numerator": 9_000,
            "denominator": 190_000,
        },  # not counted: earlier
        {"period_start": "2024-10-01", "unit": "D0", "numerator": 20_000, "denominator": 200_000},
        {"period_start": "2024-10-01", "unit": "D1", "numerator": 10_000, "denominator": 150_000},
        {"period_start": "2024-10-01", "unit": "D2", "numerator": 8_999, "denominator": 151_711},
        *(
            {"period_start": "2024-10-01", "unit": f"D{n}", "numerator": 5_000, "denominator": 75_000}
            for n in range(3, 9)
        ),
        {"period_start": "2024-11-01", "unit": "D0", "numerator": 1, "denominator": 2},  # not counted: after today
    ]
    # 20,000 + 10,000 + 8,999 + 6 × 5,000 = 68,999 of 200,000 + 150,000 + 151,711 + 6 × 75,000 = 951,711.
    worked("CC-010", records, (68_999_000, 951_711_000, 6_899_900 / 951_711), today="2024-10-31")


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
