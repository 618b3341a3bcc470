"""Counters of the shared services: counts, corrections, services, and the login."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from ingest.memory import MemoryPublisher
from ingest.sources.hub.lgsp import REFUSALS, LgspStream, lgsp_part, read_calls, read_service
from ingest.testing import Harvest, run_stream
from ioc.errors import FatalError, RetriableError, SkippableError
from ioc.settings.sources import HubSourceSettings
from tests.unit.ingest.scripted_server import Reply, ScriptedServer

CALLS = {
    "service": "DVCQG",
    "start": "2026-11-22T08:05:00.000+0700",
    "minutes": 5,
    "calls": 120,
    "failures": 3,
    "unit": "000.00.05.H12",
    "updated": "2026-11-22T08:10:20.000+0700",
}
SERVICE = {
    "code": "VNEID",
    "name": "Định danh",
    "level": "national",
    "connected": True,
    "last_call": "2026-11-22T08:05:00.000+0700",
    "unit": "000.00.05.H12",
    "contact": "CANARY",
    "phone": "CANARY",
    "updated": "2026-11-22T08:10:20.000+0700",
}


def test_a_count() -> None:
    entity, unit, data = read_calls(CALLS)
    assert (entity, unit) == ("DVCQG/2026-11-22T01:05:00Z", "000.00.05.H12")
    assert (data["service"], data["calls"], data["failures"]) == ("DVCQG", 120, 3)
    assert data["started_at"].isoformat() == "2026-11-22T01:05:00+00:00"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"service": ""}, "missing_field"),
        ({"start": None}, "missing_field"),
        ({"calls": None}, "missing_field"),
        ({"calls": -1}, "invalid_value"),
        ({"calls": 1.5}, "invalid_value"),
        ({"calls": "nhiều"}, "invalid_value"),
        ({"start": "hôm qua"}, "invalid_value"),
        ({"failures": 121}, "contradiction"),
    ],
)
def test_a_count_is_refused_for(cells: dict[str, Any], reason: str) -> None:
    with pytest.raises(SkippableError) as refused:
        read_calls(CALLS | cells)
    assert refused.value.reason == reason


def test_a_service_is_a_facility() -> None:
    entity, unit, data = read_service(SERVICE)
    assert (entity, unit) == ("lgsp_service/VNEID", "000.00.05.H12")
    assert data["online"] is True
    assert "CANARY" not in str(data)
    _, _, data = read_service(SERVICE | {"connected": False, "last_call": None})
    assert (data["online"], data["last_seen_at"]) == (False, None)


@pytest.mark.parametrize(("cells", "reason"), [({"code": ""}, "missing_field"), ({"connected": None}, "missing_field")])
def test_a_service_is_refused_for(cells: dict[str, Any], reason: str) -> None:
    with pytest.raises(SkippableError) as refused:
        read_service(SERVICE | cells)
    assert refused.value.reason == reason


class Platform:
    """Answers by update time, in pages; refuses as many logins as it is told."""

    def __init__(self) -> None:
        self.records: dict[str, list[dict[str, Any]]] = {"calls": [CALLS], "services": [SERVICE]}
        self.refuse = 0
        self.without_total = False

    def answer(self, path: str, _body: bytes) -> Reply:
        if self.refuse:
            self.refuse -= 1
            return 401, {}, b""
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        records = self.records[url.path.rpartition("/")[2]]
        page, size = int(query["page"]), int(query["size"])
        shown: dict[str, Any] = {"total": len(records), "records": records[page * size : (page + 1) * size]}
        if self.without_total:
            del shown["total"]
        return 200, {}, json.dumps(shown).encode()


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def streams(platform: Platform) -> Iterator[dict[str, LgspStream]]:
    with ScriptedServer(platform.answer) as server:
        settings = HubSourceSettings(lgsp_url=server.url, user="u", password=SecretStr("p"), page_size=2)
        part = lgsp_part(settings)
        assert part is not None
        yield {stream.stream: stream for stream in part.streams if isinstance(stream, LgspStream)}
        part.close()


def test_a_corrected_count_is_a_new_version_of_its_interval(platform: Platform, streams: dict[str, LgspStream]) -> None:
    platform.records["calls"].append(CALLS | {"calls": 125, "updated": "2026-11-22T08:40:00.000+0700"})
    harvest = Harvest(MemoryPublisher())
    assert run_stream(streams["lgsp_calls"], harvest)
    first, second = harvest.events()
    assert first["entity"] == second["entity"]
    assert first["version"] < second["version"]
    assert (first["data"]["calls"], second["data"]["calls"]) == (120, 125)


def test_a_listing_of_services_goes_through_all_pages(platform: Platform, streams: dict[str, LgspStream]) -> None:
    platform.records["services"] = [SERVICE | {"code": f"D{n}", "connected": "?"} for n in range(5)]
    listing = streams["lgsp_services"].listing()
    assert listing is not None
    assert [listed.entity for listed in listing] == [f"lgsp_service/D{n}" for n in range(5)]
    assert streams["lgsp_calls"].listing() is None


def test_a_login_that_is_refused_now_and_then_is_tried_again(
    platform: Platform, streams: dict[str, LgspStream]
) -> None:
    platform.refuse = 1
    with pytest.raises(RetriableError, match="login refused"):
        next(iter(streams["lgsp_calls"].pages(None)))
    assert len(next(iter(streams["lgsp_calls"].pages(None))).records) == 1


def test_a_login_that_is_refused_again_and_again_stops_the_stream(
    platform: Platform, streams: dict[str, LgspStream]
) -> None:
    platform.refuse = REFUSALS
    for _ in range(REFUSALS - 1):
        with pytest.raises(RetriableError):
            next(iter(streams["lgsp_calls"].pages(None)))
    with pytest.raises(FatalError, match="user and password"):
        next(iter(streams["lgsp_calls"].pages(None)))


def test_an_answer_without_total_is_asked_for_again(platform: Platform, streams: dict[str, LgspStream]) -> None:
    platform.without_total = True
    with pytest.raises(RetriableError, match="without `total`"):
        next(iter(streams["lgsp_calls"].pages(None)))


def test_without_an_address_there_are_no_streams() -> None:
    assert lgsp_part(HubSourceSettings(lgsp_url="")) is None
