"""Disturbing any source at the boundary of its contract: between what it gives and what the runner takes.

Whatever a source is read from (HTTP, files, a push), its pages and records can be doubled, shuffled, cut off and spoiled here.
What a source must bear of its own transport is its rig's to show (`ingest.testing.Rig`).
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from ingest.source import Change, Listed, Page, Record, Source, System, Target
from ioc.errors import RetriableError

Disturb = Callable[[Iterator[Page]], Iterator[Page]]
"""Takes a source's pages and gives what the runner gets instead."""

CANARY = "CANARY-boundary"
UNKNOWN = "xx_unknown"
HUGE_CHARS = 2 << 20


class Disturbed:
    """A source whose pages are disturbed; all else is its own."""

    def __init__(self, source: Source, disturb: Disturb) -> None:
        self._source = source
        self._disturb = disturb

    @property
    def name(self) -> str:
        """See `Source.name`."""
        return self._source.name

    @property
    def stream(self) -> str:
        """See `Source.stream`."""
        return self._source.stream

    @property
    def targets(self) -> Sequence[Target]:
        """See `Source.targets`."""
        return self._source.targets

    @property
    def known_fields(self) -> frozenset[str] | None:
        """See `Source.known_fields`."""
        return self._source.known_fields

    @property
    def by_unit(self) -> bool:
        """See `Source.by_unit`."""
        return self._source.by_unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        pages = self._source.pages(cursor)
        with ExitStack() as ends:
            # A page that is not taken is not acknowledged: the source must hear of it.
            if callable(close := getattr(pages, "close", None)):
                ends.callback(close)
            yield from self._disturb(pages)

    def read(self, record: Record) -> Change | Sequence[Change]:
        """See `Source.read`."""
        return self._source.read(record)

    def place(self, record: Record) -> str:
        """See `Source.place`."""
        return self._source.place(record)

    def listing(self) -> Iterator[Listed] | None:
        """See `Source.listing`."""
        return self._source.listing()


def disturbed(system: System, make: Callable[[Source], Disturb]) -> System:
    """A system of which each stream is disturbed; `make` gives each its own disturbance."""
    return replace(system, streams=[Disturbed(stream, make(stream)) for stream in system.streams])


def by_record(change: Callable[[list[Record]], list[Record]]) -> Disturb:
    """Changes the records of each page that has any."""

    def disturb(pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            yield replace(page, records=change(page.records)) if page.records else page

    return disturb


def doubled() -> Disturb:
    """Each record twice."""
    return by_record(lambda records: [again for record in records for again in (record, record)])


def shuffled(seed: int = 1) -> Disturb:
    """The records of a page in another order."""
    draw = random.Random(seed)
    return by_record(lambda records: draw.sample(records, len(records)))


def with_empty_pages() -> Disturb:
    """A page without records after each."""

    def disturb(pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            yield page
            yield Page([], page.cursor, None)

    return disturb


def broken_off() -> Disturb:
    """Each page is lost on its way once, and must come again."""
    lost: set[str] = set()

    def disturb(pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            if page.records and page.cursor not in lost:
                lost.add(page.cursor)
                raise RetriableError("the page was lost on its way")
            yield page

    return disturb


def slowly(pause_s: float = 0.03, pages_s: float = 0.3) -> Disturb:
    """The reader takes its time before each page, `pages_s` in all."""

    def disturb(pages: Iterator[Page]) -> Iterator[Page]:
        left_s = pages_s
        for page in pages:
            yield page
            if left_s > 0:
                time.sleep(pause_s)
                left_s -= pause_s

    return disturb


def with_unknown_fields() -> Disturb:
    """Each record has a field more, which holds a person's data."""
    return by_record(lambda records: [with_field(record, UNKNOWN, {"name": CANARY}) for record in records])


def with_huge_text() -> Disturb:
    """The first record of a page has two million characters more in a field that nobody reads."""
    return by_record(lambda records: [with_field(records[0], UNKNOWN, "x" * HUGE_CHARS), *records[1:]])


def with_bad(bad: Callable[[Record], Sequence[Record]]) -> Disturb:
    """Beside the records of each page, what `bad` makes of its first one."""
    return by_record(lambda records: [*records, *bad(records[0])])


def with_field(record: Record, name: str, value: object) -> Record:
    """The record with one field more; one that cannot be decoded is left as it is."""
    return record if record.fault is not None else Record(record.raw, record.fields | {name: value})
