"""Bad input for the dossier connector, tried for real.

`python -m tests.unit.ingest.bad_input` writes the connector's part of docs/bad-input.md.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ingest.envelope import Enveloper
from ingest.source import Change, RetryLaterError, Source
from ingest.sources.body import BodyReader
from ingest.sources.dossier_national import national_system
from ingest.sources.dossier_rest import rest_system
from ingest.testing import HASH_KEY
from ioc.errors import FatalError, RetriableError, SkippableError
from ioc.privacy import Pseudonyms
from ioc.settings.sources import DossierSourceSettings
from tests.unit.ingest.scripted_server import Reply, ScriptedServer

PAGE = Path(__file__).parents[3] / "docs" / "bad-input.md"
BEGIN, END = "<!-- connector: begin -->", "<!-- connector: end -->"
READ_AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

Raw = dict[str, Any]

NATIONAL: Raw = {
    "MaHoSo": "000.00.01.H12-010011", "MaTTHC": "1.010727", "TenTTHC": "Cấp giấy phép môi trường", "MaLinhVuc": "MT01",
    "ChuHoSo": "Nguyễn Văn A", "LoaiDoiTuong": "1", "MaDoiTuong": "096012345678", "Email": "a@example.invalid",
    "NgayTiepNhan": "20260810184222", "NgayHenTra": "20261005194131", "TrangThaiHoSo": "4", "NgayTra": "", "HinhThuc": "1",
    "NgayKetThucXuLy": "", "DonViXuLy": "000.00.04.H12", "GhiChu": "", "TaiLieuNop": [], "DanhSachLePhi": [],
    "DanhSachHoSoBoSung": [], "DanhSachGiayToKetQua": [], "NgayCapNhat": "20260811132625398", "KenhTiepNhan": "1", "LePhi": "",
}  # fmt: skip
REST: Raw = {
    "id": "000.00.01.H12-010011", "nationCode": "000.00.01.H12-010011", "acceptedDate": "2026-08-10T18:42:22.000+0700",
    "appointmentDate": "2026-10-05T19:41:31.000+0700", "completedDate": None, "returnedDate": None,
    "updatedDate": "2026-08-11T13:26:25.398+0700", "procedure": {"code": "1.010727", "name": "Cấp giấy phép môi trường"},
    "sector": {"code": "MT01"}, "currentTask": {"agency": {"code": "000.00.04.H12"}}, "note": "",
    "applicant": {"fullname": "Nguyễn Văn A", "ownerType": 1, "identityNumber": "096012345678"}, "applyMethod": {"id": 1},
    "dossierStatus": {"id": 2}, "payment": None, "digitization": None, "vneid": None, "supplements": [],
}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """One bad record in both shapes; a value of None leaves the shape out."""

    what: str
    national: Callable[[Raw], Any] | None
    rest: Callable[[Raw], Any] | None


def put(path: str, value: Any) -> Callable[[Raw], Any]:
    """The record with another value at a path of keys."""

    def change(record: Raw) -> Raw:
        at = record
        *way, last = path.split(".")
        for key in way:
            at = at[key]
        at[last] = value
        return record

    return change


def without(path: str) -> Callable[[Raw], Any]:
    """The record without a key."""

    def change(record: Raw) -> Raw:
        del record[path]
        return record

    return change


def both(what: str, national: str, rest: str, value: Any, rest_value: Any = ...) -> Trial:
    """The same fault in a field of each shape."""
    return Trial(what, put(national, value), put(rest, value if rest_value is ... else rest_value))


TRIALS = (
    Trial("no dossier code", without("MaHoSo"), without("nationCode")),
    both("dossier code of blanks", "MaHoSo", "nationCode", "   "),
    both("dossier code of 300 characters", "MaHoSo", "nationCode", "9" * 300),
    both("dossier code with half of a surrogate pair", "MaHoSo", "nationCode", "H12-\ud800"),
    both("dossier code in decomposed Unicode, blanks around it", "MaHoSo", "nationCode", " H12-Cà1 "),
    both("dossier code that is a list", "MaHoSo", "nationCode", ["H12-1"]),
    both("status that nobody knows", "TrangThaiHoSo", "dossierStatus.id", "11", 99),
    both("status missing", "TrangThaiHoSo", "dossierStatus", "", None),
    both("a person's name where the status should be", "TrangThaiHoSo", "dossierStatus.id", "Nguyễn Văn A"),
    both("an ID card's number where the status should be", "TrangThaiHoSo", "dossierStatus.id", "096012345678"),
    both("status as a number, not a text, and the reverse", "TrangThaiHoSo", "dossierStatus.id", 4, "2"),
    both("channel that nobody knows", "KenhTiepNhan", "applyMethod.id", "7", 7),
    both("applicant type that nobody knows", "LoaiDoiTuong", "applicant.ownerType", "9", 9),
    both("no procedure", "MaTTHC", "procedure", "", None),
    both("month 13", "NgayTiepNhan", "acceptedDate", "20261301000000", "2026-13-01T00:00:00.000+0700"),
    both("29 February of 2026", "NgayTiepNhan", "acceptedDate", "20260229000000", "2026-02-29T00:00:00.000+0700"),
    both("a date of another format", "NgayTiepNhan", "acceptedDate", "01/11/2026"),
    both("an ID card's number where a date should be", "NgayTiepNhan", "acceptedDate", "096012345678"),
    both("received in 1969", "NgayTiepNhan", "acceptedDate", "19690101000000", "1969-01-01T00:00:00.000+0700"),
    both("due in 2300", "NgayHenTra", "appointmentDate", "23000101000000", "2300-01-01T00:00:00.000+0700"),
    both("due before it was received", "NgayHenTra", "appointmentDate", "20260809000000", "2026-08-09T00:00:00.000+0700"),
    both("no update time", "NgayCapNhat", "updatedDate", "", None),
    both("an update time that is none", "NgayCapNhat", "updatedDate", "hôm qua"),
    both("an update time two days ahead", "NgayCapNhat", "updatedDate", "20261125090000000", "2026-11-25T09:00:00.000+0700"),
    both("a fee below zero", "LePhi", "payment", "-5", {"amount": -5}),
    both("a fee with points", "LePhi", "payment", "1.000.000", {"amount": "1.000.000"}),
    both("a fee above 10¹⁵ đồng", "LePhi", "payment", "9" * 17, {"amount": int("9" * 17)}),
    both("a text where a list should be", "DanhSachHoSoBoSung", "supplements", "hai lần"),
    both("a unit that no profile knows", "DonViXuLy", "currentTask.agency.code", "Phòng X"),
    both("no unit", "DonViXuLy", "currentTask", "", None),
    both("a NUL in the unit", "DonViXuLy", "currentTask.agency.code", "A\x00B"),
    Trial("all keys in upper case", lambda r: {k.upper(): v for k, v in r.items()}, None),
    Trial("a key twice, in different case, with other values", put("mahoso", "other"), put("NATIONCODE", "other")),
    both("a key that nobody knows", "TruongMoi", "newField", {"a": [1, None]}),
    both("2 MiB of note", "GhiChu", "note", "x" * (2 << 20)),
    both("half of a surrogate pair in the note", "GhiChu", "note", "\ud83d"),
    both("not a number (NaN) in the note", "GhiChu", "note", float("nan")),
    Trial("a record that is a list", lambda _: [1], lambda _: [1]),
    Trial("a record that is null", lambda _: None, lambda _: None),
    both("control characters in the code", "MaHoSo", "nationCode", "H12\x01-1"),
    Trial("a raw tab and a raw 0x01 in a text", lambda _: json.dumps(NATIONAL).replace("ph\\u00e9p", "\t\x01").encode(),
          lambda _: json.dumps(REST).replace("ph\\u00e9p", "\t\x01").encode()),
    Trial("a record with a byte that is not UTF-8, beside good ones", lambda _: b'{"MaHoSo":"\xd0!"}', lambda _: b'{"id":"\xd0!"}'),
)  # fmt: skip

RATINGS: tuple[tuple[str, Raw, Raw], ...] = (
    ("a rating of 6", {"DiemDanhGia": "6"}, {"score": 6}),
    ("a rating of 0", {"DiemDanhGia": "0"}, {"score": 0}),
    ("a rating in words", {"DiemDanhGia": "tốt"}, {"score": "tốt"}),
    ("a rating without its day", {"NgayDanhGia": ""}, {"ratedDate": None}),
    ("a rating of no dossier", {"MaHoSo": ""}, {"dossierCode": None}),
)
NATIONAL_RATING: Raw = {
    "MaHoSo": "H12-1", "DiemDanhGia": "5", "NgayDanhGia": "20260811132625", "NgayCapNhat": "20260811132625398",
}  # fmt: skip
REST_RATING: Raw = {
    "dossierCode": "H12-1", "score": 5, "ratedDate": "2026-08-11T13:26:25.000+0700",
    "updatedDate": "2026-08-11T13:26:25.398+0700",
}  # fmt: skip


def outcome(source: Source, record: Any, beside: Raw, key: str) -> str:
    """What becomes of a record that comes in one answer with a good one."""
    raw = record if isinstance(record, bytes) else json.dumps(record).encode()
    body = b'{"%s": [%s, %s]}' % (key.encode(), json.dumps(beside, ensure_ascii=False).encode(), raw)
    try:
        read = BodyReader(key).read(body).records[1]
        if read.fault is not None:
            raise read.fault
        change = source.read(read)
        assert isinstance(change, Change)
        Enveloper(source, Pseudonyms(HASH_KEY)).event(change, READ_AT)
    except SkippableError as error:
        return f"dead letter `{error.reason}`: {error}"
    except RetriableError as error:
        return f"tried again: {error}"
    kept = f", unit {change.unit!r}" if change.unit != "000.00.04.H12" and source.stream == "cases" else ""
    told = "" if change.updated_ms is not None else ", version of the time of its first read"
    return f"event of `{change.entity!r}`{kept}{told}"


def record_rows() -> list[tuple[str, str, str]]:
    """What was tried, and what it got in the national shape and in REST."""
    settings = DossierSourceSettings()
    national, rest = national_system(settings), rest_system(settings)
    try:
        rows = []
        for trial in TRIALS:
            got = [
                "—" if change is None else outcome(system.streams[0], change(copy.deepcopy(good)), good, key)
                for change, system, good, key in (
                    (trial.national, national, NATIONAL, "data"),
                    (trial.rest, rest, REST, "content"),
                )
            ]
            rows.append((trial.what, *got))
        for what, in_national, in_rest in RATINGS:
            rows.append(
                (
                    what,
                    outcome(national.streams[1], {**NATIONAL_RATING, **in_national}, NATIONAL, "data"),
                    outcome(rest.streams[1], {**REST_RATING, **in_rest}, REST, "content"),
                )
            )
        return [(what, a, b) for what, a, b in rows]
    finally:
        national.close()
        rest.close()


GOOD = {"error_code": "00", "message": "", "TongSo": 1, "data": [NATIONAL]}
BODY = json.dumps(GOOD, ensure_ascii=False)


def ok(body: bytes | str, **headers: str) -> Reply:
    return 200, headers, body.encode() if isinstance(body, str) else body


ANSWERS: tuple[tuple[str, Reply | None], ...] = (
    ("nothing: the connection is closed", None),
    ("an empty body", ok("")),
    ("JSON that ends in the middle", ok(BODY[:-40])),
    ("a body shorter than its Content-Length", ok(BODY, **{"Content-Length": "99999"})),
    ("a web page", ok("<html>Đăng nhập</html>")),
    ("a JSON list", ok("[]")),
    ("100,000 brackets", ok('{"data":' + "[" * 100_000)),
    ("UTF-16", ok(BODY.encode("utf-16"))),
    ("windows-1258", ok(BODY.replace("Văn", "V\u0103n").replace("ấ", "â\u0301").replace("ễ", "ê\u0303").replace("ờ", "ơ\u0300")
                        .replace("ư", "ư").encode("cp1258", "replace"))),
    ("UTF-8 with a byte order mark", ok(b"\xef\xbb\xbf" + BODY.encode())),
    ("envelope keys in upper case", ok(BODY.replace('"data"', '"DATA"').replace('"TongSo"', '"TONGSO"'))),
    ("no TongSo", ok(BODY.replace('"TongSo": 1, ', ""))),
    ("TongSo as a text", ok(BODY.replace('"TongSo": 1', '"TongSo": "1"'))),
    ("data is null", ok('{"error_code": 0, "TongSo": 0, "data": null}')),
    ("error_code 01: the request is wrong", ok('{"error_code": "01", "message": "TuNgay"}')),
    ("error_code 77, which nobody knows", ok('{"error_code": "77", "message": "bận"}')),
    ("error_code 99 again and again: the session expires at once", ok('{"error_code": "99", "message": ""}')),
    ("HTTP 400", (400, {}, b"bad")),
    ("HTTP 403", (403, {}, b"no")),
    ("HTTP 404", (404, {}, b"none")),
    ("HTTP 429, Retry-After: 7", (429, {"Retry-After": "7"}, b"")),
    ("HTTP 500", (500, {}, b"")),
    ("HTTP 503, Retry-After: 3", (503, {"Retry-After": "3"}, b"")),
    ("a redirect", (302, {"Location": "/elsewhere"}, b"")),
    ("a body of 300 MB, by its Content-Length", ok("", **{"Content-Length": "300000000"})),
)  # fmt: skip


def answer_rows() -> list[tuple[str, str]]:
    """What the source answered, and what the connector did."""
    rows = []
    login = ok('{"error_code": "00", "session": "s"}')
    for what, reply in ANSWERS:
        with ScriptedServer(lambda path, _, reply=reply: login if path == "/api/login" else reply) as server:  # type: ignore[misc]
            settings = DossierSourceSettings(url=server.url, password=SecretStr("secret"), timeout_s=5)
            system = national_system(settings)
            try:
                page = next(system.streams[0].pages(None))
                got = f"read: {len(page.records)} record{'s' * (len(page.records) != 1)}"
            except RetryLaterError as error:
                got = f"tried again after {error.after_s:g} s; the cursor stays"
            except RetriableError:
                got = "tried again with back-off; the cursor stays"
            except FatalError:
                got = "the stream stops with an alert; the cursor stays"
            finally:
                system.close()
        rows.append((what, got))
    return rows


def part() -> str:
    """The connector's part of the document."""
    lines = [
        BEGIN,
        "## A record of the dossier system",
        "",
        "Each line was tried on the connector, beside a good record in the same answer; `python -m tests.unit.ingest.bad_input` writes this part,",
        "and a test fails when it is not what the trials give. A dead letter holds the record's bytes, encrypted; its sentence stands in clear",
        "and repeats no value but codes of up to four characters.",
        "",
        "| what was tried | national sync services | paged REST |",
        "|---|---|---|",
        *(f"| {what} | {cell(national)} | {cell(rest)} |" for what, national, rest in record_rows()),
        "",
        "## An answer of the dossier system",
        "",
        "What cannot be read as a whole is asked for again and never skipped: the stream is late, says so, and loses nothing. Tried with the",
        "national sync services; both shapes share the code.",
        "",
        "| what the source answered | what the connector does |",
        "|---|---|",
        *(f"| {what} | {cell(got)} |" for what, got in answer_rows()),
        END,
    ]
    return "\n".join(lines)


def page() -> str:
    """The document with the connector's part as it is now."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before.rstrip()}\n\n{part()}\n{after.lstrip() and chr(10) + after.lstrip()}"


def cell(text: str) -> str:
    """A text as it can stand in a table."""
    if len(text) > 160:
        text = text[:157] + "…"
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
