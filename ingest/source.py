"""The Source contract: what a connector's author writes. Everything else is the runner's.

A `Source` is one stream of one system: its names, the kinds and facets of its events, and two functions. `pages` reads the
system from a cursor on; `read` says what one record means. `Stream` has what most sources leave as it is. Both raise by what the
caller should do:

| situation | raise |
|---|---|
| no answer, time-out, HTTP 5xx, an answer cut short or in no known encoding | `RetriableError` |
| HTTP 429 | `RetryLaterError` with the seconds that the source asked for |
| the session has expired | renew it and ask again; nobody else needs to know |
| one record is wrong | `SkippableError` with a reason code, from `read` |
| login refused, the request itself refused, an unknown cursor | `FatalError` |

Polling, back-off, rate limit, keyed hashes in the place of persons' numbers, validation against the contract, versions, leaving
out what was published before, arrays by partition, acknowledgement, cursor, heartbeats, deletions found by comparing listings,
unknown fields, dead letters, flood stop and metrics are the runner's (`ingest.runner`).

A source that is pushed to (a webhook, a broker) is no exception: its `pages` yields what has come in, and is asked for the next
page only when that one is acknowledged, which is the moment to acknowledge it to the sender.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from ioc.errors import RetriableError, SkippableError


class RetryLaterError(RetriableError):
    """The source asks to wait `after_s` seconds before the next request."""

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class Target(NamedTuple):
    """What an event is about: a kind of entity and the facet of it."""

    kind: str
    facet: str


@dataclass(slots=True)
class Record:
    """One record as the source sent it.

    Attributes:
        raw: its bytes, for the dead letters.
        fields: what they say, keys in lower case; empty when they cannot be decoded.
        fault: why they cannot be.
    """

    raw: bytes
    fields: dict[str, Any]
    fault: SkippableError | None = None


@dataclass(slots=True)
class Page:
    """Records that are acknowledged together.

    Attributes:
        records: in the source's order.
        cursor: where to go on once all of these records are acknowledged.
        source_time: up to which moment of the source everything has been read with this page; None when not known.
        remaining: records that the source has beyond this page, when it says so.
    """

    records: list[Record]
    cursor: str
    source_time: datetime | None
    remaining: int | None = None


@dataclass(slots=True)
class Change:
    """What one record says: the full state of a facet of an entity.

    Persons' numbers stand here in clear where the contract asks for a `Pseudonym` (or the kind's entity is one): the runner puts
    the keyed hash in their place, before anything is published.

    Attributes:
        entity: canonical identifier, by the rule of its kind.
        unit: code of the responsible unit, as the source writes it; empty where the facet has none.
        updated_ms: the source's update time in milliseconds since the epoch; None when it tells none.
        data: the facet's fields by the names of its contract; None in a deletion.
        deleted: the source no longer has it.
        target: which of the source's targets it is about; None: the first.
    """

    entity: str
    unit: str
    updated_ms: int | None
    data: dict[str, Any] | None
    deleted: bool = False
    target: Target | None = None


class Listed(NamedTuple):
    """An entity that a source still has: its identifier as in `Change.entity`, and its unit."""

    entity: str
    unit: str


class Source(Protocol):
    """One stream of one system."""

    @property
    def name(self) -> str:
        """The system, for example `dossier`."""
        ...

    @property
    def stream(self) -> str:
        """The stream of that system, for example `cases`."""
        ...

    @property
    def targets(self) -> Sequence[Target]:
        """What its events are about; the first is what a `Change` is about unless it says otherwise."""
        ...

    @property
    def known_fields(self) -> frozenset[str] | None:
        """Keys of `Record.fields` that somebody has looked at: others are counted and shown as drift. None: not told."""
        ...

    @property
    def by_unit(self) -> bool:
        """Whether units report themselves, so that each has a heartbeat of its own beside the stream's."""
        ...

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Reads on from `cursor` (None: from the beginning) until the source has no more for now; may yield no page.

        The runner takes the next page only when the one before is acknowledged. After an error it calls `pages` anew with
        the last acknowledged cursor.

        Raises:
            RetriableError: the same call may succeed later.
            FatalError: it will not.
        """
        ...

    def read(self, record: Record) -> Change | Sequence[Change]:
        """What a record says: one change, several (all of them are published, or none), or none at all.

        A pure function; takes what the contract needs and leaves the rest, persons' data above all.

        Raises:
            SkippableError: the record cannot be used; the message names the field, and no value that could be personal.
        """
        ...

    def place(self, record: Record) -> str:
        """Where the record stands in the source, the same whenever it is read: its update time, a sequence number."""
        ...

    def listing(self) -> Iterator[Listed] | None:
        """Everything that the source has now, of the first target; None for a source that cannot list.

        What an earlier listing had and this one has not is published as deleted.

        Raises:
            RetriableError: it broke off; what was listed so far counts for nothing.
        """
        ...


class Stream:
    """What most sources leave as it is. Subclasses give `name`, `stream`, `targets`, `pages` and `read`."""

    name: str
    stream: str
    targets: Sequence[Target]
    known_fields: frozenset[str] | None = None
    by_unit: bool = False
    pushed: bool = False
    """Whether senders push to it: being asked for the next page then tells them that the one before is safe in Kafka."""

    def place(self, record: Record) -> str:
        """A hash of its bytes: enough to know the same record again."""
        return f"record {hashlib.blake2b(record.raw, digest_size=8).hexdigest()}"

    def listing(self) -> Iterator[Listed] | None:
        """None: it cannot list."""
        return None


@dataclass(frozen=True)
class System:
    """A system and its streams.

    Attributes:
        streams: each is run on its own; one that fails does not stop its siblings.
        poll_s: pause after a stream had nothing more.
        requests_per_s: what the system allows, all streams together.
        close: lets go of its connections, once all streams have ended.
        listing_every_s: pause between two listings of a stream that can list.
    """

    streams: Sequence[Source]
    poll_s: float
    requests_per_s: float
    close: Callable[[], None]
    listing_every_s: float = 3600.0
