"""Reports as they are dropped: encodings, separators, headings, workbooks, and what is refused."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook

from ingest.simulator.spoil import wrong_encoding
from ingest.source import Change, Record
from ingest.sources.folder import DroppedFile
from ingest.sources.hub import tables
from ingest.sources.hub.columns import STATISTIC
from ingest.sources.hub.reports import ReportStream, records_of, reports_part
from ioc.errors import SkippableError
from ioc.settings.sources import HubSourceSettings

HEADING = ("Mã chỉ tiêu", "Mã đơn vị", "Kỳ báo cáo", "Giá trị", "Người lập biểu")
CHANGED_NS = 1_795_000_000_000_000_000


@pytest.fixture
def stream(tmp_path: Path) -> ReportStream:
    part = reports_part(HubSourceSettings(drop_dir=tmp_path))
    assert part is not None
    (stream,) = part.streams
    assert isinstance(stream, ReportStream)
    return stream


def read(stream: ReportStream, path: Path) -> list[Change | SkippableError]:
    """What comes of each record of a file."""
    found: list[Change | SkippableError] = []
    for record in records_of(DroppedFile(path, CHANGED_NS, path.stat().st_size)):
        try:
            found.append(stream.read(record) if record.fault is None else refuse(record))
        except SkippableError as error:
            found.append(error)
    return found


def refuse(record: Record) -> SkippableError:
    assert record.fault is not None
    return record.fault


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def lines(separator: str = ";", *rows: Sequence[str]) -> str:
    return "\r\n".join(separator.join(row) for row in (HEADING, *rows)) + "\r\n"


ROW = ("GRDP", "000.00.07.H12", "quý III/2026", "1.234,5", "CANARY")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_encodings_and_separators(stream: ReportStream, tmp_path: Path, encoding: str, separator: str) -> None:
    row = [f'"{cell}"' for cell in ROW]
    (change,) = read(stream, written(tmp_path, lines(separator, row), encoding))
    assert isinstance(change, Change)
    assert (change.entity, change.unit, change.updated_ms) == (
        "GRDP/000.00.07.H12/2026-Q3", "000.00.07.H12", CHANGED_NS // 1_000_000,
    )  # fmt: skip
    assert change.data is not None
    assert change.data["value_milli"] == 1_234_500


def test_windows_1258_is_refused_and_said_to_be(stream: ReportStream, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(wrong_encoding(lines(";", ROW).encode(), 1))
    (error,) = read(stream, path)
    assert isinstance(error, SkippableError)
    assert error.reason == "undecodable"
    assert "windows-1258" in str(error)


def test_utf_16_without_bom_is_refused(stream: ReportStream, tmp_path: Path) -> None:
    (error,) = read(stream, written(tmp_path, lines(";", ROW), "utf-16-le"))
    assert isinstance(error, SkippableError)
    assert (error.reason, "NUL" in str(error)) == ("undecodable", True)


def test_titles_blank_rows_signatures_and_line_breaks(stream: ReportStream, tmp_path: Path) -> None:
    text = "BÁO CÁO QUÝ III;;;;\n\n" + lines(";", ROW).replace("Giá trị", '"Giá\n trị"')
    text += ";;;;\n;;;;Nguyễn Văn CANARY\n" + ";".join(('"GR\nDP"', *ROW[1:])) + "\n"
    first, second = read(stream, written(tmp_path, text))
    assert isinstance(first, Change)
    assert isinstance(second, Change)
    assert second.entity == "GR\nDP/000.00.07.H12/2026-Q3"


def test_a_row_keeps_its_place_and_all_its_cells_for_the_dead_letter(stream: ReportStream, tmp_path: Path) -> None:
    path = written(tmp_path, lines(";", (*ROW[:3], "98.67", "CANARY")))
    (record,) = records_of(DroppedFile(path, CHANGED_NS, 1))
    assert msgspec.json.decode(record.raw) == dict(zip(HEADING, (*ROW[:3], "98.67", "CANARY"), strict=True))
    assert stream.place(record) == "a.csv row 2"
    with pytest.raises(SkippableError, match=r"^value \(column D\): a text of 5 characters"):
        stream.read(record)
    assert "CANARY" not in str(record.fields)


def test_a_decimal_comma_that_splits_a_cell_is_noticed(stream: ReportStream, tmp_path: Path) -> None:
    (error,) = read(stream, written(tmp_path, lines(",", ROW)))
    assert isinstance(error, SkippableError)
    assert (error.reason, "6 cells under 5 headings" in str(error)) == ("invalid_value", True)


def test_a_quotation_mark_that_is_not_closed_costs_only_what_follows(
    stream: ReportStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = lines(";", ROW) + '"GR;' + "x" * 200
    monkeypatch.setattr("ingest.sources.hub.csvfile.MAX_LINE_CHARS", 100)
    good, error = read(stream, written(tmp_path, text))
    assert isinstance(good, Change)
    assert isinstance(error, SkippableError)
    assert error.reason == "too_large"


def test_a_file_without_heading_is_refused_once(stream: ReportStream, tmp_path: Path) -> None:
    (error,) = read(stream, written(tmp_path, "a;b;c\n" * 500))
    assert isinstance(error, SkippableError)
    assert error.reason == "missing_field"
    assert read(stream, written(tmp_path, "")) == []


def test_unknown_columns_are_drift(tmp_path: Path) -> None:
    path = written(tmp_path, lines(";", ROW).replace("Người lập biểu", "Cột mới"))
    (record,) = records_of(DroppedFile(path, CHANGED_NS, 1))
    assert set(record.fields) - ReportStream.known_fields == {"cot_moi"}


def workbook(folder: Path, *rows: Sequence[Any], name: str = "a.xlsx") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(folder / name)
    return folder / name


def test_a_workbook(stream: ReportStream, tmp_path: Path) -> None:
    upper = ("STT", "Mã chỉ tiêu", "Đơn vị", "Kỳ", "Kết quả", None, None, "Ghi chú")
    lower = (None, None, None, None, "Tử số", "Mẫu số", "Tỷ lệ (%)", None)
    figures = (1, "S", "U", dt.date(2026, 11, 5), 200_583, 202_583, 99.2, "CANARY")
    path = workbook(tmp_path, ["BÁO CÁO"], upper, lower, figures, ["", None], (2, "S", "U", 2026, 1, 3, 33.3333333))
    first, second = read(stream, path)
    assert isinstance(first, Change)
    assert isinstance(second, Change)
    assert first.data is not None
    assert second.data is not None
    assert (first.entity, first.data["value_milli"], first.data["contradictory"]) == ("S/U/2026-11-05", 99_200, True)
    assert (second.entity, second.data["value_milli"], second.data["contradictory"]) == ("S/U/2026", 33_333, False)


def test_a_date_that_shows_no_day_is_a_month(stream: ReportStream, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADING)
    sheet.append(["S", "U", dt.date(2026, 11, 1), 5, ""])
    sheet["C2"].number_format = "mm/yyyy"
    book.save(tmp_path / "a.xlsx")
    (change,) = read(stream, tmp_path / "a.xlsx")
    assert isinstance(change, Change)
    assert change.entity == "S/U/2026-11"


def test_formulas_count_by_their_last_value_only(stream: ReportStream, tmp_path: Path) -> None:
    path = workbook(tmp_path, HEADING, ["S", "U", "2026", "=1+1", ""])
    (error,) = read(stream, path)
    assert isinstance(error, SkippableError)
    assert error.reason == "missing_field"
    patched = rewritten(path, lambda _, body: body.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"))
    (change,) = read(stream, patched)
    assert isinstance(change, Change)
    assert change.data is not None
    assert change.data["value_milli"] == 2_000


def test_each_sheet_is_a_table_and_one_without_heading_is_told(stream: ReportStream, tmp_path: Path) -> None:
    book = Workbook()
    for name in ("một", "hai"):
        sheet = book.create_sheet(name)
        sheet.append(HEADING)
        sheet.append(["S", name, "2026", 5, ""])
    book.create_sheet("ghi chú").append(["chỉ là chữ"])
    book.save(tmp_path / "a.xlsx")
    first, second, error = read(stream, tmp_path / "a.xlsx")
    assert isinstance(first, Change)
    assert isinstance(second, Change)
    assert [first.unit, second.unit] == ["một", "hai"]
    assert isinstance(error, SkippableError)
    records = list(records_of(DroppedFile(tmp_path / "a.xlsx", CHANGED_NS, 1)))
    assert [stream.place(r) for r in records] == [
        "a.xlsx sheet 'một' row 2",
        "a.xlsx sheet 'hai' row 2",
        "a.xlsx sheet 'ghi chú'",
    ]


def rewritten(path: Path, change: Any, **more: bytes) -> Path:
    """A workbook with its parts changed and some more."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
        for name, body in more.items():
            new.writestr(name, body)
    target = path.with_name("b.xlsx")
    target.write_bytes(out.getvalue())
    return target


