"""Building blocks of every contract: a strict frozen model and the types that wire and column share.

Each range here is the range that the ClickHouse column holds without loss, so that whatever a contract
accepts can be stored, counted and compared by both engines alike.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

TIME_MIN = datetime(1970, 1, 1, tzinfo=UTC)
TIME_MAX = datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""Moments that DateTime64 holds at any precision, whose buckets are not negative, and that a double in seconds still
tells apart by the microsecond (the fold reads `timestamp()`)."""

_AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]


def _parse(value: Any) -> Any:
    """Reads a time string with the decoder of the hot path, so that both accept the same spellings."""
    if isinstance(value, str):
        try:
            return msgspec.convert(value, _AwareTime)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None
    return value


def check_time(value: datetime) -> datetime:
    """Returns `value` when it is UTC and within the range of the column.

    Raises:
        ValueError: the moment is naive, in another zone, or outside TIME_MIN … TIME_MAX.
    """
    if value.tzinfo is not UTC:
        raise ValueError(f"{value.isoformat()} is not in UTC; write it with a Z")
    if not TIME_MIN <= value <= TIME_MAX:
        raise ValueError(f"{value.isoformat()} is outside {TIME_MIN.year}..{TIME_MAX.year}")
    return value


def wire_time(value: datetime) -> str:
    """A UTC moment as it stands on the wire: RFC 3339 with `Z`, microseconds only when there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


UtcTime = Annotated[
    datetime, BeforeValidator(_parse), AfterValidator(check_time), PlainSerializer(wire_time, when_used="json")
]
"""A moment in UTC, at most microseconds; column DateTime64(6, 'UTC')."""

Code = Annotated[str, Field(max_length=128)]
"""An identifier as its system writes it; column String or LowCardinality(String)."""

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""How many of something within one record; column Int32."""

PERSONAL = object()
"""Marks a field whose value is a person's number at the source: the connector puts a keyed hash in its place."""

Pseudonym = Annotated[str, Field(max_length=64), PERSONAL]
"""Keyed hash of a person's number (`ioc.privacy`), empty where the source gives none; column String."""

Vnd = Annotated[int, Field(ge=-(10**15), le=10**15)]
"""Money in đồng, the smallest unit; column Int64. A thousand records still sum within 2^63."""


class Contract(BaseModel):
    """A value on the wire: immutable, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    ORDERED: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of time fields (earlier, later); a record in which both are set and the later one is earlier is refused."""

    PERSONAL_ENTITY: ClassVar[bool] = False
    """Whether the entity's identifier is a person's number, so that the connector puts a keyed hash in its place."""

    IMMUTABLE: ClassVar[bool] = False
    """Whether the record is a fact of which there is one version for good."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_order(self, self.ORDERED)
        return self


def check_order(record: object, pairs: tuple[tuple[str, str], ...]) -> None:
    """Refuses a record whose times deny one another.

    Raises:
        ValueError: `CONTRADICTION` and the two fields at fault.
    """
    for earlier, later in pairs:
        first, second = getattr(record, earlier), getattr(record, later)
        if first is not None and second is not None and second < first:
            raise ValueError(f"{CONTRADICTION}: {later} {second.isoformat()} is before {earlier} {first.isoformat()}")


CONTRADICTION = "contradiction"
"""How a message of `check_order` begins: tells this fault from a value outside its range."""
