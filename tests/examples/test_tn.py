"""Water resources, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked

SALT: Record = {"station": "DM-01", "quantity": "salinity_gl", "measured_at": "2025-03-10 07:00", "value_milli": 3_000}


def test_share_of_salinity_readings_beyond_the_threshold(worked: Worked) -> None:
    high: Record = {**SALT, "breach": True, "value_milli": 4_600}
    records: list[Record] = [
        {**SALT},
        {**high},  # 1
        {**high, "measured_at": "2025-03-01 00:00"},  # 2: the month begins
        {**high, "measured_at": "2025-02-28 23:59"},  # not counted: last month
        {**high, "measured_at": "2025-03-16 00:00"},  # not counted: after today
        {**high, "quantity": "level_mm"},  # not counted: not a salinity
        {**high, "quantity": "rain_um"},  # not counted
        {**SALT, "value_milli": 9_000},  # high, but not for its station
        {**SALT, "measured_at": "2025-03-15 23:59"},
        {**high, "unit": "U2"},  # 3
        {**SALT, "unit": "U2"},
        {**high, "deleted": True},  # not counted
    ]
    # 3 of 3 + 4 = 7 are 42.86 %.
    worked("TN-002", records, (3, 7, 300 / 7))
    # The count goes back to the beginning of the year: 1, 2, 3 and that of February = 4.
    worked("TN-001", records, (4, None, 4.0))


def test_mean_salinity(worked: Worked) -> None:
    records: list[Record] = [
        {**SALT, "value_milli": 2_400},
        {**SALT, "value_milli": 0},
        {**SALT, "value_milli": 12_350},
        {**SALT, "value_milli": 900, "measured_at": "2025-02-27"},  # not counted: last month
        {**SALT, "value_milli": 900, "measured_at": "2025-03-20"},  # not counted: after today
        {**SALT, "value_milli": 900, "quantity": "level_mm"},  # not counted
        {**SALT, "value_milli": 4_000, "breach": True},
        {**SALT, "value_milli": 5_250, "unit": "U2"},
        {**SALT, "value_milli": 900, "deleted": True},  # not counted
        {**SALT, "value_milli": 3_000, "station": "DM-02"},
        {**SALT, "value_milli": 1_000, "measured_at": "2025-03-01 00:00"},
        {**SALT, "value_milli": 2_000, "measured_at": "2025-03-15 23:59"},
    ]
    # 2,400 + 0 + 12,350 + 4,000 + 5,250 + 3,000 + 1,000 + 2,000 = 30,000 thousandths over 8 readings = 3.75 g/l.
    worked("TN-003", records, (30_000, 8, 3.75))
    worked("TN-003", records, (5_250, 1, 5.25), unit="U2")


def test_mean_water_level(worked: Worked) -> None:
    level: Record = {**SALT, "quantity": "level_mm"}
    records: list[Record] = [
        {**level, "value_milli": 620_000},
        {**level, "value_milli": -180_000},  # low water lies below the datum
        {**level, "value_milli": 1_400_000, "breach": True},
        {**level, "value_milli": 1_355_500, "breach": True, "unit": "U2"},
        {**level, "value_milli": 104_500},
        {**level, "value_milli": 0},
        {**level, "value_milli": 700_000, "measured_at": "2025-02-28 23:59"},  # not counted: last month
        {**level, "value_milli": 1_500_000, "breach": True, "measured_at": "2025-01-05"},  # not counted in the mean
        {**level, "value_milli": 700_000, "measured_at": "2025-03-16"},  # not counted: after today
        {**SALT},  # not counted
        {**level, "value_milli": 700_000, "deleted": True},  # not counted
        {**level, "value_milli": 700_000},
    ]
    # 620 − 180 + 1400 + 1355.5 + 104.5 + 0 + 700 = 4,000 mm over 7 readings = 0.5714 m.
    worked("TN-004", records, (4_000_000, 7, 4 / 7))
    # Beyond the alarm level this year: the two of March and that of January.
    worked("TN-005", records, (3, None, 3.0))


def test_rain_of_this_month(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2025-02-28", "value": 22.5},  # not counted: last month
        {"period_start": "2025-03-01", "value": 0},
        {"period_start": "2025-03-02", "value": 4.2},
        {"period_start": "2025-03-03", "value": 31.8, "entity": "3/3"},  # corrected by the next
        {"period_start": "2025-03-03", "value": 13.8, "entity": "3/3"},
        {"period_start": "2025-03-05", "value": 7.5},  # 4/3 was not reported
        {"period_start": "2025-03-09", "value": 0.4},
        {"period_start": "2025-03-10", "value": 2.1, "deleted": True},  # not counted
        {"period_start": "2025-03-11", "value": 55, "series": "OTHER"},  # not counted
        {"period_start": "2025-03-01", "value": 80, "period_grain": "month"},  # not counted
        {"period_start": "2025-03-14", "value": 10.1},
        {"period_start": "2025-03-16", "value": 50},  # not counted: after today
    ]
    # 0 + 4.2 + 13.8 + 7.5 + 0.4 + 10.1 = 36.0 mm.
    worked("TN-007", records, (36_000, None, 36.0))


def test_stations_online_and_silent(worked: Worked) -> None:
    station: Record = {"type": "water_station", "online": True, "last_seen_at": "2025-03-15 06:00"}
    silent: Record = {**station, "online": False, "last_seen_at": "2025-03-11 23:59"}
    records: list[Record] = [
        {**station},  # online
        {**station, "category": "Mặn"},  # online
        {**silent},  # silent for four days
        {**silent, "last_seen_at": "2025-03-12 00:00"},  # three days ago only
        {**silent, "last_seen_at": None},  # was never heard of
        {**silent, "unit": "U2"},  # silent
        {**station, "unit": "U2"},  # online
        {**station, "type": "air_station"},  # not counted
        {**silent, "type": "air_station"},  # not counted
        {**silent, "deleted": True},  # not counted
        {**silent, "entity": "water_station/1"},  # back by the next
        {**station, "entity": "water_station/1"},  # online
    ]
    # Online 1, 2, 7 and 12 = 4 of these and 3, 4, 5 and 6 = 8.
    worked("TN-008", records, (4, 8, 50.0))
    worked("TN-009", records, (2, None, 2.0))


def test_households_short_of_water(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2025-03-03", "value": 420, "unit": "A"},  # the week before
        {"period_start": "2025-03-03", "value": 130, "unit": "B"},  # the week before
        {"period_start": "2025-03-10", "value": 610, "unit": "A"},
        {"period_start": "2025-03-10", "value": 95, "unit": "B", "entity": "B"},  # corrected by the next
        {"period_start": "2025-03-10", "value": 105, "unit": "B", "entity": "B"},
        {"period_start": "2025-03-10", "value": 0, "unit": "C"},
        {"period_start": "2025-03-10", "value": 85, "unit": "D"},
        {"period_start": "2025-03-10", "value": 70, "unit": "E", "deleted": True},  # not counted
        {"period_start": "2025-03-10", "value": 70, "unit": "F", "series": "EROSION"},  # not counted
        {"period_start": "2025-03-10", "value": 70, "unit": "G", "period_grain": "day"},  # not counted
        {"period_start": "2025-03-17", "value": 900, "unit": "A"},  # not counted: next week
        {"period_start": "2025-02-24", "value": 300, "unit": "D"},  # two weeks before
    ]
    # How many there are is not added up over weeks: 610 + 105 + 0 + 85 = 800 in that of 10/3, 420 + 130 = 550 in that of 3/3.
    worked("TN-010", records, (800_000, None, 800.0))
    worked("TN-010", records, (550_000, None, 550.0), today="2025-03-09")