def same(_name: str, body: bytes) -> bytes:
    return body


def expand(name: str, body: bytes) -> bytes:
    if not name.endswith("sheet1.xml"):
        return body
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    return b'<?xml version="1.0"?>' + bomb + body.replace(b'<?xml version="1.0"?>', b"")


def chain(error: BaseException | None) -> str:
    """What an error says and what it comes from."""
    return "" if error is None else f"{type(error).__name__}: {error} | {chain(error.__cause__ or error.__context__)}"


@pytest.mark.parametrize(
    ("more", "change", "reason", "said"),
    [
        ({"xl/vbaProject.bin": b"x"}, same, "undecodable", "macros"),
        ({"xl/media/a.bin": b"\0" * (8 << 20)}, same, "too_large", "packed beyond"),
        ({f"x{n}": b"" for n in range(1000)}, same, "too_large", "parts"),
        ({}, expand, "undecodable", "EntitiesForbidden"),
        ({}, lambda name, body: body[: len(body) // 2] if "sheet1" in name else body, "undecodable", "ParseError"),
    ],
)
def test_workbooks_that_are_refused(
    stream: ReportStream, tmp_path: Path, more: dict[str, bytes], change: Any, reason: str, said: str
) -> None:
    path = rewritten(workbook(tmp_path, HEADING, ["S", "U", "2026", 5, ""]), change, **more)
    *_, error = read(stream, path)
    assert isinstance(error, SkippableError)
    assert (error.reason, said in chain(error)) == (reason, True), chain(error)


@pytest.mark.parametrize(
    "body", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600), b"Ma chi tieu;Ky\n", bytes(100)]
)
def test_what_is_no_workbook(stream: ReportStream, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(body)
    (error,) = read(stream, path)
    assert isinstance(error, SkippableError)
    assert error.reason == "undecodable"


def test_a_sheet_that_claims_another_size_or_has_far_rows(
    stream: ReportStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def far(name: str, body: bytes) -> bytes:
        return (
            body.replace(b'<row r="3"', b'<row r="1000000"').replace(b"A1:E3", b"A1:A1") if "sheet1" in name else body
        )

    monkeypatch.setattr("ingest.sources.hub.xlsxfile.MAX_ROWS", 1000)
    rows = [["S", "U", "2026", 5, ""], ["S", "U", "2025", 5, ""]]
    good, error = read(stream, rewritten(workbook(tmp_path, HEADING, *rows), far))
    assert isinstance(good, Change)
    assert isinstance(error, SkippableError)
    assert error.reason == "too_large"


def test_letters_of_columns() -> None:
    assert [tables.letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_cells_of_any_type_stand_in_the_dead_letter() -> None:
    heading = tables.Heading(STATISTIC, ["series", "unit", "period", "value"])
    record = heading.record([dt.time(8), dt.timedelta(1), Decimal("1.5"), float("nan")], "x", 1, exact=False)
    assert msgspec.json.decode(record.raw)["unit"] == "P1D"
