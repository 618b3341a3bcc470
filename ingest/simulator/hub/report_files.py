"""A unit's report as a file: CSV or XLSX, as office programs of the country write them."""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from openpyxl import Workbook

from ingest.simulator.hub.figures import Reported, vietnamese
from ingest.simulator.hub.series import Series
from ingest.simulator.records import RecordFormat

HEADINGS = (
    *("STT", "Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Mã đơn vị", "Kỳ báo cáo"),
    *("Giá trị", "Tử số", "Mẫu số", "Tỷ lệ (%)", "Người lập biểu", "Số điện thoại"),
)
ENCODINGS = ("utf-8-sig", "utf-8", "utf-16")
SEPARATORS = (";", "\t", ",")


class Line(NamedTuple):
    """One line of a report; `new` is what stands in a column that nobody has heard of."""

    series: Series
    unit: str
    period: str
    figure: Reported
    new: str = ""


FORM = RecordFormat[Line](
    without_identity=lambda line: line._replace(series=line.series._replace(code="")),
    with_unknown=lambda line: line._replace(new="chưa từng có"),
    with_note=lambda line, text: line._replace(series=line.series._replace(name=text)),
)
"""For the faults of records."""

_NEW = "Cột mới"


def as_csv(title: str, lines: Sequence[Line], *, encoding: str = "utf-8-sig", separator: str = ";") -> bytes:
    """The report as CSV, with a title above the heading; numbers are in the Vietnamese format."""
    more = any(line.new for line in lines)
    rows: list[list[str]] = [[title], [], [*HEADINGS, *([_NEW] if more else [])]]
    for number, line in enumerate(lines, 1):
        rows.append([_text(cell) for cell in _cells(number, line)] + ([line.new] if more else []))
    return "".join(separator.join(_quoted(c, separator) for c in row) + "\r\n" for row in rows).encode(encoding)


def as_xlsx(title: str, lines: Sequence[Line]) -> bytes:
    """The report as XLSX: a title, a heading of two rows with merged cells, numbers as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Báo cáo"
    sheet.append([title])
    sheet.append([*HEADINGS[:6], "Kết quả", None, None, None, *HEADINGS[10:], *{_NEW for line in lines if line.new}])
    sheet.append([None] * 6 + list(HEADINGS[6:10]))
    sheet.merge_cells("G2:J2")
    for number, line in enumerate(lines, 1):
        sheet.append([*_cells(number, line), *([line.new] if line.new else [])])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _cells(number: int, line: Line) -> list[str | int | Decimal | None]:
    series, figure = line.series, line.figure
    value, share = (None, figure.value) if series.share else (figure.value, None)
    return [
        *(number, series.code, series.name, series.measure, line.unit, line.period),
        *(value, figure.numerator, figure.denominator, share),
        f"CANARY-HOTEN-{line.unit}",
        f"CANARY-SDT-{line.unit}",
    ]


def _text(cell: str | int | Decimal | None) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else vietnamese(cell)


def _quoted(cell: str, separator: str) -> str:
    if separator in cell or '"' in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
