"""Digital infrastructure and security, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked

ALERT: Record = {
    "severity": "high",
    "category": "attack",
    "state": "open",
    "detected_at": "2025-03-10 03:00",
    "machines": 1,
}


def test_high_alerts_this_year(worked: Worked) -> None:
    records: list[Record] = [
        {**ALERT},  # 1
        {**ALERT, "detected_at": "2025-01-01 00:00"},  # 2
        {**ALERT, "detected_at": "2024-12-31 23:59"},  # not counted: last year
        {**ALERT, "detected_at": "2025-03-16"},  # not counted: after today
        {**ALERT, "severity": "critical"},  # not counted here
        {**ALERT, "severity": "medium"},  # not counted here
        {**ALERT, "severity": "low"},  # not counted here
        {**ALERT, "state": "false_alarm"},  # 3: it was raised
        {**ALERT, "category": "leak", "unit": "U2"},  # 4
        {**ALERT, "deleted": True},  # not counted
        {**ALERT, "entity": "SOC-1", "severity": "critical"},  # lowered by the next
        {**ALERT, "entity": "SOC-1"},  # 5
    ]
    worked("HT-003", records, (5, None, 5.0))
    # Critical is the one of its own; SOC-1 no longer is.
    worked("HT-002", records, (1, None, 1.0))
    # All severities: 5 + 1 + medium + low = 8.
    worked("HT-001", records, (8, None, 8.0))


def test_attacks_blocked_to_date(worked: Worked) -> None:
    blocked: Record = {**ALERT, "state": "blocked", "handled_at": "2025-03-10 03:01"}
    records: list[Record] = [
        {**blocked},  # 1
        {**blocked, "handled_at": "2019-06-01", "detected_at": "2019-06-01"},  # 2: from the beginning on
        {**blocked, "severity": "low"},  # 3
        {**blocked, "state": "handled"},  # not counted: got through and was dealt with
        {**blocked, "state": "false_alarm"},  # not counted
        {**ALERT},  # not counted: open
        {**blocked, "category": "malware"},  # not counted: no attack
        {**blocked, "unit": "U2"},  # 4
        {**blocked, "handled_at": "2025-03-16"},  # not counted: after today
        {**blocked, "deleted": True},  # not counted
        {**ALERT, "entity": "SOC-1"},  # blocked by the next
        {**blocked, "entity": "SOC-1"},  # 5
    ]
    worked("HT-008", records, (5, None, 5.0))


def test_computers_infected(worked: Worked) -> None:
    sick: Record = {**ALERT, "category": "malware", "machines": 3}
    records: list[Record] = [
        {**sick},  # 3
        {**sick, "machines": 1, "state": "handled", "handled_at": "2025-03-11"},  # 1
        {**sick, "state": "false_alarm"},  # not counted
        {**sick, "category": "attack"},  # not counted
        {**sick, "machines": 0},  # 0
        {**sick, "machines": 12, "detected_at": "2023-05-05"},  # 12: from the beginning on
        {**sick, "machines": 5, "detected_at": "2025-03-16"},  # not counted: after today
        {**sick, "machines": 2, "unit": "U2"},  # 2
        {**sick, "deleted": True},  # not counted
        {**sick, "machines": 4, "severity": "low"},  # 4
        {**sick, "machines": 6, "entity": "SOC-1"},  # counted anew by the next
        {**sick, "machines": 8, "entity": "SOC-1"},  # 8
    ]
    # 3 + 1 + 0 + 12 + 2 + 4 + 8 = 30.
    worked("HT-009", records, (30, None, 30.0))


def test_systems_with_level_and_plan(worked: Worked) -> None:
    system: Record = {"type": "info_system", "approved": True, "complete": True}
    records: list[Record] = [
        {**system},  # approved, complete
        {**system, "category": "3"},  # approved, complete
        {**system, "complete": False},  # approved
        {**system, "complete": None},  # approved; of its plan nothing is known
        {**system, "approved": False, "complete": False},
        {**system, "approved": None, "complete": None},  # not counted: nothing is asked of it
        {**system, "unit": "U2"},  # approved, complete
        {**system, "unit": "U2", "complete": False},  # approved
        {"type": "bts", "approved": True, "complete": True},  # not counted
        {**system, "deleted": True},  # not counted
        {**system, "entity": "info_system/1", "complete": False},  # completed by the next
        {**system, "entity": "info_system/1"},  # approved, complete
    ]
    # Approved 1, 2, 3, 4, 7, 8 and 12 = 7 of these and 5 = 8.
    worked("HT-006", records, (7, 8, 87.5))
    # Complete 1, 2, 7 and 12 = 4 of these, 3, 5 and 8 = 7.
    worked("HT-007", records, (4, 7, 400 / 7))


def test_services_connected(worked: Worked) -> None:
    service: Record = {"type": "lgsp_service", "online": True}
    records: list[Record] = [
        *[{**service} for _ in range(7)],  # 7 connected
        {**service, "online": False},
        {**service, "type": "info_system"},  # not counted
        {**service, "deleted": True},  # not counted
        {**service, "entity": "lgsp_service/GPLX", "online": False},
        {**service, "entity": "lgsp_service/BHXH", "online": False},  # connected by the next
        {**service, "entity": "lgsp_service/BHXH"},
    ]
    # 7 + BHXH = 8 of 8 + 1 + GPLX = 10.
    worked("HT-010", records, (8, 10, 80.0))


def test_calls_through_the_exchange(worked: Worked) -> None:
    call: Record = {"service": "DVCQG", "started_at": "2025-03-10 08:00", "calls": 100, "failures": 2}
    records: list[Record] = [
        {**call},  # 100, 2
        {**call, "calls": 0, "failures": 0},
        {**call, "calls": 40, "failures": 40, "service": "VNEID"},  # 40, 40
        {**call, "calls": 7, "failures": 0, "started_at": "2025-01-01 00:00"},  # 7, 0
        {**call, "started_at": "2024-12-31 23:55"},  # not counted: last year
        {**call, "started_at": "2025-03-16 00:00"},  # not counted: after today
        {**call, "deleted": True},  # not counted
        {**call, "calls": 12, "failures": 1, "started_at": "2025-03-15 23:55"},  # 12, 1
        {**call, "calls": 60, "failures": 0, "entity": "DVCQG/a"},  # corrected by the next
        {**call, "calls": 63, "failures": 3, "entity": "DVCQG/a"},  # 63, 3
        {**call, "calls": 5, "failures": 0, "unit": "U2"},  # 5, 0
        {**call, "calls": 3, "failures": 0, "service": "BHXH"},  # 3, 0
    ]
    # 100 + 0 + 40 + 7 + 12 + 63 + 5 + 3 = 230; 2 + 40 + 1 + 3 = 46 failed.
    worked("HT-004", records, (230, None, 230.0))
    worked("HT-005", records, (46, None, 46.0))


def test_agencies_with_open_data(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2022-07-01", "numerator": 2, "denominator": 19},
        {"period_start": "2022-10-01", "numerator": 4, "denominator": 19},
        {"period_start": "2023-01-01", "numerator": 5, "denominator": 18},
        {"period_start": "2023-04-01", "numerator": 8, "denominator": 18},
        {"period_start": "2023-07-01", "numerator": 12, "denominator": 18},
        {"period_start": "2023-10-01", "numerator": 12, "denominator": 17},
        {"period_start": "2024-01-01", "numerator": 13, "denominator": 17},
        {"period_start": "2024-04-01", "numerator": 13, "denominator": 17},
        {"period_start": "2024-07-01", "numerator": 13, "denominator": 17, "entity": "q3"},  # corrected by the next
        {"period_start": "2024-07-01", "numerator": 14, "denominator": 17, "entity": "q3"},
        {"period_start": "2024-07-01", "value": 100, "unit": "X"},  # not counted: without its parts
        {"period_start": "2025-04-01", "numerator": 17, "denominator": 17},  # not counted: after today
    ]
    # III/2024 is the last quarter that was reported: 14 of 17, the 82.35 % of Plan 267/KH-UBND, appendix I, row I.5.
    worked("HT-012", records, (14_000, 17_000, 1_400 / 17))


def test_stations_and_masts(worked: Worked) -> None:
    bts: Record = {"type": "bts", "online": True}
    mast: Record = {"type": "mast", "category": "Riêng", "online": True}
    records: list[Record] = [
        {**bts, "category": "2G"},
        {**bts, "category": "3G"},
        {**bts, "category": "3G", "unit": "U2"},
        {**bts, "category": "4G"},  # 1
        {**bts, "category": "4G", "online": False},  # 2: it stands there
        {**bts, "category": "5G", "unit": "U2"},  # 3
        {**bts, "category": "5G", "deleted": True},  # not counted
        {**bts, "category": "3G", "entity": "bts/1"},  # rebuilt by the next
        {**bts, "category": "4G", "entity": "bts/1"},  # 4
        {**mast},
        {**mast, "category": "Dùng chung"},  # 1
        {**mast, "category": "Dùng chung", "unit": "U2"},  # 2
        {**mast, "unit": "U2"},
        {**mast, "category": "Dùng chung", "deleted": True},  # not counted
        {**mast},
    ]
    # 4G and 5G 4 of 4 + 3; shared masts 2 of 5.
    worked("HT-015", records, (4, 7, 400 / 7))
    worked("HT-016", records, (2, 5, 40.0))
