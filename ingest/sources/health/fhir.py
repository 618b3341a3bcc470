"""A FHIR R4 server: visits, bookings, vaccinations and findings by searches in the order of their update times.

`GET {fhir_url}/Encounter?_lastUpdated=ge…&_sort=_lastUpdated&_count=N` answers a searchset Bundle with a link to the next page
(FHIR R4, 3.1.1 "Search"). Format and mapping: docs/connectors-health.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from ingest.source import Change, Record, Target
from ingest.sources.health import fhir_facts
from ingest.sources.health.api import Api
from ingest.sources.health.fhir_bundle import Bundle, BundleReader, elements
from ingest.sources.health.fhir_encounter import CHECK_IN, STAY, read_encounter
from ingest.sources.health.fhir_values import inner
from ingest.sources.health.name import NAME
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.part import Part
from ingest.sources.values import iso_ms, text
from ioc.errors import FatalError, RetriableError
from ioc.settings.sources import HealthSourceSettings

Read = Callable[[Mapping[str, Any], int | None], Change | Sequence[Change]]
"""What a resource says, by its elements and its update time."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The page of a search that comes next.

    Attributes:
        from_ms: what the search asks from; None: from the beginning.
        page: its number, from 0.
        link: its address, as the page before gave it; None: the first, or there is none.
        seen: different resources on the pages before.
    """

    from_ms: int | None
    page: int
    link: str | None
    seen: int


class FhirStream(UpdatedStream):
    """One resource of a server; a `Source`."""

    name = NAME

    def __init__(
        self,
        stream: str,
        resource: str,
        targets: tuple[Target, ...],
        read: Read,
        settings: HealthSourceSettings,
        api: Api,
    ) -> None:
        super().__init__("meta.lastUpdated", size=settings.page_size, overlap_s=settings.overlap_s)
        self.stream = stream
        self.targets = targets
        self.known_fields = frozenset(name.lower() for name in elements(resource))
        self.path = f"/{resource}"
        self._read = read
        self.api = api
        self._bundle = BundleReader(resource)
        self._walk: Walk | None = None

    def read(self, record: Record) -> Change | Sequence[Change]:
        """See `Source.read`."""
        return self._read(record.fields, self.updated_ms(record))

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        return iso_ms("meta.lastUpdated", text(inner(record.fields, "meta"), "lastUpdated"))

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`. A page behind the first is reached by the links of those before it, which may be asked anew."""
        walk = self._walk
        if page == 0 or walk is None or (walk.from_ms, walk.page) != (from_ms, page):
            walk = Walk(from_ms, 0, None, 0)
        while True:
            bundle, clock = self._page(walk, size)
            seen = walk.seen + bundle.distinct
            if bundle.next is None and bundle.distinct >= size and (bundle.total or 0) > seen:
                raise RetriableError(f"{self.path}: {seen} of {bundle.total} resources, and no link to the next page")
            self._walk = Walk(from_ms, walk.page + 1, bundle.next, seen)
            if walk.page == page:
                remaining = None if bundle.total is None else max(0, bundle.total - seen)
                return Answer(bundle.records, bundle.next is None, remaining, clock)
            if bundle.next is None:
                return Answer([], last=True, clock_ms=clock)
            walk = self._walk

    def _page(self, walk: Walk, size: int) -> tuple[Bundle, int | None]:
        """A page of a search.

        Raises:
            RetriableError: no answer, one that cannot be read, or a link that leads elsewhere or no longer holds.
            FatalError: the login or the search is refused.
        """
        if walk.link is not None:
            try:
                return self.api.get(self._own(walk.link), {}, self._bundle.read)
            except FatalError as error:
                self._walk = None
                raise RetriableError(f"{self.path}: page {walk.page} of a search no longer holds: {error}") from error
        query = {"_sort": "_lastUpdated", "_count": str(size)}
        if walk.from_ms is not None:
            query["_lastUpdated"] = f"ge{instant(walk.from_ms)}"
        return self.api.get(self.path, query, self._bundle.read)

    def _own(self, link: str) -> str:
        """A next link, below the server's address where it is; another host never gets the login.

        Raises:
            RetriableError: it leads to another host.
        """
        base = httpx.URL(f"{self.api.web.url}/")
        try:
            url = base.join(link)
        except (httpx.InvalidURL, ValueError):
            url = httpx.URL("")
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            self._walk = None
            raise RetriableError(f"{self.path}: the next link does not lead to {base.scheme}://{base.netloc.decode()}")
        whole, below = str(url), str(base).rstrip("/")
        return whole.removeprefix(below) if whole.startswith(f"{below}/") else whole


def instant(moment_ms: int) -> str:
    """A FHIR instant, in UTC with milliseconds."""
    return f"{datetime.fromtimestamp(moment_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03}Z"


def fhir_part(settings: HealthSourceSettings) -> Part | None:
    """The streams of the FHIR server that the settings name; None when they name none.

    Raises:
        ConfigError: its address is none.
    """
    if not settings.fhir_url:
        return None
    api = Api(settings.fhir_url, settings, settings.fhir_login, settings.fhir_token_url)
    return Part(fhir_streams(settings, api), api.close)


def fhir_streams(settings: HealthSourceSettings, api: Api) -> list[FhirStream]:
    """A stream for each resource that is read."""
    return [
        FhirStream("fhir_encounters", "Encounter", (CHECK_IN, STAY), read_encounter, settings, api),
        FhirStream(
            "fhir_appointments", "Appointment", (fhir_facts.BOOKING,), fhir_facts.read_appointment, settings, api
        ),
        FhirStream(
            "fhir_immunizations", "Immunization", (fhir_facts.DOSE,), fhir_facts.read_immunization, settings, api
        ),
        FhirStream(
            "fhir_observations", "Observation", (fhir_facts.FINDING,), fhir_facts.read_observation, settings, api
        ),
    ]
