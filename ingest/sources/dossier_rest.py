"""The dossier system by the paged REST of a provincial system: bearer token, Spring slices, its own status ids.

Format: docs/simulator.md, shape 2, after provincial systems' public code. Of a record only what the contract needs is taken; the
applicant's name, numbers and address, the request's text and every officer are never read.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ingest.source import Change, Record, System, Target
from ingest.sources import dossier as d
from ingest.sources.body import BodyReader, Envelope
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.session import Session, client_token
from ingest.sources.values import coded, invalid, iso_ms, required, text, utc, whole
from ingest.sources.web import Web
from ioc.clock import LOCAL
from ioc.errors import RetriableError
from ioc.settings.sources import DossierSourceSettings

UPDATED = "updateddate"

_CASE = (
    "id code nationcode accepteddate appointmentdate completeddate returneddate updateddate procedure sector currenttask accepter "
    "applicant applymethod dossierstatus payment digitization vneid supplements"
)
CASE_FIELDS = frozenset(_CASE.split())
"""Keys of a dossier record that somebody has looked at, also those never read."""

RATING_FIELDS = frozenset({"id", "dossiercode", "score", "rateddate", UPDATED})
"""… and of a rating record."""


class RestApi:
    """One system, with the token that its streams share."""

    def __init__(self, settings: DossierSourceSettings) -> None:
        self._settings = settings
        self._web = Web(settings.url, settings.timeout_s)
        self._session = Session(self._login)

    def search(self, path: str, query: dict[str, str], reader: BodyReader) -> tuple[Envelope, int | None]:
        """A slice, and the source's clock when it tells it.

        Raises:
            RetriableError: no answer, or one that cannot be read.
            FatalError: the login or the request is refused.
        """

        def ask(token: str) -> tuple[Envelope, int | None]:
            answer = self._web.ask("GET", path, params=query, headers={"Authorization": f"bearer {token}"})
            return reader.read(answer.body), answer.clock_ms

        return self._session.use(ask)

    def close(self) -> None:
        """Closes the connections."""
        self._web.close()

    def _login(self) -> str:
        return client_token(self._web, "/oauth/token", self._settings, "sources.dossier")


class RestStream(UpdatedStream):
    """One stream of the REST; a `Source`."""

    name = d.SOURCE

    def __init__(
        self,
        stream: str,
        facet: str,
        path: str,
        read: Callable[[dict[str, Any]], tuple[str, str, dict[str, Any]]],
        known: frozenset[str],
        settings: DossierSourceSettings,
        api: RestApi,
    ) -> None:
        super().__init__(UPDATED, size=settings.page_size, overlap_s=settings.overlap_s)
        self.stream = stream
        self.targets = (Target("dossier", facet),)
        self.known_fields = known
        self._path = path
        self._read = read
        self._api = api
        self._body = BodyReader("content")

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        entity, unit, data = self._read(record.fields)
        return Change(entity, unit, self.updated_ms(record), data)

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        return iso_ms(UPDATED, text(record.fields, UPDATED))

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`."""
        query = {"page": str(page), "size": str(size), "spec": "slice"}
        if from_ms is not None:
            query["updated-from"] = iso(from_ms)
        envelope, clock = self._api.search(self._path, query, self._body)
        last = envelope.members.get("last")
        if not isinstance(last, bool):
            raise RetriableError(f"{self._path}: a slice without `last`, so the last page cannot be told")
        return Answer(envelope.records, last, clock_ms=clock)


def rest_system(settings: DossierSourceSettings) -> System:
    """The system that the settings name.

    Raises:
        ConfigError: its address is none.
    """
    api = RestApi(settings)
    streams = [
        RestStream(d.CASES, "case", "/pa/dossier/search", read_case, CASE_FIELDS, settings, api),
        RestStream(d.RATINGS, "rating", "/pa/rating/search", read_rating, RATING_FIELDS, settings, api),
    ]
    return System(streams, settings.poll_s, settings.requests_per_s, api.close)


def iso(moment_ms: int) -> str:
    """`yyyy-MM-ddTHH:mm:ss.SSS+0700`."""
    local = datetime.fromtimestamp(moment_ms // 1000, UTC).astimezone(LOCAL)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03}+0700"


def read_case(fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Entity, unit and contract fields of a dossier record.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    entity = required(fields, "nationcode")
    supplements = d.objects(fields, "supplements")
    payment, digitised = d.inner(fields, "payment"), d.inner(fields, "digitization")
    data = {
        "procedure": required(d.inner(fields, "procedure"), "code"),
        "field": required(d.inner(fields, "sector"), "code"),
        "applicant_type": coded("ownertype", text(d.inner(fields, "applicant"), "ownertype"), d.APPLICANT),
        "channel": coded("applymethod.id", required(d.inner(fields, "applymethod"), "id"), d.CHANNEL),
        "status": coded("dossierstatus.id", required(d.inner(fields, "dossierstatus"), "id"), d.REST_STATUS),
        "received_at": _moment(fields, "accepteddate"),
        "due_at": _moment(fields, "appointmentdate"),
        "finished_at": _moment(fields, "completeddate"),
        "returned_at": _moment(fields, "returneddate"),
        "supplements": len(supplements),
        "extensions": sum(map(_is_extension, supplements)),
        "fee_vnd": _number(payment, "amount"),
        "paid_online": _paid_online(payment),
        "components": _number(digitised, "components"),
        "components_digitised": _number(digitised, "digitized"),
        "components_reused": _number(digitised, "reused"),
        "result_digitised": _yes(digitised, "result"),
        "vneid": _yes(fields, "vneid"),
    }
    return entity, text(d.inner(fields, "currenttask", "agency"), "code"), data


def read_rating(fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Entity, unit (none) and contract fields of a rating record.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    entity = required(fields, "dossiercode")
    score, rated = required(fields, "score"), required(fields, "rateddate")
    return entity, "", {"rating": whole("score", score), "rated_at": utc(iso_ms("rateddate", rated))}


def _moment(fields: dict[str, Any], field: str) -> datetime | None:
    return utc(iso_ms(field, text(fields, field)))


def _yes(fields: Any, field: str) -> bool | None:
    value = fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    raise invalid(field, value, "true, false or null")


def _paid_online(payment: Any) -> bool | None:
    paid, online = _yes(payment, "paid"), _yes(payment, "online")
    return None if paid is None or online is None else paid and online


def _number(fields: Any, field: str) -> int | None:
    told = text(fields, field)
    return whole(field, told) if told else None


def _is_extension(supplement: dict[str, Any]) -> bool:
    moved = text(supplement, "newappointmentdate")
    return bool(moved) and moved != text(supplement, "previousappointmentdate")
