"""The CSV export of accounts, dropped into the folder."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from ingest.source import Change, Page, Record, Stream
from ingest.sources.folder import DroppedFile, Folder
from ingest.sources.ioffice import wire
from ingest.sources.ioffice.accounts import ACCOUNT, read_account
from ingest.sources.ioffice.dropped import SOURCE
from ioc.errors import SkippableError
from ioc.settings.sources import OfficeSourceSettings

ENDINGS = (".csv",)
MAX_LINE = 1 << 20
"""Characters; what is longer is no row of accounts."""

_SEPARATORS = (";", "\t", ",")


class AccountFiles(Stream):
    """The accounts of exported files; a `Source`."""

    name = SOURCE
    stream = "accounts_files"
    targets = (ACCOUNT,)
    known_fields = frozenset(wire.ACCOUNT_COLUMNS.values()) | wire.ACCOUNT_COLUMNS_UNREAD

    def __init__(self, settings: OfficeSourceSettings) -> None:
        folder = Folder.of(settings, ENDINGS, _records)
        assert folder is not None, "the settings name a folder"
        self._folder = folder

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        return self._folder.pages(cursor)

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        return read_account(record.fields, wire.ACCOUNT_COLUMNS)


def _records(file: DroppedFile) -> Iterator[Record]:
    with file.path.open("rb") as opened:
        yield from rows(opened)


def rows(file: BinaryIO) -> Iterator[Record]:
    """The rows of a CSV file with a head: UTF-8 or UTF-16, separated by semicolons, tabs or commas.

    A row that cannot be read costs itself only; a file without the head that is needed is one record with a fault.
    """
    # Bytes that are no text cost their row: they pass as halves of surrogate pairs.
    text = io.TextIOWrapper(file, _encoding(file), "surrogateescape", newline="")
    try:
        yield from _rows(text)
    except UnicodeError as error:
        yield Record(b"", {}, SkippableError("undecodable", f"the rest of the file: {error.__class__.__name__}"))
    finally:
        text.detach()


def _rows(text: TextIO) -> Iterator[Record]:
    head = text.readline(MAX_LINE).lstrip("\ufeff")
    separator = max(_SEPARATORS, key=head.count)
    names = [name.strip().lower() for name in next(csv.reader([head], delimiter=separator), [])]
    if wire.ACCOUNT_COLUMNS["name"] not in names:
        fault = SkippableError("unknown_kind", f"no export of accounts: no column {wire.ACCOUNT_COLUMNS['name']}")
        yield Record(head.encode("utf-8", "surrogateescape"), {}, fault)
        return
    reader = csv.reader(iter(lambda: text.readline(MAX_LINE), ""), delimiter=separator)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Record(b"", {}, SkippableError("undecodable", f"row {reader.line_num}: {error}"))
            continue
        if row is None:
            return
        if row:
            yield _row(row, names, separator)


def _row(row: list[str], names: list[str], separator: str) -> Record:
    joined = separator.join(row)
    try:
        raw = joined.encode()
    except UnicodeEncodeError:
        raw = joined.encode("utf-8", "surrogateescape")
        return Record(raw, {}, SkippableError("undecodable", "the row is not in the file's encoding"))
    if len(row) != len(names):
        fault = SkippableError("invalid_value", f"the row has {len(row)} cells, the head {len(names)}")
        return Record(raw, {}, fault)
    return Record(raw, dict(zip(names, row, strict=True)))


def _encoding(file: BinaryIO) -> str:
    first = file.read(2)
    file.seek(0)
    return "utf-16" if first in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
