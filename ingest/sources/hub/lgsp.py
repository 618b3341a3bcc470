"""Counters of the provincial service platform (LGSP) and the national one behind it (NDXP).

`GET /calls` tells calls by service and interval of five minutes, `GET /services` the shared services and whether they are connected. Both
are asked by update time (`from`, `to`: ISO 8601, half open) in pages (`page` from 0, `size`), with HTTP Basic. A count that is
corrected later comes again with a later update time and is a new version of its interval.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ingest.source import Change, Listed, Record, Target
from ingest.sources.body import BodyReader
from ingest.sources.hub.cells import certain
from ingest.sources.hub.name import NAME
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.part import Part
from ingest.sources.values import iso_ms, required, text, utc, whole
from ingest.sources.web import SessionExpiredError, Web
from ioc.errors import FatalError, RetriableError, SkippableError
from ioc.settings.sources import HubSourceSettings

UPDATED = "updated"
OVERLAP_S = 600.0
"""Seconds before the cursor that are read again from time to time."""

SERVICE = "lgsp_service"
"""Type of the facilities that shared services are."""

REFUSALS = 8
"""So many refused logins in a row, and the password is wrong; fewer may be the platform's own doing."""


class Counters:
    """One platform's HTTP side; its streams share it."""

    def __init__(self, settings: HubSourceSettings) -> None:
        """Raises `ConfigError`: the address is none."""
        self._web = Web(settings.lgsp_url, settings.timeout_s)
        self._login = (settings.user, settings.password.get_secret_value())
        self._refused = 0
        self.close = self._web.close

    def ask(self, path: str, query: Mapping[str, str]) -> bytes:
        """The body of an answer.

        Raises:
            RetriableError: no answer; a login that was refused now and then.
            FatalError: the login is refused again and again, or the request.
        """
        try:
            body = self._web.ask("GET", path, params=query, auth=self._login).body
        except SessionExpiredError as error:
            self._refused += 1
            if self._refused >= REFUSALS:
                raise FatalError(f"login refused: {error}; check sources.hub user and password") from error
            raise RetriableError(f"login refused: {error}") from error
        self._refused = 0
        return body


class LgspStream(UpdatedStream):
    """One stream of the counters; a `Source`."""

    name = NAME

    def __init__(
        self,
        stream: str,
        target: Target,
        path: str,
        read: Callable[[dict[str, Any]], tuple[str, str, dict[str, Any]]],
        known: frozenset[str],
        counters: Counters,
        page_size: int,
    ) -> None:
        super().__init__(UPDATED, size=page_size, overlap_s=OVERLAP_S)
        self.stream = stream
        self.targets = (target,)
        self.known_fields = known
        self._path = path
        self._read = read
        self._counters = counters
        self._body = BodyReader("records")
        self._size = page_size

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        entity, unit, data = self._read(record.fields)
        required(record.fields, UPDATED)
        return Change(entity, unit, self.updated_ms(record), data)

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        return iso_ms(UPDATED, text(record.fields, UPDATED))

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`."""
        query = {"page": str(page), "size": str(size)}
        if from_ms is not None:
            query["from"] = datetime.fromtimestamp(from_ms / 1000, UTC).isoformat(timespec="milliseconds")
        envelope = self._body.read(self._counters.ask(self._path, query))
        total = envelope.members.get("total")
        if not isinstance(total, int):
            raise RetriableError(f"{self._path}: an answer without `total`, so the last page cannot be told")
        done = (page + 1) * size
        return Answer(envelope.records, done >= total, max(0, total - done))

    def listing(self) -> Iterator[Listed] | None:
        """Everything that is shown; None for counts, which do not go away."""
        return self._listing() if self.targets[0].kind == "facility" else None

    def _listing(self) -> Iterator[Listed]:
        page, last = 0, False
        while not last:
            answer = self.ask(None, page, self._size)
            page, last = page + 1, answer.last
            for record in answer.records:
                if code := record.fields.get("code"):
                    yield Listed(f"{SERVICE}/{code}", str(record.fields.get("unit") or ""))


def read_calls(fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Entity, unit and contract fields of a count.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    service, started = required(fields, "service"), required(fields, "start")
    calls, failures = (whole(name, required(fields, name)) for name in ("calls", "failures"))
    if failures > calls:
        raise SkippableError("contradiction", "failures: more than calls")
    started_at = utc(iso_ms("start", started))
    assert started_at is not None
    data = {"service": service, "started_at": started_at, "calls": calls, "failures": failures}
    return f"{service}/{started_at:%Y-%m-%dT%H:%M:%SZ}", text(fields, "unit"), data


def read_service(fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Entity, unit and contract fields of a shared service.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    code = required(fields, "code")
    data = {
        "type": SERVICE,
        "category": text(fields, "level"),
        "online": certain(fields, "connected"),
        "approved": None,
        "complete": None,
        "last_seen_at": utc(iso_ms("last_call", text(fields, "last_call"))),
    }
    return f"{SERVICE}/{code}", text(fields, "unit"), data


_CALLS = frozenset({"service", "start", "minutes", "calls", "failures", "unit", UPDATED})
_SERVICES = frozenset({"code", "name", "level", "connected", "last_call", "unit", "contact", "phone", UPDATED})


def lgsp_part(settings: HubSourceSettings) -> Part | None:
    """The counters' streams; None when they have no address.

    Raises:
        ConfigError: their address is none.
    """
    if not settings.lgsp_url:
        return None
    counters, size = Counters(settings), settings.page_size
    streams = [
        LgspStream("lgsp_calls", Target("service_call", "calls"), "/calls", read_calls, _CALLS, counters, size),
        LgspStream(
            "lgsp_services", Target("facility", "facility"), "/services", read_service, _SERVICES, counters, size
        ),
    ]
    return Part(streams, counters.close)
