"""Exports of real results: the three formats agree with one another and with the database."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as parquet  # type: ignore[import-untyped]
import pytest

from dashboards.export.export import Format, export_bytes
from dashboards.export.panel import BOARDS
from dashboards.export.result import ExportError
from ioc.errors import RetriableError
from tests.clickhouse_front import ROOT, FrontProcess
from tests.wall_world import World

SQL = (
    "SELECT code, unit_name, value, period_start, as_of, provisional, status FROM indicator_now "
    "WHERE level IN ('province', 'department') ORDER BY code, unit"
)
TRICKY = (
    "SELECT arrayJoin(['=cmd|x', '-1', 'a\\nb;\"c\"\\r\u2028d', '']) AS text, toInt64(9007199254740993) AS big, [1, 2] AS list, "
    "toDecimal64(0.1, 3) AS dec, nan AS none, toDateTime64('2026-01-31 17:30:00.25', 3, 'UTC') AS at, NULL AS empty"
)


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> World:
    made = World(clickhouse_front, "export_files").migrate().fill(200)
    made.heartbeat()
    return made


def made(world: World, sql: str, output_format: Format, **options: Any) -> bytes:
    return b"".join(export_bytes(world.settings, world.settings.wall, sql, output_format, **options))


def rows_of_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_formats_hold_the_same_rows(world: World) -> None:
    rows = world.query(SQL)
    assert len(rows) > 338
    by_csv = rows_of_csv(made(world, SQL, "csv"))
    assert by_csv[0] == ["code", "unit_name", "value", "period_start", "as_of", "provisional", "status"]
    assert [row[0] for row in by_csv[1:]] == [row[0] for row in rows]
    assert [float(row[2]) if row[2] else None for row in by_csv[1:]] == [row[2] for row in rows]
    assert [row[3] for row in by_csv[1:]] == [row[3].isoformat() for row in rows]
    sheet = openpyxl.load_workbook(io.BytesIO(made(world, SQL, "xlsx")), read_only=True)["Dữ liệu"]
    by_xlsx = list(sheet.iter_rows(values_only=True))
    assert [(row[0], row[1], row[5], row[6]) for row in by_xlsx[1:]] == [(r[0], r[1], r[5], r[6]) for r in rows]
    # A spreadsheet keeps 16 digits.
    assert [row[2] is None for row in by_xlsx[1:]] == [row[2] is None for row in rows]
    values = [(found[2], row[2]) for found, row in zip(by_xlsx[1:], rows, strict=True) if row[2] is not None]
    assert all(found == pytest.approx(value, rel=1e-14) for found, value in values)
    table = parquet.read_table(io.BytesIO(made(world, SQL, "parquet")))
    assert table.column_names == by_csv[0]
    assert table.column("code").to_pylist() == [row[0] for row in rows]
    assert table.column("value").to_pylist() == [row[2] for row in rows]


def test_times_are_local_and_tricky_cells_whole(world: World) -> None:
    first, *rest = rows_of_csv(made(world, TRICKY, "csv", bom=True))[1:]
    assert first == ["'=cmd|x", "9007199254740993", "[1,2]", "0.1", "nan", "2026-02-01 00:30:00.250000", ""]
    assert [row[0] for row in rest] == ["'-1", 'a\nb;"c"\r\u2028d', ""]
    sheet = openpyxl.load_workbook(io.BytesIO(made(world, TRICKY, "xlsx")))["Dữ liệu"]
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].value) == ("=cmd|x", "s", "9007199254740993")
    assert sheet["F2"].value.isoformat(timespec="milliseconds") == "2026-02-01T00:30:00.250"


def test_vietnamese_headings_and_the_meaning_of_each_column(world: World) -> None:
    assert rows_of_csv(made(world, SQL, "csv", vietnamese=True))[0][:3] == ["Mã chỉ tiêu", "Đơn vị", "Giá trị"]
    about = openpyxl.load_workbook(io.BytesIO(made(world, SQL, "xlsx", vietnamese=True)))["Cột"]
    assert [cell.value for cell in about[2]] == ["Mã chỉ tiêu", "code", "String", "Code of the indicator"]


def test_an_empty_result_has_its_headings(world: World) -> None:
    assert rows_of_csv(made(world, "SELECT code FROM indicator_now WHERE 0;", "csv")) == [["code"]]
    assert (
        parquet.read_table(io.BytesIO(made(world, "SELECT code FROM indicator_now WHERE 0", "parquet"))).num_rows == 0
    )


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nothing FROM indicator_now", "UNKNOWN_IDENTIFIER"),
        ("SELECT 1 FORMAT CSV", "leave FORMAT out"),
        ("SELECT 1; SELECT 2", "SYNTAX_ERROR|Multi"),
        ("TRUNCATE TABLE partials", "READONLY|readonly|privileges"),
        ("SELECT throwIf(number = 3000000) FROM numbers(4000000)", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
    ],
)
def test_what_the_server_refuses_is_said_in_its_words(world: World, sql: str, words: str) -> None:
    for output_format in ("csv", "parquet"):
        with pytest.raises(ExportError, match=words):
            made(world, sql, output_format)


def test_a_server_that_is_away_may_be_asked_again(world: World) -> None:
    away = world.settings.model_copy(update={"http_port": 1})
    with pytest.raises(RetriableError):
        list(export_bytes(away, away.wall, "SELECT 1", "csv"))


@pytest.fixture(scope="module")
def environment(world: World) -> dict[str, str]:
    where = world.settings
    analyst = world.front.users["ioc_analyst"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    return own | {
        "IOC_CLICKHOUSE__HTTP_PORT": str(where.http_port), "IOC_CLICKHOUSE__DATABASE": where.database,
        "IOC_CLICKHOUSE__ANALYST__PASSWORD": analyst.password, "IOC_EMBEDDED__DATA_DIR": str(world.front.directory / "no"),
    }  # fmt: skip


def ioc(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ioc.cli.main", "export", *words]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)


def test_the_command_writes_queries_and_panels(world: World, environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "figures.xlsx"
    done = ioc(environment, "--sql", SQL, "--out", str(out))
    assert done.returncode == 0, done.stderr.decode()
    assert openpyxl.load_workbook(out)["Dữ liệu"].max_row == len(world.query(SQL)) + 1
    board = json.loads((BOARDS / "wall.json").read_text(encoding="utf-8"))
    number = next(one["id"] for one in board["panels"] if any("rawSql" in target for target in one.get("targets", [])))
    panel = ioc(environment, "--panel", f"ioc-wall/{number}", "--format", "csv")
    assert panel.returncode == 0, panel.stderr.decode()
    assert len(rows_of_csv(panel.stdout)) >= 2
    wrong = ioc(environment, "--sql", "SELECT 1", "--panel", "ioc-wall/1")
    assert (wrong.returncode, wrong.stderr.decode()) == (1, "name either --sql or --panel\n")
