"""The worker of a life that is told in days: its folds, their checkpoints, and the log that they follow."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.rollup import Compiled, Rollup
from ioc.topics import PARTITIONS
from streams.entities import PAGES
from streams.partials import encode
from tests.properties.test_fold_restart import Owner

KIND_NAMES = ("dossier", "feedback_case")
"""A kind of two facets and a kind of one, each with flows, a present and ages."""

LOG_DAYS = 60
"""Events stay in the log for so many days after they were published."""

Place = tuple[str, int]
"""Kind, partition."""

CLOCK = "clock"
"""An entity that is deleted again each morning: it is counted nowhere and moves the watermark."""


def _catalogue() -> Catalogue:
    whole = load_catalogue()
    rollups = {key: rollup for key, rollup in whole.compiled.rollups.items() if rollup.kind in KIND_NAMES}
    formulas = {code: f for code, f in whole.compiled.formulas.items() if f.numerator.rollup_id in rollups}
    sectors = tuple(
        sector.model_copy(update={"indicator": [one for one in sector.indicator if one.code in formulas]})
        for sector in whole.sectors
    )
    return replace(whole, sectors=sectors, series={}, compiled=Compiled(rollups, formulas))


CATALOGUE = _catalogue()
ROLLUPS: dict[str, list[Rollup]] = {
    kind: [rollup for rollup in CATALOGUE.compiled.rollups.values() if rollup.kind == kind] for kind in KIND_NAMES
}


class Log:
    """What was published: events by place; an event's offset is its place in the list.

    Attributes:
        first: the first offset that Kafka still holds.
    """

    def __init__(self) -> None:
        self.events: dict[Place, list[Any]] = defaultdict(list)
        self.first: dict[Place, int] = defaultdict(int)
        self._days: dict[Place, list[int]] = defaultdict(list)

    def add(self, place: Place, found: Sequence[Any], ago: float) -> None:
        """Publishes events so many days ago."""
        self.events[place] += found
        self._days[place] += [int(ago)] * len(found)

    def cut(self, ago: int) -> None:
        """Kafka forgets what was published more than `LOG_DAYS` before that day."""
        for place, days in self._days.items():
            self.first[place] = sum(day > ago + LOG_DAYS for day in days)


class _Part(Owner):
    """One owner's life of a partition; what it emits are messages."""

    def __init__(self, name: str, kind: str, partition: int, generation: str, topic: dict[bytes, bytes], first: int):
        super().__init__(name, ROLLUPS[kind], topic, {}, kind)
        self.expected = max(self.expected, first)
        self._partition, self._generation = partition, generation
        self.said: list[bytes] = []

    def emit(self) -> None:
        self.said += encode(self.fold.take(), self._generation, self._partition, self.expected - 1)


class Worker:
    """The folds of one generation: each partition's owner, and the topic that its checkpoints are in."""

    def __init__(self, generation: str, kinds: Sequence[str], log: Log) -> None:
        self.generation, self._kinds, self._log = generation, kinds, log
        self._topics: dict[Place, dict[bytes, bytes]] = defaultdict(dict)
        self._owners = 0
        self.parts: dict[Place, _Part] = {}
        self.restart()

    def restart(self) -> None:
        """All owners die where they are; others restore what was stored."""
        self._owners += 1
        for kind, partition in ((kind, partition) for kind in self._kinds for partition in range(PARTITIONS)):
            place, name = (kind, partition), f"o{self._owners}"
            first = self._log.first[place]
            self.parts[place] = _Part(name, kind, partition, self.generation, self._topics[place], first)

    def follow(self) -> list[tuple[int, bytes]]:
        """Folds what the log holds; the messages (partition, value) that it emits."""
        for place, part in self.parts.items():
            log = self._log.events[place]
            part.apply(log, len(log))
            part.emit()
        return self._take()

    def checkpoint(self, horizon: dict[str, int]) -> list[tuple[int, bytes]]:
        """A whole checkpoint under a horizon for each kind."""
        for (kind, _), part in self.parts.items():
            part.checkpoint(4 * PAGES, horizon[kind])
        return self._take()

    def _take(self) -> list[tuple[int, bytes]]:
        taken = [(partition, value) for (_, partition), part in self.parts.items() for value in part.said]
        for part in self.parts.values():
            part.said.clear()
        return taken

    def knows(self, kind: str) -> tuple[int, int]:
        """Entities whose features are in the state, and of how many only the version is left; without the clock."""
        folds = [part.fold for (other, _), part in self.parts.items() if other == kind]
        names = [name for fold in folds for name in fold.entities.names if name != CLOCK]
        clocks = sum(CLOCK in fold.entities.names for fold in folds)
        left = sum(len(fold.entities.forgotten) for fold in folds)
        return len(names), left - (clocks == 0 and left > 0)

    def exist(self, kind: str) -> list[str]:
        """Entities in the state that are known and not deleted."""
        folds = [part.fold for (other, _), part in self.parts.items() if other == kind]
        return sorted(
            name for fold in folds for row, name in enumerate(fold.entities.names) if fold.entities.exists[row]
        )
