"""Searches, links and logins against a scripted server."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from ingest.source import Page
from ingest.sources.health.fhir import FhirStream, fhir_part, instant
from ingest.sources.part import Part
from ioc.errors import ConfigError, FatalError, RetriableError
from ioc.settings.sources import HealthSourceSettings
from tests.unit.ingest.health.fhir_examples import OBSERVATION, bundle, changed
from tests.unit.ingest.scripted_server import Reply, ScriptedServer

TOKEN: Reply = (200, {}, b'{"access_token": "t"}')
Query = dict[str, list[str]]


def resource(number: int, updated: str = "2025-11-20T09:30:00+07:00") -> dict[str, Any]:
    return changed(OBSERVATION, id=f"o{number}", meta={"lastUpdated": updated})


def page(*resources: dict[str, Any], next_url: str | None = None, **members: Any) -> Reply:
    link = [] if next_url is None else [{"relation": "next", "url": next_url}]
    return 200, {}, bundle(*resources, link=link, **members)


class Server(ScriptedServer):
    """Answers searches by `search(query)`, on the token's path a token."""

    def __init__(self, search: Callable[[Query], Reply | None]) -> None:
        def reply(path: str, body: bytes) -> Reply | None:
            del body
            parts = urlsplit(path)
            return TOKEN if parts.path.endswith("/token") else search(parse_qs(parts.query))

        super().__init__(reply)

    @property
    def searches(self) -> list[str]:
        return [path for path in self.requests if "token" not in path]

    def part(self, **changes: Any) -> Part:
        given = {"fhir_url": f"{self.url}/fhir", "page_size": 2, "password": SecretStr("secret"), "overlap_s": 0}
        part = fhir_part(HealthSourceSettings(**{**given, **changes}))
        assert part is not None
        return part


def observations(part: Part) -> FhirStream:
    (found,) = [one for one in part.streams if isinstance(one, FhirStream) and one.stream == "fhir_observations"]
    return found


def read(server: Server, cursor: str | None = None, **changes: Any) -> list[Page]:
    part = server.part(**changes)
    try:
        return list(observations(part).pages(cursor))
    finally:
        part.close()


def ids(pages: list[Page]) -> list[str]:
    return [record.fields["id"] for one in pages for record in one.records]


def test_a_search_is_by_update_time_and_goes_on_from_it() -> None:
    with Server(lambda _: page(resource(1))) as server:
        (first,) = read(server)
        assert server.searches == ["/fhir/Observation?_sort=_lastUpdated&_count=2"]
        read(server, first.cursor)
    query = parse_qs(urlsplit(server.searches[1]).query)
    assert query == {"_sort": ["_lastUpdated"], "_count": ["2"], "_lastUpdated": ["ge2025-11-20T02:30:00.000Z"]}
    assert instant(1_763_605_800_125) == "2025-11-20T02:30:00.125Z"


def test_links_are_followed_until_there_is_none() -> None:
    def search(query: Query) -> Reply:
        at = int(query.get("at", ["0"])[0])
        link = f"{server.url}/fhir/Observation?at={at + 1}" if at < 3 else None
        return page(resource(2 * at), resource(2 * at + 1), next_url=link, total=8)

    with Server(search) as server:
        pages = read(server)
    assert ids(pages) == [f"o{number}" for number in range(8)]
    assert [one.remaining for one in pages] == [6, 4, 2, 0]
    assert server.searches[1:] == [f"/fhir/Observation?at={at}" for at in (1, 2, 3)]


def test_a_relative_link_and_one_to_another_path_of_the_server() -> None:
    def search(query: Query) -> Reply:
        match query.get("at"):
            case None:
                return page(resource(1), next_url="Observation?at=1")
            case ["1"]:
                return page(resource(2), next_url="/paged?at=2")
            case ["2"]:
                return page(resource(3), next_url=f"{server.url}/fhir?at=3")
        return page(resource(4))

    with Server(search) as server:
        assert ids(read(server)) == ["o1", "o2", "o3", "o4"]
    assert server.searches[1:] == ["/fhir/Observation?at=1", "/paged?at=2", "/fhir?at=3"]


@pytest.mark.parametrize(
    "link",
    [
        "http://fhir.invalid/x",
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "http://[",
        "//else.invalid/x",
        "file:///etc",
    ],
)
def test_a_link_to_another_host_is_never_followed(link: str) -> None:
    with Server(lambda _: page(resource(1), resource(2), next_url=link)) as server:
        part = server.part()
        pages = observations(part).pages(None)
        assert len(next(pages).records) == 2
        with pytest.raises(RetriableError, match="next link"):
            next(pages)
        part.close()
    assert len(server.searches) == 1


