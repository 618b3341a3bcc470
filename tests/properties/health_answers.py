"""FHIR Bundles and slices of the health REST as their servers write them, and what becomes of them when they are mutated."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.convert import Converter, Harvest
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.health.fhir import FhirServer
from ingest.simulator.health.records import RecordServer
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.source import Record, Source
from ingest.sources.body import BodyReader
from ingest.sources.health.fhir import FhirStream, fhir_part
from ingest.sources.health.fhir_bundle import BundleReader
from ingest.sources.health.records import record_part
from ingest.testing import HASH_KEY, KEY
from ioc.deadletters import Sealer
from ioc.errors import REASONS, RetriableError
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HealthSourceSettings
from tests.fuzz import mutations

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**30, 1e300, 0.1, "", " ", "x", "a" * 5_000, "Đất Mũi", [], {}, [None], [[]], {"code": "x"}, {"a": {"b": 1}}),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2025", "2025-13-01", "entered-in-error", "\u0000"),
)  # fmt: skip
NOW = datetime(2025, 11, 20, 9, tzinfo=UTC)


class Parsers:
    """The streams, and answers as their servers write them."""

    def __init__(self, data_dir: Path) -> None:
        clock = SimulatedClock(0, 0, wall=lambda: BASE_MS)
        world = World("health", 3, BASE_MS, clock, data_dir, 0.01, faults=Faults(names=COMMON))
        fhir, records = FhirServer(world), RecordServer(world)
        fhir.advance()
        records.advance()
        self.answers: dict[str, list[bytes]] = {}
        for name, shelf in fhir.shelves.items():
            entries = [fhir.entry(name, version) for version in list(shelf.changes)[:24]]
            pages = [entries[at : at + 2] for at in range(0, len(entries), 2)]
            self.answers[name] = [
                encoded({"resourceType": "Bundle", "type": "searchset", "entry": page}) for page in pages
            ]
        for name, lists in records.shelves.items():
            written = [records.record(name, version) for version in list(lists.changes)[:24]]
            pages = [written[at : at + 2] for at in range(0, len(written), 2)]
            self.answers[name] = [encoded({"content": page, "last": True}) for page in pages]
        settings = HealthSourceSettings()
        parts = [part for part in (fhir_part(settings), record_part(settings)) if part is not None]
        self.parts = parts
        self.sources: dict[str, Source] = dict(
            zip(self.answers, [source for part in parts for source in part.streams], strict=True)
        )

    def close(self) -> None:
        """Lets go of the connections, of which none was used."""
        for part in self.parts:
            part.close()

    def records(self, name: str, body: bytes) -> list[Record]:
        """The records of an answer; none when it is to be asked for again."""
        source = self.sources[name]
        try:
            if isinstance(source, FhirStream):
                return BundleReader(name).read(body).records
            return BodyReader("content").read(body).records
        except RetriableError:
            return []

    def outcome(self, name: str, records: list[Record], *, intact: bool = False) -> Counter[str]:
        """What becomes of records: events, and dead letters by their reason.

        No letter's message repeats a person's data, nor does any event of an answer that is intact: a mutation may put such data into
        the place of a code.
        """
        source = self.sources[name]
        assert all(isinstance(source.place(record), str) for record in records)
        harvest = Harvest()
        flood = FloodSettings(run=10**9, ratio=1.0)
        Converter(source, Pseudonyms(HASH_KEY), Sealer(KEY), flood).convert(records, NOW, harvest)
        leaving = [letter.error.encode() for letter in harvest.letters]
        leaving += [value for _, _, value in harvest.messages] if intact else []
        assert not [text for text in leaving if b"canary" in text.lower()]
        assert {letter.reason for letter in harvest.letters} <= set(REASONS)
        return Counter({"event": harvest.events}) + Counter(letter.reason for letter in harvest.letters)


def fuzz(parsers: Parsers, count: int) -> Counter[str]:
    """Mutates every stream's answers, `count` in all: half of them by bytes, half by values."""
    outcomes: Counter[str] = Counter()
    for seed, (name, answers) in enumerate(parsers.answers.items()):
        half = count // len(parsers.answers) // 2
        for body in chain(mutations(answers, half, seed), revalued(answers, half, seed)):
            records = parsers.records(name, body)
            outcomes += parsers.outcome(name, records) if records else Counter({"again": 1})
    return outcomes


def revalued(answers: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Answers in which one to three values stand that are none of theirs."""
    draw = random.Random(seed)
    for _ in range(count):
        answer = json.loads(draw.choice(answers))
        for _ in range(draw.choice((1, 1, 2, 3))):
            at, key = _place(answer["entry" if "entry" in answer else "content"], draw)
            at[key] = deepcopy(draw.choice(VALUES))
        yield encoded(answer)


def _place(at: Any, draw: random.Random) -> tuple[Any, Any]:
    """A place of a value, deep ones as likely as shallow ones."""
    while True:
        key = draw.choice(list(at)) if isinstance(at, dict) else draw.randrange(len(at))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or draw.random() < 0.15:
            return at, key
        at = inner


def places(at: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value that can be overwritten."""
    for key, value in at.items() if isinstance(at, dict) else enumerate(at) if isinstance(at, list) else ():
        yield at, key
        yield from places(value)


def encoded(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()
