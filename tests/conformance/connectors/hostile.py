"""A source of citizens' reports that can commit every sin which the suite is there to find."""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

from ingest.pagerig import UNREADABLE, PageRig
from ingest.source import Change, Page, Record, Stream, System, Target
from ingest.sources.values import iso_ms, required, text, utc
from ingest.testing import Allowances
from ioc import clock
from ioc.contracts.event import unix_ms
from ioc.errors import RetriableError, SkippableError

Sin = Literal[
    "cursor_ahead",  # a page's cursor is behind the next page already: what is killed in between is lost
    "own_position",  # goes on where it stood itself, and not from the cursor that was acknowledged
    "loses_on_resume",  # begins one record too late after a restart
    "ignores_cursor",  # reads everything again after each restart
    "publishes_name",  # a name in a field that leaves
    "type_to_null",  # a value of another type becomes null
    "drops_poison",  # what cannot be used is left out without a letter
    "drops_everything",  # reads, and says nothing
    "new_version_each_time",  # the same record has another version at each reading
    "dies_on_unknown_field",
    "one_page",  # all that there is in one page
    "never_ends",
    "from_the_future",  # says that it was read up to a moment that has not come
    "depends_on_the_order",  # what a record says depends on the one before
    "dies_on_huge",
    "gives_up_on_slow_readers",  # a pause is taken for the end
    "news_from_nothing",  # an empty answer gives the last record again, as new
    "hides_the_future",  # leaves out what is newer than the own clock
    "fills_in",  # what is missing gets a value
    "repeats_values",  # messages hold what the field held
    "skips_unreadable",  # an answer that cannot be read is skipped
]

ROWS, PAGE = 300, 50
SLOW_S, SLOW_PAGES = 0.028, 3
"""A reader is slow who takes so long, page after page: a busy machine does not take it so long so often."""
KEYS = frozenset({"id", "unit", "updated", "channel", "topic", "state", "reported", "due", "reporter", "phone"})


def rows() -> list[dict[str, Any]]:
    """Reports of the last ten hours, in the order of their update times."""
    draw, now_ms = random.Random(4), unix_ms(clock.now())
    return [
        {
            "id": f"r-{number:04}",
            "unit": f"000.00.0{number % 5 + 1}.H12",
            "updated": now_ms - 36_000_000 + number * 100_000,
            "channel": draw.choice(["hotline_1022", "camau_g"]),
            "topic": f"t{number % 4}",
            "state": draw.choice(["received", "assigned"]),
            "reported": "2026-08-10T08:00:00+07:00",
            "due": draw.choice([None, "2026-08-20T08:00:00+07:00"]),
            "reporter": f"CANARY Lê Thử {number}",
            "phone": "CANARY 0900 000 000",
        }
        for number in range(ROWS)
    ]


class Server:
    """What the source reads from; now and then it cannot be read."""

    def __init__(self) -> None:
        self.rows = rows()
        self.unreadable = 0.0
        self.fired = 0
        self._random = random.Random(2)

    def ask(self, start: int, count: int) -> list[dict[str, Any]]:
        if self._random.random() < self.unreadable:
            self.fired += 1
            raise RetriableError("the answer ends in the middle")
        return self.rows[start : start + count]


