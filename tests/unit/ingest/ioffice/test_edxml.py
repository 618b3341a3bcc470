"""edXML files: every way of writing one is read, every way of attacking by one is refused, attached files are never held."""

import io
import tracemalloc
from collections.abc import Callable

import pytest

from ingest.sources.ioffice import edxml
from ingest.sources.ioffice.edxml import read_chunks, read_message
from ingest.sources.ioffice.envelope import MAX_KEPT
from ioc.errors import Reason
from tests.unit.ingest.ioffice.edxml_samples import DOCUMENT, NAMESPACE, STATUS, message, with_text

MIB = 1 << 20
PIECE = 64 << 10
PLAIN = message(DOCUMENT).fields
ATTACHED = "UEsDBBQACAgIAEuSPE0A"


def test_what_is_read_of_a_document() -> None:
    assert PLAIN == {
        "from": "000.00.00.G22",
        "from_name": "Văn phòng Chính phủ",
        "to": [
            {"organ": "000.00.00.H12", "name": "UBND tỉnh Cà Mau"},
            {"organ": "000.00.21.H12", "name": "UBND huyện Cái Nước"},
        ],
        "document_id": "000.00.00.G22,2026/10/05,7816/VPCP-TTĐT",
        "code_number": "7816",
        "code_notation": "VPCP-TTĐT",
        "promulgated": "2026/10/05",
        "type_name": "Công văn",
        "due": "2026/10/20",
        "priority": "1",
        "pages": "22",
        "trace": [{"timestamp": "2026/10/05 09:30:15"}, {"timestamp": "2026/10/05 09:31:00"}],
        "business": "0",
        "signed": True,
        "signature": "GbVb8n9",
    }


def test_what_is_read_of_a_status_message() -> None:
    assert message(STATUS).fields == {
        "response_for": [
            {
                "organ": "000.00.00.G22",
                "code": "7816/VPCP-TTĐT",
                "promulgated": "2026/10/05",
                "document_id": "000.00.00.G22,2026/10/05,7816/VPCP-TTĐT",
            }
        ],
        "from": "000.00.00.H12",
        "from_name": "UBND tỉnh Cà Mau",
        "status": "03",
        "stated": "2026/10/05 10:00:00",
    }


ENCODED: dict[str, Callable[[str], bytes]] = {
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16 with bom": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "utf-16 little endian": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16-le"),
    "utf-16 big endian": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16-be"),
    "utf-16 bom, utf-8 declared": lambda text: text.encode("utf-16"),
    "utf-8, utf-16 declared": lambda text: text.replace("UTF-8", "utf-16").encode(),
    "bom, utf-16 declared": lambda text: b"\xef\xbb\xbf" + text.replace("UTF-8", "UTF-16").encode(),
    "no declaration": lambda text: text.split("?>", 1)[1].encode(),
    "blanks first": lambda text: b"\n  " + text.split("?>", 1)[1].lstrip().encode(),
    "character references": lambda text: text.replace('encoding="UTF-8"', 'encoding="us-ascii"').encode(
        "ascii", "xmlcharrefreplace"
    ),
    "other prefix": lambda text: text.replace("edXML:", "e1:").replace("xmlns:edXML", "xmlns:e1").encode(),
    "no prefix": lambda text: text.replace("edXML:", "").encode(),
    "prefix never declared": lambda text: text.replace(f' xmlns:edXML="{NAMESPACE}"', "").encode(),
    "other namespace": lambda text: text.replace(NAMESPACE, "http://www.go.vn/eDoc").encode(),
    "decomposed letters": lambda text: text.replace("ế", "e\u0302\u0301").replace("ũ", "u\u0303").encode(),
    "cdata": lambda text: text.replace("Công văn", "<![CDATA[Công văn]]>").encode(),
    "comments": lambda text: text.replace("<edXML:DocumentId>", "<!-- x --><edXML:DocumentId><!-- y -->").encode(),
    "soap": lambda text: text.replace("edXMLHeader", "Header").replace("edXMLEnvelope", "Envelope").encode(),
}


@pytest.mark.parametrize("written", ENCODED)
def test_each_way_of_writing_it_reads_the_same(written: str) -> None:
    again = message(ENCODED[written](DOCUMENT))
    assert again.fault is None
    assert again.fields == PLAIN


