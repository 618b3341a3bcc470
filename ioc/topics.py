"""Every topic: the map of where stages meet.

`events.<kind>`   connectors → fold, sink     key: entity's partition only   JSON array of events of one kind
`partials`        fold → sink                 partition of the events        `PartialBatch`
`state.<kind>.<generation>`  fold → fold      checkpoint keys                pages and manifests, see streams/checkpoint.py
`feeds`           connectors → sink           source/stream/unit             `Feed`
`cursors`         connectors → connectors     source/stream                  `Cursor`
`controls`        operators → connectors, sink  source/stream/action/begins  `Control`
`seals`         sink → fold                   generation/rollup              `Seal`
`listings`        connectors → connectors     source/stream/bucket           what a source listed last, see ingest/listing.py
`generations`     operators → fold            generation, or live            `GenerationRecord`, `LiveNote`, see ioc/generations.py
`deadletter`      all → sink                  letter id                      `DeadLetter`

The number of partitions is fixed once: an entity lives in one partition for good, so changing the number (or recreating
a topic) begins a new generation.
"""

from dataclasses import dataclass, field

from ioc.contracts.base import Contract
from ioc.contracts.control import Control, Cursor, DeadLetter, Feed, Seal
from ioc.contracts.kinds import KINDS
from ioc.contracts.partial import PartialBatch

PARTITIONS = 4
"""Partitions of every data topic."""

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Topic:
    """A topic's name, value model (None: bytes of its own format), partitions and Kafka settings."""

    name: str
    value: type[Contract] | None
    partitions: int = PARTITIONS
    config: dict[str, str] = field(default_factory=dict)


EVENT_DAYS = 60
"""Days that events are kept, by the time of publishing."""


def _kept(days: int) -> dict[str, str]:
    return {"retention.ms": str(days * DAY_MS), "message.timestamp.type": "LogAppendTime"}


_COMPACTED = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.1",
    "segment.ms": str(DAY_MS // 24),
    "delete.retention.ms": str(DAY_MS),
}


def events(kind: str) -> Topic:
    """The topic of a kind's events; messages are JSON arrays of 1 to 500 events of one partition, at most 512 KiB."""
    return Topic(f"events.{kind}", None, config=_kept(EVENT_DAYS))


def state(kind: str, generation: str) -> Topic:
    """The checkpoints of one generation's fold of a kind; partition n belongs to partition n of the events."""
    return Topic(f"state.{kind}.{generation}", None, config={**_COMPACTED, "max.message.bytes": str(4 << 20)})


PARTIALS = Topic("partials", PartialBatch, config={**_kept(60), "max.message.bytes": str(4 << 20)})
FEEDS = Topic("feeds", Feed, partitions=1, config=_kept(60))
CURSORS = Topic("cursors", Cursor, partitions=1, config=_COMPACTED)
CONTROLS = Topic("controls", Control, partitions=1, config=_COMPACTED)
SEALS = Topic("seals", Seal, partitions=1, config=_COMPACTED)
LISTINGS = Topic("listings", None, partitions=1, config={**_COMPACTED, "max.message.bytes": str(4 << 20)})
GENERATIONS = Topic("generations", None, partitions=1, config={**_COMPACTED, "max.message.bytes": str(4 << 20)})
DEAD_LETTERS = Topic("deadletter", DeadLetter, partitions=1, config={**_kept(60), "max.message.bytes": str(4 << 20)})

FIXED_TOPICS: tuple[Topic, ...] = (
    *(events(kind) for kind in KINDS),
    PARTIALS,
    FEEDS,
    CURSORS,
    CONTROLS,
    SEALS,
    LISTINGS,
    GENERATIONS,
    DEAD_LETTERS,
)
"""Topics that exist whatever the generation; `state` topics are made by the worker of theirs."""
