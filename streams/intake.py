"""Messages of the log as events: the fast decoder, and beside it the dead letters of what it refuses."""

from collections.abc import Sequence

import msgspec

from ioc.contracts.control import DeadLetter
from ioc.contracts.decoder import FastEvent, decode_slowly, decoder
from ioc.deadletters import Flood, Sealer
from ioc.metrics import Metrics
from streams.log import Place, Record


class Intake:
    """Decodes the messages of one partition.

    Attributes:
        letters: dead letters that were not written yet.
    """

    def __init__(self, kind: str, place: Place, sealer: Sealer, flood: Flood, metrics: Metrics) -> None:
        self._kind, self._place, self._sealer, self._flood, self._metrics = kind, place, sealer, flood, metrics
        self._decode = decoder(kind)
        self.letters: list[DeadLetter] = []

    def events(self, records: Sequence[Record]) -> list[FastEvent]:
        """The good events of some messages, in order; a letter is made of each bad one.

        Raises:
            FatalError: bad events come in a flood.
        """
        events: list[FastEvent] = []
        for record in records:
            try:
                found = self._decode(record.value or b"")
            except (msgspec.DecodeError, UnicodeDecodeError):
                found = self._slowly(record)
            else:
                self._flood.good(len(found))
            events += found
        return events

    def _slowly(self, record: Record) -> list[FastEvent]:
        good, bad = decode_slowly(self._kind, record.value or b"")
        for one in bad:
            where = f"element {one.index}" if one.index >= 0 else "the whole message"
            self.letters.append(
                self._sealer.letter(
                    source=self._place.topic,
                    stream=str(self._place),
                    place=f"offset {record.offset}, {where}",
                    reason=one.reason,
                    error=one.error,
                    payload=one.raw,
                )
            )
            self._metrics.rejected.labels(self._metrics.stage, one.reason).inc()
        self._flood.good(len(good))
        self._flood.bad(len(bad))
        return good
