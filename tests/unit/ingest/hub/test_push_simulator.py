"""What the simulated hub pushes: how much, of which shape, the same each time, and on until it is accepted."""

from collections import Counter
from pathlib import Path

import pytest

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub import push_alerts, push_cases
from ingest.simulator.hub.push_sensors import CAMERAS, MINUTE_MS, VESSELS, Message, Sensors
from ingest.simulator.hub.push_timeline import Timeline
from ingest.simulator.moments import DAY_MS, read_iso
from ingest.simulator.system import World

BASE_MS = 1_795_399_200_000
DAYS = 30


def world(times: float = 1.0, seed: int = 1) -> World:
    clock = SimulatedClock(BASE_MS, BASE_MS, wall=lambda: BASE_MS)
    return World("hub", seed, BASE_MS, clock, Path("unused"), times, history_days=DAYS, faults=Faults(names=COMMON))


def month(timeline: Timeline) -> list[dict[str, object]]:
    return [pushed.record for pushed in timeline.due(BASE_MS - DAYS * DAY_MS, BASE_MS)]


@pytest.fixture(scope="module")
def hours() -> list[Message]:
    """Two hours of all devices."""
    sensors = Sensors(world())
    return [message for minute in range(120) for message in sensors.minute(BASE_MS + minute * 60_000)]


def test_some_120_reports_a_day_and_their_follow_up() -> None:
    records = month(push_cases.timeline(world()))
    states = Counter(record["trangThai"] for record in records)
    assert 100 * DAYS < states["moi"] < 140 * DAYS
    assert states["moi"] > states["da_phan_cong"] > states["da_tra_loi"] > states["da_dong"] > 0
    assert 0 < states["tu_choi"] < states["moi"] / 10
    assert {record["kenh"] for record in records} == set(push_cases.CHANNELS)
    answered = [record for record in records if record["trangThai"] == "da_tra_loi"]
    late = [record for record in answered if str(record["ngayTraLoi"]) > str(record["hanXuLy"])]
    assert 0 < len(late) < len(answered) / 5


def test_some_60_alerts_a_day_in_bursts_too() -> None:
    records = month(push_alerts.timeline(world()))
    raised = Counter(str(record["phatHienLuc"])[:15] for record in records if record["trangThai"] == "open")
    assert 45 * DAYS < sum(raised.values()) < 75 * DAYS
    assert max(raised.values()) >= 6
    assert {record["mucDo"] for record in records} == set(push_alerts.SEVERITIES)
    assert {record["trangThai"] for record in records} == {"open", "blocked", "handled", "false_alarm"}


@pytest.mark.parametrize("make", [push_cases.timeline, push_alerts.timeline])
def test_a_timeline_is_the_same_however_it_is_asked(make: object) -> None:
    assert callable(make)
    whole = make(world()).due(BASE_MS - 3 * DAY_MS, BASE_MS)
    by_parts = make(world())
    parts = [one for day in (3, 2, 1) for one in by_parts.due(BASE_MS - day * DAY_MS, BASE_MS - (day - 1) * DAY_MS)]
    assert parts == whole
    assert [one.record for one in parts] == [one.record for one in whole]
    assert [one.at_ms for one in whole] == sorted(one.at_ms for one in whole)
    assert make(world(seed=2)).due(BASE_MS - DAY_MS, BASE_MS) != make(world()).due(BASE_MS - DAY_MS, BASE_MS)


def test_stations_cameras_and_vessels(hours: list[Message]) -> None:
    devices = {
        level: {m.topic for m in hours if m.topic.startswith(f"sensors/{level}/")}
        for level in ("reading", "traffic", "vessel")
    }
    assert len(devices["reading"]) == 40
    assert len(devices["traffic"]) == CAMERAS
    assert VESSELS * 0.97 < len(devices["vessel"]) < VESSELS
    readings = [m.record for m in hours if m.topic.startswith("sensors/reading/")]
    assert {r["daiLuong"] for r in readings} == {
        "pm25_ugm3",
        "pm10_ugm3",
        "no2_ugm3",
        "salinity_gl",
        "level_mm",
        "rain_um",
    }
    assert any(m.record.get("vuotRanhGioi") for m in hours)
    assert list(Sensors(world()).minute(BASE_MS)) == hours[: len(list(Sensors(world()).minute(BASE_MS)))]


def test_some_vessels_are_lost_for_weeks_and_their_last_position_is_repeated(hours: list[Message]) -> None:
    seen = {m.topic: read_iso(m.record["thoiDiem"]) for m in hours if m.topic.startswith("sensors/vessel/")}
    away_days = [(BASE_MS - at_ms) / DAY_MS for at_ms in seen.values()]
    assert 2 <= sum(days > 10 for days in away_days) <= 12
    assert max(away_days) < 21
    assert sum(days > 0.2 for days in away_days) < 20
    again = {
        m.topic: m.record
        for minute in range(120)
        for m in Sensors(world()).minute(BASE_MS + 7_200_000 + minute * MINUTE_MS)
    }
    lost = [m for m in hours if m.topic in seen and (BASE_MS - seen[m.topic]) / DAY_MS > 10]
    assert [again[m.topic] for m in lost] == [m.record for m in lost]


def test_water_follows_the_tide_and_dust_the_traffic() -> None:
    sensors = Sensors(world())
    at = [BASE_MS - BASE_MS % 300_000 + step * 1_800_000 for step in range(48)]
    values = {
        quantity: [
            sum(found) / len(found)
            for moment in at
            if (found := [m.record["giaTri"] for m in sensors.minute(moment) if m.record.get("daiLuong") == quantity])
        ]
        for quantity in ("level_mm", "pm25_ugm3")
    }
    turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(*(values["level_mm"][i:] for i in range(3)), strict=False))
    assert max(values["level_mm"]) - min(values["level_mm"]) > 1000
    assert turns <= 8
    said = [bool(m.record["vuotNguong"]) for moment in at for m in sensors.minute(moment) if "vuotNguong" in m.record]
    assert 0 < sum(said) < len(said) / 4
    assert max(values["pm25_ugm3"]) > 1.6 * min(values["pm25_ugm3"])


def test_times_multiplies_devices_and_reports() -> None:
    few = len(push_cases.timeline(world(0.1)).due(BASE_MS - 5 * DAY_MS, BASE_MS))
    many = len(push_cases.timeline(world(1.0)).due(BASE_MS - 5 * DAY_MS, BASE_MS))
    assert 5 * few < many < 20 * few
    assert 1.7 < len(list(Sensors(world(2.0)).minute(BASE_MS))) / len(list(Sensors(world()).minute(BASE_MS))) < 2.3


def test_canaries_are_in_every_personal_field(hours: list[Message]) -> None:
    for record in (month(push_cases.timeline(world(0.1)))[0], month(push_alerts.timeline(world(0.1)))[0]):
        assert sum("CANARY" in str(value) for value in record.values()) >= 4
    vessel = next(m.record for m in hours if "/vessel/" in m.topic)
    assert "CANARY" in vessel["chuTau"]
