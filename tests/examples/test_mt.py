"""Environment, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked

DUST: Record = {"station": "KK-01", "quantity": "pm25_ugm3", "measured_at": "2025-03-10 07:00", "value_milli": 22_000}


def test_share_of_air_readings_beyond_the_threshold(worked: Worked) -> None:
    high: Record = {**DUST, "breach": True, "value_milli": 61_000}
    records: list[Record] = [
        {**DUST},
        {**high},  # 1
        {**high, "quantity": "pm10_ugm3"},  # 2
        {**high, "quantity": "no2_ugm3", "measured_at": "2025-03-01 00:00"},  # 3
        {**high, "quantity": "salinity_gl"},  # not counted: not of the air
        {**high, "measured_at": "2025-02-28 23:59"},  # not counted: last month
        {**high, "measured_at": "2025-03-16"},  # not counted: after today
        {**DUST, "quantity": "pm10_ugm3"},
        {**DUST, "quantity": "no2_ugm3"},
        {**DUST, "unit": "U2"},
        {**high, "unit": "U2"},  # 4
        {**high, "deleted": True},  # not counted
    ]
    # 4 of 4 + 4 = 8 are 50 %.
    worked("MT-002", records, (4, 8, 50.0))
    # This year that of February too: 5.
    worked("MT-001", records, (5, None, 5.0))


def test_mean_of_fine_dust(worked: Worked) -> None:
    records: list[Record] = [
        {**DUST, "value_milli": 18_500},
        {**DUST, "value_milli": 0},
        {**DUST, "value_milli": 55_250, "breach": True},
        {**DUST, "value_milli": 40_000, "quantity": "pm10_ugm3"},  # not counted
        {**DUST, "value_milli": 40_000, "quantity": "no2_ugm3"},  # not counted
        {**DUST, "value_milli": 21_250, "station": "KK-02"},
        {**DUST, "value_milli": 90_000, "measured_at": "2025-02-28 23:59"},  # not counted: last month
        {**DUST, "value_milli": 90_000, "measured_at": "2025-03-16 00:00"},  # not counted: after today
        {**DUST, "value_milli": 33_000, "measured_at": "2025-03-15 23:59"},
        {**DUST, "value_milli": 12_000, "unit": "U2"},
        {**DUST, "value_milli": 90_000, "deleted": True},  # not counted
        {**DUST, "value_milli": 70_000, "unit": "U2"},
    ]
    # 18.5 + 0 + 55.25 + 21.25 + 33 + 12 + 70 = 210 µg/m³ over 7 readings = 30.
    worked("MT-003", records, (210_000, 7, 30.0))
    worked("MT-003", records, (82_000, 2, 41.0), unit="U2")


def test_air_stations_online(worked: Worked) -> None:
    station: Record = {"type": "air_station", "online": True}
    records: list[Record] = [
        {**station},  # 1
        {**station, "category": "Di động"},  # 2
        {**station, "online": False},
        {**station, "online": False, "unit": "U2"},
        {**station, "unit": "U2"},  # 3
        {**station, "unit": "U2", "last_seen_at": "2025-01-01"},  # 4: its status counts
        {**station, "type": "water_station"},  # not counted
        {**station, "type": "camera"},  # not counted
        {**station, "deleted": True},  # not counted
        {**station, "entity": "air_station/1"},  # fails by the next
        {**station, "entity": "air_station/1", "online": False},
        {**station, "approved": True},  # 5
    ]
    # 5 of 5 + 3 = 8 are 62.5 %.
    worked("MT-006", records, (5, 8, 62.5))
    worked("MT-006", records, (2, 3, 200 / 3), unit="U2")


def test_waste_collected_this_year(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2024-12-31", "value": 40.5, "unit": "A"},  # not counted: last year
        {"period_start": "2025-01-01", "value": 42.5, "unit": "A"},
        {"period_start": "2025-01-01", "value": 17.3, "unit": "B"},
        {"period_start": "2025-02-10", "value": 39.0, "unit": "A"},
        {"period_start": "2025-02-10", "value": 15.2, "unit": "B", "entity": "B"},  # corrected by the next
        {"period_start": "2025-02-10", "value": 25.2, "unit": "B", "entity": "B"},
        {"period_start": "2025-02-11", "value": 0, "unit": "C"},
        {"period_start": "2025-03-14", "value": 41.1, "unit": "A"},
        {"period_start": "2025-03-14", "value": 18.0, "unit": "B", "deleted": True},  # not counted
        {"period_start": "2025-03-14", "value": 55.0, "unit": "D", "series": "OTHER"},  # not counted
        {"period_start": "2025-03-13", "value": 16.9, "unit": "B"},
        {"period_start": "2025-03-16", "value": 90.0, "unit": "A"},  # not counted: after today
    ]
    # 42.5 + 17.3 + 39.0 + 25.2 + 0 + 41.1 + 16.9 = 182.0 tonnes.
    worked("MT-007", records, (182_000, None, 182.0))
    worked("MT-007", records, (59_400, None, 59.4), unit="B")


def test_waste_collected_and_treated(worked: Worked) -> None:
    last: Record = {"period_start": "2025-02-01"}
    records: list[Record] = [
        {"period_start": "2025-01-01", "numerator": 900, "denominator": 1_000, "unit": "A"},  # an earlier month
        {"period_start": "2025-01-01", "numerator": 450, "denominator": 600, "unit": "B"},  # an earlier month
        {**last, "numerator": 950, "denominator": 1_000, "unit": "A"},
        {**last, "numerator": 400, "denominator": 600, "unit": "B", "entity": "B"},  # reported again by the next
        {**last, "numerator": 480, "denominator": 600, "unit": "B", "entity": "B"},
        {**last, "numerator": 120, "denominator": 400, "unit": "C"},
        {**last, "numerator": 0, "denominator": 50, "unit": "D"},
        {**last, "value": 99, "unit": "E"},  # not counted: a share without its parts
        {**last, "value": 50, "numerator": 150, "denominator": 200, "unit": "F"},  # its parts count, not what it says
        {**last, "numerator": 9, "denominator": 9, "unit": "G", "deleted": True},  # not counted
        {**last, "numerator": 9, "denominator": 9, "unit": "H", "series": "CLEAN_WATER"},  # not counted
        {"period_start": "2025-04-01", "numerator": 9, "denominator": 9, "unit": "A"},  # not counted: after today
    ]
    # 950 + 480 + 120 + 0 + 150 = 1,700 of 1,000 + 600 + 400 + 50 + 200 = 2,250.
    worked("MT-008", records, (1_700_000, 2_250_000, 170_000 / 2_250))


def test_communes_whose_land_is_digitised(worked: Worked) -> None:
    records: list[Record] = [
        {"period_start": "2024-03-01", "numerator": 40, "denominator": 101},
        {"period_start": "2024-04-01", "numerator": 47, "denominator": 101},
        {"period_start": "2024-05-01", "numerator": 55, "denominator": 101},
        {"period_start": "2024-06-01", "numerator": 61, "denominator": 101},
        {"period_start": "2024-07-01", "numerator": 70, "denominator": 101},
        {"period_start": "2024-08-01", "numerator": 78, "denominator": 101},
        {"period_start": "2024-09-01", "numerator": 83, "denominator": 101},
        {"period_start": "2024-10-01", "numerator": 84, "denominator": 101, "entity": "10"},  # corrected by the next
        {"period_start": "2024-10-01", "numerator": 86, "denominator": 101, "entity": "10"},
        {"period_start": "2024-10-01", "value": 100, "unit": "X"},  # not counted: without its parts
        {"period_start": "2024-10-01", "numerator": 1, "denominator": 2, "unit": "Y", "deleted": True},  # not counted
        {"period_start": "2024-11-01", "numerator": 90, "denominator": 101, "series": "OTHER"},  # not counted
    ]
    # October 2024 is the last month: 86 of 101 communes (Plan 267/KH-UBND, part I, II.5.a) = 85.15 %.
    worked("MT-013", records, (86_000, 101_000, 8_600 / 101))
    worked("MT-013", records, (70_000, 101_000, 7_000 / 101), today="2024-07-31")
