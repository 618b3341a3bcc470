"""Whatever stands in a file of iOffice: every input is events or a letter with a reason, at once, and nothing personal leaves."""

import io
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.envelope import Enveloped, Enveloper
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.ioffice.accounts import Accounts, export
from ingest.simulator.ioffice.spoiling import POISONS, WAYS, poison
from ingest.simulator.ioffice.timeline import Timeline
from ingest.simulator.ioffice.writer import ATTACHED, Style, write
from ingest.simulator.moments import read_iso
from ingest.simulator.system import World
from ingest.source import Change, Record, Source
from ingest.sources.ioffice.accounts_csv import AccountFiles, rows
from ingest.sources.ioffice.dropped import DroppedMessages, record_of
from ingest.sources.ioffice.edxml import read_message
from ingest.sources.ioffice.envelope import MAX_KEPT
from ingest.testing import HASH_KEY
from ioc.errors import REASONS, SkippableError
from ioc.privacy import Pseudonyms
from ioc.settings.sources import OfficeSourceSettings
from tests.fuzz import mutations

BASE_MS = read_iso("2025-11-20T15:00:00+07:00")
NOW = datetime(2025, 11, 20, 9, tzinfo=UTC) + timedelta(days=1)
OFFICE = OfficeSourceSettings(drop_dir=Path("never-made"))
MESSAGES, ACCOUNTS = DroppedMessages(OFFICE), AccountFiles(OFFICE)
SLOW_S = 2.0
SEEDS = 60


def world() -> World:
    clock = SimulatedClock(0, 0, wall=lambda: BASE_MS)
    return World("ioffice", 5, BASE_MS, clock, Path("never-made"), 0.004, 1.0)


def edxml_files() -> list[bytes]:
    """Messages in every way of writing, and the attacks."""
    messages = list(Timeline(world(), world().begin_ms).until(BASE_MS))[:SEEDS]
    ways = [Style(), *(Style(**way) for way in WAYS.values() if way.get("attached", 0) == 0)]  # type: ignore[arg-type]
    written = [write(message, ways[place % len(ways)]) for place, message in enumerate(messages)]
    return written + [poison(name, messages[0]) for name in POISONS]


def csv_files() -> list[bytes]:
    text = export(Accounts(world()).rows()[:6]).decode("utf-8-sig")
    return [text.encode("utf-8-sig"), text.encode("utf-16"), text.replace(";", ",").encode(), text.encode("utf-8")]


def messages_of(body: bytes) -> Iterator[Record]:
    yield record_of(read_message(io.BytesIO(body)))


def accounts_of(body: bytes) -> Iterator[Record]:
    yield from rows(io.BytesIO(body))


