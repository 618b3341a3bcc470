"""Runs the comparison of listings for one stream: when it is due, what is refused, what is published in which order."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest.control import Orders
from ingest.convert import Converter, Harvest
from ingest.gone import Gone
from ingest.listing import (
    Difference,
    Gathered,
    ListingStore,
    compare,
    entities_of,
    marked,
    marks_of,
    replaced,
    unmarked,
)
from ingest.retry import Stop, StoppedError
from ingest.source import Source
from ioc import clock
from ioc.contracts.event import unix_ms
from ioc.kafka.producer import Publisher
from ioc.logs import get_logger
from ioc.settings import ListingSettings
from ioc.topics import CONTROLS

ACKNOWLEDGE_S = 35.0
AGAIN_S = 60.0
"""A listing that broke off is tried again after so long."""


@dataclass
class Ways:
    """How a lister reaches the world.

    Attributes:
        publisher: for orders that are spent.
        deliver: publishes a harvest and returns when all of it is acknowledged, however often it must be tried.
        insist: calls until it succeeds.
        stop: ends a listing in the middle.
    """

    publisher: Publisher
    deliver: Callable[[Harvest], None]
    insist: Callable[[Callable[[], None]], None]
    stop: Stop


class Lister:
    """Finds what is gone from one stream's source.

    Attributes:
        alert: what waits for a person; empty: nothing.
    """

    def __init__(
        self,
        source: Source,
        store: ListingStore,
        orders: Orders,
        settings: ListingSettings,
        every_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._store, self._orders, self._settings = source, store, orders, settings
        self._every_s, self._monotonic = every_s, monotonic
        self._due_s = float("-inf")
        self._returned: set[str] = set()
        self._log = get_logger("ingest").bind(source=source.name, stream=source.stream)
        self.alert = ""

    def marks(self) -> Gone:
        """What earlier listings found gone.

        Raises:
            RetriableError: the broker cannot be reached.
            FatalError: what is stored is no listing.
        """
        return Gone(marks_of(self._store.load(self._source.name, self._source.stream)))

    def is_due(self, at: datetime) -> bool:
        """Whether it is time for a listing: after an interval, or because one that was refused is now accepted."""
        return self._monotonic() >= self._due_s or (bool(self.alert) and self._accepted(at))

    def run(self, converter: Converter, ways: Ways) -> bool:
        """Takes a listing and publishes what is gone; whether something is back, so that the stream must be read anew.

        Raises:
            RetriableError: the listing broke off and counts for nothing, or the broker cannot be reached.
            FatalError: what is stored is no listing.
            StoppedError: the process is to end.
        """
        self._due_s = self._monotonic() + min(AGAIN_S, self._every_s)
        listing = self._source.listing()
        assert listing is not None
        now = Gathered()
        for entity, unit in entities_of(listing):
            if ways.stop.is_set():
                raise StoppedError
            now.add(converter.published(entity), unit)
        stored = self._store.load(self._source.name, self._source.stream)
        found = compare(stored, now)
        at = clock.now()
        self._due_s = self._monotonic() + self._every_s
        if not self._may_go(found, at, ways):
            return False
        at_ms = max(unix_ms(at), converter.newest_ms + 1)
        if found.gone:
            self._save(dict(marked(stored, found.gone, at_ms)), stored, ways)
            ways.deliver(converter.deletions(found.gone, at_ms, at))
            self._log.info("gone from the source", entities=len(found.gone), before=found.before)
        self._save(dict(replaced(stored, now, at_ms)), stored, ways)
        self._returned = found.returned
        return bool(found.returned)

    def read_anew(self, converter: Converter, ways: Ways) -> None:
        """Notes that the stream was read from its beginning to its end: what was back lives, and is no longer marked."""
        if self._returned:
            stored = self._store.load(self._source.name, self._source.stream)
            self._save(dict(unmarked(stored, self._returned)), stored, ways)
            converter.gone.forget(self._returned)
            self._returned = set()

    def _may_go(self, found: Difference, at: datetime, ways: Ways) -> bool:
        """Refuses a listing that has lost suddenly much: rather a fault of the source than so many deletions."""
        gone, before = len(found.gone), found.before
        much = gone > self._settings.max_lost and gone > self._settings.max_lost_share * before
        if not much and not (before and not found.listed):
            self.alert = ""
            return True
        if self._accepted(at):
            self.alert = ""
            self._spend(at, ways)
            return True
        name = f"{self._source.name}/{self._source.stream}"
        self.alert = (
            f"listing refused: {gone} of {before} would be deleted; `ioc source accept-listing {name}` if they are"
        )
        self._log.error("listing refused: a person must look", gone=gone, before=before, listed=found.listed)
        return False

    def _accepted(self, at: datetime) -> bool:
        return self._orders.active("accept_listing", self._source.name, self._source.stream, at) is not None

    def _spend(self, at: datetime, ways: Ways) -> None:
        """Ends the order: it was for one listing."""
        order = self._orders.active("accept_listing", self._source.name, self._source.stream, at)
        assert order is not None
        raw = order.model_copy(update={"ends": at, "ordered_at": at}).model_dump_json().encode()

        def publish() -> None:
            ways.publisher.publish(CONTROLS.name, 0, raw, order.key).wait(ACKNOWLEDGE_S)

        ways.insist(publish)
        self._orders.take(order.key, raw)

    def _save(self, buckets: dict[int, bytes], stored: dict[int, bytes], ways: Ways) -> None:
        """Writes buckets, waits until they are acknowledged, and notes them in `stored`."""

        def write() -> None:
            sent = [self._store.save(self._source.name, self._source.stream, n, raw) for n, raw in buckets.items()]
            for delivery in sent:
                delivery.wait(ACKNOWLEDGE_S)

        ways.insist(write)
        stored.update(buckets)


def lists(source: Source) -> bool:
    """Whether a source can list what it has. Its listing is not begun."""
    listing: Iterator[object] | None = source.listing()
    return listing is not None
