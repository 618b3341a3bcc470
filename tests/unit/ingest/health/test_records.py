import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.source import Change, Listed, Record
from ingest.sources.health.records import RecordStream, record_part
from ioc.errors import RetriableError, SkippableError
from ioc.settings.sources import HealthSourceSettings
from tests.unit.ingest.scripted_server import ScriptedServer

UPDATED = "2025-11-20T09:30:00.125+0700"
UPDATED_MS = 1_763_605_800_125
PERSON = {
    "citizenId": "096000000001",
    "fullName": "Trần Thị B",
    "dateOfBirth": "1990-01-01",
    "phoneNumber": "0912",
    "email": "b@example.invalid",
    "address": "ấp 2",
    "insuranceCard": "GD4",
}
HEALTH_RECORD: dict[str, Any] = {
    "id": "hs-1",
    **PERSON,
    "createdDate": "2024-01-02T08:00:00.000+0700",
    "updatedDate": UPDATED,
    "healthBook": True,
    "vaccinations": 12,
}
BOOKING: dict[str, Any] = {
    "id": "dl-1",
    "number": "VNC1",
    "facility": "96001",
    **PERSON,
    "reason": "ho",
    "bookedDate": "2025-11-19T20:00:00.000+0700",
    "plannedDate": "2025-11-21T08:00:00.000+0700",
    "closedDate": None,
    "state": "BOOKED",
    "type": "IN_PERSON",
    "updatedDate": UPDATED,
}
CHECK_IN: dict[str, Any] = {
    "id": "ci-1",
    "facility": "96030",
    "linkKey": "LK1",
    **PERSON,
    "checkedInDate": "2025-11-20T07:30:00.000+0700",
    "method": "VNEID",
    "payment": {"paid": True, "cashless": True},
    "updatedDate": UPDATED,
}


def stream(name: str, url: str = "http://127.0.0.1:9/health") -> RecordStream:
    part = record_part(HealthSourceSettings(records_url=url))
    assert part is not None
    return next(one for one in part.streams if isinstance(one, RecordStream) and one.stream == name)


@cache
def unconnected(name: str) -> RecordStream:
    """A stream that reads records and asks nobody."""
    return stream(name)


def change(name: str, record: dict[str, Any], **fields: Any) -> Change:
    told = {key.lower(): value for key, value in {**record, **fields}.items()}
    return unconnected(name).read(Record(json.dumps(told).encode(), told))


def reason(name: str, record: dict[str, Any], **fields: Any) -> str:
    with pytest.raises(SkippableError) as refused:
        change(name, record, **fields)
    return refused.value.reason


def test_a_health_record_is_the_citizens_and_no_unit_answers_for_it() -> None:
    assert change("health_records", HEALTH_RECORD) == Change(
        "096000000001",
        "",
        UPDATED_MS,
        {
            "created_at": datetime(2024, 1, 2, 1, tzinfo=UTC),
            "updated_at": datetime(2025, 11, 20, 2, 30, tzinfo=UTC),
            "health_book": True,
            "vaccinations": 12,
        },
    )


def test_a_booking() -> None:
    assert change("bookings", BOOKING) == Change(
        "96001/VNC1",
        "96001",
        UPDATED_MS,
        {
            "booked_at": datetime(2025, 11, 19, 13, tzinfo=UTC),
            "planned_at": datetime(2025, 11, 21, 1, tzinfo=UTC),
            "closed_at": None,
            "state": "booked",
            "tele": False,
        },
    )


def test_a_check_in_is_of_the_visit_that_the_insurance_file_tells_of() -> None:
    assert change("check_ins", CHECK_IN) == Change(
        "96030/LK1",
        "96030",
        UPDATED_MS,
        {"checked_in_at": datetime(2025, 11, 20, 0, 30, tzinfo=UTC), "check_in": "vneid", "cashless": True},
    )


def test_codes_of_bookings() -> None:
    states = {
        "BOOKED": "booked",
        "CONFIRMED": "booked",
        "CHECKED_IN": "kept",
        "DONE": "kept",
        "NO_SHOW": "missed",
        "CANCELLED": "cancelled",
    }
    told = {code: change("bookings", BOOKING, state=code).data for code in states}
    assert {code: data["state"] for code, data in told.items() if data} == states
    tele = change("bookings", BOOKING, type="TELE", closedDate=UPDATED).data
    assert tele is not None
    assert (tele["tele"], tele["closed_at"]) == (True, datetime(2025, 11, 20, 2, 30, tzinfo=UTC))


def test_codes_of_check_ins() -> None:
    codes = {"CHIP_CARD": "chip_card", "VNEID": "vneid", "INSURANCE_CARD": "insurance_card", "OTHER": "other"}
    told = {code: change("check_ins", CHECK_IN, method=code).data for code in codes}
    assert {code: data["check_in"] for code, data in told.items() if data} == codes
    for payment in (None, {}, {"paid": False, "cashless": None}):
        unpaid = change("check_ins", CHECK_IN, payment=payment).data
        assert unpaid is not None
        assert unpaid["cashless"] is None


