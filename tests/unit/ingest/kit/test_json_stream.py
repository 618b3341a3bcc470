"""A source over HTTP as the kit reads it: logins, ways of paging, and what a source that knows no pages gets."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.kit.json_stream import JsonSettings, JsonStream
from ingest.kit.rows import rows
from ingest.kit.server import SampleList, SampleServer, basic
from ingest.memory import MemoryPublisher
from ingest.source import Target
from ingest.testing import Harvest, run_stream
from ioc.errors import FatalError

COUNT = 70


class Plain(JsonStream):
    name, stream, targets, path = "test", "cases", (Target("feedback_case", "case"),), "/cases"


class Offset(Plain):
    records_key = "items"

    def query(self, from_ms: int | None, page: int, size: int) -> dict[str, str]:
        asked = {"skip": str(page * size), "take": str(size)}
        return asked if from_ms is None else asked | {"since": self.written(from_ms)}


class WithoutPages(Plain):
    def query(self, from_ms: int | None, page: int, size: int) -> dict[str, str]:
        asked = super().query(from_ms, page, size)
        del asked["page"]
        return asked


def settings(url: str, **changes: Any) -> JsonSettings:
    return JsonSettings(url=url, **{"page_size": 20, "timeout_s": 5.0, **changes})


def served(kind: type[JsonStream], made: list[dict[str, Any]] | None = None, **login: Any) -> SampleServer:
    stream = kind(settings("http://127.0.0.1:1"))
    return SampleServer([SampleList(stream, rows(stream, COUNT) if made is None else made)], **login)


@pytest.mark.parametrize("kind", [Plain, Offset, WithoutPages])
def test_everything_is_read_once_in_every_way_of_paging(kind: type[JsonStream]) -> None:
    with served(kind) as server:
        stream = kind(settings(server.url))
        harvest = Harvest(MemoryPublisher())
        assert run_stream(stream, harvest, polls=2)
        stream.close()
    assert len(harvest.events()) == len(harvest.versions()) == COUNT


def test_more_of_one_moment_than_a_page_is_told_where_no_page_can_be_asked_for() -> None:
    one = rows(Plain(settings("http://127.0.0.1:1")), 1)[0]
    with served(WithoutPages, [one | {"id": str(number)} for number in range(30)]) as server:
        stream = WithoutPages(settings(server.url))
        with pytest.raises(FatalError, match=r"20 records since .* raise page_size"):
            list(stream.pages(None))
        stream.close()


LOGINS: Mapping[str, tuple[tuple[str, str], dict[str, Any]]] = {
    "basic": (basic("ioc", "secret"), {"user": "ioc", "password": SecretStr("secret")}),
    "token": (("X-Api-Key", "secret"), {"token_header": "X-Api-Key", "password": SecretStr("secret")}),
}


@pytest.mark.parametrize("way", LOGINS)
def test_it_logs_in(way: str) -> None:
    login, given = LOGINS[way]
    with served(Plain, login=login) as server:
        stream = Plain(settings(server.url, **given))
        assert sum(len(page.records) for page in stream.pages(None)) >= COUNT
        stream.close()
        refused = Plain(settings(server.url, **(given | {"password": SecretStr("CANARY")})))
        with pytest.raises(
            FatalError, match=r"login refused: .*; check user, password and token_header of test"
        ) as error:
            next(refused.pages(None))
        assert "CANARY" not in str(error.value)
        refused.close()


def test_fields_that_are_read_or_left_on_purpose_are_known() -> None:
    class Some(Plain):
        keys = {"topic": "linhVuc.ma"}
        ignored = frozenset({"hoTen"})

    stream = Some(settings("http://127.0.0.1:1"))
    assert stream.known_fields is not None
    assert stream.known_fields >= {"linhvuc", "hoten", "id", "unit", "updated_at", "state"}
    assert "topic" not in stream.known_fields
    stream.close()
