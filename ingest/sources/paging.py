"""Reading a source by update time in pages, so that nothing is lost while it changes under the reader.

Sources of this shape answer "everything updated since T", in numbered pages. A record that changes while the pages are
being read moves to the end of that order and shifts the others to the front, past the page number that comes next. So
where a source answers in the order of update times, the next request asks from the last of these times on, page one, and not for the
next number. That it does so is seen from its pages, not assumed: numbers are used until there is proof, for pages out of order,
and for more records of one millisecond than a page holds.

The greatest update time read is the cursor. It never passes the own clock: a record from the future would hide all that
come before it. Every so often the last `overlap_s` seconds are read again, for records that the source shows late.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from ingest.source import Page, Record, Stream
from ingest.sources.position import Position, decode
from ioc import clock
from ioc.contracts.event import unix_ms
from ioc.errors import SkippableError

SWEEPS_AN_OVERLAP = 5
"""A late record is found at the latest after a fifth of the overlap, and each moment is read again five times, not at
every poll."""

PROOF = 12
"""So many times a later record was the younger one, without one that was not: by chance that is one in 13!."""


@dataclass(slots=True)
class Answer:
    """One page as the source gave it.

    Attributes:
        records: in the source's order.
        last: the window holds no more.
        remaining: records of the window beyond this page, when the source says so.
        clock_ms: the source's own clock at the answer, when it says so.
    """

    records: list[Record]
    last: bool
    remaining: int | None = None
    clock_ms: int | None = None


class Pager:
    """Turns requests for numbered pages of a window into pages with cursors."""

    def __init__(
        self,
        ask: Callable[[int | None, int, int], Answer],
        updated_ms: Callable[[Record], int | None],
        *,
        size: int,
        overlap_s: float,
        now: Callable[[], datetime] = clock.now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args name what the source can do.

        Args:
            ask: the page (from 0) of `size` records among those updated at or after a moment (ms; None: all).
            updated_ms: update time of a record; None when it has none that can be read.
            size: records a page.
            overlap_s: seconds before the cursor that are read again.
            now: the own clock.
            monotonic: seconds for the sweeps.
        """
        self._ask = ask
        self._updated_ms = updated_ms
        self._size = size
        self._overlap_s = overlap_s
        self._now = now
        self._monotonic = monotonic
        self._swept_s = float("-inf")
        self._ascents = 0

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Pages from the cursor on until the source has no more; at least one, which may be empty.

        Raises:
            FatalError: the cursor is none.
            IocError: what `ask` raises.
        """
        position = self._begin(decode(cursor))
        while True:
            asked_at = self._now()
            answer = self._ask(position.from_ms, position.page, self._size)
            times = [self._updated_ms(record) for record in answer.records]
            position = self._after(position, answer, times, unix_ms(asked_at))
            yield Page(answer.records, position.encode(), self._source_time(position, asked_at), answer.remaining)
            if not position.open:
                return

    def _begin(self, saved: Position) -> Position:
        """The window to read: the one in hand, or a new one, from time to time with the overlap."""
        if saved.open and saved.size == self._size:
            return saved
        start = saved.from_ms if saved.open else saved.high_ms
        if not saved.open and start is not None:
            now_s = self._monotonic()
            if now_s >= self._swept_s + self._overlap_s / SWEEPS_AN_OVERLAP:
                self._swept_s = now_s
                start = max(0, start - int(self._overlap_s * 1000))
        return Position(saved.high_ms, start, 0, self._size, open=True, blind=saved.blind)

    def _after(self, at: Position, answer: Answer, times: Sequence[int | None], now_ms: int) -> Position:
        known = [moment for moment in times if moment is not None]
        high_ms, blind = at.high_ms, at.blind
        if known:
            high_ms, blind = max(high_ms or 0, min(max(known), now_ms)), False
        elif answer.records and at.page == 0 and (blind or high_ms is None):
            # The source tells no update times: its clock (or ours) at the first page is where the next window begins.
            high_ms, blind = max(high_ms or 0, min(answer.clock_ms or now_ms, now_ms)), True
        if answer.last:
            return Position(high_ms, blind=blind)
        if self._is_ordered(known, times) and at.from_ms != known[-1] <= now_ms:
            return Position(high_ms, known[-1], 0, self._size, open=True)
        return Position(high_ms, at.from_ms, at.page + 1, self._size, open=True, blind=blind)

    def _is_ordered(self, known: Sequence[int], times: Sequence[int | None]) -> bool:
        """Whether this page, and with it the source, is in the order of update times."""
        if not known or len(known) < len(times) or any(a > b for a, b in pairwise(known)):
            self._ascents = 0
            return False
        self._ascents += sum(a < b for a, b in pairwise(known))
        return self._ascents >= PROOF

    def _source_time(self, position: Position, asked_at: datetime) -> datetime | None:
        if not position.open:
            return asked_at
        if position.page == 0 and position.from_ms is not None:
            return datetime.fromtimestamp(position.from_ms / 1000, UTC)
        return None


class UpdatedStream(Stream):
    """A stream that is read by update time, in pages. Subclasses give `ask` and `updated_ms`."""

    def __init__(self, updated_field: str, *, size: int, overlap_s: float) -> None:
        """`updated_field` names the update time in messages."""
        self.updated_field = updated_field
        self._pager = Pager(self.ask, self._updated_or_none, size=size, overlap_s=overlap_s)

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """Page `page` (from 0) of `size` records of what was updated at or after `from_ms`; None: of everything.

        Raises:
            RetriableError: the same request may succeed later.
            FatalError: it will not.
        """
        raise NotImplementedError

    def updated_ms(self, record: Record) -> int | None:
        """A record's update time, milliseconds since the epoch; None when it tells none.

        Raises:
            SkippableError: it cannot be read.
        """
        raise NotImplementedError

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`."""
        return self._pager.pages(cursor)

    def place(self, record: Record) -> str:
        """The record's update time."""
        updated_ms = self._updated_or_none(record)
        return f"{self.updated_field} {'not readable' if updated_ms is None else updated_ms}"

    def _updated_or_none(self, record: Record) -> int | None:
        try:
            return self.updated_ms(record)
        except SkippableError:
            return None
