"""A rig for any system at all: it misbehaves at the boundary of the contract, between the source and the runner.

A source of files or of pushes, whose server cannot be made to misbehave, is tried with it; so is one that is read over HTTP, beside
a rig whose server does.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ingest import disturb
from ingest.mutate import bad_copies
from ingest.source import Page, Record, Source, System
from ingest.testing import Allowances, Fault
from ioc.errors import RetriableError

LOST = "lost_page"
UNREADABLE = "unreadable"
MISSING = Fault("missing_required", frozenset({"missing_field"}))


class PageRig:
    """A system, and faults between it and the runner."""

    def __init__(
        self,
        make: Callable[[], System],
        versions: int,
        *,
        canaries: Sequence[str] = ("canary",),
        allowances: Allowances | None = None,
    ) -> None:
        """Args say what is tried.

        Args:
            make: the system, newly connected; it holds the same each time.
            versions: how many versions it holds, over all streams.
            canaries: texts, in lower case, that stand in personal fields of its records.
            allowances: what it asks of the suite.
        """
        self._make = make
        self.versions = versions
        self.canaries = canaries
        self.allowances = allowances or Allowances()
        self.garbage = UNREADABLE
        self.poison = MISSING
        self.fired: Counter[str] = Counter()
        self._probability: dict[str, float] = {}
        self._random = random.Random(1)
        system = make()
        self.streams = len(system.streams)
        system.close()

    @property
    def faults(self) -> Sequence[Fault]:
        """See `Rig.faults`."""
        harmless = [name for name in (*_RECORDS, LOST) if name != LOST or self.allowances.resends]
        return [*map(Fault, harmless), MISSING]

    def system(self) -> System:
        """The system, newly connected."""
        return disturb.disturbed(self._make(), self._disturb)

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        """See `Rig.misbehave`. The first page that it applies to is hit for certain."""
        before = self.fired[name]
        self._probability[name] = probability
        try:
            yield lambda: self.fired[name] - before
        finally:
            del self._probability[name]

    def _disturb(self, source: Source) -> disturb.Disturb:
        hit: set[str] = set()

        def fires(name: str) -> bool:
            probability = self._probability.get(name, 0.0)
            fires = probability > 0 and (name not in hit or self._random.random() < probability)
            self.fired[name] += fires
            hit.update([name] if fires else [])
            return fires

        def spoiled(pages: Iterator[Page]) -> Iterator[Page]:
            for page in pages:
                if fires(UNREADABLE) or (page.records and fires(LOST)):
                    raise RetriableError("the page was lost on its way")
                if not page.records:
                    yield page
                    continue
                records = page.records
                for name, change in _RECORDS.items():
                    if fires(name):
                        records = change(records, self._random)
                if fires(MISSING.name):
                    records = [*records, *bad_copies(source, page.records[0])]
                yield replace(page, records=records)

        return spoiled


def _huge(records: list[Record], _: random.Random) -> list[Record]:
    return [disturb.with_field(records[0], disturb.UNKNOWN, "x" * disturb.HUGE_CHARS), *records[1:]]


def _unknown(records: list[Record], _: random.Random) -> list[Record]:
    return [disturb.with_field(record, disturb.UNKNOWN, {"name": disturb.CANARY}) for record in records]


_RECORDS: Mapping[str, Callable[[list[Record], random.Random], list[Record]]] = {
    "duplicate": lambda records, draw: [*records, *draw.sample(records, (len(records) + 2) // 3)],
    "unknown_field": _unknown,
    "huge_record": _huge,
    "out_of_order": lambda records, draw: draw.sample(records, len(records)),
}
"""What happens to the records of a page; several may come together."""