@pytest.mark.parametrize(
    ("name", "record", "field"),
    [
        *(
            ("health_records", HEALTH_RECORD, field)
            for field in ("citizenId", "createdDate", "updatedDate", "healthBook", "vaccinations")
        ),
        *(("bookings", BOOKING, field) for field in ("number", "facility", "bookedDate", "state", "type")),
        *(("check_ins", CHECK_IN, field) for field in ("facility", "linkKey", "checkedInDate", "method")),
    ],
)
def test_what_must_be_there(name: str, record: dict[str, Any], field: str) -> None:
    assert reason(name, record, **{field: None}) == "missing_field"


@pytest.mark.parametrize(
    ("name", "record", "field", "value"),
    [
        ("health_records", HEALTH_RECORD, "healthBook", "yes"),
        ("health_records", HEALTH_RECORD, "healthBook", 1),
        ("health_records", HEALTH_RECORD, "vaccinations", "-1"),
        ("health_records", HEALTH_RECORD, "createdDate", "2024"),
        ("health_records", HEALTH_RECORD, "updatedDate", "soon"),
        ("bookings", BOOKING, "state", "MAYBE"),
        ("bookings", BOOKING, "type", "BY_PHONE"),
        ("bookings", BOOKING, "plannedDate", "mai"),
        ("check_ins", CHECK_IN, "method", "FACE"),
        ("check_ins", CHECK_IN, "payment", "cash"),
        ("check_ins", CHECK_IN, "payment", {"cashless": "no"}),
        ("check_ins", CHECK_IN, "facility", "Trạm y tế xã"),
        ("check_ins", CHECK_IN, "linkKey", "096000000001"),
        ("check_ins", CHECK_IN, "linkKey", "Trần Thị B"),
        ("bookings", BOOKING, "number", "VNC-096000000001"),
        ("bookings", BOOKING, "facility", "bệnh viện"),
    ],
)
def test_what_cannot_be(name: str, record: dict[str, Any], field: str, value: object) -> None:
    assert reason(name, record, **{field: value}) == "invalid_value"


def test_every_field_of_the_examples_is_known() -> None:
    for name, record in (("health_records", HEALTH_RECORD), ("bookings", BOOKING), ("check_ins", CHECK_IN)):
        known = unconnected(name).known_fields
        assert known is not None
        assert {key.lower() for key in record} <= known


Answers = Callable[[dict[str, list[str]]], object]


def served(answers: Answers) -> ScriptedServer:
    def reply(path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        del body
        parts = urlsplit(path)
        token = {"access_token": "t"}
        return 200, {}, json.dumps(token if parts.path.endswith("token") else answers(parse_qs(parts.query))).encode()

    return ScriptedServer(reply)


def test_slices_are_asked_for_by_number_and_then_by_update_time() -> None:
    with served(lambda query: {"content": [BOOKING], "last": query["page"] == ["1"]}) as server:
        bookings = stream("bookings", server.url)
        pages = list(bookings.pages(None))
        list(bookings.pages(pages[-1].cursor))
        bookings.api.close()
    assert len(pages) == 2
    assert server.requests[1:3] == ["/bookings?page=0&size=500", "/bookings?page=1&size=500"]
    assert parse_qs(urlsplit(server.requests[3]).query)["updated-from"] == ["2025-11-20T09:25:00.125+0700"]


def test_a_slice_that_does_not_say_whether_it_is_the_last_is_asked_for_again() -> None:
    with served(lambda _: {"content": []}) as server:
        bookings = stream("bookings", server.url)
        with pytest.raises(RetriableError, match="last"):
            list(bookings.pages(None))
        bookings.api.close()


def test_the_listing_is_of_citizens_numbers() -> None:
    numbers = [f"{number:03}" for number in range(7)]

    def answer(query: dict[str, list[str]]) -> object:
        after = query.get("after", [""])[0]
        rest = [number for number in numbers if number > after]
        return {"content": rest[:3], "last": len(rest) <= 3}

    with served(answer) as server:
        records = stream("health_records", server.url)
        listing = records.listing()
        assert listing is not None
        assert list(listing) == [Listed(number, "") for number in numbers]
        records.api.close()
    assert unconnected("bookings").listing() is None
    assert unconnected("check_ins").listing() is None


@pytest.mark.parametrize(
    "answer",
    [
        {"content": ["1"], "last": None},
        {"content": [1], "last": True},
        {"last": True},
        {"content": [""], "last": True},
        {"content": [], "last": False},
    ],
)
def test_a_listing_that_cannot_be_read_counts_for_nothing(answer: object) -> None:
    with served(lambda _: answer) as server:
        records = stream("health_records", server.url)
        listing = records.listing()
        assert listing is not None
        with pytest.raises(RetriableError):
            list(listing)
        records.api.close()


def test_a_listing_that_turns_in_a_circle_is_broken_off() -> None:
    with served(lambda _: {"content": ["1", "2"], "last": False}) as server:
        records = stream("health_records", server.url)
        listing = records.listing()
        assert listing is not None
        with pytest.raises(RetriableError, match="leads no further"):
            list(listing)
        records.api.close()


def test_without_an_address_there_is_no_part() -> None:
    assert record_part(HealthSourceSettings(records_url="")) is None
