"""Fishing vessels, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_share_of_vessels_with_a_device(worked: Worked) -> None:
    records: list[Record] = [
        {"tracked": True},  # 1
        {"tracked": True, "length_mm": 24_500},  # 2
        {"tracked": True, "at_sea": True, "last_seen_at": "2024-01-01"},  # 3: however long it has been silent
        {"tracked": False},
        {"tracked": False, "length_mm": 15_000},
        {"tracked": False, "licensed_until": "2020-01-01"},
        {"tracked": True, "unit": "U2"},  # 4
        {"tracked": False, "unit": "U2"},
        {"tracked": True, "deleted": True},  # not counted: struck off the register
        {"tracked": True, "entity": "CM-1"},  # taken out by the next
        {"tracked": False, "entity": "CM-1"},
        {"tracked": False, "entity": "CM-2"},  # fitted by the next
        {"tracked": True, "entity": "CM-2"},  # 5
    ]
    # With a device 1, 2, 3, 4 and 5 = 5 of 5 + 4 without + CM-1 = 10.
    worked("TC-001", records, (5, 10, 50.0))
    worked("TC-001", records, (1, 2, 50.0), unit="U2")


def test_at_sea_without_contact_for_more_than_ten_days(worked: Worked) -> None:
    out: Record = {"at_sea": True, "last_seen_at": "2025-03-01 08:00"}
    records: list[Record] = [
        {**out},  # 1
        {**out, "last_seen_at": "2025-03-04 23:59"},  # 2: eleven days ago
        {**out, "last_seen_at": "2025-03-05 00:00"},  # not counted: ten days ago
        {**out, "last_seen_at": "2025-03-15 07:00"},  # not counted: today
        {**out, "last_seen_at": "2024-03-15 07:00"},  # 3
        {**out, "at_sea": False},  # not counted: lies in port
        {**out, "at_sea": False, "last_seen_at": "2024-01-01"},  # not counted
        {"tracked": True},  # not counted: was never heard of
        {**out, "unit": "U2"},  # 4
        {**out, "deleted": True},  # not counted
        {**out, "entity": "CM-1"},  # heard of again by the next
        {**out, "entity": "CM-1", "last_seen_at": "2025-03-14 19:00"},  # not counted
        {**out, "last_seen_at": "2025-03-16 00:00"},  # not counted: a clock is wrong
    ]
    # Today is 15/3: last seen on 4/3 or before, and at sea: 4.
    worked("TC-002", records, (4, None, 4.0))
    # A day later those of 5/3 have come of age too: 5.
    worked("TC-002", records, (5, None, 5.0), today="2025-03-16")


def test_share_of_large_vessels_with_a_device(worked: Worked) -> None:
    """From 15 m on a vessel must have one (Decree 26/2019/NĐ-CP, article 44)."""
    large: Record = {"length_mm": 18_000, "tracked": True}
    records: list[Record] = [
        {**large},  # 1
        {**large, "length_mm": 15_000},  # 2: fifteen metres exactly
        {**large, "length_mm": 14_999},  # not counted: smaller
        {**large, "length_mm": 32_000},  # 3
        {**large, "tracked": False},
        {**large, "tracked": False, "length_mm": 15_000},
        {**large, "tracked": False, "length_mm": 6_000},  # not counted
        {**large, "length_mm": 6_000},  # not counted
        {**large, "unit": "U2"},  # 4
        {**large, "deleted": True},  # not counted
        {**large, "entity": "CM-1", "length_mm": 15_400},  # measured anew by the next
        {**large, "entity": "CM-1", "length_mm": 14_800},  # not counted
    ]
    # 4 of 4 + 2 = 6 are 66.67 %.
    worked("TC-007", records, (4, 6, 400 / 6))


def test_licences_that_run_out_within_30_days(worked: Worked) -> None:
    records: list[Record] = [
        {"licensed_until": "2025-03-15 23:59:59"},  # 1: today
        {"licensed_until": "2025-03-14 23:59:59"},  # not counted: has run out
        {"licensed_until": "2025-04-14 23:59:59"},  # 2: in 30 days
        {"licensed_until": "2025-04-15 23:59:59"},  # not counted: in 31 days
        {"licensed_until": "2025-04-01 23:59:59", "at_sea": True, "last_seen_at": "2025-03-15"},  # 3
        {"licensed_until": None},  # not counted: has none
        {"licensed_until": "2027-01-01"},  # not counted
        {"licensed_until": "2025-03-20", "unit": "U2"},  # 4
        {"licensed_until": "2025-03-20", "deleted": True},  # not counted
        {"licensed_until": "2025-03-20", "entity": "CM-1"},  # renewed by the next
        {"licensed_until": "2028-03-20", "entity": "CM-1"},  # not counted
        {"licensed_until": "2025-03-31", "tracked": True},  # 5
    ]
    worked("TC-011", records, (5, None, 5.0))
    # On 14/4 the one of that day, and that of 15/4: 2.
    worked("TC-011", records, (2, None, 2.0), today="2025-04-14")


def test_share_with_a_valid_licence(worked: Worked) -> None:
    records: list[Record] = [
        {"licensed_until": "2025-03-15 23:59:59"},  # 1: today still
        {"licensed_until": "2025-03-14 23:59:59"},
        {"licensed_until": "2026-03-14 23:59:59"},  # 2
        {"licensed_until": "2030-12-31 23:59:59"},  # 3
        {"licensed_until": "2019-12-31 23:59:59"},
        {"licensed_until": None},
        {"licensed_until": None, "length_mm": 20_000},
        {"licensed_until": "2025-06-30", "unit": "U2"},  # 4
        {"licensed_until": "2025-02-28", "unit": "U2"},
        {"licensed_until": "2025-06-30", "deleted": True},  # not counted
        {"licensed_until": "2025-01-31", "entity": "CM-1"},  # renewed by the next
        {"licensed_until": "2028-01-31", "entity": "CM-1"},  # 5
    ]
    # 5 valid and 5 others are 10: 50 %.
    worked("TC-012", records, (5, 10, 50.0))


def test_calls_at_port_this_month(worked: Worked) -> None:
    port: Record = {"unit": "000.00.03.H12"}
    records: list[Record] = [
        {**port, "period_start": "2025-02-28", "value": 64},  # not counted: last month
        {**port, "period_start": "2025-03-01", "value": 71},
        {**port, "period_start": "2025-03-02", "value": 0},  # nobody came in
        {**port, "period_start": "2025-03-03", "value": 88, "entity": "3/3"},  # corrected by the next
        {**port, "period_start": "2025-03-03", "value": 80, "entity": "3/3"},
        {**port, "period_start": "2025-03-04", "value": 75},
        {**port, "period_start": "2025-03-05", "value": 69},
        {**port, "period_start": "2025-03-10", "value": 91},  # the days between were not reported
        {**port, "period_start": "2025-03-11", "value": 77, "deleted": True},  # not counted
        {**port, "period_start": "2025-03-14", "value": 84},
        {**port, "period_start": "2025-03-16", "value": 99},  # not counted: after today
        {**port, "period_start": "2025-03-14", "value": 12, "series": "LANDED_CATCH"},  # not counted
    ]
    # 71 + 0 + 80 + 75 + 69 + 91 + 84 = 470, in thousandths 470,000.
    worked("TC-013", records, (470_000, None, 470.0))
