"""Work files and accounts by the paged REST of iOffice: bearer token, slices by update time."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ingest.source import Change, Listed, Record, Target
from ingest.sources.body import BodyReader, Envelope
from ingest.sources.ioffice import wire
from ingest.sources.ioffice.accounts import ACCOUNT, read_account
from ingest.sources.ioffice.dropped import SOURCE
from ingest.sources.ioffice.moments import moment_ms
from ingest.sources.ioffice.workfiles import FILE, read_work_file
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.session import Session, client_token
from ingest.sources.values import required, text
from ingest.sources.web import Web
from ioc.clock import LOCAL
from ioc.errors import RetriableError, SkippableError
from ioc.settings.sources import OfficeSourceSettings


class OfficeRest:
    """The REST, with the token that its streams share."""

    def __init__(self, settings: OfficeSourceSettings) -> None:
        self._settings = settings
        self._web = Web(settings.url, settings.timeout_s)
        self._session = Session(self._login)

    def slice(self, path: str, query: Mapping[str, str], reader: BodyReader) -> tuple[Envelope, bool, int | None]:
        """A slice, whether it is the last, and the source's clock when it tells it.

        Raises:
            RetriableError: no answer, or one that cannot be read.
            FatalError: the login or the request is refused.
        """

        def ask(token: str) -> tuple[Envelope, int | None]:
            answer = self._web.ask("GET", path, params=query, headers={"Authorization": f"Bearer {token}"})
            return reader.read(answer.body), answer.clock_ms

        envelope, clock_ms = self._session.use(ask)
        last = envelope.members.get("last")
        if not isinstance(last, bool):
            raise RetriableError(f"{path}: a slice without `last`, so the last page cannot be told")
        return envelope, last, clock_ms

    def close(self) -> None:
        """Closes the connections."""
        self._web.close()

    def _login(self) -> str:
        return client_token(self._web, wire.LOGIN, self._settings, "sources.ioffice")


class RestStream(UpdatedStream):
    """What was updated, of one path; a `Source`."""

    name = SOURCE

    def __init__(
        self,
        stream: str,
        target: Target,
        path: str,
        names: Mapping[str, str],
        unread: frozenset[str],
        read: Callable[[Mapping[str, Any], Mapping[str, str]], Change],
        settings: OfficeSourceSettings,
        rest: OfficeRest,
    ) -> None:
        super().__init__(names["updated"], size=settings.page_size, overlap_s=settings.overlap_s)
        self.stream = stream
        self.targets = (target,)
        self.known_fields = frozenset(names.values()) | unread
        self._path = path
        self._names = names
        self._read = read
        self._rest = rest
        self._size = settings.page_size
        self._body = BodyReader("content")

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        return self._read(record.fields, self._names)

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        return moment_ms(self.updated_field, text(record.fields, self.updated_field))

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`."""
        query = {"page": str(page), "size": str(size)}
        if from_ms is not None:
            query["updated-from"] = _iso(from_ms)
        envelope, last, clock_ms = self._rest.slice(self._path, query, self._body)
        return Answer(envelope.records, last, clock_ms=clock_ms)


class AccountStream(RestStream):
    """Accounts, which can also be listed in full: those that are gone are not told otherwise."""

    def listing(self) -> Iterator[Listed]:
        """See `Source.listing`. Each page begins behind the last name of the one before: none slips between two."""
        query = {"size": str(self._size), "sort": "userName"}
        while True:
            envelope, last, _ = self._rest.slice(self._path, query, BodyReader("content"))
            names = []
            for record in envelope.records:
                try:
                    if record.fault is not None:
                        raise record.fault
                    names.append(required(record.fields, self._names["name"]))
                    unit = text(record.fields, self._names["unit"])
                except SkippableError as error:
                    raise RetriableError(f"{self._path}: the full listing cannot be read: {error}") from error
                yield Listed(names[-1], unit)
            if last:
                return
            if not names or names[-1] == query.get("after"):
                raise RetriableError(f"{self._path}: the full listing does not go on")
            query["after"] = names[-1]


def rest_streams(settings: OfficeSourceSettings, rest: OfficeRest) -> list[RestStream]:
    """The streams of the REST."""
    return [
        RestStream(
            "work_files",
            FILE,
            wire.WORK_FILES,
            wire.WORK_FILE,
            wire.WORK_FILE_UNREAD,
            read_work_file,
            settings,
            rest,
        ),
        AccountStream(
            "accounts", ACCOUNT, wire.ACCOUNTS, wire.ACCOUNT, wire.ACCOUNT_UNREAD, read_account, settings, rest
        ),
    ]


def _iso(at_ms: int) -> str:
    local = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(LOCAL)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}+0700"
