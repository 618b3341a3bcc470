"""A result as CSV (RFC 4180), UTF-8, for spreadsheets and programs."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboards.export.result import Cell, Result
from dashboards.export.text import harmless

BOM = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the code page of the machine."""

_PIECE_ROWS = 2000


def csv_bytes(result: Result, headings: Sequence[str], *, bom: bool) -> Iterator[bytes]:
    """The file, piece by piece: a line of headings, then the rows; times as `2026-01-31 17:00:00`, local; null is empty."""
    if bom:
        yield BOM
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in headings])
    kinds = [column.kind for column in result.columns]
    texts = [place for place, kind in enumerate(kinds) if kind == "text"]
    others = [place for place, kind in enumerate(kinds) if kind in ("time", "bool")]
    for number, row in enumerate(result.rows, 1):
        for place in texts:
            if row[place]:
                row[place] = harmless(str(row[place]))
        for place in others:
            row[place] = _shown(row[place])
        writer.writerow(row)
        if number % _PIECE_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _shown(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds" if value.microsecond else "seconds")
    return {True: "true", False: "false"}.get(value) if isinstance(value, bool) else value


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
