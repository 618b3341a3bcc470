"""Reading tables of a CKAN portal: those that changed, in pages that are proven to be of one version of the table.

A table is read again when its package's or its own modification time is another than at the last reading. Rows are paged in the
order of `_id`. A table that is replaced while it is being read shows another total, or at its end another modification time: it is
then begun again at the next poll. Rows have no update time of their own; the table's is theirs.
"""

import json
from collections import Counter
from collections.abc import Iterator

from ingest.source import Change, Listed, Page, Record, RetryLaterError, Stream
from ingest.sources.body import BodyReader
from ingest.sources.hub.ckan_portal import Portal, Resource, Rows
from ingest.sources.hub.ckan_position import Position, decode
from ingest.sources.hub.columns import PLACE, UPDATED, Layout
from ingest.sources.hub.name import NAME
from ingest.sources.hub.rows import KINDS
from ingest.sources.part import Part
from ioc import clock
from ioc.errors import RetriableError, SkippableError
from ioc.settings.sources import HubSourceSettings

STREAMS = {"ckan_statistics": "statistic", "ckan_facilities": "facility", "ckan_vessels": "vessel"}
"""Kind of table by stream."""

MAX_ID_CHARS = 100
"""Of a table's id in messages."""

FAILURES_IN_A_ROW = 3
"""So many tables that cannot be read, one after another, and the portal is at fault."""


class CkanStream(Stream):
    """The tables of one kind; a `Source`."""

    name = NAME

    def __init__(self, stream: str, portal: Portal, page_size: int) -> None:
        self.stream = stream
        self._kind_name = STREAMS[stream]
        self._kind = KINDS[self._kind_name]
        self.targets = (self._kind.target,)
        self.known_fields = self._kind.vocabulary.known
        self._portal = portal
        self._size = page_size
        self._body = BodyReader("records")
        self._failures: Counter[str] = Counter()

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`. A table that cannot be read does not hold up the others; its error comes after them."""
        position = decode(cursor)
        asked_at = clock.now()
        resources = self._portal.resources(self._kind_name)
        position.keep([resource.id for resource in resources])
        trouble: RetriableError | None = None
        in_a_row = 0
        wanted = [resource for resource in resources if not position.was_read(resource.id, resource.state)]
        wanted.sort(key=lambda table: (self._failures[table.id], not position.in_hand(table.id), table.id))
        for resource in wanted:
            try:
                for page in self._read(resource, position):
                    if position.was_read(resource.id, resource.state) and trouble is None and resource is wanted[-1]:
                        page.source_time = asked_at
                    yield page
            except RetryLaterError:
                raise
            except RetriableError as error:
                self._failures[resource.id] += 1
                in_a_row += 1
                if in_a_row == FAILURES_IN_A_ROW:
                    raise
                trouble = error
            else:
                self._failures.pop(resource.id, None)
                in_a_row = 0
        if trouble is not None:
            raise trouble
        yield Page([], position.encode(), asked_at, 0)

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        return self._kind.change(record)

    def place(self, record: Record) -> str:
        """Resource and row."""
        return str(record.fields.get(PLACE, "")) or super().place(record)

    def listing(self) -> Iterator[Listed] | None:
        """All rows of all tables; None for figures, which do not go away."""
        return None if self._kind_name == "statistic" else self._listing()

    def _listing(self) -> Iterator[Listed]:
        for resource in self._portal.resources(self._kind_name):
            updated_ms, offset, total = self._portal.updated_ms(resource.id), 0, None
            while total is None or offset < total:
                rows = self._portal.rows(resource.id, offset, self._size, self._body)
                if total not in (None, rows.total):
                    raise RetriableError(f"resource {resource.id}: replaced while it was listed")
                total, offset = rows.total, offset + rows.limit
                try:
                    layout = self._layout(resource, rows)
                except SkippableError as error:
                    raise RetriableError(f"resource {resource.id}: {error}") from error
                for record in rows.records:
                    try:
                        yield self._kind.identify(layout.take(record.fields))
                    except SkippableError:
                        continue
            if self._portal.updated_ms(resource.id) != updated_ms:
                raise RetriableError(f"resource {resource.id}: replaced while it was listed")

    def _read(self, resource: Resource, position: Position) -> Iterator[Page]:
        """The rest of a table; changes `position` page by page."""
        updated_ms = self._portal.updated_ms(resource.id)
        # The show is fresher than the search, whose index lags.
        state = f"{resource.state}|{updated_ms}"
        hand = position.hand(resource.id, state)
        done, total = (0, None) if hand is None else (hand.done, hand.total)
        while True:
            rows = self._portal.rows(resource.id, done, self._size, self._body)
            if total not in (None, rows.total):
                position.drop(resource.id)
                return
            done, total = done + rows.limit, rows.total
            last = done >= total
            if not last:
                position.go_on(resource.id, state, total, done)
            elif self._portal.updated_ms(resource.id) == updated_ms:
                position.finish(resource.id, resource.state)
            else:
                position.drop(resource.id)
            records = self._records(resource, rows, updated_ms)
            yield Page(records, position.encode(), None, max(0, total - done))
            if last:
                return

    def _layout(self, resource: Resource, rows: Rows) -> Layout:
        """Raises `SkippableError`: the table lacks a column."""
        layout = Layout(self._kind.vocabulary, rows.columns, resource.mapping, resource.constants)
        layout.check()
        return layout

    def _records(self, resource: Resource, rows: Rows, updated_ms: int) -> list[Record]:
        """A page's records by field; a table that lacks a column gives one record with a fault."""
        try:
            take = self._layout(resource, rows).take
        except SkippableError as fault:
            return [Record(json.dumps(rows.columns).encode(), {PLACE: f"resource {resource.id[:MAX_ID_CHARS]}"}, fault)]
        prefix = f"resource {resource.id[:MAX_ID_CHARS]} row "
        for record in rows.records:
            if record.fields:
                number = record.fields.get("_id")
                number = number if isinstance(number, int) else "without number"
                record.fields = fields = take(record.fields)
                fields[PLACE] = f"{prefix}{number}"
                fields[UPDATED] = updated_ms
        return rows.records


def ckan_part(settings: HubSourceSettings) -> Part | None:
    """The portal's streams; None when it has no address.

    Raises:
        ConfigError: its address is none.
    """
    if not settings.ckan_url:
        return None
    portal = Portal(settings.ckan_url, settings.timeout_s)
    return Part([CkanStream(stream, portal, settings.page_size) for stream in STREAMS], portal.close)
