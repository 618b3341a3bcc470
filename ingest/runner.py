"""Runs one stream: poll, validate, publish, wait for the acknowledgements, move the cursor.

The cursor is written only after every event and dead letter of its page was acknowledged, so a connector killed at any
moment reads again what it had not finished; and what is published twice is once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingest.convert import Converter, Harvest
from ingest.cursor import CursorStore
from ingest.heartbeat import Heartbeat
from ingest.limit import RateLimit
from ingest.retry import Stop, StoppedError, until_done
from ingest.source import Page, Source
from ioc import clock, topics
from ioc.deadletters import Sealer
from ioc.errors import FatalError, RetriableError
from ioc.kafka.producer import Delivery, Publisher
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings

ACKNOWLEDGE_S = 35.0
"""Longer than the producer itself goes on trying."""

LATE_TO_SOURCE_ATTEMPTS = 5
"""So many failures in a row, and a stream is reported as stuck."""


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


class Runner:
    """Runs one stream until it is stopped or must not go on."""

    def __init__(self, source: Source, tools: Tools) -> None:
        self._source = source
        self._tools = tools
        self._converter = Converter(source, tools.pseudonyms, tools.sealer, tools.flood)
        self._heartbeat = Heartbeat(source, tools.publisher)
        self._log = get_logger("ingest").bind(source=source.name, stream=source.stream)
        self._failures = 0
        self._cursor: str | None = None

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
        self._log.info("stream started", cursor=self._cursor)
        while not stop.is_set():
            self._poll()
            stop.wait(self._tools.poll_s)

    def _poll(self) -> None:
        """Reads until the source has nothing more for now."""
        tools = self._tools
        pages: Iterator[Page] | None = None
        saved: Delivery | None = None

        def next_page() -> Page | None:
            nonlocal pages
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
        tools.metrics.done(self._source.stream, harvest.events, observed_at.timestamp() if harvest.events else None)
        if page.remaining is not None:
            tools.metrics.lag.labels("ingest", self._source.stream).set(page.remaining)
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
        for field, records in harvest.unknown.items():
            metrics.unknown_fields.labels(self._source.name, self._source.stream, field).inc(records)

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
        if self._failures % LATE_TO_SOURCE_ATTEMPTS:
            self._log.warning("trying again", failures=self._failures, error=str(error))
        else:
            self._log.error("stream is stuck and falls behind", failures=self._failures, error=str(error))


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace is not None else ""
