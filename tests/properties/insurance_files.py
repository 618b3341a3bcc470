"""Mutated insurance files: what every one of them must come to."""

import base64
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ingest.envelope import Enveloper
from ingest.simulator.health.insurance_visits import insurance_visit
from ingest.simulator.health.insurance_xml import STYLES, Style, Visit, document, envelope, file_hoso, hoso
from ingest.simulator.world import HOSPITAL, Process
from ingest.source import Record
from ingest.sources.folder import Folder
from ingest.sources.health.insurance import InsuranceFiles
from ingest.sources.health.insurance_file import InsuranceFile
from ingest.sources.health.insurance_hoso import MAX_HOSO_BYTES
from ingest.testing import HASH_KEY
from ioc.errors import REASONS, SkippableError
from ioc.privacy import Pseudonyms
from tests.fuzz import mutations

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
NOW_MS = 1_795_402_800_000
DAY_MS = 86_400_000


def visits(count: int) -> list[Visit]:
    """Visits whose stay has ended."""
    process = Process("health:fhir visits", 2_000, HOSPITAL, 2, 1.0, NOW_MS - 5 * DAY_MS)
    found = (insurance_visit(event) for event in process.events(NOW_MS - 5 * DAY_MS, NOW_MS - 3 * DAY_MS))
    return [visit for _, visit in zip(range(count), filter(None, found), strict=False)]


def outer_files() -> list[bytes]:
    """Small whole files in every style."""
    styles = (*STYLES, Style(encoding="utf-16", inner="utf-16"))
    some = [Visit(visit.general) for visit in visits(2 * len(styles))]
    return [
        document("", "202611210830", [hoso(visit, style) for visit in some[2 * n : 2 * n + 2]], style)
        for n, style in enumerate(styles)
    ]


def inner_files(count: int, seed: int) -> Iterator[bytes]:
    """Whole files whose XML1 was mutated before it was encoded."""
    texts = [
        base64.b64decode(hoso(Visit(visit.general), style).partition("<NOIDUNGFILE>")[2].partition("</")[0])
        for style in STYLES
        for visit in visits(3)
        if not style.prefix
    ]
    for text in mutations(texts, count, seed):
        content = base64.b64encode(text).decode()
        yield document("", "202611210830", [envelope([file_hoso("XML1", content)])])


def refusal(record: Record, stream: InsuranceFiles, enveloper: Enveloper) -> SkippableError | None:
    """Why a record is no event; None when it is one."""
    if record.fault is not None:
        return record.fault
    try:
        event = enveloper.event(stream.read(record), NOW)
    except SkippableError as error:
        return error
    assert b"CANARY-TEN" not in event.encoded
    return None


def outcome(body: bytes, stream: InsuranceFiles, enveloper: Enveloper) -> Counter[str]:
    """What a file comes to; at least one event or dead letter, each letter with a reason of the list."""
    found: Counter[str] = Counter()
    for record in InsuranceFile(None, NOW_MS).records(io.BytesIO(body)):
        assert len(record.raw) <= MAX_HOSO_BYTES
        refused = refusal(record, stream, enveloper)
        assert refused is None or (refused.reason in REASONS and "CANARY" not in str(refused))
        found["event" if refused is None else refused.reason] += 1
    assert found
    return found


def fuzz(files: Sequence[bytes], count: int, seed: int = 1) -> Counter[str]:
    """What `count` mutated files come to, half of them mutated outside, half inside of base64."""
    stream = InsuranceFiles(Folder.__new__(Folder))
    enveloper = Enveloper(stream, Pseudonyms(HASH_KEY))
    found: Counter[str] = Counter()
    for body in mutations(files, count // 2, seed):
        found += outcome(body, stream, enveloper)
    for body in inner_files(count - count // 2, seed):
        found += outcome(body, stream, enveloper)
    return found
