"""The bytes of an edXML file that may be kept for a dead letter, and the encoding that it is in."""

import re
from typing import Final

MAX_KEPT: Final = 256 << 10

_MARKS: Final = tuple("AttachmentEncoded".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
"""How the attached part is called in the bytes of a file that the parser gave up."""

_UTF16_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']utf-?16""", re.IGNORECASE)
_BOM: Final = b"\xef\xbb\xbf"


def encoding_of(first: bytes) -> str | None:
    """The encoding that the first bytes prove; None: the one that the declaration names."""
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    if first.startswith(b"<\x00"):
        return "UTF-16LE"
    if first.startswith(b"\x00<"):
        return "UTF-16BE"
    if first.startswith(_BOM) or _UTF16_DECLARED.match(first):
        # A text that was made in memory as UTF-16 and saved as UTF-8 keeps the declaration.
        return "UTF-8"
    return None


class Kept:
    """The bytes outside attached files, 256 KiB at most."""

    def __init__(self) -> None:
        self.fed = 0
        self._pieces: list[bytes] = []
        self._held = 0
        self._chunk = b""
        self._edges: list[int] = []

    def add(self, chunk: bytes) -> None:
        """Notes the next chunk of the file."""
        self._settle()
        self._chunk = chunk
        self.fed += len(chunk)

    def turn(self, at: int) -> None:
        """From byte `at` of the file on nothing is kept; when nothing was, it is again."""
        self._edges.append(at)

    def good(self) -> bytes:
        """What is kept of a file that was understood."""
        self._settle()
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def broken(self) -> bytes:
        """What is kept of a file that was given up: nothing behind the name of the attached part."""
        kept = self.good()
        ends = [end for mark in _MARKS if (end := kept.find(mark)) >= 0]
        return kept[: min(ends)] if ends else kept

    def _settle(self) -> None:
        """Takes from the chunk what lies outside attached files."""
        chunk, room = self._chunk, MAX_KEPT - self._held
        self._chunk = b""
        begin = self.fed - len(chunk)
        edges = [0, *(min(max(at - begin, 0), len(chunk)) for at in self._edges), len(chunk)]
        if len(self._edges) % 2:
            edges.pop()
            self._edges = [0]
        else:
            self._edges = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if (piece := chunk[start : min(end, start + room)]) != b"":
                self._pieces.append(piece)
                self._held += len(piece)
                room -= len(piece)
