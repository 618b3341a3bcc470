"""The document exchange by HTTP: a list of received messages by time, then each message's edXML.

Messages are read as they come over the wire, so that their attached files are never held. A message that was published once is not
fetched again when the list shows it in the overlap; which ones were is kept in memory, and forgetting is harmless.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx

from ingest.limit import RateLimit
from ingest.recent import Recent
from ingest.source import Page, Record
from ingest.sources.body import BodyReader, Envelope
from ingest.sources.ioffice.dropped import MessageStream, record_of
from ingest.sources.ioffice.edxml import CHUNK, Message, read_chunks
from ingest.sources.ioffice.moments import moment_ms, written
from ingest.sources.ioffice.signing import signed
from ingest.sources.ioffice.wire import DOWNLOAD, RECEIVED
from ingest.sources.paging import Answer, Pager
from ingest.sources.values import required, text
from ingest.sources.web import TIMEOUTS_A_BODY, SessionExpiredError, Web
from ioc import clock
from ioc.errors import FatalError, RetriableError, SkippableError
from ioc.settings.sources import OfficeSourceSettings

T = TypeVar("T")

MAX_PAGE = 100
"""Messages a page: each is a request of its own, and a page is what is read again after a failure."""

REMEMBERED = 50_000

SAME_BYTES_TRIES = 8
"""So often in a row the same bytes that are no edXML, and it is not the way they were sent."""
MAX_TRIES = 30


class Exchange(Web):
    """The exchange's HTTP side; its streams share it."""

    def __init__(self, settings: OfficeSourceSettings) -> None:
        super().__init__(settings.url, settings.timeout_s)
        self._settings = settings
        self._limit = RateLimit(settings.requests_per_s)

    def received(self, kind: str, from_ms: int | None, page: int, size: int, reader: BodyReader) -> Envelope:
        """Page `page` (from 0) of the list of received messages.

        Raises:
            RetriableError: no answer, or one that says that it failed.
            FatalError: the signature or the request is refused.
        """
        asked = {"servicetype": "eDoc", "messagetype": kind, "pageSize": str(size), "pageIndex": str(page + 1)}
        if from_ms is not None:
            asked["fromDate"] = written(from_ms)
        envelope = reader.read(self._signed(lambda headers: self.ask("POST", RECEIVED, headers=headers).body, asked))
        code = str(envelope.members.get("errorcode", "0"))
        if code != "0":
            raise RetriableError(f"{self.url}{RECEIVED}: ErrorCode {code[:16]!r}")
        return envelope

    def message(self, number: str) -> tuple[Message, str]:
        """One message, and a hash of its bytes as far as they were read.

        Raises:
            RetriableError: no answer, or it broke off.
            FatalError: the signature or the request is refused.
        """
        self._limit.wait()
        digest = hashlib.blake2b(digest_size=16)

        def read(headers: dict[str, str]) -> Message:
            with self._client.stream("GET", DOWNLOAD, headers=headers) as response:
                if not response.is_success:
                    self.ask("GET", DOWNLOAD, headers=headers)
                    raise RetriableError(f"{self.url}{DOWNLOAD}: {response.status_code}")
                return read_chunks(self._watched(response.iter_bytes(CHUNK), digest.update))

        try:
            return self._signed(read, {"docId": number}), digest.hexdigest()
        except httpx.RequestError as error:
            raise RetriableError(f"{self.url}{DOWNLOAD}: {type(error).__name__}: {error}") from error

    def _watched(self, chunks: Iterator[bytes], note: Callable[[bytes], None]) -> Iterator[bytes]:
        """The same chunks: not for ever, and not without end."""
        deadline = time.monotonic() + TIMEOUTS_A_BODY * self._settings.timeout_s
        left = self._settings.max_file_mb << 20
        for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise SkippableError("too_large", f"more than {self._settings.max_file_mb} MiB (max_file_mb)")
            if time.monotonic() > deadline:
                raise RetriableError(f"{self.url}{DOWNLOAD}: not ended after {TIMEOUTS_A_BODY} time-outs")
            note(chunk)
            yield chunk

    def _signed(self, ask: Callable[[dict[str, str]], T], asked: dict[str, str]) -> T:
        settings = self._settings
        try:
            return ask(signed(asked, settings.organ_id, settings.password.get_secret_value(), clock.now()))
        except SessionExpiredError as error:
            raise FatalError(
                f"signature refused: {error}; check sources.ioffice organ_id and password, and this machine's clock"
            ) from error


@dataclass(slots=True)
class Fetched(Record):
    """A message of the exchange: its number there, and when it came in, milliseconds since the epoch."""

    number: str = ""
    came_ms: int | None = None


class ExchangedMessages(MessageStream):
    """The messages of one kind; a `Source`."""

    def __init__(self, stream: str, kind: str, settings: OfficeSourceSettings, exchange: Exchange) -> None:
        """`kind` is `edoc` or `status`: the exchange lists them apart."""
        self.stream = stream
        self._kind = kind
        self._exchange = exchange
        self._body = BodyReader("data")
        self._published = Recent(REMEMBERED)
        size = min(settings.page_size, MAX_PAGE)
        self._pager = Pager(self._ask, came_ms, size=size, overlap_s=settings.overlap_s)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        for page in self._pager.pages(cursor):
            yield page
            # Asked for the next page: this one is acknowledged.
            self._published.update([record.number for record in page.records if isinstance(record, Fetched)])

    def _ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        listed = self._exchange.received(self._kind, from_ms, page, size, self._body).records
        records = [record for row in listed if (record := self._record(row)) is not None]
        return Answer(records, last=len(listed) < size)

    def _record(self, row: Record) -> Record | None:
        """The message that a row of the list names; None: it was published before."""
        if row.fault is not None:
            return row
        try:
            number = required(row.fields, "docid")
            at_ms = moment_ms("created_time", text(row.fields, "created_time"))
            if not (number.isascii() and number.isprintable()):
                raise SkippableError("invalid_value", "docId: not printable ASCII")
        except SkippableError as fault:
            return Record(row.raw, {}, fault)
        if number in self._published:
            return None
        record = record_of(self._fetched(number))
        return Fetched(record.raw, record.fields, record.fault, number, at_ms)

    def _fetched(self, number: str) -> Message:
        """A message; one that cannot be read is asked for again, and given up when the same bytes come again and again."""
        last, same = "", 0
        for _ in range(MAX_TRIES):
            message, digest = self._exchange.message(number)
            if message.fault is None or message.fault.reason != "undecodable":
                return message
            same = same + 1 if digest == last else 1
            last = digest
            if same >= SAME_BYTES_TRIES:
                return message
        raise RetriableError(f"a message of the exchange cannot be read: {message.fault}")


def came_ms(record: Record) -> int | None:
    """When a record's message came into the exchange."""
    return record.came_ms if isinstance(record, Fetched) else None
