"""Runs one stream: poll, validate, publish, wait for the acknowledgements, move the cursor.

The cursor is written only after every event and dead letter of its page was acknowledged, so a connector killed at any
moment reads again what it had not finished; and what is published twice is once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ingest.arrays import Arrays
from ingest.cursor import CursorStore
from ingest.envelope import Enveloper
from ingest.heartbeat import Heartbeat
from ingest.limit import RateLimit
from ingest.recent import Recent
from ingest.retry import Stop, StoppedError, until_done
from ingest.source import Page, Record, Source
from ioc import clock, topics
from ioc.contracts.control import DeadLetter
from ioc.deadletters import Flood, Sealer
from ioc.errors import FatalError, RetriableError, SkippableError
from ioc.kafka.producer import Delivery, Publisher
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import FloodSettings

ACKNOWLEDGE_S = 35.0
"""Longer than the producer itself goes on trying."""

RECENT_EVENTS = 50_000

LATE_TO_SOURCE_ATTEMPTS = 5
"""So many failures in a row, and a stream is reported as stuck."""


@dataclass
class Tools:
    """What a stream runs with.

    Attributes:
        publisher: where events, letters, cursors and heartbeats go.
        cursors: where streams stand.
        sealer: makes dead letters.
        metrics: of the process.
        limit: of the source; its streams share it.
        flood: when bad records stop the stream.
        poll_s: pause after the source had nothing more.
        stop: ends the run.
    """

    publisher: Publisher
    cursors: CursorStore
    sealer: Sealer
    metrics: Metrics
    limit: RateLimit
    flood: FloodSettings
    poll_s: float
    stop: Stop


@dataclass
class _Harvest:
    """What a page comes to: nothing of it is remembered before it is acknowledged."""

    messages: list[tuple[int, bytes]] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    seen: list[object] = field(default_factory=list)
    events: int = 0
    late: int = 0
    newest_ms: int = 0


class Runner:
    """Runs one stream until it is stopped or must not go on."""

    def __init__(self, source: Source, tools: Tools) -> None:
        self._source = source
        self._tools = tools
        self._topic = topics.events(source.kind)
        self._enveloper = Enveloper(source)
        self._recent = Recent(RECENT_EVENTS)
        self._flood = Flood(
            f"{source.name}/{source.stream}", run=tools.flood.run, ratio=tools.flood.ratio, window=tools.flood.window
        )
        self._heartbeat = Heartbeat(source.name, source.stream, tools.publisher)
        self._log = get_logger("ingest").bind(source=source.name, stream=source.stream)
        self._newest_ms = 0
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
        harvest = _Harvest()
        try:
            with tools.metrics.seconds.labels("ingest", "convert").time():
                self._convert(page.records, observed_at, harvest)
        except FatalError:
            self._report_flood(harvest)
            raise
        with tools.metrics.seconds.labels("ingest", "publish").time():
            until_done(lambda: self._deliver(harvest), tools.stop, self._failed, in_hand=True)
        delivery = self._move(page.cursor)
        self._recent.update(harvest.seen)
        self._newest_ms = max(self._newest_ms, harvest.newest_ms)
        self._count(harvest.letters)
        tools.metrics.done(self._source.stream, harvest.events, observed_at.timestamp() if harvest.events else None)
        if page.remaining is not None:
            tools.metrics.lag.labels("ingest", self._source.stream).set(page.remaining)
        self._heartbeat.add(page.source_time, harvest.events + len(harvest.letters), len(harvest.letters), harvest.late)
        self._beat(nothing_more=False)
        return delivery

    def _convert(self, records: list[Record], observed_at: datetime, harvest: _Harvest) -> None:
        """Fills in the messages and letters of a page, without those that were published before.

        Raises:
            FatalError: a flood of bad records; the page is to be read again after a restart.
        """
        arrays, good = Arrays(self._topic.partitions), 0
        recent, envelope, read = self._recent, self._enveloper.event, self._source.read
        seen: dict[object, None] = {}
        for record in records:
            try:
                if record.fault is not None:
                    raise record.fault
                change = read(record)
                version, event = envelope(change, observed_at)
                key = (version, change.entity)
                if key in recent or key in seen:
                    continue
                arrays.add(change.entity, event)
            except SkippableError as error:
                letter = self._letter(record, error)
                if letter.id in recent or letter.id in seen:
                    continue
                seen[letter.id] = None
                harvest.letters.append(letter)
                self._flood.good(good)
                good = 0
                self._flood.bad()
            else:
                good += 1
                seen[key] = None
                updated_ms = version >> 16
                harvest.late += updated_ms < self._newest_ms
                harvest.newest_ms = max(harvest.newest_ms, updated_ms)
        self._flood.good(good)
        harvest.events = len(seen) - len(harvest.letters)
        harvest.seen = list(seen)
        harvest.messages = list(arrays.messages())

    def _letter(self, record: Record, error: SkippableError) -> DeadLetter:
        return self._tools.sealer.letter(
            source=self._source.name,
            stream=self._source.stream,
            place=self._source.place(record),
            reason=error.reason,
            error=str(error),
            payload=record.raw,
        )

    def _deliver(self, harvest: _Harvest) -> None:
        """Publishes everything of a page and waits until all of it is acknowledged."""
        publish = self._tools.publisher.publish
        sent = [publish(self._topic.name, partition, value) for partition, value in harvest.messages]
        sent += [
            publish(topics.DEAD_LETTERS.name, 0, letter.model_dump_json().encode(), letter.id.encode())
            for letter in harvest.letters
        ]
        for delivery in sent:
            delivery.wait(ACKNOWLEDGE_S)

    def _report_flood(self, harvest: _Harvest) -> None:
        """Publishes the letters of a page that is given up, so that a person sees what is wrong; the cursor stays."""
        letters = _Harvest(letters=harvest.letters)
        until_done(lambda: self._deliver(letters), self._tools.stop, self._failed, in_hand=True)
        self._count(letters.letters)
        self._heartbeat.add(None, len(letters.letters), len(letters.letters), 0)
        self._beat(nothing_more=True)

    def _count(self, letters: list[DeadLetter]) -> None:
        for letter in letters:
            self._tools.metrics.rejected.labels("ingest", letter.reason).inc()

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
