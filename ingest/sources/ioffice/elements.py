"""The elements of edXML that are looked at, by local name in lower case.

Names: QCVN 102:2016/BTTTT and the public code that speaks it. `Bussiness` is spelt so in the format. Prefixes and namespaces
are not looked at: systems write the same elements with `edXML:`, with other prefixes, with none, and with prefixes that
they never declare.
"""

from typing import Any, Final, Literal

Role = Literal["plain", "wrapper", "message", "many", "signature"]
"""What an element with members is: one that wraps a message, the message, one that may come several times, a signature."""


class Table(dict[str, Any]):
    """The members of an element: a text's field, another table, `SKIP` or `ATTACHMENT`.

    Attributes:
        role: what its coming means.
        key: of `many`, the list that each one adds an entry to.
    """

    def __init__(self, members: dict[str, Any], role: Role = "plain", key: str = "") -> None:
        super().__init__(members)
        self.role = role
        self.key = key


SKIP: Final = object()
"""Known and never read, with all that is in it: persons' data, free text, or nothing that is counted."""

ATTACHMENT: Final = object()
"""Attached files: never read, never kept, and reason enough to stop reading when the envelope is closed."""


def _unread(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, SKIP)


_OFFICE = _unread("organizationincharge", "organadd", "email", "telephone", "fax", "website")

_OTHER_INFO = Table(
    {
        "priority": "priority",
        "pageamount": "pages",
        **_unread("sphereofpromulgation", "typernotation", "promulgationamount", "direction", "appendixes"),
        **_unread("contactinfo"),
    }
)

_RESPONSE_FOR = Table(
    {"organid": "organ", "code": "code", "promulgationdate": "promulgated", "documentid": "document_id"},
    "many",
    "response_for",
)

_MESSAGE = Table(
    {
        "from": Table({"organid": "from", "organname": "from_name", **_OFFICE}),
        "to": Table({"organid": "organ", "organname": "name", **_OFFICE}, "many", "to"),
        "documentid": "document_id",
        "code": Table({"codenumber": "code_number", "codenotation": "code_notation"}),
        "promulgationinfo": Table({"promulgationdate": "promulgated", **_unread("place")}),
        "documenttype": Table({"typename": "type_name", **_unread("type", "typedetail")}),
        "duedate": "due",
        "otherinfo": _OTHER_INFO,
        "responsefor": _RESPONSE_FOR,
        "statuscode": "status",
        "timestamp": "stated",
        **_unread("subject", "content", "signerinfo", "toplaces", "steeringtype", "applicationtype"),
        **_unread("description", "staffinfo"),
    },
    "message",
)

_TRACE = Table(
    {
        "traceheader": Table(
            {"timestamp": "timestamp", **_unread("organid", "business", "staffinfo")}, "many", "trace"
        ),
        "bussiness": Table(
            {
                "bussinessdoctype": "business",
                **_unread("bussinessdocreason", "bussinessdocumentinfo", "documentid", "paper", "staffinfo"),
                **_unread("replacementinfolist"),
            }
        ),
    }
)

_SIGNATURE = Table({"signaturevalue": "signature", **_unread("signedinfo", "keyinfo", "object")}, "signature")

ENVELOPE: Final = Table(
    {
        "messageheader": _MESSAGE,
        "status": _MESSAGE,
        "messagestatus": _MESSAGE,
        "traceheaderlist": _TRACE,
        "signature": _SIGNATURE,
        "digitalsignature": _SIGNATURE,
        **dict.fromkeys(("edxmlbody", "body", "edxmlmanifest", "attachmentencoded"), ATTACHMENT),
    },
    "wrapper",
)
"""edXML wraps the message in edXML/edXMLEnvelope/edXMLHeader, status messages of some systems in a SOAP envelope, others
leave wrappers out: each of these may stand in each."""

ENVELOPE.update(dict.fromkeys(("edxml", "edxmlenvelope", "edxmlheader", "envelope", "header"), ENVELOPE))

ROOT: Final = Table({"edxml": ENVELOPE, "edxmlenvelope": ENVELOPE, "envelope": ENVELOPE})

LEAF: Final = Table({})
"""Stands for an element whose text is read."""

SIGNED: Final = "signed"

FIELDS: Final = frozenset(
    (
        *("from", "from_name", "to", "document_id", "code_number", "code_notation", "promulgated", "type_name", "due"),
        *("priority", "pages", "response_for", "status", "stated", "trace", "business", "signature", SIGNED),
    )
)
"""What a message's fields may be called: anything else in them is an element that nobody has looked at."""
