"""Messages on their way to tables: what was read, decoded, until it is stored and its offsets may be committed.

A message that cannot be decoded never stops the others: of an event message the good elements are stored (the fold has
sent the bad ones to the dead letters), any other is sealed as a dead letter.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from pydantic import ValidationError

from ioc.contracts.base import Contract
from ioc.contracts.control import Control, DeadLetter, Feed
from ioc.contracts.decoder import decode_slowly, decoder, reason_of, sentence_of
from ioc.contracts.kinds import KINDS
from ioc.contracts.partial import Grain, PartialBatch
from ioc.deadletters import Sealer
from ioc.errors import Reason
from ioc.kafka.consumer import Message
from ioc.topics import CONTROLS, DEAD_LETTERS, FEEDS, PARTIALS, events
from sinks.clickhouse.columns import Columns, add_history_rows, history_columns, micros, no_rows

KIND_OF_TOPIC = {events(kind).name: kind for kind in KINDS}
"""Topic of events → kind."""

Insert = tuple[str, Sequence[str], Sequence[Sequence[Any]]]
"""Table, names of columns, columns side by side."""


class Partial(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """`PartialBatch` on the hot path."""

    generation: str
    rollup_id: str
    grain: Grain
    part: int
    revision: int
    units: list[str]
    buckets: list[int]
    measures: list[list[int]]


_PARTIAL = msgspec.json.Decoder(Partial)
_PARTIAL_COLUMNS = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")

_FEED_LOG_COLUMNS = ("source", "stream", "unit", "read_at", "records", "rejected", "late")


@dataclass
class Batch:
    """What was read since the last batch.

    Attributes:
        rows: rows so far, over all tables.
        offsets: what may be committed once all is stored.
        letters: dead letters to be published first.
        rejected: reasons of what could not be decoded.
        counts: rows by topic.
        newest_unix_s: greatest observed_at among the events, seconds since the epoch; 0 without any.
    """

    sealer: Sealer
    rows: int = 0
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)
    rejected: list[Reason] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    newest_unix_s: float = 0.0
    _events: dict[str, list[Any]] = field(default_factory=dict)
    _rows: dict[str, Columns] = field(default_factory=dict)
    _partials: list[Partial] = field(default_factory=list)
    _feeds: list[Feed] = field(default_factory=list)
    _controls: list[Control] = field(default_factory=list)
    _stored_letters: list[DeadLetter] = field(default_factory=list)

    def add(self, message: Message) -> None:
        """Takes a message in, whatever it holds."""
        kind = KIND_OF_TOPIC.get(message.topic)
        if kind is not None:
            taken = self._add_events(kind, message)
        elif message.topic == PARTIALS.name:
            taken = self._add_partial(message)
        elif message.topic == FEEDS.name:
            taken = self._add_model(message, Feed, self._feeds.append)
        elif message.topic == CONTROLS.name:
            taken = self._add_model(message, Control, self._controls.append)
        elif message.topic == DEAD_LETTERS.name:
            taken = self._add_model(message, DeadLetter, self._stored_letters.append)
        else:
            raise AssertionError(f"no table for topic {message.topic}")
        self.rows += taken
        self.counts[message.topic] = self.counts.get(message.topic, 0) + taken
        self.offsets[message.topic, message.partition] = message.offset + 1

    def pack(self) -> None:
        """Turns the events taken in so far into columns: work that the reader can do while another batch is being stored."""
        for kind, found in self._events.items():
            add_history_rows(kind, found, self._rows.setdefault(kind, no_rows(kind)))
        self._events.clear()

    def inserts(self, database: str) -> Iterator[Insert]:
        """What is to be stored, a table after the other."""
        self.pack()
        for kind, data in self._rows.items():
            yield f"{database}.{kind}_history", [column.name for column in history_columns(kind)], data
        if self._partials:
            yield f"{database}.partials", _PARTIAL_COLUMNS, _partial_rows(self._partials)
        told: tuple[tuple[str, type[Contract], Sequence[Contract]], ...] = (
            ("feeds", Feed, self._feeds),
            ("source_controls", Control, self._controls),
            ("dead_letters", DeadLetter, self._stored_letters),
        )
        for table, model, found in told:
            if found:
                yield f"{database}.{table}", *_as_written(found, list(model.model_fields))
        busy = [feed for feed in self._feeds if feed.records]
        if busy:
            yield f"{database}.feed_log", *_as_written(busy, _FEED_LOG_COLUMNS)

    def _add_events(self, kind: str, message: Message) -> int:
        try:
            found = decoder(kind)(message.value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found, bad = decode_slowly(kind, message.value)
            self.rejected += [element.reason for element in bad]
        if found:
            self._events.setdefault(kind, []).extend(found)
            self.newest_unix_s = max(self.newest_unix_s, found[-1].observed_at.timestamp())
        return len(found)

    def _add_partial(self, message: Message) -> int:
        partial = _decoded(message.value)
        if partial is None:
            try:
                PartialBatch.model_validate_json(message.value)
            except ValidationError as refused:
                return self._refuse(message, reason_of(refused), sentence_of(refused))
            return self._refuse(message, "undecodable", "not a PartialBatch")
        self._partials.append(partial)
        return len(partial.units)

    def _add_model(self, message: Message, model: type[Contract], keep: Callable[[Any], None]) -> int:
        try:
            keep(model.model_validate_json(message.value))
        except ValidationError as refused:
            return self._refuse(message, reason_of(refused), sentence_of(refused))
        return 1

    def _refuse(self, message: Message, reason: Reason, error: str) -> int:
        self.rejected.append(reason)
        self.letters.append(
            self.sealer.letter(
                source=message.topic,
                stream=f"{message.topic}-{message.partition}",
                place=str(message.offset),
                reason=reason,
                error=error,
                payload=message.value,
            )
        )
        return 0


def _decoded(raw: bytes) -> Partial | None:
    """The partial, or None when the contract refuses it; vectors are checked by their extremes, a tenth of the cost."""
    try:
        partial = _PARTIAL.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not len(partial.units) == len(partial.buckets) == len(partial.measures):
        return None
    small = [partial.part, *partial.buckets]
    vectors = [value for vector in partial.measures if vector for value in (min(vector), max(vector))]
    fits = (
        min(small) >= -(2**31)
        and max(small) < 2**31
        and all(-(2**63) <= value < 2**63 for value in (partial.revision, *vectors))
    )
    return partial if fits else None


def _partial_rows(partials: list[Partial]) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in _PARTIAL_COLUMNS]
    for p in partials:
        count = len(p.units)
        same: tuple[list[Any], ...] = ([p.generation] * count, [p.rollup_id] * count, [p.grain] * count)
        rows = (*same, p.units, p.buckets, [p.part] * count, [p.revision] * count, p.measures)
        for column, values in zip(columns, rows, strict=True):
            column.extend(values)
    return columns


def _as_written(found: Sequence[Contract], names: Sequence[str]) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    return names, [[_cell(getattr(row, name)) for row in found] for name in names]


def _cell(value: Any) -> Any:
    return micros(value) if hasattr(value, "tzinfo") else value
