"""The streams: folder, exchange, REST and export, beside one another."""

import asyncio
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.memory import MemoryPublisher
from ingest.source import Change, Page, Record, Source, System
from ingest.sources.ioffice import wire
from ingest.sources.ioffice.accounts import read_account
from ingest.sources.ioffice.accounts_csv import rows
from ingest.sources.ioffice.dropped import merged
from ingest.sources.ioffice.edxml import CHUNK
from ingest.sources.ioffice.exchange import SAME_BYTES_TRIES, Exchange
from ingest.sources.ioffice.rest import AccountStream
from ingest.sources.ioffice.system import ioffice_system
from ingest.sources.ioffice.workfiles import read_work_file
from ingest.testing import run
from ioc.errors import ConfigError, FatalError, RetriableError, SkippableError
from ioc.settings.sources import OfficeSourceSettings
from tests.conformance.connectors.ioffice import Office, fired

MIB = 1 << 20


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), times=0.03)
    office.simulated.drops.due(asyncio.Event())
    with office.served():
        yield office


def stream_of(system: System, name: str) -> Source:
    return next(stream for stream in system.streams if stream.stream == name)


def records_of(stream: Source) -> list[Record]:
    return [record for page in stream.pages(None) for record in page.records]


def changes_of(stream: Source) -> list[Change]:
    found: list[Change] = []
    for record in records_of(stream):
        change = stream.read(record)
        found += [change] if isinstance(change, Change) else change
    return found


def test_what_is_not_configured_is_left_out(tmp_path: Path) -> None:
    names = ["documents", "accounts_files", "exchange", "exchange_status", "work_files", "accounts"]
    url = "http://127.0.0.1:1/ioffice"
    for given, streams in (
        ({"url": ""}, []),
        ({"url": "", "drop_dir": tmp_path}, names[:2]),
        ({"url": url}, names[2:]),
        ({"url": url, "drop_dir": tmp_path}, names),
    ):
        system = ioffice_system(OfficeSourceSettings(**given))
        assert [stream.stream for stream in system.streams] == streams
        system.close()
    with pytest.raises(ConfigError):
        ioffice_system(OfficeSourceSettings(url="ftp://x"))


def test_a_message_of_folder_and_exchange_is_one_event(office: Office) -> None:
    system = ioffice_system(office.settings(drop_dir=office.drop_dir))
    harvest = run(system, MemoryPublisher())
    by_both = [
        message
        for kept in office.simulated.ledger.kept.values()
        for message in kept
        if (office.drop_dir / f"{message.kind}-{message.number}.edxml").exists()
    ]
    assert len(by_both) > 3
    assert len(harvest.events()) > len(harvest.versions()), "equal versions came by both ways"
    assert harvest.letters() == {}


def test_accounts_of_rest_and_export_are_one_event(office: Office) -> None:
    system = ioffice_system(office.settings(drop_dir=office.drop_dir))
    by_rest = changes_of(stream_of(system, "accounts"))
    by_file = changes_of(stream_of(system, "accounts_files"))
    assert len(by_rest) > 20
    assert {change.entity: change for change in by_rest} == {change.entity: change for change in by_file}
    system.close()


def test_everybody_is_listed_once_in_pages_of_any_size(office: Office) -> None:
    for size in (7, 1000):
        system = ioffice_system(office.settings(page_size=size))
        accounts = stream_of(system, "accounts")
        assert isinstance(accounts, AccountStream)
        listed = list(accounts.listing())
        assert sorted(one.entity for one in listed) == sorted({change.entity for change in changes_of(accounts)})
        assert {one.unit for one in listed} == {change.unit for change in changes_of(accounts)}
        system.close()


def test_a_listing_that_breaks_off_counts_for_nothing(office: Office) -> None:
    system = ioffice_system(office.settings(page_size=7))
    accounts = stream_of(system, "accounts")
    for fault in ("missing_required", "truncated", "http_5xx"):
        with fired(office.world.faults, fault, 1.0), pytest.raises(RetriableError):
            list(accounts.listing() or ())
    system.close()


def test_a_wrong_password_stops_the_stream(office: Office) -> None:
    system = ioffice_system(office.settings(password=SecretStr("CANARY-wrong")))
    for stream in system.streams:
        with pytest.raises(FatalError, match=r"sources\.ioffice") as refused:
            list(stream.pages(None))
        assert "CANARY" not in str(refused.value)
    system.close()


