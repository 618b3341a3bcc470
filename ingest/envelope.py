"""From what a record says to an event: pseudonyms, version, validation against the contract, encoded bytes."""

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from ingest.source import Change, Source, Target
from ioc.contracts.base import PERSONAL
from ioc.contracts.decoder import event_struct, explain
from ioc.contracts.event import MAX_UPDATE_MS, unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.errors import FatalError, SkippableError
from ioc.privacy import Pseudonyms

FUTURE_S = 86_400
"""An update time so far ahead of the own clock is wrong: it would beat every later version of its entity."""

_FIRST_READS = 300_000


class Enveloped(NamedTuple):
    """An event: its identity (`target`, `version`, `entity`) and its bytes."""

    target: Target
    version: int
    entity: str
    encoded: bytes


class _Form:
    """What the events of one target look like."""

    def __init__(self, target: Target) -> None:
        facet = next((f for f in KINDS[target.kind].facets if f.name == target.facet), None)
        if facet is None:
            raise FatalError(f"kind {target.kind} has no facet {target.facet!r}: the source's `targets` are wrong")
        self.target = target
        self.struct = event_struct(target.kind, facet)
        self.personal_entity = facet.data.PERSONAL_ENTITY
        self.personal_fields = tuple(name for name, i in facet.data.model_fields.items() if PERSONAL in i.metadata)


class Enveloper:
    """Makes the events of one stream.

    A source without update times gets the time of the first read of the changed content. Which content was read when is
    kept in memory for the last 300,000 entities: after a restart, or for an entity forgotten since, an unchanged
    record gets one new version with the same content, which changes no figure.
    """

    def __init__(self, source: Source, pseudonyms: Pseudonyms) -> None:
        """Makes ready for `source`.

        Raises:
            FatalError: the source's targets are none.
        """
        self._source = source.name
        self._pseudonym = pseudonyms.of
        forms = [_Form(target) for target in source.targets]
        self._first = forms[0]
        self._forms = {form.target: form for form in forms}
        self._encode = msgspec.json.Encoder().encode
        self._first_reads: dict[tuple[Target, str], tuple[bytes, int]] = {}

    def event(self, change: Change, observed_at: datetime) -> Enveloped:
        """The event of a change that was read at `observed_at`.

        Raises:
            SkippableError: the contract refuses it.
        """
        try:
            return self._event(change, observed_at)
        except UnicodeEncodeError as error:
            raise SkippableError("undecodable", "a text is not Unicode: it holds half of a surrogate pair") from error

    def published(self, entity: str) -> str:
        """An entity of the first target in the form in which it is published: a pseudonym where it is a person's number."""
        return self._pseudonym(entity) if self._first.personal_entity else entity

    def deletion(self, entity: str, unit: str, updated_ms: int, observed_at: datetime) -> Enveloped:
        """The event that says that an entity of the first target, in its published form, is gone.

        Raises:
            SkippableError: the contract refuses it.
        """
        self._first_reads.pop((self._first.target, entity), None)
        return self._made(self._first, Change(entity, unit, updated_ms, None, deleted=True), updated_ms, observed_at)

    def _event(self, change: Change, observed_at: datetime) -> Enveloped:
        form = self._first if change.target is None else self._forms[change.target]
        target = form.target
        entity, data = change.entity, change.data
        if form.personal_entity:
            entity = self._pseudonym(entity)
        if form.personal_fields and data is not None:
            data = data | {name: self._pseudonym(data[name]) for name in form.personal_fields if data.get(name)}
        updated_ms = change.updated_ms
        if updated_ms is None:
            content = self._encode([change.unit, change.deleted, data])
            updated_ms = self._first_read_ms((target, entity), content, unix_ms(observed_at))
        elif not 0 <= updated_ms <= min(MAX_UPDATE_MS, unix_ms(observed_at) + FUTURE_S * 1000):
            raise SkippableError("invalid_value", "update time: before 1970 or more than a day in the future")
        return self._made(form, Change(entity, change.unit, updated_ms, data, change.deleted), updated_ms, observed_at)

    def _made(self, form: _Form, change: Change, updated_ms: int, observed_at: datetime) -> Enveloped:
        """The event of a change in which everything personal is replaced."""
        target, entity = form.target, change.entity
        said = {
            "unit": change.unit,
            "deleted": change.deleted,
            "occurred_at": datetime.fromtimestamp(updated_ms / 1000, UTC),
            "data": change.data,
        }
        version = version_of(updated_ms, said)
        fields: dict[str, Any] = {
            "facet": target.facet,
            "source": self._source,
            "kind": target.kind,
            "entity": entity,
            "version": version,
            "observed_at": observed_at,
            **said,
        }
        try:
            event = msgspec.convert(fields, form.struct)
        except msgspec.ValidationError as error:
            raise SkippableError(*explain(target.kind, self._encode(fields), error)) from error
        return Enveloped(target, version, entity, self._encode(event))

    def _first_read_ms(self, key: tuple[Target, str], content: bytes, now_ms: int) -> int:
        digest = hashlib.blake2b(content, digest_size=16).digest()
        known = self._first_reads.pop(key, None)
        if known is not None and known[0] == digest:
            read = known
        else:
            read = (digest, now_ms if known is None else max(now_ms, known[1] + 1))
        self._first_reads[key] = read
        if len(self._first_reads) > _FIRST_READS:
            del self._first_reads[next(iter(self._first_reads))]
        return read[1]
