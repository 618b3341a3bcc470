"""edXML files that are dropped into a folder: documents and status messages, one a file."""

from collections.abc import Iterator

from ingest.source import Change, Page, Record, Stream
from ingest.sources.folder import MAX_PAGE_BYTES, DroppedFile, Folder
from ingest.sources.ioffice.documents import TARGETS, changes
from ingest.sources.ioffice.edxml import Message, read_message
from ingest.sources.ioffice.elements import FIELDS
from ioc.errors import RetriableError
from ioc.settings.sources import OfficeSourceSettings

SOURCE = "ioffice"
ENDINGS = (".edxml", ".xml")


class MessageStream(Stream):
    """A stream of edXML messages, wherever they come from."""

    name = SOURCE
    targets = TARGETS
    known_fields = FIELDS

    def read(self, record: Record) -> list[Change]:
        """See `Source.read`."""
        return changes(record.fields)


class DroppedMessages(MessageStream):
    """The messages of a folder; a `Source`."""

    stream = "documents"

    def __init__(self, settings: OfficeSourceSettings) -> None:
        self._size = settings.page_size
        folder = Folder.of(settings, ENDINGS, _records)
        assert folder is not None, "the settings name a folder"
        self._folder = folder

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        return merged(self._folder.pages(cursor), self._size)


def record_of(message: Message) -> Record:
    """A message as a record."""
    return Record(message.raw, message.fields, message.fault)


def merged(pages: Iterator[Page], size: int) -> Iterator[Page]:
    """The same records in fewer pages of about `size`, or `MAX_PAGE_BYTES`: one acknowledgement for many small files.

    A page's cursor stands for all that came before it, so pages that follow one another are one page with the last one's.

    Raises:
        RetriableError: when what came before it has been given.
    """
    records: list[Record] = []
    held = 0
    last: Page | None = None
    failure: RetriableError | None = None
    while failure is None:
        try:
            page = next(pages, None)
        except RetriableError as error:
            failure, page = error, None
        if page is not None:
            records += page.records
            held += sum(len(record.raw) for record in page.records)
            last = Page(records, page.cursor, page.source_time, page.remaining)
        if last is not None and (page is None or len(records) >= size or held >= MAX_PAGE_BYTES):
            yield last
            records, held, last = [], 0, None
        if page is None:
            break
    if failure is not None:
        raise failure


def _records(file: DroppedFile) -> Iterator[Record]:
    with file.path.open("rb", buffering=0) as opened:
        yield record_of(read_message(opened))