def test_a_message_that_was_acknowledged_is_not_fetched_again(office: Office) -> None:
    system = ioffice_system(office.settings())
    stream = stream_of(system, "exchange")
    first = list(stream.pages(None))
    asked = office.simulated.services.door.requests
    again = list(stream.pages(None))
    assert sum(len(page.records) for page in first) > 3
    assert [page.records for page in again if page.records] == []
    assert office.simulated.services.door.requests - asked <= len(again) + 1
    system.close()


def test_a_page_that_was_not_acknowledged_is_fetched_again(office: Office) -> None:
    system = ioffice_system(office.settings(page_size=2))
    stream = stream_of(system, "exchange")
    lost = next(iter(stream.pages(None)))
    again = next(iter(stream.pages(None)))
    assert [record.raw for record in again.records] == [record.raw for record in lost.records] != []
    system.close()


def test_a_bad_message_is_asked_for_often_before_it_is_given_up(office: Office) -> None:
    message = next(iter(office.simulated.ledger.known))
    system = ioffice_system(office.settings())
    exchange = Exchange(office.settings())
    stream = stream_of(system, "exchange")
    asked = office.simulated.services.door.requests
    with fired(office.world.faults, "truncated", 1.0):
        found = stream._fetched(message)  # type: ignore[attr-defined]
    assert office.simulated.services.door.requests - asked == SAME_BYTES_TRIES
    assert found.fault is not None
    assert found.fault.reason == "undecodable"
    assert stream._fetched(message).fault is None  # type: ignore[attr-defined]
    exchange.close()
    system.close()


class Watched(Exchange):
    """Keeps the lengths of the pieces that a message came in."""

    def __init__(self, settings: OfficeSourceSettings) -> None:
        super().__init__(settings)
        self.pieces: list[int] = []

    def _watched(self, chunks: Iterator[bytes], note: Callable[[bytes], None]) -> Iterator[bytes]:
        for chunk in super()._watched(chunks, note):
            self.pieces.append(len(chunk))
            yield chunk


def documents(office: Office) -> list[str]:
    return [number for number in office.simulated.ledger.known if number.startswith("edoc")]


def test_a_big_message_of_the_exchange_is_read_in_pieces_up_to_its_attached_files(office: Office) -> None:
    exchange = Watched(office.settings())
    number = documents(office)[0]
    small, _ = exchange.message(number)
    with fired(office.world.faults, "huge_attachment", 1.0):
        big, _ = exchange.message(number)
    exchange.close()
    assert (big.fault, big.fields, big.raw) == (None, small.fields, small.raw)
    assert max(exchange.pieces) <= CHUNK
    assert sum(exchange.pieces) < MIB


def test_a_message_over_the_limit_is_a_letter(office: Office) -> None:
    exchange = Exchange(office.settings(max_file_mb=1))
    with fired(office.world.faults, "huge_attachment", 1.0), fired(office.world.faults, "element_order", 1.0):
        faults = [exchange.message(number)[0].fault for number in documents(office)[:8]]
    exchange.close()
    assert {fault.reason for fault in faults if fault is not None} == {"too_large"}


def page(*lengths: int, cursor: str) -> Page:
    return Page([Record(b"x" * length, {}) for length in lengths], cursor, datetime(2026, 1, 1, tzinfo=UTC), 0)


def test_small_files_share_a_page_and_its_cursor() -> None:
    pages = iter([page(1, cursor="a"), page(1, cursor="b"), page(1, 1, cursor="c"), page(cursor="d")])
    got = [(len(one.records), one.cursor) for one in merged(pages, 3)]
    assert got == [(4, "c"), (0, "d")]
    big = iter([page(5 * MIB, cursor="a"), page(1, cursor="b")])
    assert [(len(one.records), one.cursor) for one in merged(big, 3)] == [(1, "a"), (1, "b")]


def test_what_came_before_a_failure_is_given_first() -> None:
    def failing() -> Iterator[Page]:
        yield page(1, cursor="a")
        raise RetriableError("gone")

    pages = merged(failing(), 10)
    assert next(pages).cursor == "a"
    with pytest.raises(RetriableError, match="gone"):
        next(pages)


HEAD = "TenDangNhap;HoTen;MaDonVi;LoaiTaiKhoan;KichHoat;NgayTao;LanDangNhapCuoi;LoaiChuKySo;ChuKySoDenNgay;VNeID;NgayCapNhat"
ROW = "an.nv;CANARY Nguyễn;000.00.05.H12;2;1;01/02/2024;05/10/2025 08:00:00;2;01/02/2028;có;05/10/2025 08:00:00"