class Bearing:
    """Reads inputs as the runner does, and keeps count of what became of them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.envelope = Enveloper(source, Pseudonyms(HASH_KEY)).event
        self.outcomes: Counter[str] = Counter()
        self.events: list[Enveloped] = []

    def refusal(self, record: Record) -> SkippableError | None:
        try:
            if record.fault is not None:
                raise record.fault
            changes = self.source.read(record)
            events = [self.envelope(one, NOW) for one in ([changes] if isinstance(changes, Change) else changes)]
        except SkippableError as error:
            return error
        self.events += events
        return None

    def take(self, records: Iterator[Record]) -> None:
        began = time.process_time()
        for record in records:
            assert len(record.raw) <= MAX_KEPT * 8
            refusal = self.refusal(record)
            assert refusal is None or refusal.reason in REASONS
            assert "CANARY" not in str(refusal).upper()
            self.outcomes["good" if refusal is None else refusal.reason] += 1
        assert time.process_time() - began < SLOW_S


_ODD = (
    "",
    "0",
    "-1",
    "99",
    "x" * 200,
    "y" * 5_000,
    "2026/02/30",
    "0001/01/01",
    "9999-12-31T23:59:59-23:59",
    "Đất",
    "&#0;",
)
_TEXT = re.compile(r">([^<>]*)</")


def with_odd_texts(count: int, seed: int) -> Iterator[bytes]:
    """Real messages that are well formed, one to three of their texts exchanged for odd ones."""
    draw = random.Random(seed)
    written = [body.decode() for body in edxml_files()[:SEEDS] if body.startswith(b"<?xml")]
    for _ in range(count):
        body = draw.choice(written)
        for _ in range(draw.randint(1, 3)):
            place = draw.choice(list(_TEXT.finditer(body)))
            body = body[: place.start(1)] + draw.choice(_ODD) + body[place.end(1) :]
        yield body.encode()


def bear_mutations(count: int, seed: int) -> tuple[Bearing, Bearing]:
    edxml, accounts = Bearing(MESSAGES), Bearing(ACCOUNTS)
    for body in chain(mutations(edxml_files(), count * 2 // 5, seed), with_odd_texts(count * 2 // 5, seed)):
        edxml.take(messages_of(body))
    for body in mutations(csv_files(), count // 5, seed):
        accounts.take(accounts_of(body))
    return edxml, accounts


def test_mutated_files_are_events_or_letters() -> None:
    edxml, accounts = bear_mutations(2_000, seed=1)
    assert sum(edxml.outcomes.values()) == 1_600
    assert min(edxml.outcomes[outcome] for outcome in ("good", "undecodable", "invalid_value", "missing_field")) > 9
    assert accounts.outcomes["good"] > 100
    assert sum(accounts.outcomes.values()) - accounts.outcomes["good"] > 50


def test_files_that_were_not_mutated_are_good() -> None:
    edxml, accounts = Bearing(MESSAGES), Bearing(ACCOUNTS)
    for body in edxml_files()[: -len(POISONS)]:
        edxml.take(messages_of(body))
    for body in csv_files():
        accounts.take(accounts_of(body))
    assert set(edxml.outcomes) == set(accounts.outcomes) == {"good"}
    assert not [event for event in edxml.events + accounts.events if b"CANARY" in event.encoded.upper()]


TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "",
        "0",
        "13",
        "99",
        "2026/02/30",
        "0001/01/01",
        "9999-12-31T23:59:59-23:59",
        "1970/01/01",
        "\u0301",
        "-1",
        "1" * 30,
    ]
)
TAGS = st.sampled_from(
    [
        *("From", "To", "OrganId", "OrganName", "DocumentId", "Code", "CodeNumber", "CodeNotation", "PromulgationInfo"),
        *(
            "PromulgationDate",
            "DueDate",
            "OtherInfo",
            "Priority",
            "PageAmount",
            "ResponseFor",
            "StatusCode",
            "Timestamp",
        ),
        *("TraceHeaderList", "TraceHeader", "Bussiness", "BussinessDocType", "Signature", "SignatureValue", "Status"),
        *("MessageHeader", "edXMLEnvelope", "edXMLHeader", "AttachmentEncoded", "Subject", "Unheard"),
    ]
)
TREES = st.recursive(
    TEXTS.map(lambda text: "".join(c for c in text if c not in "<&" and (c >= " " or c in "\t\n"))),
    lambda inner: st.lists(st.tuples(TAGS, inner), max_size=6).map(
        lambda nodes: "".join(f"<{tag}>{text}</{tag}>" for tag, text in nodes)
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(header=TREES, trace=TREES)
def test_any_tree_of_elements_is_an_event_or_a_letter(header: str, trace: str) -> None:
    body = f"<edXML><MessageHeader>{header}</MessageHeader>{trace}</edXML>".encode("utf-8", "replace")
    bearing = Bearing(MESSAGES)
    bearing.take(messages_of(body))
    assert sum(bearing.outcomes.values()) == 1


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_letters_or_rows(body: bytes) -> None:
    Bearing(MESSAGES).take(messages_of(body))
    Bearing(ACCOUNTS).take(accounts_of(body))
    Bearing(ACCOUNTS).take(accounts_of(b"TenDangNhap;x\n" + body))


def test_attached_files_never_come_into_a_letter() -> None:
    for body in mutations(edxml_files(), 300, seed=3):
        message = read_message(io.BytesIO(body))
        if body.count(ATTACHED.encode()) == 1 and b"<AttachmentEncoded>" in body and message.fault is None:
            assert ATTACHED.encode() not in message.raw
