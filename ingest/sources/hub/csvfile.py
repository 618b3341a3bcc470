"""Rows of a CSV file: its encoding and separator are found, never guessed.

UTF-8 with or without BOM, UTF-16 with BOM. Anything else is refused with a sentence: Vietnamese text of windows-1258 or TCVN3 reads
as something, and never as what was meant. The separator is the one of `;`, tab and `,` that gives the heading row most columns.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from ioc.errors import SkippableError

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (";", "\t", ",")
_HEAD_LINES = 40
_HEAD_CHARS = 64 * 1024

MAX_LINE_CHARS = 8 << 20
"""A longer line, or cell, is refused before it is read whole: a quotation mark was never closed."""

csv.field_size_limit(MAX_LINE_CHARS)

Row = tuple[int, Sequence[object]]
"""Number of a row from 1 (one with line breaks in its cells is one row), and its cells."""

ColumnsOf = Callable[[Sequence[object]], int]
"""How many columns of the vocabulary a row names."""


def csv_rows(path: Path, columns_of: ColumnsOf) -> Iterator[Row]:
    """The rows of a file, from the first on.

    Raises:
        SkippableError: the file is in no encoding that is read, or is no CSV from here on.
        OSError: it cannot be read now.
    """
    encoding = _encoding(path)
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            separator = _separator(file.read(_HEAD_CHARS), columns_of)
            file.seek(0)
            for number, row in enumerate(csv.reader(_lines(file), delimiter=separator), 1):
                yield number, row
    except UnicodeError as error:
        raise SkippableError(
            "undecodable",
            f"after row {number}: not {encoding}; save the file as UTF-8 (windows-1258 and TCVN3 are not read)",
        ) from error
    except csv.Error as error:
        raise SkippableError(
            "undecodable", f"after row {number}: no CSV from here on ({error}); is a quotation mark not closed?"
        ) from error


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD_CHARS)
    if head[:2] in _UTF_16:
        return "utf-16"
    if b"\0" in head:
        raise SkippableError("undecodable", "the file has NUL bytes and no BOM; save it as UTF-8")
    return "utf-8-sig"


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(MAX_LINE_CHARS + 1):
        if len(line) > MAX_LINE_CHARS:
            raise SkippableError("too_large", f"a line of more than {MAX_LINE_CHARS} characters; no CSV from here on")
        yield line


def _separator(head: str, columns_of: ColumnsOf) -> str:
    """The separator that gives some row at the head most known columns."""
    best, most = _SEPARATORS[0], 0
    for separator in _SEPARATORS:
        try:
            lines = csv.reader(head.splitlines(keepends=True)[:_HEAD_LINES], delimiter=separator)
            found = max(map(columns_of, lines), default=0)
        except csv.Error:
            continue
        if found > most:
            best, most = separator, found
    return best
