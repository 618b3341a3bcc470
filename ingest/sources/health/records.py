"""The REST of citizens' health records, bookings and check-ins: bearer token, slices by update time.

Format: docs/connectors-health.md. Of a record only what the contract needs is taken; the citizen's number goes to the runner, which
puts its keyed hash in its place; names, dates of birth, phones and addresses are never read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.source import Change, Listed, Record, Target
from ingest.sources.body import BodyReader, Envelope
from ingest.sources.health.api import Api
from ingest.sources.health.name import NAME
from ingest.sources.health.records_read import read_booking, read_check_in, read_health_record
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.part import Part
from ingest.sources.values import iso_ms, text
from ioc.clock import LOCAL
from ioc.errors import RetriableError
from ioc.settings.sources import HealthSourceSettings

UPDATED = "updateddate"
LIST_SIZE = 10_000
"""Numbers a page of a listing."""

Read = Callable[[Mapping[str, Any]], tuple[str, str, dict[str, Any]]]
"""Entity, unit and contract fields of a record."""

_PATIENT = frozenset({"fullname", "dateofbirth", "phonenumber", "email", "address", "insurancecard"})
"""Persons' data: known, and never read."""


@dataclass(frozen=True)
class Service:
    """One list of the REST.

    Attributes:
        stream: name of its stream.
        path: below `records_url`.
        target: what its records are about.
        read: what a record says.
        known: fields that somebody has looked at.
        ids: path of the list of everything that there is now, by citizens' numbers; None: there is none.
    """

    stream: str
    path: str
    target: Target
    read: Read
    known: frozenset[str]
    ids: str | None = None


SERVICES = (
    Service(
        "health_records",
        "/records",
        Target("health_record", "record"),
        read_health_record,
        frozenset({"id", "citizenid", "createddate", UPDATED, "healthbook", "vaccinations", "note"}) | _PATIENT,
        "/records/ids",
    ),
    Service(
        "bookings",
        "/bookings",
        Target("appointment", "booking"),
        read_booking,
        frozenset({"id", "number", "facility", "bookeddate", "planneddate", "closeddate", UPDATED, "state", "type"})
        | frozenset({"citizenid", "reason", "note"})
        | _PATIENT,
    ),
    Service(
        "check_ins",
        "/check-ins",
        Target("encounter", "check_in"),
        read_check_in,
        frozenset({"id", "facility", "linkkey", "checkedindate", UPDATED, "method", "payment", "citizenid", "note"})
        | _PATIENT,
    ),
)


class RecordStream(UpdatedStream):
    """One list of the REST; a `Source`."""

    name = NAME

    def __init__(self, service: Service, settings: HealthSourceSettings, api: Api) -> None:
        super().__init__(UPDATED, size=settings.page_size, overlap_s=settings.overlap_s)
        self.stream = service.stream
        self.targets = (service.target,)
        self.known_fields = service.known
        self._service = service
        self.api = api
        self._body = BodyReader("content")

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        entity, unit, data = self._service.read(record.fields)
        return Change(entity, unit, self.updated_ms(record), data)

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        return iso_ms(UPDATED, text(record.fields, UPDATED))

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`."""
        query = {"page": str(page), "size": str(size)}
        if from_ms is not None:
            query["updated-from"] = iso(from_ms)
        envelope, clock = self.api.get(self._service.path, query, self._body.read)
        return Answer(envelope.records, self._last(envelope), clock_ms=clock)

    def listing(self) -> Iterator[Listed] | None:
        """See `Source.listing`: health records by citizens' numbers; nothing else can be listed."""
        return None if self._service.ids is None else self._listed(self._service.ids)

    def _listed(self, path: str) -> Iterator[Listed]:
        body = BodyReader("records")
        after = ""
        while True:
            query = {"size": str(LIST_SIZE), **({"after": after} if after else {})}
            envelope, _ = self.api.get(path, query, body.read)
            ids = envelope.members.get("content")
            if not isinstance(ids, list) or not all(isinstance(one, str) and one for one in ids):
                raise RetriableError(f"{path}: a list of numbers whose content is none")
            for one in ids:
                yield Listed(one, "")
            if self._last(envelope):
                return
            if not ids or ids[-1] == after:
                raise RetriableError(f"{path}: a page that is not the last and leads no further")
            after = ids[-1]

    def _last(self, envelope: Envelope) -> bool:
        last = envelope.members.get("last")
        if not isinstance(last, bool):
            raise RetriableError(f"{self._service.path}: a slice without `last`, so the last page cannot be told")
        return last


def iso(moment_ms: int) -> str:
    """`yyyy-MM-ddTHH:mm:ss.SSS+0700`."""
    local = datetime.fromtimestamp(moment_ms // 1000, UTC).astimezone(LOCAL)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03}+0700"


def record_part(settings: HealthSourceSettings) -> Part | None:
    """The streams of the REST that the settings name; None when they name none.

    Raises:
        ConfigError: its address is none.
    """
    if not settings.records_url:
        return None
    api = Api(settings.records_url, settings)
    return Part(record_streams(settings, api), api.close)


def record_streams(settings: HealthSourceSettings, api: Api) -> list[RecordStream]:
    """A stream for each list that is read."""
    return [RecordStream(service, settings, api) for service in SERVICES]
