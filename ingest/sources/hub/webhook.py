"""The webhook's streams: what was pushed by signed HTTP requests, as pages.

Being asked for the next page means that Kafka has acknowledged the one before: its requests are answered 202. When the stream
is closed or never asked again, they are answered 503, and the senders send them again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.source import Change, Page, Record, Stream, Target
from ingest.sources.hub import alerts, feedback
from ingest.sources.hub.inbox import Inbox, Parcel
from ingest.sources.hub.listener import Listener
from ingest.sources.hub.name import NAME
from ingest.sources.part import Part
from ioc import clock
from ioc.settings.sources import HubSourceSettings

CURSOR = "pushed"
"""There is nothing to go back to: what was not acknowledged, its sender sends again."""

IDLE_S = 1.0
"""So long a stream waits for a push before it says that it has nothing more; also the longest that a stop waits for it."""

MAX_PAGE_BYTES = 4 << 20


@dataclass(frozen=True)
class Door:
    """A path that senders push to, and what comes in by it."""

    path: str
    stream: str
    targets: Sequence[Target]
    read: Callable[[Record], Change]
    known: frozenset[str]


DOORS = (
    Door("/v1/feedback", "feedback", feedback.TARGETS, feedback.read, feedback.KNOWN),
    Door("/v1/security", "security", alerts.TARGETS, alerts.read, alerts.KNOWN),
)


class WebhookStream(Stream):
    """What comes in by one path."""

    name = NAME
    pushed = True

    def __init__(self, door: Door, inbox: Inbox, listener: Listener, page_size: int) -> None:
        self.stream = door.stream
        self.targets = door.targets
        self.known_fields = door.known
        self._read = door.read
        self._inbox = inbox
        self._listener = listener
        self._page_size = page_size

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`.

        Raises:
            RetriableError: the address to listen on cannot be had now.
        """
        del cursor
        self._listener.start()
        self._inbox.open()
        parcels: list[Parcel] = []
        well = False
        try:
            while parcels := self._inbox.take(self._page_size, MAX_PAGE_BYTES, IDLE_S):
                records = [record for parcel in parcels for record in parcel.records]
                yield Page(records, CURSOR, clock.now(), len(self._inbox))
                _tell(parcels, well=True)
            yield Page([], CURSOR, clock.now(), 0)
            well = True
        finally:
            if not well:
                _tell(parcels, well=False)
                self._inbox.close()

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        return self._read(record)


def webhook_part(settings: HubSourceSettings) -> Part | None:
    """The webhook's streams; None without a port.

    Raises:
        ConfigError: the secret is too short.
    """
    if not settings.webhook.port:
        return None
    inboxes = {door.path: Inbox() for door in DOORS}
    listener = Listener(settings.webhook, settings.timeout_s, inboxes)
    streams = [WebhookStream(door, inboxes[door.path], listener, settings.page_size) for door in DOORS]
    return Part(streams, listener.stop)


def _tell(parcels: list[Parcel], *, well: bool) -> None:
    for parcel in parcels:
        parcel.done(well)
    parcels.clear()