def test_eight_bit_encodings_are_read_as_declared() -> None:
    text = with_text(DOCUMENT, "TypeName", "Caf\u00e9").replace("UTF-8", "windows-1252")
    body = text.encode("windows-1252", "xmlcharrefreplace")
    assert message(body).fields == PLAIN | {"type_name": "Caf\u00e9"}


def test_the_order_of_elements_does_not_count() -> None:
    trace = DOCUMENT[DOCUMENT.index("<edXML:TraceHeaderList>") : DOCUMENT.index("<Signature")]
    attached = DOCUMENT[DOCUMENT.index("  <AttachmentEncoded>") : DOCUMENT.index("</edXML>\n")]
    code = DOCUMENT[DOCUMENT.index("<edXML:DocumentId>") : DOCUMENT.index("<edXML:PromulgationInfo>")]
    shuffled = DOCUMENT.replace(trace, "").replace(attached, "").replace(code, "")
    shuffled = shuffled.replace("<edXML:MessageHeader>", f"{trace}<edXML:MessageHeader>")
    shuffled = shuffled.replace("</edXML:MessageHeader>", f"{code}</edXML:MessageHeader>")
    shuffled = shuffled.replace("<edXML:edXMLEnvelope", f"{attached}<edXML:edXMLEnvelope", 1)
    again = message(shuffled)
    assert again.fields == PLAIN
    assert ATTACHED.encode() not in again.raw
    assert b"TraceHeaderList" in again.raw


def test_an_unknown_element_is_told_by_name_only() -> None:
    strange = DOCUMENT.replace("<edXML:DueDate>", "<edXML:Ma><edXML:x>CANARY</edXML:x></edXML:Ma><edXML:DueDate>")
    assert message(strange).fields == PLAIN | {"element.ma": None}
    for element in ("due", "from"):
        assert message(strange.replace("edXML:Ma>", f"edXML:{element}ing>")).fields["from"] == "000.00.00.G22"


def test_elements_inside_a_text_are_not_taken_for_it() -> None:
    inside = with_text(DOCUMENT, "TypeName", "Công <b>CANARY</b>văn")
    assert message(inside).fields == PLAIN | {"element.b": None}


def laughs(name: str) -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {name} [<!ENTITY l0 "lol">{entities}]>'


def spoil(text: str, doctype: str, value: str) -> str:
    return with_text(text.replace("?>\n", f"?>\n{doctype}\n", 1), "TypeName", value)


