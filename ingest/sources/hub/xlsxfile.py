"""Rows of an XLSX workbook, by openpyxl reading only, hardened against what a workbook can be beside a table.

Refused: macros, encryption, too many or too large parts, parts that are packed beyond what tables are, DTDs and entities (defusedxml).
Formulas count by the value that was last computed. Rows and columns beyond the limits are not looked at.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from openpyxl import load_workbook

from ingest.sources.hub.columns import MAX_COLUMNS
from ingest.sources.hub.csvfile import Row
from ingest.sources.hub.periods import month_of
from ioc.errors import SkippableError

MAX_BYTES = 32 << 20
"""A larger workbook is no report."""

MAX_PARTS = 1_000
MAX_UNPACKED_BYTES = 192 << 20
MAX_STRINGS_BYTES = 16 << 20
"""The shared strings are held in memory."""

MAX_RATIO = 200
"""Unpacked beside packed; tables come to 10 to 40."""

_SMALL_BYTES = 1 << 20
"""A part so small may be packed as tightly as it likes."""

MAX_ROWS = 200_000
"""Of one sheet."""

Sheet = tuple[str, Iterator[Row]]
"""A sheet's name and its rows, to be read before the next sheet."""


def xlsx_sheets(body: bytes) -> Iterator[Sheet]:
    """The sheets of a workbook, in their order.

    Raises:
        SkippableError: it is no workbook that is read, or not from here on.
    """
    _check_package(body)
    try:
        with warnings.catch_warnings():
            # Of styles and extensions that no table needs.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False, keep_vba=False)
    except Exception as error:
        raise _unreadable(error) from error
    try:
        for sheet in book.worksheets:
            yield str(sheet.title), _rows(sheet)
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[Row]:
    try:
        # The size that a sheet claims need not be its own.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, max_row=MAX_ROWS + 1), 1):
            if number > MAX_ROWS:
                raise SkippableError("too_large", f"row {number}: at most {MAX_ROWS} rows of a sheet are read")
            yield number, [_value(cell) for cell in cells]
    except SkippableError:
        raise
    except Exception as error:
        raise _unreadable(error) from error


def _value(cell: Any) -> object:
    """A cell's value; a date that shows no day is a month, as Excel makes one of `11/2026`."""
    value = cell.value
    if isinstance(value, date) and "d" not in str(cell.number_format).lower():
        return month_of(value)
    return value


def _check_package(body: bytes) -> None:
    if body[:4] == b"\xd0\xcf\x11\xe0":
        raise SkippableError("undecodable", "an old XLS or an encrypted workbook; save it as XLSX without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            parts = package.infolist()
    except Exception as error:
        raise _unreadable(error) from error
    if len(parts) > MAX_PARTS:
        raise SkippableError("too_large", f"a workbook of {len(parts)} parts; at most {MAX_PARTS} are read")
    for part in parts:
        name = part.filename.lower()
        if part.flag_bits & 1:
            raise SkippableError("undecodable", "an encrypted workbook; save it without a password")
        if name.endswith("vbaproject.bin"):
            raise SkippableError("undecodable", "a workbook with macros; save it as XLSX without macros")
        if part.file_size > max(_SMALL_BYTES, MAX_RATIO * part.compress_size):
            raise SkippableError("too_large", "a part of the workbook is packed beyond what tables are")
        if name.endswith("sharedstrings.xml") and part.file_size > MAX_STRINGS_BYTES:
            raise SkippableError("too_large", f"texts of {part.file_size} bytes; at most {MAX_STRINGS_BYTES} are read")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES:
        raise SkippableError("too_large", f"a workbook of {unpacked} bytes; at most {MAX_UNPACKED_BYTES} are read")


def _unreadable(error: Exception) -> SkippableError:
    """What openpyxl raises on bad input is of many types; its text could hold a value of a cell."""
    return SkippableError("undecodable", f"no XLSX that can be read ({type(error).__name__})")
