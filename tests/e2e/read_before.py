"""Has the pipeline know records since an earlier moment: what the connectors would have published then, read by them now."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from ingest.convert import Converter, Harvest
from ingest.source import Change, Page, Record, Source, Stream, System
from ingest.sources.dossier_national import national_system
from ingest.sources.health.system import health_system
from ingest.sources.hub import feedback
from ingest.sources.hub.name import NAME
from ingest.sources.hub.payload import record_of
from ingest.sources.ioffice.system import ioffice_system
from ioc.deadletters import Sealer
from ioc.kafka.producer import Producer
from ioc.privacy import Pseudonyms
from ioc.settings import Settings

_ACKNOWLEDGE_S = 30.0


class _Pushed(Stream):
    """What was pushed to the webhook."""

    name, stream, targets, known_fields = NAME, "feedback", feedback.TARGETS, feedback.KNOWN

    def __init__(self, records: Iterable[dict[str, Any]]) -> None:
        self._records = [record_of(msgspec.json.encode(record)) for record in records]

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """One page of all."""
        del cursor
        yield Page(self._records, "pushed", None)

    def read(self, record: Record) -> Change:
        """As the webhook's stream does."""
        return feedback.read(record)


def read_before(settings: Settings, moment: datetime, pushed: Iterable[dict[str, Any]]) -> int:
    """Publishes everything that the polled sources hold, and `pushed`, as read at `moment`; how many events these are.

    The running connectors read the same versions again: since when a version is known is the first time that it was read.
    """
    sources = settings.sources
    systems = [national_system(sources.dossier), ioffice_system(sources.ioffice), health_system(sources.health)]
    try:
        with Producer(settings.kafka.bootstrap) as producer:
            streams: list[Source] = [_Pushed(pushed), *(stream for system in systems for stream in system.streams)]
            return sum(_publish(settings, producer, stream, moment) for stream in streams)
    finally:
        _close(systems)


def _publish(settings: Settings, producer: Producer, stream: Source, moment: datetime) -> int:
    pseudonyms, sealer = Pseudonyms(settings.privacy.hash_key), Sealer(settings.privacy.dead_letter_key)
    converter, events = Converter(stream, pseudonyms, sealer, settings.flood), 0
    for page in stream.pages(None):
        harvest = Harvest()
        converter.convert(page.records, moment.astimezone(UTC), harvest)
        assert not harvest.letters, harvest.letters
        for delivery in [producer.publish(*message) for message in harvest.messages]:
            delivery.wait(_ACKNOWLEDGE_S)
        events += harvest.events
    return events


def _close(systems: Iterable[System]) -> None:
    for system in systems:
        system.close()
