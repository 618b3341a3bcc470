"""A result as an XLSX workbook, written row by row; limits of the format are errors, nothing is cut silently.

Limits: Microsoft, "Excel specifications and limits". A number has 15 digits there: a longer integer is written as text.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from dashboards.export.result import Cell, Column, ExportError, Result

ROWS_MAX = 1_048_576
COLUMNS_MAX = 16_384
TEXT_MAX = 32_767
_DIGITS_MAX = 10**15
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 cannot hold."""


def write_xlsx(
    result: Result, headings: Sequence[str], meanings: Sequence[str], file: Path, rows_max: int = ROWS_MAX
) -> int:
    """Writes the workbook and gives the number of rows below the headings.

    The first sheet holds the rows, the second what each column means.

    Raises:
        ExportError: more rows, columns or characters in a cell than the format holds; the message says which, and what to do.
    """
    if len(result.columns) > COLUMNS_MAX:
        raise ExportError(
            f"XLSX holds {COLUMNS_MAX} columns, the result has {len(result.columns)}: name those you need"
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Dữ liệu")
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    sheet.append([_text(sheet, heading, bold) for heading in headings])
    number = 0
    try:
        for number, row in enumerate(result.rows, 1):
            if number >= rows_max:
                raise ExportError(
                    f"XLSX holds {rows_max - 1} rows below the headings and the result has more: ask for fewer (LIMIT, WHERE), "
                    "or take csv or parquet"
                )
            sheet.append(
                [_cell(sheet, value, column, number) for value, column in zip(row, result.columns, strict=True)]
            )
        about = book.create_sheet("Cột")
        about.append([_text(about, word, bold) for word in ("Tiêu đề", "Cột", "Kiểu", "Ý nghĩa")])
        for heading, column, meaning in zip(headings, result.columns, meanings, strict=True):
            about.append([_text(about, word) for word in (heading, column.name, column.type, meaning)])
        book.save(file)
    except BaseException:
        for begun in book.worksheets:  # else its temporary file stays until the process ends
            begun.close()
            begun._writer.cleanup()  # type: ignore[attr-defined]
        raise
    return number


def _cell(sheet: Any, value: Cell, column: Column, number: int) -> Any:
    if isinstance(value, str):
        if column.kind == "number":  # nan, inf: no number of a spreadsheet
            return None
        if len(value) > TEXT_MAX:
            raise ExportError(
                f"XLSX holds {TEXT_MAX} characters in a cell, {column.name} has {len(value)} in row {number}: take csv or parquet"
            )
        return _text(sheet, value) if value[:1] == "=" or _UNPRINTABLE.search(value) else value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _DIGITS_MAX:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _text(sheet: Any, value: str, font: Font | None = None) -> Any:
    """A cell of text whatever it begins with: openpyxl takes `=` for a formula."""
    cell = WriteOnlyCell(sheet, _UNPRINTABLE.sub("\ufffd", value))
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    return cell
