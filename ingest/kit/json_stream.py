"""The usual source: a web address that answers "what was updated since T" with a list of JSON objects, in pages."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ingest.kit.reader import ContractReader, at
from ingest.source import Change, Record
from ingest.sources.body import BodyReader
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.values import iso_ms, required, text
from ingest.sources.web import SessionExpiredError, Web
from ioc.errors import FatalError
from ioc.settings.sources import SystemSettings

_BOM = b"\xef\xbb\xbf"
_LIST = "records"


class JsonSettings(SystemSettings):
    """Settings of a source that is read by `JsonStream`."""

    url: str
    """Where it listens."""
    token_header: str = ""
    """Header that carries `password`; empty: user and password by basic login, where there is a password."""
    overlap_s: float = 300.0
    """Seconds before the cursor that are read again from time to time, for records that the source shows late."""


class JsonStream(UpdatedStream):
    """One list of a source. Subclasses give `stream`, `targets` and `path`, and what differs from the defaults.

    A record is one JSON object. Its keys are read in any case; of what it holds, only the fields of the contract are taken.
    Where a value needs more than another key or a table of codes, override `data`.
    """

    path: str
    """Below the source's address."""
    records_key: str = ""
    """Member of the answer that holds the list; empty: the answer is the list."""
    entity_key: str = "id"
    """Key of the identifier."""
    entity_head: str = ""
    """What stands before the identifier: kinds that several systems report want `<system>/`."""
    unit_key: str = "unit"
    """Key of the responsible unit's code; may be missing."""
    updated_key: str = "updated_at"
    """Key of the update time."""
    keys: Mapping[str, str] = {}
    """Keys of the contract's fields, where they have another name; a path by dots leads into objects."""
    codes: Mapping[str, Mapping[str, str]] = {}
    """What the source's codes stand for, by field."""
    ignored: frozenset[str] = frozenset()
    """Keys that somebody has looked at and that are not read: no drift."""

    def __init__(self, settings: JsonSettings) -> None:
        """Makes ready to ask.

        Raises:
            ConfigError: the address is none, or `keys` or `codes` name what the contract does not have.
        """
        super().__init__(self.updated_key.lower(), size=settings.page_size, overlap_s=settings.overlap_s)
        self.settings = settings
        self.contract = ContractReader(self.targets[0], self.keys, self.codes, self.moment_ms)
        own = (self.entity_key, self.unit_key, self.updated_key, *self.ignored)
        self.known_fields = self.contract.known | {key.lower().partition(".")[0] for key in own}
        self._web = Web(settings.url, settings.timeout_s)
        self._body = BodyReader(self.records_key.lower() or _LIST)
        self._before: tuple[int | None, int, bytes] | None = None

    def query(self, from_ms: int | None, page: int, size: int) -> dict[str, str]:
        """What asks for page `page` (from 0) of `size` records updated at or after `from_ms`; None: all."""
        asked = {"page": str(page), "limit": str(size)}
        if from_ms is not None:
            asked["updated_from"] = self.written(from_ms)
        return asked

    def headers(self) -> dict[str, str]:
        """Headers of each request."""
        header, password = self.settings.token_header, self.settings.password.get_secret_value()
        return {header: password} if header else {}

    def moment_ms(self, key: str, value: str) -> int | None:
        """A moment as this source writes it, milliseconds since the epoch: ISO 8601, without offset it is local.

        Raises:
            SkippableError: it is none.
        """
        return iso_ms(key, value)

    def written(self, moment_ms: int) -> str:
        """A moment as this source reads it: what `moment_ms` understands."""
        return f"{datetime.fromtimestamp(moment_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03}Z"

    def data(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's fields of a record, whose keys are in lower case.

        Raises:
            SkippableError: one is missing or cannot be.
        """
        return self.contract.data(fields)

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        fields = record.fields
        entity, unit = self.entity_key.lower(), self.unit_key.lower()
        number = required({entity: at(fields, entity)}, entity)
        code = text({unit: at(fields, unit)}, unit)
        return Change(self.entity_head + number, code, self.updated_ms(record), self.data(fields))

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        key = self.updated_field
        return self.moment_ms(key, required({key: at(record.fields, key)}, key))

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`. The end is an empty page, or the same page again where a source knows no pages."""
        settings = self.settings
        password = settings.password.get_secret_value()
        login = (settings.user, password) if password and not settings.token_header else None
        try:
            answer = self._web.ask(
                "GET", self.path, params=self.query(from_ms, page, size), headers=self.headers(), auth=login
            )
        except SessionExpiredError as error:
            raise FatalError(f"login refused: {error}; check user, password and token_header of {self.name}") from error
        body = answer.body.removeprefix(_BOM)
        if not self.records_key:
            body = b'{"%s":%s}' % (_LIST.encode(), body)
        records = self._body.read(body).records
        last = not records or self._is_the_page_before(from_ms, page, body)
        if last and len(records) >= size:
            raise FatalError(
                f"{self.name}/{self.stream}: {len(records)} records since {from_ms} ms and no further page; "
                "raise page_size, or have `query` ask for pages as the source does"
            )
        return Answer(records, last, clock_ms=answer.clock_ms)

    def close(self) -> None:
        """Closes the connections."""
        self._web.close()

    def _is_the_page_before(self, from_ms: int | None, page: int, body: bytes) -> bool:
        digest = hashlib.blake2b(body, digest_size=16).digest()
        before, self._before = self._before, (from_ms, page, digest)
        return before == (from_ms, page - 1, digest)
