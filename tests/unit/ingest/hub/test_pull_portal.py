"""Reading a portal whose tables change, lack columns, vanish and come back while they are read."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.source import Page, Source
from ingest.sources.hub.ckan import ckan_part
from ingest.sources.hub.ckan_position import MAX_TABLES, Position, decode
from ioc.contracts.control import Cursor
from ioc.errors import FatalError, RetriableError, SkippableError
from ioc.settings.sources import HubSourceSettings
from tests.unit.ingest.scripted_server import Reply, ScriptedServer


class Portal:
    """Tables that a test changes; answers as CKAN does, with at most three rows a page."""

    most = 3

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}
        self.before_rows: Callable[[str, int], None] = lambda *_: None
        self.reads: list[tuple[str, int]] = []
        self.broken: set[str] = set()

    def put(self, name: str, rows: list[dict[str, Any]], at: str, kind: str = "facility", **more: Any) -> None:
        self.tables[name] = {"rows": rows, "at": at, "kind": kind, "extras": {"ioc_type": "school"}, "types": {}} | more

    def answer(self, path: str, _body: bytes) -> Reply | None:
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        found = getattr(self, url.path.rpartition("/")[2])(query)
        body = {"success": False} if found is None else {"help": "", "success": True, "result": found}
        return (404 if found is None else 200), {}, json.dumps(body).encode()

    def package_search(self, query: dict[str, str]) -> Any:
        assert query["sort"] == "id asc"
        packages = [self.package(name) for name in sorted(self.tables)]
        start = int(query["start"])
        return {"count": len(packages), "results": packages[start : start + int(query["rows"])]}

    def package(self, name: str) -> Any:
        table = self.tables[name]
        extras = {"ioc_kind": table["kind"], **table["extras"]}
        pairs = [{"key": key, "value": value} for key, value in extras.items()]
        resources = [self.resource_show({"id": name}), {"id": "bản in", "datastore_active": False}]
        return {"name": name, "metadata_modified": table["at"], "extras": pairs, "resources": resources}

    def resource_show(self, query: dict[str, str]) -> Any:
        name = query["id"]
        return {"id": name, "datastore_active": True, "last_modified": self.tables[name]["at"]}

    def datastore_search(self, query: dict[str, str]) -> Any:
        name, offset = query["resource_id"], int(query["offset"])
        assert query["sort"] == "_id"
        self.before_rows(name, offset)
        self.reads.append((name, offset))
        if name in self.broken:
            return None
        table = self.tables[name]
        limit = min(int(query["limit"]), self.most)
        names = dict.fromkeys(key for row in table["rows"] for key in row)
        rows = [{"_id": n + 1, **row} for n, row in enumerate(table["rows"])]
        return {
            "fields": [
                {"id": "_id", "type": "int"},
                *({"id": n, "type": table["types"].get(n, "text")} for n in names),
            ],
            "records": rows[offset : offset + limit],
            "total": len(rows),
            "limit": limit,
        }


def schools(*numbers: int, online: str = "có") -> list[dict[str, Any]]:
    return [{"ma": f"TH-{n}", "ket_noi": online, "dien_thoai": "CANARY"} for n in numbers]


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def streams(portal: Portal) -> Iterator[dict[str, Source]]:
    with ScriptedServer(portal.answer) as server:
        part = ckan_part(HubSourceSettings(ckan_url=server.url, page_size=100))
        assert part is not None
        yield {stream.stream: stream for stream in part.streams}
        part.close()


@pytest.fixture
def facilities(streams: dict[str, Source]) -> Source:
    return streams["ckan_facilities"]


def portal_of(stream: Source) -> Any:
    return vars(stream)["_portal"]


def entities(pages: list[Page], stream: Source) -> list[str]:
    return [stream.read(record).entity for page in pages for record in page.records]  # type: ignore[union-attr]


FIRST, SECOND = "2026-11-01T00:00:00.000000", "2026-11-02T00:00:00.000000"


def test_rows_come_in_pages_and_an_unchanged_table_is_not_read_again(portal: Portal, facilities: Source) -> None:
    portal.put("a", schools(*range(7)), FIRST)
    pages = list(facilities.pages(None))
    assert entities(pages, facilities) == [f"school/TH-{n}" for n in range(7)]
    assert [len(page.records) for page in pages] == [3, 3, 1, 0]
    assert [page.remaining for page in pages] == [4, 1, 0, 0]
    portal.reads.clear()
    assert [len(page.records) for page in facilities.pages(pages[-1].cursor)] == [0]
    assert portal.reads == []


def test_a_killed_connector_goes_on_in_the_middle(portal: Portal, facilities: Source) -> None:
    portal.put("a", schools(*range(7)), FIRST)
    portal.put("b", schools(*range(10, 12)), FIRST)
    first = next(iter(facilities.pages(None)))
    portal.reads.clear()
    assert entities(list(facilities.pages(first.cursor)), facilities)[0] == "school/TH-3"
    assert portal.reads == [("a", 3), ("a", 6), ("b", 0)]


def test_a_table_that_changed_since_is_begun_again(portal: Portal, facilities: Source) -> None:
    portal.put("a", schools(*range(7)), FIRST)
    first = next(iter(facilities.pages(None)))
    portal.put("a", schools(*range(7), online="không"), SECOND)
    pages = list(facilities.pages(first.cursor))
    assert len(entities(pages, facilities)) == 7
    change = facilities.read(pages[0].records[0])
    assert change.updated_ms == 1_793_577_600_000  # type: ignore[union-attr]


@pytest.mark.parametrize("total", [7, 5])
def test_a_table_that_is_replaced_while_it_is_read_is_begun_again(
    portal: Portal, facilities: Source, total: int
) -> None:
    portal.put("a", schools(*range(7)), FIRST)

    def replace(name: str, offset: int) -> None:
        if offset == 3 and portal.tables[name]["at"] == FIRST:
            portal.put("a", schools(*range(100, 100 + total)), SECOND)

    portal.before_rows = replace
    pages = list(facilities.pages(None))
    again = list(facilities.pages(pages[-1].cursor))
    assert entities(again, facilities) == [f"school/TH-{n}" for n in range(100, 100 + total)]
    assert [len(page.records) for page in facilities.pages(again[-1].cursor)] == [0]


def test_a_table_that_cannot_be_read_does_not_hold_up_the_others(portal: Portal, facilities: Source) -> None:
    for name, number in (("a", 1), ("b", 2), ("c", 3)):
        portal.put(name, schools(number), FIRST)
    portal.broken = {"a"}
    given: list[Page] = []
    with pytest.raises(RetriableError, match="404"):
        given.extend(facilities.pages(None))
    assert entities(given, facilities) == ["school/TH-2", "school/TH-3"]
    portal.broken = set()
    assert entities(list(facilities.pages(given[-1].cursor)), facilities) == ["school/TH-1"]


def test_a_portal_that_fails_is_not_asked_for_every_table(portal: Portal, facilities: Source) -> None:
    for number in range(10):
        portal.put(f"t{number}", schools(number), FIRST)
    portal.broken = set(portal.tables)
    with pytest.raises(RetriableError):
        list(facilities.pages(None))
    assert len(portal.reads) == 3


def test_a_table_without_a_required_column_is_one_dead_letter(portal: Portal, facilities: Source) -> None:
    portal.put("a", [{"ma": "TH-1"}], FIRST)
    portal.put("b", schools(2), FIRST)
    first, second, _ = facilities.pages(None)
    (record,) = first.records
    assert record.fault is not None
    assert record.fault.reason == "missing_field"
    assert facilities.place(record) == "resource a"
    assert entities([second], facilities) == ["school/TH-2"]


def test_a_package_says_how_it_is_read(portal: Portal, streams: dict[str, Source]) -> None:
    rows = [{"Mã số": "S", "Nơi": "U", "Lúc": "2026", "Đạt": "1", "Cần": "3", "tỷ lệ": "33.3"}]
    columns = json.dumps({"Mã số": "series", "Nơi": "unit", "Lúc": "period", "Đạt": "numerator", "Cần": "denominator"})
    types = {"Đạt": "int4", "Cần": "int4", "tỷ lệ": "numeric"}
    portal.put("a", rows, FIRST, "statistic", extras={"ioc_columns": columns}, types=types)
    page, _ = streams["ckan_statistics"].pages(None)
    change = streams["ckan_statistics"].read(page.records[0])
    assert change.entity == "S/U/2026"  # type: ignore[union-attr]
    assert (change.data["value_milli"], change.data["contradictory"]) == (33_300, False)  # type: ignore[union-attr,index]


def test_a_package_that_says_it_wrongly_is_named(portal: Portal, facilities: Source) -> None:
    portal.put("a", schools(1), FIRST, extras={"ioc_columns": "ma=code"})
    with pytest.raises(RetriableError, match="package a: ioc_columns"):
        list(facilities.pages(None))


def test_a_listing_has_everything_and_also_rows_that_are_refused(portal: Portal, facilities: Source) -> None:
    portal.put("a", [*schools(1, 2, 3, 4), *schools(5, online="thỉnh thoảng"), {"ma": "", "ket_noi": "có"}], FIRST)
    listing = facilities.listing()
    assert listing is not None
    assert [listed.entity for listed in listing] == [f"school/TH-{n}" for n in range(1, 6)]


@pytest.mark.parametrize("total", [7, 5])
def test_a_listing_of_a_table_that_is_replaced_meanwhile_counts_for_nothing(
    portal: Portal, facilities: Source, total: int
) -> None:
    portal.put("a", schools(*range(7)), FIRST)
    portal.before_rows = lambda _, offset: portal.put("a", schools(*range(total)), SECOND) if offset == 3 else None
    listing = facilities.listing()
    assert listing is not None
    with pytest.raises(RetriableError, match="replaced while it was listed"):
        list(listing)


def test_a_listing_of_a_table_that_lacks_a_column_counts_for_nothing(portal: Portal, facilities: Source) -> None:
    portal.put("a", [{"ma": "TH-1"}], FIRST)
    listing = facilities.listing()
    assert listing is not None
    with pytest.raises(RetriableError, match="resource a: the table has no column"):
        list(listing)


def test_figures_do_not_go_away(streams: dict[str, Source]) -> None:
    assert streams["ckan_statistics"].listing() is None


@pytest.mark.parametrize("cursor", ['{"read": 1}', '{"read": "abc"}', "x"])
def test_a_cursor_that_is_none(facilities: Source, cursor: str) -> None:
    with pytest.raises(FatalError, match="publish a right one"):
        next(iter(facilities.pages(cursor)))


def test_a_number_that_is_none_in_a_column_of_numbers(portal: Portal, streams: dict[str, Source]) -> None:
    row = {"ma_chi_tieu": "S", "ma_don_vi": "U", "ky": "2026", "gia_tri": "nhiều"}
    portal.put("a", [row], FIRST, "statistic", types={"gia_tri": "numeric"})
    page, _ = streams["ckan_statistics"].pages(None)
    fault = page.records[0].fault
    assert isinstance(fault, SkippableError)
    assert fault.reason == "invalid_value"


def test_many_packages_are_searched_in_pages(portal: Portal, facilities: Source) -> None:
    for number in range(MAX_TABLES):
        portal.put(f"t{number:03}", schools(number), FIRST)
    assert {table.id for table in portal_of(facilities).resources("facility")} == set(portal.tables)


def test_a_cursor_has_room_for_all_tables() -> None:
    position, tables = Position(), [f"bảng {number}" for number in range(MAX_TABLES)]
    for table in tables:
        position.finish(table, "state")
    for table in tables[:10]:
        position.go_on(table, "state", 10**9, 10**8)
    saved = position.encode()
    Cursor(source="hub", stream="ckan_facilities", position=saved, saved_at=datetime.now(UTC))
    again = decode(saved)
    again.keep(tables)
    assert all(again.was_read(table, "state") and not again.was_read(table, "other") for table in tables)
    with pytest.raises(FatalError, match="at most 300"):
        again.keep([*tables, "one more"])
