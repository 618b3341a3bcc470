"""A query's result as a file, in the format that is asked for."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, get_args

from dashboards.export.csv_file import csv_bytes
from dashboards.export.headings import headings, meanings
from dashboards.export.result import NO_LIMITS, opened, read
from dashboards.export.xlsx_file import write_xlsx
from ioc.errors import ConfigError
from ioc.settings import ClickHouseSettings, Login

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}

_PIECE = 1 << 18


def export_bytes(
    settings: ClickHouseSettings,
    login: Login,
    sql: str,
    output_format: Format,
    *,
    vietnamese: bool = False,
    own: dict[str, str] | None = None,
    bom: bool = False,
    limits: Mapping[str, str] = NO_LIMITS,
) -> Iterator[bytes]:
    """The file, piece by piece; the first piece comes when the server has the whole result.

    Args:
        settings: where ClickHouse is.
        login: who asks.
        sql: one query without FORMAT.
        output_format: of the file. Parquet is the server's own: names and types as in the database, times in UTC.
        vietnamese: Vietnamese headings instead of the columns' names, in CSV and XLSX.
        own: headings that go before the common ones, by column.
        bom: a byte order mark before CSV, for Excel.
        limits: settings of ClickHouse that bound the query beside those of the user.

    Raises:
        RetriableError: ClickHouse cannot be reached, or breaks off.
        ExportError: it refuses the query; or the result is more than the format holds.
    """
    if output_format == "parquet":
        with opened(settings, login, sql, "Parquet", limits) as answer:
            yield from answer.iter_bytes(_PIECE)
        return
    with read(settings, login, sql, limits) as result:
        shown = headings(result.columns, own) if vietnamese else [column.name for column in result.columns]
        if output_format == "csv":
            yield from csv_bytes(result, shown, bom=bom)
            return
        with tempfile.TemporaryDirectory(prefix="ioc-export-") as folder:
            file = Path(folder) / "export.xlsx"
            write_xlsx(result, shown, meanings(settings, login, sql, result.columns), file)
            with file.open("rb") as made:
                while piece := made.read(_PIECE):
                    yield piece


def write_file(pieces: Iterator[bytes], file: Path) -> int:
    """Stores a file under its name when it is whole, and not before; gives its size in bytes.

    Raises:
        ConfigError: it cannot be written there.
    """
    size = 0
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with scratch.open("wb") as out:
            for piece in pieces:
                size += out.write(piece)
        scratch.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            scratch.unlink()
    return size
