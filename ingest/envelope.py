"""From what a record says to an event: version, validation against the contract, encoded bytes."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from ingest.source import Change, Source
from ioc.contracts.decoder import event_struct, explain
from ioc.contracts.event import MAX_UPDATE_MS, unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.errors import SkippableError

FUTURE_S = 86_400
"""An update time so far ahead of the own clock is wrong: it would beat every later version of its entity."""

_FIRST_READS = 300_000


class Enveloper:
    """Makes the events of one stream.

    A source without update times gets the time of the first read of the changed content. Which content was read when is
    kept in memory for the last 300,000 entities: after a restart, or for an entity forgotten since, an unchanged
    record gets one new version with the same content, which changes no figure.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        facet = next(facet for facet in KINDS[source.kind].facets if facet.name == source.facet)
        self._struct = event_struct(source.kind, facet)
        self._encode = msgspec.json.Encoder().encode
        self._first_reads: dict[str, tuple[bytes, int]] = {}

    def event(self, change: Change, observed_at: datetime) -> tuple[int, bytes]:
        """The version and the encoded event of a change that was read at `observed_at`.

        Raises:
            SkippableError: the contract refuses it.
        """
        try:
            return self._event(change, observed_at)
        except UnicodeEncodeError as error:
            raise SkippableError("undecodable", "a text is not Unicode: it holds half of a surrogate pair") from error

    def _event(self, change: Change, observed_at: datetime) -> tuple[int, bytes]:
        updated_ms = change.updated_ms
        if updated_ms is None:
            updated_ms = self._first_read_ms(change, unix_ms(observed_at))
        elif not 0 <= updated_ms <= min(MAX_UPDATE_MS, unix_ms(observed_at) + FUTURE_S * 1000):
            raise SkippableError("invalid_value", "update time: before 1970 or more than a day in the future")
        occurred_at = datetime.fromtimestamp(updated_ms / 1000, UTC)
        content = {
            "unit": change.unit,
            "deleted": change.deleted,
            "occurred_at": occurred_at,
            "data": change.data,
        }
        version = version_of(updated_ms, content)
        fields: dict[str, Any] = {
            "facet": self._source.facet,
            "source": self._source.name,
            "kind": self._source.kind,
            "entity": change.entity,
            "version": version,
            "observed_at": observed_at,
            **content,
        }
        try:
            event = msgspec.convert(fields, self._struct)
        except msgspec.ValidationError as error:
            raise SkippableError(*explain(self._source.kind, self._encode(fields), error)) from error
        return version, self._encode(event)

    def _first_read_ms(self, change: Change, now_ms: int) -> int:
        content = self._encode([change.unit, change.deleted, change.data])
        digest = hashlib.blake2b(content, digest_size=16).digest()
        known = self._first_reads.pop(change.entity, None)
        if known is not None and known[0] == digest:
            read = known
        else:
            read = (digest, now_ms if known is None else max(now_ms, known[1] + 1))
        self._first_reads[change.entity] = read
        if len(self._first_reads) > _FIRST_READS:
            del self._first_reads[next(iter(self._first_reads))]
        return read[1]
