"""Runs one stream: poll, validate, publish, wait for the acknowledgements, move the cursor.

The cursor is written only after every event and dead letter of its page was acknowledged, so a connector killed at any
moment reads again what it had not finished; and what is published twice is once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ingest.control import Orders
from ingest.convert import Converter, Harvest
from ingest.cursor import CursorStore
from ingest.heartbeat import Heartbeat
from ingest.limit import RateLimit
from ingest.lister import Lister, Ways, lists
from ingest.listing import ListingStore
from ingest.retry import Stop, StoppedError, until_done
from ingest.source import Page, Source
from ioc import clock, topics
from ioc.deadletters import Sealer
from ioc.errors import FatalError, RetriableError
from ioc.kafka.producer import Delivery, Publisher
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings, ListingSettings

ACKNOWLEDGE_S = 35.0
"""Longer than the producer itself goes on trying."""

LATE_TO_SOURCE_ATTEMPTS = 5
"""So many failures in a row, and a stream is reported as stuck."""

PAUSED_LOOK_S = 0.5
"""A paused stream looks so often whether it may go on."""


@dataclass
class Tools:
    """What a stream runs with.

    Attributes:
        publisher: where events, letters, cursors and heartbeats go.
        cursors: where streams stand.
        sealer: makes dead letters.
        pseudonyms: takes the place of persons' numbers.
        metrics: of the process.
        limit: of the source; its streams share it.
        flood: when bad records stop the stream.
        poll_s: pause after the source had nothing more.
        stop: ends the run.
        orders: what operators have ordered.
        listings: where listings are kept; None: nothing is listed.
        listing: when a listing is refused.
        listing_every_s: pause between two listings of a stream.
    """

    publisher: Publisher
    cursors: CursorStore
    sealer: Sealer
    pseudonyms: Pseudonyms
    metrics: Metrics
    limit: RateLimit
    flood: FloodSettings
    poll_s: float
    stop: Stop
    orders: Orders = field(default_factory=Orders)
    listings: ListingStore | None = None
    listing: ListingSettings = field(default_factory=ListingSettings)
    listing_every_s: float = 3600.0


class Runner:
    """Runs one stream until it is stopped or must not go on."""

    def __init__(self, source: Source, tools: Tools) -> None:
        self._source = source
        self._tools = tools
        self._converter = Converter(source, tools.pseudonyms, tools.sealer, tools.flood)
        self._heartbeat = Heartbeat(source, tools.publisher)
        self._log = get_logger("ingest").bind(source=source.name, stream=source.stream)
        self._name = f"{source.name}/{source.stream}"
        self._failures = 0
        self._cursor: str | None = None
        self._paused = False
        self._lister: Lister | None = None
        if tools.listings is not None and lists(source):
            self._lister = Lister(source, tools.listings, tools.orders, tools.listing, tools.listing_every_s)

    def run(self) -> bool:
        """Runs until stopped; whether it ended because it was asked to, and not for a fatal error, which is reported."""
        try:
            self._run()
        except StoppedError:
            self._log.info("stopped", in_hand=True)
        except FatalError as error:
            self._tools.metrics.errors.labels("ingest", "fatal").inc()
            self._log.critical("stream stopped: a person must look", error=str(error))
            return False
        except Exception as error:  # noqa: BLE001 (one stream's defect must not stop its siblings)
            self._tools.metrics.errors.labels("ingest", "fatal").inc()
            # The traceback's text could hold a value of a record, the type and place cannot.
            self._log.critical("stream stopped: a defect", error=type(error).__name__, at=_place_of(error))
            return False
        return True

    def _run(self) -> None:
        stop = self._tools.stop
        self._cursor = until_done(
            lambda: self._tools.cursors.load(self._source.name, self._source.stream), stop, self._failed, in_hand=False
        )
        if self._lister is not None:
            self._converter.gone = until_done(self._lister.marks, stop, self._failed, in_hand=False)
        self._log.info("stream started", cursor=self._cursor)
        while not stop.is_set():
            if self._is_paused():
                stop.wait(PAUSED_LOOK_S)
                continue
            self._poll()
            self._list()
            stop.wait(self._tools.poll_s)

    def _is_paused(self) -> bool:
        """Whether an operator has paused the stream; it reads nothing then and has no heartbeat, so its figures grow old."""
        order = self._tools.orders.active("pause", self._source.name, self._source.stream, clock.now())
        if (order is not None) != self._paused:
            self._paused = order is not None
            self._log.warning("stream paused" if order else "stream goes on", reason=order.reason if order else "")
        return self._paused

    def _list(self) -> None:
        """Compares what the source lists with what it listed before, when that is due."""
        lister, tools = self._lister, self._tools
        if lister is None or tools.stop.is_set() or self._is_paused() or not lister.is_due(clock.now()):
            return
        ways = Ways(
            tools.publisher,
            self._publish_deletions,
            lambda call: until_done(call, tools.stop, self._failed, in_hand=True),
            tools.stop,
        )
        tools.limit.wait()
        try:
            is_back = lister.run(self._converter, ways)
            if is_back:
                self._log.warning("gone entities are listed again: the stream is read from its beginning")
                self._cursor = None
                self._poll()
                if not tools.stop.is_set() and not self._paused:
                    lister.read_anew(self._converter, ways)
        except RetriableError as error:
            self._failed(error)
        self._heartbeat.alert = lister.alert

    def _publish_deletions(self, harvest: Harvest) -> None:
        tools = self._tools
        until_done(lambda: self._deliver(harvest), tools.stop, self._failed, in_hand=True)
        self._count(harvest)
        tools.metrics.done(self._name, harvest.events, clock.now().timestamp())

    def _poll(self) -> None:
        """Reads until the source has nothing more for now, or the stream is paused."""
        tools = self._tools
        pages: Iterator[Page] | None = None
        saved: Delivery | None = None

        def next_page() -> Page | None:
            nonlocal pages
            if self._is_paused():
                return None
            tools.limit.wait()
            if pages is None:
                pages = self._source.pages(self._cursor)
            try:
                return next(pages, None)
            except RetriableError:
                pages = None
                raise

        while not tools.stop.is_set():
            with tools.metrics.seconds.labels("ingest", "read").time():
                page = until_done(next_page, tools.stop, self._failed, in_hand=False)
            if page is None:
                break
            self._failures = 0
            saved = self._take(page, clock.now()) or saved
        if saved is not None:
            self._settle(saved)
        if not self._paused:
            self._beat(nothing_more=True)

    def _take(self, page: Page, observed_at: datetime) -> Delivery | None:
        """Publishes a page and moves the cursor behind it; the cursor's delivery, if it moved."""
        tools = self._tools
        harvest = Harvest()
        try:
            with tools.metrics.seconds.labels("ingest", "convert").time():
                self._converter.convert(page.records, observed_at, harvest)
        except FatalError:
            self._report_flood(harvest)
            raise
        with tools.metrics.seconds.labels("ingest", "publish").time():
            until_done(lambda: self._deliver(harvest), tools.stop, self._failed, in_hand=True)
        delivery = self._move(page.cursor)
        self._converter.acknowledged(harvest)
        self._count(harvest)
        tools.metrics.done(self._name, harvest.events, observed_at.timestamp() if harvest.events else None)
        if page.remaining is not None:
            tools.metrics.lag.labels("ingest", self._name).set(page.remaining)
        self._heartbeat.add(page.source_time, harvest)
        self._beat(nothing_more=False)
        return delivery

    def _deliver(self, harvest: Harvest) -> None:
        """Publishes everything of a page and waits until all of it is acknowledged."""
        publish = self._tools.publisher.publish
        sent = [publish(topic, partition, value) for topic, partition, value in harvest.messages]
        sent += [
            publish(topics.DEAD_LETTERS.name, 0, letter.model_dump_json().encode(), letter.id.encode())
            for letter in harvest.letters
        ]
        for delivery in sent:
            delivery.wait(ACKNOWLEDGE_S)

    def _report_flood(self, harvest: Harvest) -> None:
        """Publishes the letters of a page that is given up, so that a person sees what is wrong; the cursor stays."""
        letters = Harvest(letters=harvest.letters)
        until_done(lambda: self._deliver(letters), self._tools.stop, self._failed, in_hand=True)
        self._count(letters)
        self._heartbeat.add(None, letters)
        self._beat(nothing_more=True)

    def _count(self, harvest: Harvest) -> None:
        metrics = self._tools.metrics
        for letter in harvest.letters:
            metrics.rejected.labels("ingest", letter.reason).inc()
        for name, records in harvest.unknown.items():
            metrics.unknown_fields.labels(self._source.name, self._source.stream, name).inc(records)

    def _move(self, cursor: str) -> Delivery | None:
        """Moves the cursor; its acknowledgement is awaited when the source has nothing more, not for every page."""
        if cursor == self._cursor:
            return None
        self._cursor = cursor
        return until_done(
            lambda: self._tools.cursors.save(self._source.name, self._source.stream, cursor),
            self._tools.stop,
            self._failed,
            in_hand=True,
        )

    def _settle(self, saved: Delivery | None) -> None:
        """Waits until the cursor is acknowledged, and saves it again when it was not."""
        assert self._cursor is not None
        cursor, pending = self._cursor, [saved]

        def settle() -> None:
            delivery = pending.pop() if pending else None
            if delivery is None:
                delivery = self._tools.cursors.save(self._source.name, self._source.stream, cursor)
            delivery.wait(ACKNOWLEDGE_S)

        until_done(settle, self._tools.stop, self._failed, in_hand=True)

    def _beat(self, nothing_more: bool) -> None:
        """A heartbeat that fails is left to the next one: it would be out of date."""
        try:
            self._heartbeat.beat(clock.now(), nothing_more)
        except RetriableError as error:
            self._failed(error)

    def _failed(self, error: RetriableError) -> None:
        self._failures += 1
        self._tools.metrics.errors.labels("ingest", "retriable").inc()
        planned = self._tools.orders.active("maintenance", self._source.name, self._source.stream, clock.now())
        if self._failures % LATE_TO_SOURCE_ATTEMPTS or planned is not None:
            self._log.warning("trying again", failures=self._failures, error=str(error))
        else:
            self._log.error("stream is stuck and falls behind", failures=self._failures, error=str(error))


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace is not None else ""