def test_a_restart_in_the_middle_walks_to_where_it_was() -> None:
    def search(query: Query) -> Reply:
        at = int(query.get("at", ["0"])[0])
        link = f"{server.url}/fhir/Observation?at={at + 1}" if at < 2 else None
        return page(resource(2 * at), resource(2 * at + 1), next_url=link)

    with Server(search) as server:
        part = server.part()
        cursor = next(observations(part).pages(None)).cursor
        part.close()
        assert ids(read(server, cursor)) == ["o2", "o3", "o4", "o5"]


def test_a_link_that_no_longer_holds_is_found_anew() -> None:
    gone = iter([True, False, False])

    def search(query: Query) -> Reply:
        if "at" not in query:
            return page(resource(1), resource(2), next_url=f"{server.url}/fhir/Observation?at=1")
        return (410, {}, b"gone") if next(gone) else page(resource(3))

    with Server(search) as server:
        part = server.part()
        stream = observations(part)
        pages = stream.pages(None)
        cursor = next(pages).cursor
        with pytest.raises(RetriableError, match="page 1 of a search no longer holds"):
            next(pages)
        assert ids(list(stream.pages(cursor))) == ["o3"]
        part.close()


def test_a_full_page_without_a_link_although_there_is_more_is_asked_for_again() -> None:
    with (
        Server(lambda _: page(resource(1), resource(2), total=5)) as server,
        pytest.raises(RetriableError, match="2 of 5"),
    ):
        read(server)
    with Server(lambda _: page(resource(1), total=5)) as server:
        assert ids(read(server)) == ["o1"], "a total that counts otherwise does not hold the stream"


def test_the_update_time_is_the_place_of_a_record() -> None:
    with Server(lambda _: page(resource(1), changed(OBSERVATION, meta=None))) as server:
        part = server.part()
        stream = observations(part)
        first, second = next(stream.pages(None)).records
        part.close()
    assert stream.place(first) == "meta.lastUpdated 1763605800000"
    assert stream.place(second) == "meta.lastUpdated not readable"


def test_the_login_is_a_token_from_where_the_settings_say() -> None:
    with Server(lambda _: page()) as server:
        read(server)
        read(server, fhir_token_url=f"{server.url}/auth/token")
    assert [path for path in server.requests if "token" in path] == ["/fhir/oauth/token", "/auth/token"]


def test_the_login_may_be_basic() -> None:
    headers: list[str] = []

    with ScriptedServer(lambda _path, _body: page()) as server:
        part = fhir_part(
            HealthSourceSettings(fhir_url=server.url, fhir_login="basic", user="a", password=SecretStr("b:ộ"))
        )
        assert part is not None
        stream = observations(part)
        asked = stream.api.web.ask

        def listen(method: str, path: str, **request: Any) -> Any:
            headers.append(request["headers"]["Authorization"])
            return asked(method, path, **request)

        stream.api.web.ask = listen  # type: ignore[method-assign]
        list(stream.pages(None))
        part.close()
    assert base64.b64decode(headers[0].removeprefix("Basic ")).decode() == "a:b:ộ"
    assert not [path for path in server.requests if "token" in path]


def test_a_refused_login_stops_the_stream() -> None:
    with ScriptedServer(lambda _path, _body: (401, {}, b"{}")) as server:
        part = fhir_part(HealthSourceSettings(fhir_url=server.url))
        assert part is not None
        with pytest.raises(FatalError, match=r"login refused.*sources\.health"):
            list(part.streams[0].pages(None))
        part.close()


def test_a_refused_password_stops_the_stream_unless_it_was_let_in_before() -> None:
    statuses = iter([401, 200, 401, 200, 401, 401])

    def reply(_path: str, _body: bytes) -> Reply:
        status = next(statuses)
        return page() if status == 200 else (status, {}, b"{}")

    with ScriptedServer(reply) as server:
        part = fhir_part(HealthSourceSettings(fhir_url=server.url, fhir_login="basic"))
        assert part is not None
        stream = part.streams[0]
        with pytest.raises(FatalError, match="login refused"):
            list(stream.pages(None))
        assert len(list(stream.pages(None))) == 1
        assert len(list(stream.pages(None))) == 1, "one refusal in between is asked again"
        with pytest.raises(RetriableError):
            list(stream.pages(None))
        part.close()


def test_a_login_without_token_is_tried_again() -> None:
    with ScriptedServer(lambda _path, _body: (200, {}, json.dumps({"token": ""}).encode())) as server:
        part = fhir_part(HealthSourceSettings(fhir_url=server.url))
        assert part is not None
        with pytest.raises(RetriableError, match="access_token"):
            list(part.streams[0].pages(None))
        part.close()


def test_an_address_that_is_none_is_refused_at_start() -> None:
    for wrong in ({"fhir_url": "fhir.invalid"}, {"fhir_token_url": "/oauth/token"}):
        with pytest.raises(ConfigError):
            fhir_part(HealthSourceSettings(**wrong))


def test_without_an_address_there_is_no_part() -> None:
    assert fhir_part(HealthSourceSettings(fhir_url="")) is None