class Hostile(Stream):
    """Reads the server by position. Without sins it is a good source."""

    name, stream, targets = "hostile", "reports", (Target("feedback_case", "case"),)
    known_fields = KEYS

    def __init__(self, server: Server, sins: frozenset[Sin]) -> None:
        self._server = server
        self._sins = sins
        self._position = 0
        self._before = ""
        self._news = 0

    def pages(self, cursor: str | None) -> Iterator[Page]:
        start = int(cursor or 0)
        if "ignores_cursor" in self._sins:
            start = 0
        if "own_position" in self._sins:
            start = max(start, self._position)
        if "loses_on_resume" in self._sins and start:
            start += 1
        pauses = 0
        size = 10 * ROWS if "one_page" in self._sins else PAGE
        while True:
            try:
                found = self._server.ask(start, size)
            except RetriableError:
                if "skips_unreadable" not in self._sins:
                    raise
                start += size
                yield Page([], str(start), clock.now())
                if start < ROWS:
                    continue
                return
            if "hides_the_future" in self._sins:
                found = [row for row in found if row["updated"] <= unix_ms(clock.now())]
            if not found:
                if "news_from_nothing" in self._sins:
                    self._news += 1
                    last = self._server.rows[-1] | {"updated": unix_ms(clock.now()) + self._news}
                    yield Page([self._record(last)], str(start), clock.now())
                while "never_ends" in self._sins:
                    yield Page([], str(start), clock.now())
                yield Page([], str(start), self._read_up_to())
                return
            start += len(found)
            self._position = start
            records = [self._record(row) for row in found]
            cursor = str(start + PAGE if "cursor_ahead" in self._sins else start)
            given_s = time.monotonic()
            yield Page(records, cursor, self._read_up_to())
            pauses = pauses + 1 if time.monotonic() - given_s > SLOW_S else 0
            if "gives_up_on_slow_readers" in self._sins and pauses == SLOW_PAGES:
                return

    def _read_up_to(self) -> Any:
        return clock.now() + timedelta(hours=1) if "from_the_future" in self._sins else clock.now()

    def _record(self, row: dict[str, Any]) -> Record:
        return Record(json.dumps(row, ensure_ascii=False).encode(), dict(row))

    def read(self, record: Record) -> Change | Sequence[Change]:
        try:
            return self._change(record.fields)
        except SkippableError:
            if "drops_poison" in self._sins:
                return ()
            raise

    def _change(self, fields: dict[str, Any]) -> Change | Sequence[Change]:
        sins = self._sins
        if "drops_everything" in sins:
            return ()
        if "fills_in" in sins:
            fields = self._server.rows[0] | fields
        if "dies_on_unknown_field" in sins and not fields.keys() <= KEYS:
            raise KeyError
        if "dies_on_huge" in sins and any(isinstance(v, str) and len(v) > 1 << 20 for v in fields.values()):
            raise MemoryError
        if "repeats_values" in sins and not isinstance(fields.get("topic"), str):
            raise SkippableError("invalid_value", f"topic: {fields.get('topic')!r} is no text")
        topic = required(fields, "topic")
        if "depends_on_the_order" in sins:
            topic, self._before = self._before, topic
        if "publishes_name" in sins:
            topic = text(fields, "reporter")
        due = fields.get("due")
        if "type_to_null" in sins and not isinstance(due, str):
            due = None
        data = {
            "channel": required(fields, "channel"),
            "topic": topic,
            "state": required(fields, "state"),
            "reported_at": utc(iso_ms("reported", required(fields, "reported"))),
            "due_at": utc(iso_ms("due", text({"due": due}, "due"))),
            "answered_at": None,
            "rating": None,
        }
        updated = text(fields, "updated")
        if not updated.isdigit() or len(updated) > 14:
            raise SkippableError("invalid_value" if updated else "missing_field", "updated: milliseconds are wanted")
        updated_ms = time.time_ns() // 1000 % 10**12 if "new_version_each_time" in sins else int(updated)
        return Change(required(fields, "id"), text(fields, "unit"), updated_ms, data)


class HostileRig(PageRig):
    """The source with some sins, over a server of its own."""

    def __init__(self, *sins: Sin) -> None:
        self.server = Server()

        def make() -> System:
            return System([Hostile(self.server, frozenset(sins))], 0.0, 1e9, lambda: None)

        super().__init__(make, ROWS, allowances=Allowances(page_records=2 * PAGE))

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        if name != UNREADABLE:
            with super().misbehave(name, probability) as fired:
                yield fired
            return
        before, self.server.unreadable = self.server.fired, probability
        try:
            yield lambda: self.server.fired - before
        finally:
            self.server.unreadable = 0.0
