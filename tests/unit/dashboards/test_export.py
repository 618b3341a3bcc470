"""Files of results: cells that nobody can misuse, limits that are said, panels as queries."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from dashboards.export.csv_file import BOM, csv_bytes
from dashboards.export.export import write_file
from dashboards.export.headings import headings
from dashboards.export.panel import panel_query
from dashboards.export.result import Cell, Column, ExportError, Result, kind_of
from dashboards.export.text import harmless
from dashboards.export.xlsx_file import write_xlsx
from ioc.errors import ConfigError, IocError

COLUMNS = [
    Column("name", "String", "text"), Column("count", "Int64", "integer"), Column("share", "Nullable(Float64)", "number"),
    Column("day", "Date", "date"), Column("at", "DateTime64(6, 'UTC')", "time"), Column("ok", "Bool", "bool"),
]  # fmt: skip
ROW: list[Cell] = ['Cà Mau, "xã"', 5, 0.5, date(2026, 1, 31), datetime.fromisoformat("2026-01-31T17:05:00"), True]


def result(*rows: list[Cell]) -> Result:
    return Result(COLUMNS, iter([list(row) for row in rows]))


def parsed(*rows: list[Cell], bom: bool = False) -> list[list[str]]:
    text = b"".join(csv_bytes(result(*rows), [c.name for c in COLUMNS], bom=bom)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("kept", "kind"),
    [
        ("LowCardinality(Nullable(String))", "text"), ("Nullable(DateTime64(6, 'UTC'))", "time"), ("Date32", "date"),
        ("SimpleAggregateFunction(min, DateTime64(6, 'UTC'))", "time"), ("Nullable(Decimal(18, 3))", "number"),
        ("UInt8", "integer"), ("Nullable(Bool)", "bool"), ("Array(Int64)", "text"), ("Enum8('a' = 1)", "text"),
        ("DateTime('Asia/Ho_Chi_Minh')", "time"), ("Tuple(a Int8, b String)", "text"), ("Date", "date"),
    ],
)  # fmt: skip
def test_what_a_type_is_to_a_spreadsheet(kept: str, kind: str) -> None:
    assert kind_of(kept) == kind


@pytest.mark.parametrize("text", ["=1+1", "+84 123", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =HYPERLINK(1)"])
def test_a_text_that_would_be_computed_is_marked_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert parsed([text, *ROW[1:]])[1][0] == f"'{text}"


@pytest.mark.parametrize("text", ["", "Cà Mau", "a=b", "1-2", "000.00.09.H12"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_numbers_below_zero_stay_numbers() -> None:
    assert parsed(["x", -5, -0.25, *ROW[3:]])[1][1:3] == ["-5", "-0.25"]


def test_csv_has_headings_local_times_and_empty_nulls() -> None:
    assert parsed(ROW, [None] * 6) == [
        ["name", "count", "share", "day", "at", "ok"],
        ['Cà Mau, "xã"', "5", "0.5", "2026-01-31", "2026-01-31 17:05:00", "true"],
        [""] * 6,
    ]


def test_the_mark_for_excel_comes_first_and_only_when_asked_for() -> None:
    names = [column.name for column in COLUMNS]
    assert b"".join(csv_bytes(result(ROW), names, bom=True)).startswith(BOM)
    assert not b"".join(csv_bytes(result(ROW), names, bom=False)).startswith(BOM)


def book(tmp_path: Path, *rows: list[Cell], rows_max: int = 100) -> openpyxl.Workbook:
    file = tmp_path / "made.xlsx"
    write_xlsx(result(*rows), [f"={column.name}" for column in COLUMNS], ["meaning"] * 6, file, rows_max)
    return openpyxl.load_workbook(file)


def test_a_workbook_holds_dates_numbers_and_text_that_is_no_formula(tmp_path: Path) -> None:
    made = book(
        tmp_path, ROW, ["=1+1", 2**60, float("inf"), None, None, False], ["a\x01b\nc", 1, "nan", None, None, None]
    )
    sheet = made["Dữ liệu"]
    assert [cell.value for cell in sheet[1]] == [f"={column.name}" for column in COLUMNS]
    assert {cell.data_type for cell in sheet[1]} == {"s"}
    assert [cell.value for cell in sheet[2]] == [*ROW[:3], datetime.fromisoformat("2026-01-31"), *ROW[4:]]
    assert [cell.number_format for cell in sheet[2]][3:5] == ["yyyy-mm-dd", "yyyy-mm-dd h:mm:ss"]
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("=1+1", "s")
    # A spreadsheet's number has 15 digits.
    assert sheet["B3"].value == str(2**60)
    assert sheet["C3"].value is None
    assert sheet["A4"].value == "a\ufffdb\nc"
    assert sheet["C4"].value is None
    assert [cell.value for cell in made["Cột"][3]] == ["=count", "count", "Int64", "meaning"]


def test_limits_of_a_workbook_are_said(tmp_path: Path) -> None:
    assert book(tmp_path, *[ROW] * 4, rows_max=5)["Dữ liệu"].max_row == 5
    with pytest.raises(ExportError, match=r"XLSX holds 4 rows below the headings.*LIMIT.*csv or parquet"):
        book(tmp_path, *[ROW] * 5, rows_max=5)
    with pytest.raises(ExportError, match="32767 characters in a cell, name has 32768 in row 2"):
        book(tmp_path, ROW, ["x" * 32768, *ROW[1:]])
    wide = Result([Column(f"c{n}", "Int8", "integer") for n in range(16385)], iter([]))
    with pytest.raises(ExportError, match="16384 columns, the result has 16385"):
        write_xlsx(wide, [], [], tmp_path / "wide.xlsx")


def test_headings_are_vietnamese_where_there_is_a_word_and_never_twice_the_same() -> None:
    columns = [Column(name, "String", "text") for name in ("code", "strange", "value", "other")]
    assert headings(columns, {"value": "Hôm nay"}) == ["Mã chỉ tiêu", "strange", "Hôm nay", "other"]
    assert headings(columns, {"value": "X", "other": "X"})[2:] == ["X (value)", "X (other)"]


def test_a_file_that_broke_off_is_not_there(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ExportError("server left")

    with pytest.raises(ExportError):
        write_file(broken(), tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []
    assert write_file(iter([b"a", b"bc"]), tmp_path / "x.csv") == 3
    with pytest.raises(ConfigError, match="cannot be written"):
        write_file(iter([b"a"]), tmp_path / "none" / "x.csv")


@pytest.fixture
def boards(tmp_path: Path) -> Path:
    target = {"datasource": {"type": "grafana-clickhouse-datasource"}, "refId": "A"}
    sql = "SELECT ${unit:sqlstring} AS unit, now() - ${days} AS day, $days, '$other'"
    override = {
        "matcher": {"id": "byName", "options": "unit"},
        "properties": [{"id": "displayName", "value": "Đơn vị"}],
    }
    panels = [
        {"id": 1, "targets": [target | {"rawSql": sql}], "fieldConfig": {"overrides": [override]}},
        {
            "id": 2,
            "type": "row",
            "panels": [{"id": 3, "targets": [target | {"rawSql": "A"}, target | {"rawSql": "B", "refId": "B"}]}],
        },
        {"id": 4, "targets": [{"datasource": {"type": "prometheus"}, "expr": "up"}]},
    ]
    variables = [{"name": "unit", "current": {"value": "000.00"}}, {"name": "days", "current": {"value": "30"}}]
    board = {"uid": "ioc-x", "panels": panels, "templating": {"list": variables}}
    (tmp_path / "x.json").write_text(json.dumps(board), encoding="utf-8")
    return tmp_path


def test_a_panel_is_its_query_with_the_values_of_its_variables(boards: Path) -> None:
    sql, own = panel_query("ioc-x/1", {}, boards)
    assert sql == "SELECT '000.00' AS unit, now() - 30 AS day, 30, '$other'"
    assert own == {"unit": "Đơn vị"}
    assert (panel_query("ioc-x/3", {}, boards)[0], panel_query("ioc-x/3/B", {}, boards)[0]) == ("A", "B")
    assert panel_query("ioc-x/1", {"unit": "a' OR \\'"}, boards)[0].startswith("SELECT 'a'' OR \\\\''' AS unit")


@pytest.mark.parametrize(
    ("panel", "given", "words"),
    [
        ("ioc-y/1", {}, "no dashboard ioc-y; there are: ioc-x"),
        ("ioc-x/9", {}, "no panel 9"),
        ("ioc-x", {}, "none named"),
        ("ioc-x/3/C", {}, "no such query of ClickHouse; the panel has: A, B"),
        ("ioc-x/4", {}, "the panel has: none"),
        ("ioc-x/1", {"x": "1"}, "no variable x; it has: unit, days"),
        ("ioc-x/1", {"days": "1; DROP"}, "chỉ dùng được dưới dạng"),
    ],
)
def test_what_is_no_panel_or_value_is_said(boards: Path, panel: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(IocError, match=words):
        panel_query(panel, given, boards)
