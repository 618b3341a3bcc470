"""The keeper: living entities that nobody spoke of for long are published again, so that the log always holds them.

Kafka keeps events for so many days; a dossier that has been open for longer would be missing from a new generation, which
folds the log from its start. The events are those of the tables, with their old versions: a fold that knows them ignores
them. Who was kept, and when, is a table of its own, because the moment at which an event was read must stay what it is.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ioc.catalogue.rollup import Compiled, Rollup
from ioc.contracts.kinds import KINDS
from ioc.kafka.arrays import Arrays
from ioc.kafka.producer import Publisher
from ioc.topics import PARTITIONS, events
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.living import due, event, states

AT_ONCE = 2_000
"""Entities that are read, published and noted at once."""

_ACK_S = 60.0

Limits = Callable[[str], Sequence[int]]
"""Kind → for each partition the moment (microseconds since the epoch) before which an entity was last heard of to be due."""


@dataclass
class Kept:
    """What a round did.

    Attributes:
        entities: entities published again, by kind.
        events: events that they are: one for each facet.
        seconds: how long it took.
    """

    entities: dict[str, int] = field(default_factory=dict)
    events: int = 0
    seconds: float = 0.0


class Keeper:
    """Publishes living entities of one catalogue; for one thread."""

    def __init__(
        self, client: Database, database: str, compiled: Compiled, generation: str, publisher: Publisher
    ) -> None:
        """Keeps what `generation` counts and no sealed day of it holds."""
        self._client, self._database, self._publisher = client, database, publisher
        self._generation = generation
        self._rollups: dict[str, list[Rollup]] = {}
        for rollup in compiled.rollups.values():
            self._rollups.setdefault(rollup.kind, []).append(rollup)

    def round(self, limits: Limits, stopped: Callable[[], bool] = lambda: False) -> Kept:
        """One round over all kinds; ends early when `stopped`. Doing it again publishes what is still due, and harms nothing.

        Raises:
            RetriableError: a server is away.
            FatalError: a table or topic is missing.
        """
        begun, result = time.monotonic(), Kept()
        # Taken before anything is published: what is cut off the log later was published later.
        kept_at = int(self._client.query("SELECT toUnixTimestamp64Micro(now64(6))")[0][0])
        sealed = self._sealed_until()
        for kind in sorted(self._rollups):
            query = due(kind, self._rollups[kind], sealed, limits(kind), self._database)
            entities = [row[0] for row in self._client.query(query)]
            for first in range(0, len(entities), AT_ONCE):
                if stopped():
                    return result
                some = entities[first : first + AT_ONCE]
                result.events += self._publish(kind, some)
                self._note(kind, some, kept_at)
                result.entities[kind] = result.entities.get(kind, 0) + len(some)
        result.seconds = time.monotonic() - begun
        return result

    def _sealed_until(self) -> Mapping[str, int]:
        return dict(
            self._client.query(
                f"SELECT rollup_id, sealed_until FROM {self._database}.seals FINAL "
                f"WHERE generation = {quoted(self._generation)}"
            )
        )

    def _publish(self, kind: str, entities: Sequence[str]) -> int:
        """Publishes every facet of some entities; returns when all of it is acknowledged."""
        arrays, count = Arrays(PARTITIONS), 0
        for facet in KINDS[kind].facets:
            for row in self._client.query(states(kind, facet, entities, self._database)):
                arrays.add(row[0], event(kind, facet.name, row[1:]))
                count += 1
        sent = [self._publisher.publish(events(kind).name, part, value) for part, value in arrays.messages()]
        for delivery in sent:
            delivery.wait(_ACK_S)
        return count

    def _note(self, kind: str, entities: Sequence[str], kept_at: int) -> None:
        columns = ([kind] * len(entities), entities, [kept_at] * len(entities))
        self._client.insert(f"{self._database}.kept", ("kind", "entity", "kept_at"), columns)
