"""Insurance files of Decision 130/QĐ-BYT, read piece by piece: one record for each HOSO, in the file's order.

    GIAMDINHHS
    ├── THONGTINDONVI / MACSKCB
    └── THONGTINHOSO / NGAYLAP, SOLUONGHOSO, DANHSACHHOSO / HOSO … / FILEHOSO … / LOAIHOSO, NOIDUNGFILE (base64)

No more than one HOSO is in memory at a time, at most 1 MiB of it. A HOSO whose contents are wrong costs itself. Where a file
stops being XML (it was cut, a byte was lost) the HOSO before that count and the rest is one bad record; so is a SOLUONGHOSO
that is not the number of HOSO, beside the good ones. Prefixes and the case of names do not count.
"""

from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from ingest.source import Record
from ingest.sources.folder import DroppedFile
from ingest.sources.health.insurance_hoso import MAX_HOSO_BYTES, Hoso
from ingest.sources.health.insurance_values import named_ms
from ingest.sources.health.pieces import Pieces
from ingest.sources.health.xml_text import DTD_REFUSED, Decode, to_utf8, undecodable
from ingest.sources.values import invalid
from ioc.errors import SkippableError

FACILITY, COMPILED, TOLD = "file.macskcb", "file.ngaylap", "file.soluonghoso"
"""Keys of what a file says of itself: MACSKCB, NGAYLAP, SOLUONGHOSO."""

NAMED, ARRIVED = "file.named_ms", "file.arrived_ms"
"""Keys of the moment in its name, if any, and of its coming; milliseconds since the epoch."""

_CHUNK = 1 << 16
_MAX_DEPTH = 64
_MAX_NAMES = 50
_MAX_TEXT = 100
_HEADER = {"macskcb": FACILITY, "ngaylap": COMPILED, "soluonghoso": TOLD}
_FRAME = frozenset({"giamdinhhs", "thongtindonvi", "thongtinhoso", "danhsachhoso"})
_SIGNATURE = "chukydonvi"


def records_of(file: DroppedFile) -> Iterator[Record]:
    """The records of a dropped file; see `ingest.sources.folder.RecordsOf`.

    Raises:
        OSError: it cannot be read now.
    """
    with file.path.open("rb") as stream:
        yield from InsuranceFile(named_ms(file.name), file.changed_ms).records(stream)


class InsuranceFile:
    """One file in hand."""

    def __init__(self, named_at_ms: int | None, arrived_ms: int) -> None:
        """Takes the moment in the file's name, if any, and that of its coming; milliseconds since the epoch."""
        self._header: dict[str, object] = {NAMED: named_at_ms, ARRIVED: arrived_ms}
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        self._pieces = Pieces(MAX_HOSO_BYTES)
        self._names: dict[str, str] = {}
        self._ready: list[Record] = []
        self._text: list[str] = []
        self._hoso: Hoso | None = None
        self._depth = self._found = 0
        self._signed_depth = 0

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Each HOSO, then what is wrong with the file as a whole, in a record whose fields are what the file says of itself."""
        chunk = stream.read(_CHUNK)
        decode = to_utf8(chunk)
        last = False
        while not last:
            following = stream.read(_CHUNK)
            last = not following
            fault = self._feed(decode, chunk, last)
            ready, self._ready = self._ready, []
            yield from ready
            if fault is not None:
                yield Record(self._pieces.rest(), dict(self._header), fault)
                return
            chunk = following
        if (fault := self._miscounted()) is not None:
            yield Record(self._pieces.head or self._pieces.rest(), dict(self._header), fault)

    def _feed(self, decode: Decode, chunk: bytes, last: bool) -> SkippableError | None:
        """Parses a chunk; why nothing after it can be read, if so."""
        parser, pieces = self._parser, self._pieces
        try:
            piece = decode(chunk, last)
            pieces.add(piece)
            parser.Parse(piece, last)
        except expat.ExpatError as error:
            return undecodable(f"the file is XML no further than HOSO {self._found}: {expat.ErrorString(error.code)}")
        except UnicodeError:
            return undecodable(f"the file is UTF-16 no further than HOSO {self._found}")
        except SkippableError as fault:
            return fault
        if pieces.end - parser.CurrentByteIndex > MAX_HOSO_BYTES:
            return SkippableError("too_large", f"a tag has more than {MAX_HOSO_BYTES} bytes")
        pieces.let_go()
        if self._hoso is not None and pieces.is_cut:
            self._hoso.too_large()
            parser.CharacterDataHandler = None
        return None

    def _miscounted(self) -> SkippableError | None:
        told = str(self._header.get(TOLD, ""))
        if not told:
            return SkippableError("missing_field", "SOLUONGHOSO: missing or empty")
        if not (told.isascii() and told.isdigit()):
            return invalid("SOLUONGHOSO", told, "a whole number")
        if int(told) != self._found:
            return SkippableError("contradiction", f"SOLUONGHOSO is not the number of HOSO, which is {self._found}")
        return None

    def _doctype(self, *_declared: object) -> None:
        raise undecodable(DTD_REFUSED)

    def _name(self, written: str) -> str:
        """A name without prefix, in lower case."""
        name = self._names.get(written)
        if name is None:
            if len(self._names) >= _MAX_NAMES:
                self._names.clear()
            name = self._names[written] = written.rpartition(":")[2].lower()
        return name

    def _start(self, written: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        name = self._name(written)
        if self._depth == 1 and name != "giamdinhhs":
            raise SkippableError("unknown_kind", "the file is XML, but no GIAMDINHHS")
        if self._depth > _MAX_DEPTH:
            raise undecodable(f"elements stand in one another more than {_MAX_DEPTH} deep")
        if self._signed_depth:
            return
        if self._hoso is not None:
            if self._hoso.began(name):
                self._collect()
        elif name == "hoso":
            self._pieces.begin(self._parser.CurrentByteIndex)
            self._hoso = Hoso()
        elif name in _HEADER:
            self._collect()
        elif name == _SIGNATURE:
            self._signed_depth = self._depth
        elif name not in _FRAME and len(self._header) < _MAX_NAMES:
            self._header[f"file.{name}"] = None

    def _end(self, written: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        name = self._name(written)
        if self._signed_depth:
            if depth == self._signed_depth:
                self._signed_depth = 0
            return
        hoso = self._hoso
        if hoso is None:
            if name in _HEADER:
                self._header[_HEADER[name]] = self._collected().strip()[:_MAX_TEXT]
        elif name == "hoso":
            self._hoso = None
            self._found += 1
            raw, whole = self._pieces.cut(self._parser.CurrentByteIndex)
            if not whole:
                hoso.too_large()
            self._ready.append(hoso.record(raw, self._header))
        else:
            hoso.ended(name, self._collected())

    def _collect(self) -> None:
        self._text.clear()
        self._parser.CharacterDataHandler = self._text.append

    def _collected(self) -> str:
        self._parser.CharacterDataHandler = None
        text = "".join(self._text)
        self._text.clear()
        return text