def read(text: str | bytes) -> list[Record]:
    return list(rows(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def account(text: str | bytes) -> Change:
    (record,) = read(text)
    if record.fault is not None:
        raise record.fault
    return read_account(record.fields, wire.ACCOUNT_COLUMNS)


def test_an_exported_account() -> None:
    change = account(f"{HEAD}\n{ROW}\n")
    assert (change.entity, change.unit) == ("an.nv", "000.00.05.H12")
    assert change.updated_ms == 1_759_626_000_000
    assert change.data == {
        "holder": "person",
        "active": True,
        "created_at": datetime(2024, 1, 31, 17, tzinfo=UTC),
        "last_seen_at": datetime(2025, 10, 5, 1, tzinfo=UTC),
        "signature": "sim_pki",
        "signature_until": datetime(2028, 2, 1, 16, 59, 59, tzinfo=UTC),
        "vneid": True,
    }


@pytest.mark.parametrize(
    "written",
    [
        f"{HEAD}\n{ROW}\n".encode("utf-8-sig"),
        f"{HEAD}\r\n{ROW}\r\n".encode("utf-16"),
        f"{HEAD}\n{ROW}".replace(";", ",").encode(),
        f"{HEAD}\n{ROW}".replace(";", "\t").encode(),
        f"{HEAD.upper()}\n\n{ROW}\n\n".encode(),
        f'{HEAD}\n{ROW}'.replace("CANARY Nguyễn", '"CANARY; ""Nguyễn"""').encode(),
    ],
)  # fmt: skip
def test_each_way_of_writing_an_export_reads_the_same(written: bytes) -> None:
    assert account(written) == account(f"{HEAD}\n{ROW}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a;b;c\n1;2;3\n", "unknown_kind"),
        ("", "unknown_kind"),
        (f"{HEAD}\n{ROW};more\n", "invalid_value"),
        (f"{HEAD}\n" + ROW.replace("an.nv", ""), "missing_field"),
        (f"{HEAD}\n" + ROW.replace(";2;1;", ";9;1;"), "invalid_value"),
        (f"{HEAD}\n" + ROW.replace(";2;1;", ";2;maybe;"), "invalid_value"),
        (f"{HEAD}\n" + ROW.replace("01/02/2024", "soon"), "invalid_value"),
        (f"{HEAD}\n" + ROW.replace("01/02/2024", ""), "missing_field"),
    ],
)
def test_what_is_wrong_with_an_export(text: str, reason: str) -> None:
    with pytest.raises(SkippableError) as refused:
        account(text)
    assert refused.value.reason == reason
    assert "CANARY" not in str(refused.value)


def test_a_row_that_is_no_text_costs_itself_only() -> None:
    bad = ROW.encode().replace("ễ".encode(), b"\xe1\xbb")
    found = read(b"\n".join([HEAD.encode(), ROW.encode(), bad, ROW.encode()]))
    assert [None if record.fault is None else record.fault.reason for record in found] == [None, "undecodable", None]


def work_file(**changes: Any) -> Change:
    fields = {
        "code": "HSCV-1",
        "title": "CANARY",
        "unitcode": "000.00.05.H12",
        "openedat": "2025-10-01T08:00:00.000+0700",
        "dueat": "2025-10-10",
        "finishedat": "2025-10-09T08:00:00.000+0700",
        "online": True,
        "state": "2",
        "documents": 3,
        "updatedat": "2025-10-09T08:00:00.123+0700",
        **changes,
    }
    return read_work_file(fields, wire.WORK_FILE)


def test_a_work_file() -> None:
    change = work_file()
    assert (change.entity, change.unit, change.updated_ms) == ("HSCV-1", "000.00.05.H12", 1_759_971_600_123)
    assert change.data == {
        "opened_at": datetime(2025, 10, 1, 1, tzinfo=UTC),
        "due_at": datetime(2025, 10, 10, 16, 59, 59, tzinfo=UTC),
        "finished_at": datetime(2025, 10, 9, 1, tzinfo=UTC),
        "online": True,
        "state": "finished",
        "documents": 3,
    }
    assert work_file(state=0, finishedat=None, dueat="", online="0").data == {
        **change.data,
        "state": "open",
        "finished_at": None,
        "due_at": None,
        "online": False,
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": ""}, "missing_field"),
        ({"openedat": None}, "missing_field"),
        ({"online": None}, "missing_field"),
        ({"state": "7"}, "invalid_value"),
        ({"documents": -1}, "invalid_value"),
        ({"dueat": ["CANARY"]}, "invalid_value"),
        ({"updatedat": "1969-01-01"}, "invalid_value"),
    ],
)
def test_what_is_wrong_with_a_work_file(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(SkippableError) as refused:
        work_file(**changes)
    assert refused.value.reason == reason
    assert "CANARY" not in str(refused.value)
