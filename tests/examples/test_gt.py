"""Traffic and cameras, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked

SEEN: Record = {"camera": "CAM-001", "started_at": "2025-03-10 07:00", "vehicles": 40, "speed_kmh_milli": 32_000}


def test_vehicles_counted(worked: Worked) -> None:
    records: list[Record] = [
        {**SEEN},  # 40
        {**SEEN, "vehicles": 0, "speed_kmh_milli": None},  # 0
        {**SEEN, "vehicles": 25, "camera": "CAM-002"},  # 25
        {**SEEN, "vehicles": 9, "started_at": "2025-01-01 00:00"},  # 9: the year begins
        {**SEEN, "vehicles": 7, "started_at": "2024-12-31 23:55"},  # not counted: last year
        {**SEEN, "vehicles": 13, "started_at": "2025-03-15 23:55"},  # 13: the last interval of today
        {**SEEN, "vehicles": 17, "started_at": "2025-03-16 00:00"},  # not counted: after today
        {**SEEN, "vehicles": 30, "unit": "U2"},  # 30
        {**SEEN, "vehicles": 11, "unit": "U2", "incidents": 2},  # 11
        {**SEEN, "vehicles": 50, "deleted": True},  # not counted
        {**SEEN, "vehicles": 21, "started_at": "2025-02-28 23:59"},  # 21
        {**SEEN, "vehicles": 4, "speed_kmh_milli": 3_500},  # 4
    ]
    # 40 + 0 + 25 + 9 + 13 + 30 + 11 + 21 + 4 = 153.
    worked("GT-001", records, (153, None, 153.0))
    worked("GT-001", records, (41, None, 41.0), unit="U2")


def test_incidents_seen(worked: Worked) -> None:
    records: list[Record] = [
        {**SEEN, "incidents": 1},
        {**SEEN, "incidents": 0},
        {**SEEN, "incidents": 2, "started_at": "2025-01-01 00:00"},
        {**SEEN, "incidents": 5, "started_at": "2024-12-31 23:59"},  # not counted: last year
        {**SEEN, "incidents": 5, "started_at": "2025-03-16"},  # not counted: after today
        {**SEEN, "incidents": 1, "vehicles": 0},
        {**SEEN, "incidents": 1, "unit": "U2"},
        {**SEEN, "incidents": 3, "deleted": True},  # not counted
        {**SEEN},
        {**SEEN, "vehicles": 300},
        {**SEEN, "incidents": 1, "started_at": "2025-03-15 12:00"},
        {**SEEN, "incidents": 1, "started_at": "2025-02-01"},
    ]
    # 1 + 0 + 2 + 1 + 1 + 1 + 1 = 7.
    worked("GT-002", records, (7, None, 7.0))


def test_mean_speed_of_this_month(worked: Worked) -> None:
    records: list[Record] = [
        {**SEEN, "speed_kmh_milli": 30_000},
        {**SEEN, "speed_kmh_milli": 42_500},
        {**SEEN, "speed_kmh_milli": None, "vehicles": 0},  # not counted: nobody drove
        {**SEEN, "speed_kmh_milli": 0},  # a jam is a speed too
        {**SEEN, "speed_kmh_milli": 51_000, "started_at": "2025-03-01 00:00"},
        {**SEEN, "speed_kmh_milli": 90_000, "started_at": "2025-02-28 23:55"},  # not counted: last month
        {**SEEN, "speed_kmh_milli": 90_000, "started_at": "2025-03-16"},  # not counted: after today
        {**SEEN, "speed_kmh_milli": 90_000, "deleted": True},  # not counted
        {**SEEN, "speed_kmh_milli": 26_500, "unit": "U2"},
        {**SEEN, "speed_kmh_milli": 20_000, "camera": "CAM-002"},
        {**SEEN, "speed_kmh_milli": 35_000, "vehicles": 1},  # an interval weighs the same, however many drove
        {**SEEN, "speed_kmh_milli": 19_999},
    ]
    # 30,000 + 42,500 + 0 + 51,000 + 26,500 + 20,000 + 35,000 + 19,999 = 224,999 over 8 intervals, in km/h a thousandth of it.
    worked("GT-003", records, (224_999, 8, 224.999 / 8))
    # Slower than 20 km/h: 0 and 19.999, for 20 is not slower; 2 of 8.
    worked("GT-004", records, (2, 8, 25.0))


def test_cameras_and_those_online(worked: Worked) -> None:
    camera: Record = {"type": "camera", "online": True}
    records: list[Record] = [
        {**camera},  # online
        {**camera, "category": "Ngã tư"},  # online
        {**camera, "online": False},
        {**camera, "last_seen_at": "2024-01-01"},  # online: the system says so
        {**camera, "online": False, "unit": "U2"},
        {**camera, "unit": "U2"},  # online
        {"type": "school", "online": True},  # not counted
        {"type": "bts", "online": True},  # not counted
        {**camera, "deleted": True},  # not counted
        {**camera, "entity": "camera/1"},  # fails by the next
        {**camera, "entity": "camera/1", "online": False},
        {**camera, "entity": "camera/2", "online": False},  # repaired by the next
        {**camera, "entity": "camera/2"},  # online
    ]
    # Online 1, 2, 4, 6 and camera/2 = 5; cameras these, 3, 5 and camera/1 = 8.
    worked("GT-005", records, (8, None, 8.0))
    worked("GT-006", records, (5, 8, 62.5))


def test_cameras_silent_for_more_than_three_days(worked: Worked) -> None:
    camera: Record = {"type": "camera", "online": False, "last_seen_at": "2025-03-11 23:59"}
    records: list[Record] = [
        {**camera},  # 1: four days ago
        {**camera, "last_seen_at": "2025-03-12 00:00"},  # not counted: three days ago
        {**camera, "last_seen_at": "2025-03-15 08:00"},  # not counted: today
        {**camera, "last_seen_at": "2023-03-15 08:00"},  # 2
        {**camera, "last_seen_at": None},  # not counted: was never heard of
        {**camera, "online": True},  # 3: whatever its status says
        {**camera, "type": "water_station"},  # not counted
        {**camera, "unit": "U2"},  # 4
        {**camera, "deleted": True},  # not counted
        {**camera, "entity": "camera/1"},  # heard of again by the next
        {**camera, "entity": "camera/1", "last_seen_at": "2025-03-14"},  # not counted
        {**camera, "last_seen_at": "2025-03-17"},  # not counted: a clock is wrong
    ]
    worked("GT-007", records, (4, None, 4.0))


def test_people_killed_this_year(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2024-12-01", "value": 3, "unit": "A"},  # not counted: last year
        {"period_start": "2025-01-01", "value": 2, "unit": "A"},
        {"period_start": "2025-01-01", "value": 0, "unit": "B"},
        {"period_start": "2025-01-01", "value": 1, "unit": "C"},
        {"period_start": "2025-02-01", "value": 1, "unit": "A"},
        {"period_start": "2025-02-01", "value": 4, "unit": "B", "entity": "B"},  # corrected by the next
        {"period_start": "2025-02-01", "value": 3, "unit": "B", "entity": "B"},
        {"period_start": "2025-02-01", "value": 5, "unit": "C", "deleted": True},  # not counted
        {"period_start": "2025-02-01", "value": 9, "unit": "C", "series": "TRAFFIC_INJURIES"},  # not counted
        {"period_start": "2025-02-01", "value": 9, "unit": "C", "period_grain": "quarter"},  # not counted
        {"period_start": "2025-03-01", "value": 1, "unit": "A"},
        {"period_start": "2025-04-01", "value": 6, "unit": "A"},  # not counted: after today
    ]
    # 2 + 0 + 1 + 1 + 3 + 1 = 8.
    worked("GT-009", records, (8_000, None, 8.0))
    worked("GT-009", records, (4_000, None, 4.0), unit="A")
