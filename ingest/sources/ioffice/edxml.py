"""Reads edXML (QCVN 102:2016/BTTTT) documents and status messages, streaming.

Expat calls back for elements only; text is asked for inside the few elements that are read, so that megabytes of attached
files go by in C and are kept nowhere. Once the envelope is closed and attached files begin, nothing more is read at all.

Refused: document type declarations (and with them entities and expansion bombs), deep nesting, long texts, one tag or
comment over a mebibyte. Tolerated: any order, any prefix, UTF-8, UTF-16 and eight-bit encodings with or without BOM, a
declaration that names UTF-16 over bytes that are not (as .NET writes it).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from ingest.sources.ioffice.elements import ATTACHMENT, LEAF, ROOT, SIGNED, Table
from ingest.sources.ioffice.envelope import Kept, encoding_of
from ioc.errors import SkippableError

CHUNK: Final = 64 << 10
MAX_DEPTH: Final = 32
MAX_TEXT: Final = 4_000
"""Characters of an element that is read; the longest by the format, a document's type, has a few dozen."""
MAX_TOKEN: Final = 1 << 20
"""Bytes of one tag, comment or instruction: expat must hold a whole one."""
MAX_ENTRIES: Final = 10_000
"""Receivers of a document and the like."""
MAX_FIELDS: Final = 50
"""Elements that nobody has looked at are told by name, up to so many fields."""
UNKNOWN: Final = "element."
"""Stands before their names, so that none passes for a field."""

_NAMES_KEPT = 4_096
_names: dict[str, str] = {}
"""Local names in lower case, by name as written: there are few, in millions of messages."""


@dataclass(slots=True)
class Message:
    """What a file holds.

    Attributes:
        fields: by the keys of `elements.FIELDS`; an element that nobody has looked at by its own name, with None.
        raw: its bytes without attached files, 256 KiB at most.
        fault: why it cannot be used.
    """

    raw: bytes
    fields: dict[str, Any] = field(default_factory=dict)
    fault: SkippableError | None = None


class _EnoughError(Exception):
    """Everything that is read has been."""


def read_message(file: BinaryIO) -> Message:
    """What a file says. It is read from where it stands, and not to its end when attached files come last.

    Raises:
        OSError: the file cannot be read now.
    """
    return read_chunks(iter(lambda: file.read(CHUNK), b""))


def read_chunks(chunks: Iterator[bytes]) -> Message:
    """As `read_message`, for bytes that come in pieces."""
    first = next(chunks, b"")
    reader = _Reader(first)
    kept = reader.kept
    try:
        chunk = first
        while chunk:
            following = next(chunks, b"")
            reader.feed(chunk, last=not following)
            chunk = following
        reader.complete()
    except _EnoughError:
        pass
    except SkippableError as fault:
        return Message(kept.broken(), fault=fault)
    except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
        what = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else "encoding"
        return Message(kept.broken(), fault=SkippableError("undecodable", f"no edXML: {what}"))
    return Message(kept.good(), reader.fields)


class _Reader:
    """One file. Each handler is the least that can be done: these lines run a hundred times a message."""

    def __init__(self, first: bytes) -> None:
        self.fields: dict[str, Any] = {}
        self.kept = Kept()
        self._into = self.fields
        self._stack: list[Table] = [ROOT]
        self._key = ""
        self._text: list[str] = []
        self._length = 0
        self._skipped = 0
        self._messages = 0
        self._closed = False
        self._attachment = False
        parser = self._parser = expat.ParserCreate(encoding_of(first))
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, chunk: bytes, *, last: bool) -> None:
        """Reads on.

        Raises:
            SkippableError: it is refused.
            ExpatError: it is no XML.
        """
        parser = self._parser
        self.kept.add(chunk)
        parser.Parse(chunk, last)
        if self.kept.fed - parser.CurrentByteIndex > MAX_TOKEN and not last:
            raise SkippableError("too_large", f"a tag, text or comment of more than {MAX_TOKEN} bytes")

    def complete(self) -> None:
        """Checks at the end.

        Raises:
            SkippableError: the file is empty or holds no message.
        """
        if not self.kept.fed:
            raise SkippableError("undecodable", "no edXML: the file is empty")
        if not self._messages:
            raise SkippableError("unknown_kind", "neither MessageHeader nor Status: no edXML message")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = _names.get(name) or _local(name)
        stack = self._stack
        child = stack[-1].get(local)
        if child.__class__ is str:
            self._key = child
            self._text = []
            self._length = 0
            self._parser.CharacterDataHandler = self._characters
            stack.append(LEAF)
        elif child.__class__ is Table:
            if child.role != "plain":
                self._opened(child)
            stack.append(child)
        else:
            self._skip(local, child)

    def _opened(self, table: Table) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise SkippableError("too_large", f"elements more than {MAX_DEPTH} deep")
        if table.role == "many":
            entries = self.fields.setdefault(table.key, [])
            if len(entries) >= MAX_ENTRIES:
                raise SkippableError("too_large", f"{table.key}: more than {MAX_ENTRIES}")
            self._into = {}
            entries.append(self._into)
        elif table.role == "message":
            self._messages += 1
            if self._messages > 1:
                raise SkippableError("contradiction", "two messages in one file")
        elif table.role == "signature":
            self.fields[SIGNED] = True

    def _end(self, _name: str) -> None:
        table = self._stack.pop()
        if table is LEAF:
            self._parser.CharacterDataHandler = None
            self._leaf()
        elif table.role == "many":
            self._into = self.fields
        elif table.role == "wrapper":
            self._closed = self._messages > 0

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise SkippableError("too_large", f"{self._key}: more than {MAX_TEXT} characters")
        self._text.append(text)

    def _leaf(self) -> None:
        text = "".join(self._text).strip()
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        into, key = self._into, self._key
        if into.setdefault(key, text) != text:
            raise SkippableError("contradiction", f"{key}: there twice, and not the same")

    def _skip(self, local: str, child: object) -> None:
        parser = self._parser
        if self._stack[-1] is ROOT:
            raise SkippableError("unknown_kind", "the root element is none of edXML's")
        if child is ATTACHMENT:
            self.kept.turn(parser.CurrentByteIndex)
            if self._closed:
                raise _EnoughError
            self._attachment = True
        elif child is None and len(self.fields) < MAX_FIELDS:
            self.fields.setdefault(f"{UNKNOWN}{local}", None)
        self._skipped = 1
        parser.CharacterDataHandler = None
        parser.StartElementHandler = self._skip_start
        parser.EndElementHandler = self._skip_end

    def _skip_start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._skipped += 1
        if self._skipped > MAX_DEPTH:
            raise SkippableError("too_large", f"elements more than {MAX_DEPTH} deep")

    def _skip_end(self, _name: str) -> None:
        self._skipped -= 1
        if self._skipped:
            return
        parser = self._parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        if self._stack[-1] is LEAF:
            parser.CharacterDataHandler = self._characters
        if self._attachment:
            self._attachment = False
            self.kept.turn(parser.CurrentByteIndex)


def _local(name: str) -> str:
    if len(_names) >= _NAMES_KEPT:
        _names.clear()
    local = _names[name] = name.rpartition(":")[2].lower()
    return local


def _refuse_doctype(*_declared: object) -> None:
    raise SkippableError("undecodable", "a document type declaration: refused, it can hide entities")
