"""Reports that units drop as CSV or XLSX: one figure a row, the units report themselves."""

from collections.abc import Iterator
from functools import partial

from ingest.source import Change, Page, Record, Stream
from ingest.sources.folder import DroppedFile, Folder
from ingest.sources.hub.columns import PLACE, STATISTIC
from ingest.sources.hub.csvfile import csv_rows
from ingest.sources.hub.name import NAME
from ingest.sources.hub.rows import KINDS
from ingest.sources.hub.tables import labelled, named, records
from ingest.sources.hub.xlsxfile import MAX_BYTES, xlsx_sheets
from ingest.sources.part import Part
from ioc.errors import SkippableError
from ioc.settings.sources import HubSourceSettings

ENDINGS = (".csv", ".xlsx")
MAX_NAME_CHARS = 200
"""Of a file's or sheet's name in messages."""

_KIND = KINDS["statistic"]


class ReportStream(Stream):
    """The reports of one folder; a `Source`. A report's update time is when its file came."""

    name = NAME
    stream = "reports"
    targets = (_KIND.target,)
    known_fields = STATISTIC.known
    by_unit = True

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        return self._folder.pages(cursor)

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        try:
            return _KIND.change(record)
        except SkippableError as error:
            raise labelled(error, record.fields) from error

    def place(self, record: Record) -> str:
        """File, sheet and row."""
        return str(record.fields.get(PLACE, "")) or super().place(record)


def records_of(file: DroppedFile) -> Iterator[Record]:
    """The rows of a dropped file; where it cannot be read any further one record with a fault is its last.

    Raises:
        OSError: it cannot be read now.
    """
    place = _shown(file.name)
    try:
        if file.name.lower().endswith(".xlsx"):
            yield from _workbook(file, place)
        else:
            rows = csv_rows(file.path, partial(named, STATISTIC))
            yield from records(rows, STATISTIC, place, file.changed_ms, exact=True)
    except SkippableError as error:
        yield Record(b"", {PLACE: place}, error)


def _workbook(file: DroppedFile, name: str) -> Iterator[Record]:
    if file.size > MAX_BYTES:
        raise SkippableError("too_large", f"a workbook of {file.size} bytes; at most {MAX_BYTES} are read")
    for sheet, rows in xlsx_sheets(file.path.read_bytes()):
        place = f"{name} sheet {sheet[:MAX_NAME_CHARS]!r}"
        try:
            yield from records(rows, STATISTIC, place, file.changed_ms, exact=False)
        except SkippableError as error:
            raise SkippableError(error.reason, f"sheet {sheet[:MAX_NAME_CHARS]!r}: {error}") from error


def _shown(name: str) -> str:
    """A file's name for messages: names on disk need not be UTF-8."""
    return name.encode("utf-8", "replace").decode()[:MAX_NAME_CHARS]


def reports_part(settings: HubSourceSettings) -> Part | None:
    """The reports; None when there is no folder.

    Raises:
        ConfigError: the folder is none.
    """
    folder = Folder.of(settings, ENDINGS, records_of)
    return None if folder is None else Part([ReportStream(folder)], lambda: None)
