"""From the rows of a file to records: finds the heading, leaves titles and blank rows out.

The heading is the first of the leading rows that names the required columns, alone or together with the row below it (merged
cells: the lower heading of a column goes before the upper). Titles above it are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ingest.source import Record
from ingest.sources.hub.columns import COLUMNS, MAX_COLUMNS, NEVER_READ, PLACE, UPDATED, Layout, Vocabulary, folded
from ingest.sources.hub.csvfile import Row
from ioc.errors import SkippableError

HEAD_ROWS = 20
"""The heading stands within so many rows that are not blank."""

_ALPHABET = 26
_LETTERS = re.compile("[A-Z]{1,3}")


class Heading:
    """The columns of a table: which of them holds which field."""

    def __init__(self, vocabulary: Vocabulary, cells: Sequence[object]) -> None:
        """Raises `SkippableError`: a required column is missing, or there are far too many."""
        self.width = len(cells)
        self.names: dict[int, str] = {}
        for index, cell in enumerate(cells):
            name = str(cell).strip() if cell is not None else ""
            if name:
                self.names[index] = f"{name} ({letter(index)})" if name in self.names.values() else name
            if len(self.names) > MAX_COLUMNS:
                raise SkippableError("too_large", f"a heading of more than {MAX_COLUMNS} columns")
        self.layout = Layout(vocabulary, self.names.values())
        self.layout.check()
        places = {name: letter(index) for index, name in self.names.items()}
        self.columns = {field: places[name] for name, field in self.layout.columns.items() if field}
        read = self.layout.columns
        self._read = [index for index, name in self.names.items() if read[name] in vocabulary.headings]

    def says_something(self, cells: Sequence[object]) -> bool:
        """Whether any column that is read is filled: templates number rows that nobody filled in, and end with signatures."""
        return any(cells[index] not in (None, "") for index in self._read if index < len(cells))

    def record(self, cells: Sequence[object], place: str, updated_ms: int, *, exact: bool) -> Record:
        """A row as a record; `exact`: a row that is longer than the heading is wrong."""
        row = {name: cells[index] if index < len(cells) else None for index, name in self.names.items()}
        hidden: dict[str, Any] = {PLACE: place, UPDATED: updated_ms, COLUMNS: self.columns}
        if exact and len(cells) > self.width:
            # A comma of decimals in a file that is separated by commas looks so.
            message = f"{len(cells)} cells under {self.width} headings; put numbers with a comma in quotes"
            return Record(msgspec.json.encode(cells), hidden, SkippableError("invalid_value", message))
        return Record(msgspec.json.encode(row), self.layout.take(row) | hidden)


def letter(index: int) -> str:
    """A column's name in a spreadsheet: A for 0."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _ALPHABET)
        name = chr(ord("A") + rest) + name
    return name


def named(vocabulary: Vocabulary, cells: Sequence[object]) -> int:
    """How many columns of the vocabulary a row names."""
    return sum(isinstance(cell, str) and folded(cell) in vocabulary.ranks for cell in cells)


def records(
    rows: Iterator[Row], vocabulary: Vocabulary, place: str, updated_ms: int, *, exact: bool
) -> Iterator[Record]:
    """The records of a table; one with a fault when it has no heading. No record for a table without any cell.

    Args:
        rows: from the first on.
        vocabulary: the columns that are looked for.
        place: where the table stands, for dead letters.
        updated_ms: update time of all rows.
        exact: a row that is longer than the heading is wrong.
    """
    filled = ((number, cells) for number, cells in rows if any(cell not in (None, "") for cell in cells))
    heading: Heading | None = None
    upper: Sequence[object] = ()
    looked = below = 0
    for number, cells in filled:
        if heading is not None:
            if number == below and _is_heading(vocabulary, cells):
                heading = _heading(vocabulary, _merged(vocabulary, upper, cells)) or heading
                continue
            if heading.says_something(cells):
                yield heading.record(cells, f"{place} row {number}", updated_ms, exact=exact)
            continue
        if looked == HEAD_ROWS:
            break
        looked += 1
        heading = _heading(vocabulary, cells) or _heading(vocabulary, _merged(vocabulary, upper, cells))
        upper, below = cells, number + 1
    if looked and heading is None:
        choices = ", ".join(" or ".join(choice) for choice in vocabulary.required)
        fault = SkippableError("missing_field", f"no heading with columns for {choices} in its first rows")
        yield Record(b"", {PLACE: place}, fault)


def _heading(vocabulary: Vocabulary, cells: Sequence[object]) -> Heading | None:
    try:
        return Heading(vocabulary, cells) if named(vocabulary, cells) > 1 else None
    except SkippableError:
        return None


def _is_heading(vocabulary: Vocabulary, cells: Sequence[object]) -> bool:
    """Whether a row below a heading is its second row: it names columns, and nothing else is in it."""
    told = [cell for cell in cells if cell not in (None, "")]
    words = [folded(cell) if isinstance(cell, str) else "" for cell in told]
    return any(word in vocabulary.ranks for word in words) and all(
        word in vocabulary.ranks or word in NEVER_READ for word in words
    )


def _merged(vocabulary: Vocabulary, upper: Sequence[object], lower: Sequence[object]) -> list[object]:
    """Two rows of a heading as one: by column the lower one where it names a column, else the upper one, else the lower."""
    merged: list[object] = []
    for index in range(max(len(upper), len(lower))):
        above = upper[index] if index < len(upper) else None
        below = lower[index] if index < len(lower) else None
        names = isinstance(below, str) and folded(below) in vocabulary.ranks
        merged.append(below if names or above in (None, "") else above)
    return merged


def labelled(error: SkippableError, fields: Mapping[str, Any]) -> SkippableError:
    """An error of a row with the column of the field that it names; where the row stands is its letter's place."""
    field, colon, rest = str(error).partition(":")
    columns = fields.get(COLUMNS)
    column = columns.get(field) if isinstance(columns, dict) else None
    shown = f"{field} (column {column})" if isinstance(column, str) and _LETTERS.fullmatch(column) else field
    return SkippableError(error.reason, f"{shown}{colon}{rest}")
