"""Deletions at the source, found by comparing what it lists with what it listed before.

The last complete listing of a stream stands in the compacted topic `listings`, in buckets by the hash of the entity; only
buckets that have changed are written again. What is gone is marked there first, then published as deleted, and leaves the
listing when that is acknowledged: killed in between, the next listing finds it gone once more. What is listed again
while it is marked has the stream read from its beginning, and lives again (`ingest.gone`).
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import zstandard

from ingest.source import Listed
from ioc.errors import FatalError
from ioc.kafka.compacted import latest_values
from ioc.kafka.producer import Delivery, Publisher
from ioc.topics import LISTINGS

BUCKETS = 64

KEPT_MS = 30 * 86_400_000
"""So long a deletion stays marked; what comes back later, unchanged, stays deleted until it changes."""


class Bucket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Part of a listing.

    Attributes:
        listed: entity → unit.
        gone: entity → version time (ms) of the deletion.
    """

    listed: dict[str, str] = {}
    gone: dict[str, int] = {}


class ListingStore(Protocol):
    """Keeps the last listing of each stream."""

    def load(self, source: str, stream: str) -> dict[int, bytes]:
        """The buckets that were saved."""
        ...

    def save(self, source: str, stream: str, bucket: int, value: bytes) -> Delivery:
        """Saves one."""
        ...


class KafkaListings:
    """The store that all connectors use."""

    def __init__(self, bootstrap: str, publisher: Publisher) -> None:
        self._bootstrap, self._publisher = bootstrap, publisher

    def load(self, source: str, stream: str) -> dict[int, bytes]:
        """See `ListingStore.load`.

        Raises:
            RetriableError: the broker cannot be reached.
        """
        return buckets_of(source, stream, latest_values(self._bootstrap, LISTINGS.name))

    def save(self, source: str, stream: str, bucket: int, value: bytes) -> Delivery:
        """See `ListingStore.save`."""
        return self._publisher.publish(LISTINGS.name, 0, value, bucket_key(source, stream, bucket))


def bucket_key(source: str, stream: str, bucket: int) -> bytes:
    """Key of a bucket in the topic."""
    return f"{source}/{stream}/{bucket}".encode()


def buckets_of(source: str, stream: str, values: Mapping[bytes, bytes]) -> dict[int, bytes]:
    """The buckets of one stream among all that the topic holds."""
    keys = {bucket_key(source, stream, bucket): bucket for bucket in range(BUCKETS)}
    return {keys[key]: value for key, value in values.items() if key in keys}


def encode(bucket: Bucket) -> bytes:
    """A bucket as it is stored."""
    return zstandard.compress(msgspec.json.encode(bucket))


def decode(raw: bytes | None) -> Bucket:
    """A stored bucket; an empty one where nothing is stored.

    Raises:
        FatalError: what is stored is no bucket.
    """
    if raw is None:
        return Bucket()
    try:
        return msgspec.json.decode(zstandard.decompress(raw), type=Bucket)
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise FatalError(
            f"topic {LISTINGS.name}: not a part of a listing: {error}; publish empty values for the stream's keys: "
            "its next listing is then the first, and finds nothing gone"
        ) from error


class Gathered:
    """A listing while it comes in: encoded, so that a long one takes little memory."""

    def __init__(self) -> None:
        self._lines = [bytearray() for _ in range(BUCKETS)]
        self._encode = msgspec.json.Encoder().encode_into
        self._decode = msgspec.json.Decoder(tuple[str, str]).decode_lines
        self.count = 0

    def add(self, entity: str, unit: str) -> None:
        """Adds an entity, in the form in which it is published."""
        lines = self._lines[zlib.crc32(entity.encode("utf-8", "surrogatepass")) % BUCKETS]
        self._encode((entity, unit), lines, -1)
        lines += b"\n"
        self.count += 1

    def bucket(self, number: int) -> dict[str, str]:
        """Entities of a bucket with their units."""
        return dict(self._decode(bytes(self._lines[number])))


@dataclass
class Difference:
    """What a listing says against the one before.

    Attributes:
        before: entities that the one before had.
        listed: entities that this one has.
        gone: what it no longer has, with its unit.
        returned: what it has although it is marked as gone.
    """

    before: int = 0
    listed: int = 0
    gone: dict[str, str] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)


def compare(stored: Mapping[int, bytes], now: Gathered) -> Difference:
    """What has changed.

    Raises:
        FatalError: what is stored is no listing.
    """
    found = Difference()
    for number in range(BUCKETS):
        old, new = decode(stored.get(number)), now.bucket(number)
        found.before += len(old.listed)
        found.listed += len(new)
        found.gone.update({entity: unit for entity, unit in old.listed.items() if entity not in new})
        found.returned.update(entity for entity in old.gone if entity in new)
    return found


def marked(stored: Mapping[int, bytes], gone: Iterable[str], at_ms: int) -> Iterator[tuple[int, bytes]]:
    """The buckets with what is gone marked and still listed."""
    wanted = set(gone)
    for number, raw in stored.items():
        old = decode(raw)
        mine = wanted.intersection(old.listed)
        if mine:
            yield number, encode(Bucket(old.listed, old.gone | dict.fromkeys(mine, at_ms)))


def replaced(stored: Mapping[int, bytes], now: Gathered, at_ms: int) -> Iterator[tuple[int, bytes]]:
    """The buckets that are different with the new listing; marks that are too old leave them."""
    for number in range(BUCKETS):
        old = decode(stored.get(number))
        new = Bucket(now.bucket(number), {entity: ms for entity, ms in old.gone.items() if ms > at_ms - KEPT_MS})
        if new != old:
            yield number, encode(new)


def unmarked(stored: Mapping[int, bytes], entities: set[str]) -> Iterator[tuple[int, bytes]]:
    """The buckets that hold marks of these entities, without them."""
    for number, raw in stored.items():
        old = decode(raw)
        if not entities.isdisjoint(old.gone):
            left = {entity: ms for entity, ms in old.gone.items() if entity not in entities}
            yield number, encode(Bucket(old.listed, left))


def marks_of(stored: Mapping[int, bytes]) -> dict[str, int]:
    """Everything that is marked as gone."""
    return {entity: ms for raw in stored.values() for entity, ms in decode(raw).gone.items()}


def entities_of(listing: Iterable[Listed]) -> Iterator[tuple[str, str]]:
    """Entities with their units; one without identifier is none."""
    return ((listed.entity, listed.unit) for listed in listing if listed.entity)
