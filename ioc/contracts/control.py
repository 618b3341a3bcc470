"""What stages tell about themselves: feeds (heartbeats), cursors, dead letters; and what operators order."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from ioc.contracts.base import Code, Contract, Count, UtcTime
from ioc.contracts.event import unix_ms
from ioc.errors import Reason

Names = Annotated[str, Field(max_length=4000)]
"""Names by comma."""


class Feed(Contract):
    """Heartbeat of one stream of a source: what was last read and up to which time of the source."""

    source: Code = Field(description="System read from")
    stream: Code = Field(description="Stream of that system")
    unit: Code = Field(description="Reporting unit's own code; empty for a stream of the whole province")
    kinds: Names = Field(default="", description="Kinds of event that the stream carries, by comma")
    read_at: UtcTime = Field(description="When the connector last reached the source")
    source_time: UtcTime | None = Field(description="Up to which moment of the source everything was read")
    records: Count = Field(description="Records in this read")
    rejected: Count = Field(description="… of them sent to the dead letters")
    late: Count = Field(description="… of them older than what was read before")
    unknown_fields: Names = Field(
        default="", description="Fields that the source sends and nobody reads, by comma, since the connector began"
    )
    alert: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="What waits for a person, for example a listing that was refused; empty: nothing"
    )


class Cursor(Contract):
    """Where a connector stands in one stream: written after everything up to `position` was acknowledged by Kafka."""

    source: Code
    stream: Code
    position: Annotated[str, Field(max_length=4096)]
    saved_at: UtcTime


Action = Literal["pause", "maintenance", "accept_listing"]
"""pause: do not read; maintenance: the source is planned to be away; accept_listing: its next listing may have lost much."""


class Control(Contract):
    """What an operator has ordered for a source, from one moment to another. Of one `key` the newest order counts."""

    source: Code = Field(description="System that it is ordered for")
    stream: Code = Field(description="Stream of that system; empty for all of them")
    action: Action = Field(description="pause, maintenance (planned: the silence is no fault) or accept_listing")
    begins: UtcTime = Field(description="From this moment on")
    ends: UtcTime | None = Field(description="Up to this moment; null: until further notice")
    reason: Annotated[str, Field(max_length=1000)] = Field(description="Why, for those who look at it later")
    ordered_at: UtcTime = Field(description="When it was ordered; of the same order the newest counts")

    @property
    def key(self) -> bytes:
        """Key in the topic: an order that is changed or ended keeps it."""
        return f"{self.source}/{self.stream}/{self.action}/{unix_ms(self.begins)}".encode()

    def is_for(self, source: str, stream: str) -> bool:
        """Whether a stream of a source is meant."""
        return self.source == source and self.stream in ("", stream)

    def is_active(self, at: datetime) -> bool:
        """Whether it is in force at a moment."""
        return self.begins <= at and (self.ends is None or at < self.ends)


class Seal(Contract):
    """How far the days of a rollup are sealed: what lies before is counted from the tables and needs no cells any more."""

    generation: Code = Field(description="Generation of the rollup")
    rollup_id: Code = Field(description="Rollup")
    sealed_until: Annotated[int, Field(ge=0, le=100_000)] = Field(
        description="First local day that is not sealed, days since 1970-01-01"
    )
    sealed_at: UtcTime = Field(description="When it came to be so")

    @property
    def key(self) -> bytes:
        """Key in the topic."""
        return f"{self.generation}/{self.rollup_id}".encode()


class DeadLetter(Contract):
    """A record or message that could not be used: its bytes (encrypted), where it came from and what is wrong with it."""

    id: Code = Field(description="Hash of place and content: the same letter sent twice is one")
    source: Code = Field(description="System or topic it came from")
    stream: Code = Field(description="Stream of the source, or topic-partition of the message")
    place: Annotated[str, Field(max_length=512)] = Field(description="Cursor, page and row, or offset and index")
    reason: Reason = Field(description="Reason code")
    error: Annotated[str, Field(max_length=4000)] = Field(description="What is wrong, field by field")
    payload: str = Field(description="The original bytes, encrypted with the key of the settings (Fernet)")
    occurred_at: UtcTime = Field(description="When it was refused")
    attempts: Count = Field(description="How often it was tried, replays included")
