"""Writes edXML: documents and status messages, in the ways in which systems differ.

Whatever is a person's holds the word CANARY.
"""

import random
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from ingest.simulator.ioffice.messages import Document, Message, Status
from ingest.simulator.ioffice.organs import Organ
from ingest.simulator.moments import from_ms

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
ATTACHED: Final = "UEsDBBQACAgIAEuSPE0A"
UNREAD: Final = frozenset(("Subject", "Content", "SignerInfo", "StaffInfo", "ToPlaces", "SteeringType", "Description"))
"""Optional parts that no figure needs."""

Node = tuple[str, "str | list[Node]"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a system writes.

    Attributes:
        prefix: of the format's elements, with its colon; may be empty.
        shuffled: seeds another order of elements; None keeps it.
        encoding: of Python's codecs, for example `utf-8-sig` with BOM.
        sparse: leaves out what is optional and not counted.
        attached: bytes of base64 that are attached.
        extra: an element that nobody has heard of.
    """

    prefix: str = "edXML:"
    shuffled: int | None = None
    encoding: str = "utf-8"
    sparse: bool = False
    attached: int = 600
    extra: bool = False


PLAIN: Final = Style()


def write(message: Message, style: Style = PLAIN) -> bytes:
    """A message as a file."""
    holds = message.holds
    header = _document(holds) if isinstance(holds, Document) else [_status(holds)]
    if style.extra:
        header[0][1].append(("TruongMoi", [("MoTa", "chưa từng có")]))  # type: ignore[union-attr]
    envelope: list[Node] = [("edXMLHeader", header)]
    if isinstance(holds, Document):
        envelope.append(("edXMLBody", [("edXMLManifest", [("Reference", [("AttachmentName", "CANARY.pdf")])])]))
    draws = None if style.shuffled is None else random.Random(style.shuffled)
    parts: list[str] = []
    _render([("edXMLEnvelope", envelope)], style, draws, parts)
    if isinstance(holds, Document):
        base64 = ATTACHED + "QUJD" * (max(0, style.attached - len(ATTACHED)) // 4)
        attached = f"<AttachmentEncoded><Attachment><C>{base64}</C></Attachment></AttachmentEncoded>"
        parts.insert(len(parts) if draws is None or draws.random() < 0.5 else 0, attached)
    declared = "UTF-16" if style.encoding.startswith("utf-16") else "UTF-8"
    space = f' xmlns:{style.prefix[:-1]}="{NAMESPACE}"' if style.prefix else ""
    root = f'<?xml version="1.0" encoding="{declared}"?>\n<edXML xmlns="{NAMESPACE}"{space}>'
    return f"{root}{''.join(parts)}</edXML>\n".encode(style.encoding)


def _render(nodes: list[Node], style: Style, draws: random.Random | None, parts: list[str]) -> None:
    if draws is not None:
        nodes = _shuffled(nodes, draws)
    for name, holds in nodes:
        if style.sparse and name in UNREAD:
            continue
        tag = f"{style.prefix}{name}"
        parts.append(f"<{tag}>")
        if isinstance(holds, str):
            parts.append(escape(holds))
        else:
            _render(holds, style, draws, parts)
        parts.append(f"</{tag}>")


def _shuffled(nodes: list[Node], draws: random.Random) -> list[Node]:
    """Elements in another order; those of one name stay in theirs, which says who is the first receiver."""
    by_name = {name: [node for node in nodes if node[0] == name] for name, _ in nodes}
    return [node for name in draws.sample(list(by_name), len(by_name)) for node in by_name[name]]


def _document(document: Document) -> list[Node]:
    n = document.number
    message: list[Node] = [
        ("From", _organ(document.sender, n)),
        *(("To", _organ(organ, n)) for organ in document.receivers),
        ("DocumentId", document.document_id),
        ("Code", [("CodeNumber", document.code_number), ("CodeNotation", document.code_notation)]),
        ("PromulgationInfo", [("Place", "Cà Mau"), ("PromulgationDate", document.promulgated)]),
        ("DocumentType", [("Type", "1"), ("TypeDetail", "0"), ("TypeName", document.type_name)]),
        ("Subject", f"CANARY-TRICHYEU {n} về việc kết nối, liên thông"),
        ("Content", f"CANARY-NOIDUNG {n}"),
        ("SignerInfo", [("Competence", "TL"), ("Position", "Giám đốc"), ("FullName", f"CANARY-NGUOIKY {n}")]),
        ("DueDate", document.due),
        (
            "OtherInfo",
            [("Priority", str(document.priority)), ("PageAmount", str(document.pages)), ("Direction", "false")],
        ),
        ("SteeringType", "1"),
        ("ToPlaces", [("Place", f"CANARY-NOINHAN {n}")]),
    ]
    trace: list[Node] = [
        ("TraceHeader", [("OrganId", document.sender.code), ("Timestamp", written(document.sent_ms))]),
        (
            "Bussiness",
            [
                ("BussinessDocType", str(document.business)),
                ("BussinessDocReason", f"CANARY-LYDO {n}"),
                ("Paper", "0"),
                ("StaffInfo", _staff(n)),
            ],
        ),
    ]
    header: list[Node] = [("MessageHeader", message), ("TraceHeaderList", trace)]
    # A system that can sign sends the element with every document, and leaves it empty where nobody has signed.
    signature: list[Node] = [("SignatureValue", "")]
    if document.signed:
        key: Node = ("KeyInfo", [("X509Data", [("X509SubjectName", f"CN=CANARY-CHUKY {n}")])])
        signature = [("SignedInfo", [("Reference", "")]), ("SignatureValue", "GbVb8n9"), key]
    header.append(("Signature", signature))
    return header


def _status(status: Status) -> Node:
    document = status.document
    return (
        "Status",
        [
            (
                "ResponseFor",
                [
                    ("OrganId", document.sender.code),
                    ("Code", f"{document.code_number}/{document.code_notation}"),
                    ("PromulgationDate", document.promulgated),
                    ("DocumentId", document.document_id),
                ],
            ),
            ("From", _organ(status.organ, document.number)),
            ("StatusCode", status.code),
            ("Description", f"CANARY-GHICHU {document.number}"),
            ("Timestamp", written(status.at_ms)),
            ("StaffInfo", _staff(document.number)),
        ],
    )


def _organ(organ: Organ, number: int) -> list[Node]:
    return [
        ("OrganId", organ.code),
        ("OrganizationInCharge", organ.name),
        ("OrganName", organ.name),
        ("Email", f"canary.{number}@example.invalid"),
        ("Telephone", f"CANARY-SDT-{number}"),
    ]


def _staff(number: int) -> list[Node]:
    return [
        ("Department", "Văn thư"),
        ("Staff", f"CANARY-CANBO {number}"),
        ("Mobile", f"CANARY-DIDONG-{number}"),
        ("Email", f"canary.{number}@example.invalid"),
    ]


def written(at_ms: int) -> str:
    """`yyyy/MM/dd HH:mm:ss`, local."""
    return f"{from_ms(at_ms):%Y/%m/%d %H:%M:%S}"
