"""From the bytes of an answer to records, each with its own bytes, so that a bad one costs only itself.

What is wrong with the whole answer (cut short, another encoding) is tried again and never skipped: a stream that is late
loses nothing. What is wrong with one record goes to the dead letters. An answer that is not UTF-8 is told apart so: when another
record of it holds non-ASCII text in good UTF-8, the answer is UTF-8 and the bad record is at fault. When none does, the whole
answer may have come in another encoding; the record is at fault only if nearly all others are plain ASCII and the same bytes come
again and again.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from ingest.source import Record
from ioc.errors import RetriableError, SkippableError

SAME_BYTES_TRIES = 5
"""So often the same bytes, and it is not the way they were sent."""

FEW = 0.1
"""Such a share of bad records can be single ones; more of them are a source that has changed its encoding."""

_ESCAPED_BYTE = re.compile(r"\\udc[89a-f][0-9a-f]")
"""How a byte that is not UTF-8 shows after decoding with `surrogateescape`."""

_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Envelope:
    """An answer's members, keys in lower case, and its records."""

    members: dict[str, Any]
    records: list[Record]


class BodyReader:
    """Reads the answers of one stream, one after another."""

    def __init__(self, records_key: str) -> None:
        """`records_key` is the member that holds the records, in lower case."""
        self._key = records_key
        self._last = b""
        self._tries = 0

    def read(self, body: bytes) -> Envelope:
        """An answer's members and records.

        Raises:
            RetriableError: the answer as a whole cannot be read.
        """
        body = body.removeprefix(_BOM)
        envelope = self._split(body)
        bad = [record for record in envelope.records if record.fault is not None]
        if not bad or any(not record.raw.isascii() for record in envelope.records if record.fault is None):
            self._tries = 0
            return envelope
        if len(bad) <= FEW * len(envelope.records) and self._same_again(body) >= SAME_BYTES_TRIES:
            return envelope
        raise RetriableError(f"the answer ({len(body)} bytes) is not UTF-8")

    def _split(self, body: bytes) -> Envelope:
        try:
            members = {key.lower(): raw for key, raw in msgspec.json.decode(body, type=dict[str, msgspec.Raw]).items()}
            raws = msgspec.json.decode(members.pop(self._key, b"[]"), type=list[msgspec.Raw] | None) or []
            return Envelope(
                {key: msgspec.json.decode(raw) for key, raw in members.items()}, [_record(bytes(r)) for r in raws]
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._split_leniently(body, error)

    def _split_leniently(self, body: bytes, refused: Exception) -> Envelope:
        """As the standard library reads JSON: raw control characters, NaN and halves of surrogate pairs stand.

        Systems write these into free texts that nobody here reads; they must not cost the record, let alone the answer.
        """
        try:
            decoded = json.loads(body.decode("utf-8", "surrogateescape"), strict=False)
            members = {key.lower(): value for key, value in decoded.items()}
            values = members.pop(self._key, None)
            if not isinstance(values, list | None):
                raise TypeError(self._key)
            records = [_lenient_record(value) for value in values or ()]
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise RetriableError(f"the answer ({len(body)} bytes) is not JSON: {refused}") from refused
        return Envelope(members, records)

    def _same_again(self, body: bytes) -> int:
        digest = hashlib.blake2b(body, digest_size=16).digest()
        self._tries = self._tries + 1 if digest == self._last else 1
        self._last = digest
        return self._tries


def _record(raw: bytes) -> Record:
    try:
        return _record_of(raw, msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = getattr(error, "reason", None) or str(error)
        return Record(raw, {}, SkippableError("undecodable", f"the record is not JSON in UTF-8: {reason}"))


def _lenient_record(value: Any) -> Record:
    try:
        return _record_of(json.dumps(value, ensure_ascii=False).encode(), value)
    except UnicodeEncodeError:
        escaped = json.dumps(value)
    if _ESCAPED_BYTE.search(escaped):
        return Record(escaped.encode(), {}, SkippableError("undecodable", "the record is not UTF-8"))
    return _record_of(escaped.encode(), value)


def _record_of(raw: bytes, value: Any) -> Record:
    try:
        return Record(raw, _lowered(value))
    except SkippableError as fault:
        return Record(raw, {}, fault)


def _lowered(value: Any) -> dict[str, Any]:
    """A record with its keys in lower case: their case differs between systems.

    Raises:
        SkippableError: it is no object, or has a key twice.
    """
    if not isinstance(value, dict):
        raise SkippableError("undecodable", f"a record is a JSON object, not {type(value).__name__}")
    lowered = {key.lower(): member for key, member in value.items()}
    if len(lowered) != len(value):
        raise SkippableError("contradiction", "a key occurs twice, in different case")
    return lowered