REFUSED: dict[str, tuple[str | bytes, Reason]] = {
    "dtd": (DOCUMENT.replace("?>\n", "?>\n<!DOCTYPE edXML>\n", 1), "undecodable"),
    "expansion bomb": (spoil(DOCUMENT, laughs("edXML"), "&l9;"), "undecodable"),
    "external entity": (
        spoil(DOCUMENT, '<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
        "undecodable",
    ),
    "external dtd": (spoil(DOCUMENT, '<!DOCTYPE edXML SYSTEM "http://127.0.0.1/x.dtd">', "x"), "undecodable"),
    "entity never declared": (with_text(DOCUMENT, "TypeName", "&nbsp;"), "undecodable"),
    "cut short": (DOCUMENT[: DOCUMENT.index("<edXML:OtherInfo>")], "undecodable"),
    "not utf-8": (DOCUMENT.encode("utf-8").replace("ă".encode(), b"\xe3"), "undecodable"),
    "unheard-of encoding": (DOCUMENT.replace("UTF-8", "x-unheard-of"), "undecodable"),
    "an encoding that is no text": (DOCUMENT.replace("UTF-8", "rot13"), "undecodable"),
    "empty": ("", "undecodable"),
    "json": ('{"edXML": 1}', "undecodable"),
    "deep": (f"<edXML>{'<edXML>' * 100}{'</edXML>' * 100}</edXML>", "too_large"),
    "deep in what is not read": (with_text(DOCUMENT, "Subject", "<a>" * 99 + "</a>" * 99), "too_large"),
    "long text": (with_text(DOCUMENT, "TypeName", "x" * 5_000), "too_large"),
    "another root": ("<html><body/></html>", "unknown_kind"),
    "no message": (f'<edXML xmlns="{NAMESPACE}"><edXMLEnvelope/></edXML>', "unknown_kind"),
    "two messages": (DOCUMENT.replace("</edXML:MessageHeader>", "</edXML:MessageHeader><edXML:Status/>"), "contradiction"),
    "a field twice": (DOCUMENT.replace("<edXML:Code>", "<edXML:DocumentId>2</edXML:DocumentId><edXML:Code>"), "contradiction"),
    "many receivers": (
        DOCUMENT.replace("<edXML:Code>", "<edXML:To/>" * (edxml.MAX_ENTRIES + 1) + "<edXML:Code>"),
        "too_large",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", REFUSED)
def test_each_bad_file_is_refused_with_its_reason(way: str) -> None:
    body, reason = REFUSED[way]
    refused = message(body)
    assert refused.fault is not None
    assert refused.fault.reason == reason
    assert "CANARY" not in str(refused.fault)
    assert refused.fields == {}
    assert ATTACHED.encode() not in refused.raw


@pytest.mark.parametrize("token", ["<!--{}-->", "<?x {}?>", '<edXML:a b="{}"/>'])
def test_a_token_without_end_is_not_held(token: str) -> None:
    body = DOCUMENT.replace("<edXML:Code>", token.format("x" * 20 * MIB) + "<edXML:Code>").encode()
    tracemalloc.start()
    refused = read_message(io.BytesIO(body))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.fault is not None
    assert refused.fault.reason == "too_large"
    assert len(refused.raw) <= MAX_KEPT
    assert peak < 5 * MIB


class Pieces(io.RawIOBase):
    """A file of `mib` mebibytes of attached base64 behind the envelope, or before it, that exists nowhere as a whole."""

    def __init__(self, mib: int, *, first: bool) -> None:
        text = DOCUMENT.split("  <AttachmentEncoded>", 1)[0] + "</edXML>"
        if first:
            head, tail = text.split("  <edXML:edXMLEnvelope", 1)
            tail = "  <edXML:edXMLEnvelope" + tail
        else:
            head, tail = text[: -len("</edXML>")], "</edXML>"
        base64 = b"QUJD" * (PIECE // 4)
        attached = [f"<AttachmentEncoded><x>{ATTACHED}".encode(), *[base64] * (mib * MIB // PIECE)]
        attached.append(b"</x></AttachmentEncoded>")
        self._pieces = iter([head.encode(), *attached, tail.encode()])
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        given = next(self._pieces, b"")
        assert len(given) <= size
        self.given += len(given)
        return given


@pytest.mark.parametrize("first", [True, False])
def test_fifty_megabytes_cost_no_more_memory_than_a_small_file(*, first: bool) -> None:
    peaks = []
    for mib in (1, 50):
        file = Pieces(mib, first=first)
        tracemalloc.start()
        found = read_message(file)  # type: ignore[arg-type]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.fields == PLAIN
        assert ATTACHED.encode() not in found.raw
        assert len(found.raw) < len(DOCUMENT.encode())
        assert first or file.given < 4 * PIECE, "what stands behind the envelope is not even read"
    assert peaks[1] < peaks[0] + PIECE
    assert peaks[1] < MIB


def test_pieces_of_any_size_read_the_same() -> None:
    body = DOCUMENT.encode()
    for size in (1, 2, 3, 7, 64, 1000):
        cut = [body[at : at + size] for at in range(0, len(body), size)]
        found = read_chunks(iter(cut))
        assert found.fields == PLAIN
        assert ATTACHED.encode() not in found.raw


def test_a_letter_of_a_broken_big_file_holds_the_envelope_only() -> None:
    body = DOCUMENT.replace("</edXML:DueDate>", "</edXML:Due>").replace(ATTACHED, ATTACHED + "QUJD" * 100_000)
    for written in (body.encode(), body.encode("utf-16"), body.encode("utf-16-le"), body.encode("utf-16-be")):
        broken = message(written)
        assert broken.fault is not None
        assert len(broken.raw) <= MAX_KEPT
        assert b"DueDate" in broken.raw.replace(b"\0", b"")
        for encoding in ("ascii", "utf-16-le", "utf-16-be"):
            assert ATTACHED.encode(encoding) not in broken.raw
