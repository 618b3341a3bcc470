"""From the records of a page to messages and dead letters, without what was published before."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.drift import Drift
from ingest.envelope import Enveloped, Enveloper
from ingest.gone import Gone
from ingest.recent import Recent
from ingest.source import Change, Record, Source
from ioc import topics
from ioc.contracts.control import DeadLetter
from ioc.deadletters import Flood, Sealer
from ioc.errors import SkippableError
from ioc.kafka.arrays import Arrays
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings

RECENT_EVENTS = 50_000


@dataclass(slots=True)
class UnitReport:
    """What one unit reported: records, and the newest update time among them (0: none told)."""

    records: int = 0
    newest_ms: int = 0


@dataclass
class Harvest:
    """What a page comes to: nothing of it is remembered before it is acknowledged.

    Attributes:
        messages: topic, partition and value of each.
        letters: of the records that cannot be used.
        seen: what not to publish again.
        events: published.
        late: events older than what was read before.
        newest_ms: greatest update time among the events.
        by_unit: what each unit reported, where units report themselves.
        unknown: records with a field that nobody reads, by its name.
    """

    messages: list[tuple[str, int, bytes]] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    seen: list[object] = field(default_factory=list)
    events: int = 0
    late: int = 0
    newest_ms: int = 0
    by_unit: dict[str, UnitReport] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)


class Converter:
    """Makes the messages of one stream, page by page.

    Attributes:
        gone: what a listing found gone at the source, and may come back.
        newest_ms: greatest update time that was published and acknowledged.
    """

    def __init__(self, source: Source, pseudonyms: Pseudonyms, sealer: Sealer, flood: FloodSettings) -> None:
        """Makes ready for `source`.

        Raises:
            FatalError: the source's targets are none.
        """
        self._source = source
        self._sealer = sealer
        self._enveloper = Enveloper(source, pseudonyms)
        self._topics = {target.kind: topics.events(target.kind) for target in source.targets}
        self._recent = Recent(RECENT_EVENTS)
        self._drift = Drift(source.known_fields)
        self.gone = Gone()
        self.newest_ms = 0
        self._flood = Flood(f"{source.name}/{source.stream}", run=flood.run, ratio=flood.ratio, window=flood.window)

    def convert(self, records: list[Record], observed_at: datetime, harvest: Harvest) -> None:
        """Fills in the messages and letters of a page, without those that were published before.

        Raises:
            FatalError: a flood of bad records; the page is to be read again after a restart.
        """
        arrays = {kind: Arrays(topic.partitions) for kind, topic in self._topics.items()}
        good = 0
        recent, by_unit = self._recent, self._source.by_unit
        seen: dict[object, None] = {}
        for record in records:
            try:
                if record.fault is not None:
                    raise record.fault
                self._drift.note(record.fields, harvest.unknown)
                for change, event in self._events(record, observed_at):
                    if by_unit:
                        self._report(change, event, harvest)
                    # 64 bits of it: two events that share them are less likely than a broken disk, and a key takes 300 bytes.
                    key = hash(event[:3])
                    if key in recent or key in seen:
                        continue
                    arrays[event.target.kind].add(event.entity, event.encoded)
                    seen[key] = None
                    updated_ms = event.version >> 16
                    harvest.late += updated_ms < self.newest_ms
                    harvest.newest_ms = max(harvest.newest_ms, updated_ms)
            except SkippableError as error:
                letter = self._letter(record, error)
                if letter.id in recent or letter.id in seen:
                    continue
                seen[letter.id] = None
                harvest.letters.append(letter)
                self._flood.good(good)
                good = 0
                self._flood.bad()
            else:
                good += 1
        self._flood.good(good)
        harvest.events = len(seen) - len(harvest.letters)
        harvest.seen = list(seen)
        harvest.messages = [
            (self._topics[kind].name, *message) for kind, array in arrays.items() for message in array.messages()
        ]

    def acknowledged(self, harvest: Harvest) -> None:
        """Remembers a page of which everything was acknowledged."""
        self._recent.update(harvest.seen)
        self.newest_ms = max(self.newest_ms, harvest.newest_ms)

    def published(self, entity: str) -> str:
        """See `Enveloper.published`."""
        return self._enveloper.published(entity)

    def deletions(self, gone: Mapping[str, str], at_ms: int, observed_at: datetime) -> Harvest:
        """What says that entities (in their published form, with their units) are gone, and marks them.

        An entity that the contract refuses, which can never have been published, becomes a dead letter.
        """
        target = self._source.targets[0]
        array = Arrays(self._topics[target.kind].partitions)
        harvest = Harvest()
        for entity, unit in gone.items():
            try:
                event = self._enveloper.deletion(entity, unit, at_ms, observed_at)
            except SkippableError as error:
                harvest.letters.append(self._letter(Record(entity.encode("utf-8", "replace"), {}), error))
                continue
            array.add(entity, event.encoded)
            harvest.events += 1
        harvest.messages = [(self._topics[target.kind].name, *message) for message in array.messages()]
        self.gone.mark(gone, at_ms)
        return harvest

    def _events(self, record: Record, observed_at: datetime) -> list[tuple[Change, Enveloped]]:
        """The events of a record: all of them are good, or the record is not."""
        changes = self._source.read(record)
        if self.gone:
            changes = [self._alive(c) for c in ((changes,) if isinstance(changes, Change) else changes)]
        if isinstance(changes, Change):
            return [(changes, self._enveloper.event(changes, observed_at))]
        return [(change, self._enveloper.event(change, observed_at)) for change in changes]

    def _alive(self, change: Change) -> Change:
        """A change with the version of what lives again, where its entity was found gone."""
        if change.deleted or change.target not in (None, self._source.targets[0]):
            return change
        updated_ms = self.gone.lift(self.published(change.entity), change.updated_ms)
        return change if updated_ms == change.updated_ms else replace(change, updated_ms=updated_ms)

    def _report(self, change: Change, event: Enveloped, harvest: Harvest) -> None:
        report = harvest.by_unit.setdefault(change.unit, UnitReport())
        report.records += 1
        report.newest_ms = max(report.newest_ms, event.version >> 16)

    def _letter(self, record: Record, error: SkippableError) -> DeadLetter:
        return self._sealer.letter(
            source=self._source.name,
            stream=self._source.stream,
            place=self._source.place(record),
            reason=error.reason,
            error=str(error),
            payload=record.raw,
        )
