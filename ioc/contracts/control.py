"""What stages tell about themselves: feeds (heartbeats), cursors, dead letters."""

from typing import Annotated

from pydantic import Field

from ioc.contracts.base import Code, Contract, Count, UtcTime
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


class Cursor(Contract):
    """Where a connector stands in one stream: written after everything up to `position` was acknowledged by Kafka."""

    source: Code
    stream: Code
    position: Annotated[str, Field(max_length=4096)]
    saved_at: UtcTime


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
