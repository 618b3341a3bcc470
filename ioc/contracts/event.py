"""The envelope of every event: the full current state of one facet of one thing, as its stream knows it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

import msgspec
from pydantic import Field, model_validator

from ioc.contracts.base import Code, Contract, UtcTime

DataT = TypeVar("DataT", bound=Contract)

VERSION_HASH_BITS = 16
MAX_UPDATE_MS = 2**47 - 1
MAX_EVENTS_A_MESSAGE = 500
MAX_MESSAGE_BYTES = 512 * 1024

Version = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""(update time or sequence of the source, < 2^47) << 16 | 16 bits of the content's hash; column Int64."""


class Event(Contract, Generic[DataT]):
    """One version of one facet of one entity.

    A facet is the part of an entity that one stream knows; facets of a kind share no field, each has its own
    version, and the entity is their union. `unit` is the source's own code, unresolved: aliases and the unit
    tree are joined in ClickHouse, so a code mapped later needs no re-reading.
    """

    source: Code = Field(description="System that the record was read from")
    kind: str = Field(description="What the entity is")
    entity: Annotated[str, Field(min_length=1, max_length=256)] = Field(
        description="Canonical identifier of the thing, the same whatever stream it came by"
    )
    facet: str = Field(description="Part of the entity that this stream knows")
    version: Version = Field(description="Grows with every change; equal versions mean equal content")
    deleted: bool = Field(default=False, description="The source no longer has it: counts in no measure, the row stays")
    unit: Code = Field(description="Code of the responsible unit as the source writes it, unresolved")
    occurred_at: UtcTime = Field(description="When the change happened, by the source's clock")
    observed_at: UtcTime = Field(description="When the connector read it")
    data: DataT | None = Field(description="State of the facet; null only in a deletion")

    @model_validator(mode="after")
    def _check_data(self) -> Self:
        check_data(self.data, self.deleted)
        return self


def check_data(data: object | None, deleted: bool) -> None:
    """Refuses an event without state that is not a deletion.

    Raises:
        ValueError: `data` is null and `deleted` is false.
    """
    if data is None and not deleted:
        raise ValueError("data is null although deleted is false")


def version_of(updated_at_ms: int, content: Mapping[str, Any]) -> int:
    """The version of a content that the source changed at `updated_at_ms` (milliseconds since the epoch, or its sequence).

    The low bits are a hash of the content, so that two different contents of the same millisecond are ordered
    the same way by every engine. `content` holds what the version stands for (unit, deleted, occurred_at, data), never
    `observed_at`: reading the same thing again must give the same version.

    Raises:
        ValueError: `updated_at_ms` is negative or needs more than 47 bits.
    """
    if not 0 <= updated_at_ms <= MAX_UPDATE_MS:
        raise ValueError(f"update time {updated_at_ms} ms is outside 0..2^47-1")
    canonical = msgspec.json.encode(content, order="deterministic")
    digest = hashlib.blake2b(canonical, digest_size=VERSION_HASH_BITS // 8).digest()
    return updated_at_ms << VERSION_HASH_BITS | int.from_bytes(digest, "big")


def unix_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down, exactly (no floating point)."""
    delta = moment - datetime.fromtimestamp(0, moment.tzinfo)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
