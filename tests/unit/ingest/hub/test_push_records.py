"""What each pushed record says: every field, and each refusal."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.source import Change, Record
from ingest.sources.hub import alerts, feedback, sensors
from ingest.sources.hub.payload import record_of
from ioc.errors import SkippableError
from tests.unit.ingest.hub.pushed import ALERT, FEEDBACK

READING = {
    "tram": "KK-01",
    "daiLuong": "pm25_ugm3",
    "thoiDiem": "2026-11-23T10:05:00+07:00",
    "giaTri": 57.45,
    "vuotNguong": True,
    "donVi": "000.00.02.H12",
}
COUNT = {
    "camera": "CAM-001",
    "batDau": "2026-11-23T10:00:00+07:00",
    "soXe": 84,
    "tocDoTB": 31.5,
    "suCo": 1,
    "donVi": "000.00.13.H12",
}
POSITION = {
    "soDangKy": "CM-91234-TS",
    "thoiDiem": "2026-11-23T10:04:31.5+07:00",
    "viDo": 8.612345,
    "kinhDo": "104.7212345",
    "trenBien": True,
    "vuotRanhGioi": False,
    "donVi": "000.00.03.H12",
    "chuTau": "CANARY-CHUTAU",
}


def said(read: Callable[[Record], Change], record: Mapping[str, Any]) -> Change:
    found = record_of(json.dumps(record).encode())
    assert found.fault is None
    return read(found)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_report() -> None:
    assert said(feedback.read, FEEDBACK) == Change(
        "CaMau-G/PA1",
        "000.00.21.H12",
        1795228201250,
        {
            "channel": "camau_g",
            "topic": "giao_thong",
            "state": "answered",
            "reported_at": at("2026-11-20T01:00:00"),
            "due_at": at("2026-11-27T01:00:00"),
            "answered_at": at("2026-11-21T02:30:00"),
            "rating": 4,
        },
    )


@pytest.mark.parametrize(("written", "state"), feedback.STATES.items())
def test_states_of_reports(written: str, state: str) -> None:
    change = said(feedback.read, {**FEEDBACK, "trangThai": written.upper()})
    assert change.data is not None
    assert change.data["state"] == state


@pytest.mark.parametrize(("written", "channel"), feedback.CHANNELS.items())
def test_channels_of_reports(written: str, channel: str) -> None:
    change = said(feedback.read, {**FEEDBACK, "kenh": written})
    assert change.data is not None
    assert change.data["channel"] == channel


def test_a_report_that_is_not_answered_and_names_no_system() -> None:
    record = {
        key: value for key, value in FEEDBACK.items() if key not in {"heThong", "ngayTraLoi", "danhGia", "hanXuLy"}
    }
    change = said(feedback.read, record)
    assert change.entity == "1022/PA1"
    assert change.data is not None
    assert change.data["answered_at"] is change.data["due_at"] is change.data["rating"] is None


def test_an_alert() -> None:
    assert said(alerts.read, ALERT) == Change(
        "SOC-1",
        "000.00.05.H12",
        1795140000000,
        {
            "severity": "high",
            "category": "malware",
            "state": "handled",
            "detected_at": at("2026-11-20T01:00:00"),
            "handled_at": at("2026-11-20T02:00:00"),
            "machines": 3,
        },
    )


def test_a_reading() -> None:
    assert said(sensors.reading, READING) == Change(
        "KK-01/pm25_ugm3/2026-11-23T03:05:00Z",
        "000.00.02.H12",
        1795403100000,
        {
            "station": "KK-01",
            "quantity": "pm25_ugm3",
            "measured_at": at("2026-11-23T03:05:00"),
            "value_milli": 57450,
            "breach": True,
        },
    )


def test_a_count() -> None:
    assert said(sensors.count, COUNT) == Change(
        "CAM-001/2026-11-23T03:00:00Z",
        "000.00.13.H12",
        1795402800000,
        {
            "camera": "CAM-001",
            "started_at": at("2026-11-23T03:00:00"),
            "vehicles": 84,
            "speed_kmh_milli": 31500,
            "incidents": 1,
        },
    )


def test_a_position() -> None:
    assert said(sensors.position, POSITION) == Change(
        "CM-91234-TS",
        "000.00.03.H12",
        1795403071500,
        {
            "last_seen_at": at("2026-11-23T03:04:31"),
            "latitude_udeg": 8612345,
            "longitude_udeg": 104721234,
            "at_sea": True,
            "beyond_border": False,
        },
    )


READERS = {
    "feedback": (feedback.read, FEEDBACK, feedback.KNOWN),
    "alert": (alerts.read, ALERT, alerts.KNOWN),
    "reading": (sensors.reading, READING, sensors.READINGS.known),
    "count": (sensors.count, COUNT, sensors.TRAFFIC.known),
    "position": (sensors.position, POSITION, sensors.VESSELS.known),
}

REQUIRED = [
    *(("feedback", key) for key in ("maPhanAnh", "linhVuc", "trangThai", "ngayTiepNhan", "capNhatLuc")),
    *(("alert", key) for key in ("maCanhBao", "mucDo", "loai", "trangThai", "phatHienLuc", "capNhatLuc")),
    *(("reading", key) for key in ("tram", "daiLuong", "thoiDiem", "giaTri")),
    *(("count", key) for key in ("camera", "batDau", "soXe")),
    *(("position", key) for key in ("soDangKy", "thoiDiem", "viDo", "kinhDo", "trenBien")),
]


@pytest.mark.parametrize(("what", "key"), REQUIRED)
def test_what_must_be_there(what: str, key: str) -> None:
    read, record, _ = READERS[what]
    for missing in ({k: v for k, v in record.items() if k != key}, {**record, key: None}, {**record, key: ""}):
        if missing.get(key) == "" and isinstance(record[key], bool):
            continue
        with pytest.raises(SkippableError, match=key.lower()) as refused:
            said(read, missing)
        assert refused.value.reason == "missing_field"


WRONG = [
    ("feedback", "kenh", "fax"),
    ("feedback", "trangThai", "xong"),
    ("feedback", "danhGia", "tot"),
    ("feedback", "danhGia", 4.5),
    ("feedback", "ngayTiepNhan", "hom qua"),
    ("feedback", "heThong", "CANARY Nguyễn Văn A"),
    ("feedback", "capNhatLuc", 17),
    ("feedback", "maPhanAnh", {"a": 1}),
    ("alert", "mucDo", "cao"),
    ("alert", "soMay", -1),
    ("alert", "loai", True),
    ("reading", "giaTri", "cao"),
    ("reading", "vuotNguong", "true"),
    ("count", "soXe", 1.5),
    ("count", "tocDoTB", "nhanh"),
    ("position", "viDo", "CANARY"),
    ("position", "trenBien", 1),
]


@pytest.mark.parametrize(("what", "key", "value"), WRONG)
def test_a_wrong_value_is_refused_and_not_repeated(what: str, key: str, value: Any) -> None:
    read, record, _ = READERS[what]
    with pytest.raises(SkippableError, match=f"^{key.lower()}: ") as refused:
        said(read, {**record, key: value})
    assert refused.value.reason == "invalid_value"
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(("what", "key"), [("feedback", "ngayTraLoi"), ("alert", "xuLyLuc")])
def test_an_end_before_its_beginning_is_a_contradiction(what: str, key: str) -> None:
    read, record, _ = READERS[what]
    with pytest.raises(SkippableError) as refused:
        said(read, {**record, key: "2026-11-19T08:00:00+07:00"})
    assert refused.value.reason == "contradiction"


@pytest.mark.parametrize("what", READERS)
def test_somebody_has_looked_at_every_field(what: str) -> None:
    _, record, known = READERS[what]
    assert {key.lower() for key in record} <= known


@pytest.mark.parametrize("what", READERS)
def test_no_personal_text_is_in_what_a_record_says(what: str) -> None:
    read, record, _ = READERS[what]
    assert "CANARY" not in repr(said(read, record))


def test_a_device_speaks_for_itself_only() -> None:
    for topic, has_fault in [
        ("sensors/reading/KK-01", False),
        ("sensors/reading/a/KK-01", False),
        ("sensors/reading/KK-02", True),
    ]:
        record = record_of(json.dumps(READING).encode())
        sensors.check_device(record, "tram", topic)
        assert (record.fault is not None and record.fault.reason == "contradiction") is has_fault
