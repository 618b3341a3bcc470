"""The ordered journal of what the simulated system has published so far."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Protocol, TypeVar

from ingest.simulator.model import Rating, Version


class Generating(Protocol):
    """What makes versions and ratings as time goes by."""

    def take_until(self, now_ms: int) -> tuple[list[Version], list[Rating]]:
        """What is born up to and including `now_ms` and was not taken before, in update order."""
        ...


Record = TypeVar("Record", Version, Rating)


@dataclass(frozen=True, slots=True)
class Window:
    """Update times from (inclusive) and to (exclusive), milliseconds since the epoch; None: no bound."""

    from_ms: int | None = None
    to_ms: int | None = None

    def cut(self, records: Sequence[Record]) -> tuple[int, int]:
        """First index and index behind the last of the records in the window; the records are in update order."""
        first = 0 if self.from_ms is None else bisect_left(records, self.from_ms, key=_updated)
        end = len(records) if self.to_ms is None else bisect_left(records, self.to_ms, key=_updated)
        return first, max(first, end)


def _updated(record: Version | Rating) -> int:
    return record.updated_ms


class Journal:
    """What is visible at the simulated now, in update order; it only ever grows at its end.

    Growing at the end is what makes paging stable: everything added by `advance` is later than all that an earlier `advance` saw.
    """

    def __init__(self, log: Sequence[Version], generator: Generating | None = None) -> None:
        self.log_size = len(log)
        self.log_dossiers = len({version.dossier.code for version in log})
        self.log_visible = 0
        self.versions: list[Version] = []
        self.progress: list[Version] = []
        self.ratings: list[Rating] = []
        self.latest: dict[str, Version] = {}
        self._log = log
        self._generator = generator

    def advance(self, now_ms: int) -> None:
        """Makes everything visible whose update time is not after `now_ms`."""
        end = bisect_left(self._log, now_ms + 1, lo=self.log_visible, key=_updated)
        fresh: Sequence[Version] = self._log[self.log_visible : end]
        self.log_visible = max(end, self.log_visible)
        if self._generator is not None:
            generated, ratings = self._generator.take_until(now_ms)
            self.ratings += ratings
            fresh = list(merge(fresh, generated, key=_updated)) if fresh else generated
        self.versions += fresh
        for version in fresh:
            self.latest[version.dossier.code] = version
            if version.step is not None:
                self.progress.append(version)

    def exhausted(self) -> bool:
        """Whether every version of the log is visible."""
        return self.log_visible == self.log_size
