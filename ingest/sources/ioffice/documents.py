"""What an edXML message says: entries of registers, status messages, and the moments that these state.

A document is an entry of the sender's register and of each receiver's; entity `<DocumentId>|<OrganId of the register>`. It tells the
same wherever it is read, in the folder or from the exchange: its version is that of the first TraceHeader, the moment at which it
was sent; later ones are added on its way.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingest.source import Change, Target
from ingest.sources.ioffice.moments import end_of_day, local_day, moment_ms
from ingest.sources.ioffice.organs import level_of
from ingest.sources.values import coded, invalid, required, text, utc, whole
from ioc.errors import SkippableError

ENTRY: Final = Target("document", "entry")
MESSAGE: Final = Target("status_message", "message")

BUSINESS: Final = {"0": "new", "1": "recall", "2": "update", "3": "replace", "": "new"}
"""BussinessDocType."""

PRIORITY: Final = {"0": "normal", "1": "urgent", "2": "very_urgent", "3": "express", "": "normal"}
"""OtherInfo/Priority."""

STATED: Final[dict[str, tuple[Target, str, dict[str, str]]]] = {
    "01": (Target("document", "arrived"), "arrived_at", {}),
    "02": (Target("document", "rejected"), "rejected_at", {}),
    "03": (Target("document", "accepted"), "accepted_at", {}),
    "04": (Target("document", "assigned"), "assigned_at", {}),
    "05": (Target("document", "assigned"), "assigned_at", {}),
    "06": (Target("document", "finished"), "closed_at", {}),
    "13": (Target("document", "recalled"), "recalled_at", {"recall": "asked"}),
    "15": (Target("document", "recalled"), "recalled_at", {"recall": "agreed"}),
    "16": (Target("document", "recalled"), "recalled_at", {"recall": "refused"}),
}
"""StatusCode: the facet, its moment, and what else it says."""

TARGETS: Final = (ENTRY, *dict.fromkeys(target for target, _, _ in STATED.values()), MESSAGE)


def changes(fields: Mapping[str, Any]) -> list[Change]:
    """What a message's fields say.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    return _status(fields) if fields.get("status") else _document(fields)


def _document(fields: Mapping[str, Any]) -> list[Change]:
    sender = required(fields, "from")
    receivers = {required(to, "organ"): text(to, "name") for to in _entries(fields, "to")}
    if not receivers:
        raise SkippableError("missing_field", "To: there is none")
    document = _document_id(fields)
    sent_ms = _sent_ms(fields)
    promulgated_ms = moment_ms("promulgated", text(fields, "promulgated"))
    pages = text(fields, "pages")
    said = {
        "receivers": len(receivers),
        "doc_type": text(fields, "type_name"),
        "business": coded("business", text(fields, "business"), BUSINESS),
        "priority": coded("priority", text(fields, "priority"), PRIORITY),
        "promulgated_at": utc(promulgated_ms),
        "sent_at": utc(sent_ms),
        "due_at": end_of_day("due", text(fields, "due")),
        "pages": whole("pages", pages) if pages else None,
        "signed": bool(text(fields, "signature")) if fields.get("signed") else None,
    }
    updated_ms = promulgated_ms if sent_ms is None else sent_ms
    first = next(iter(receivers))
    out = {
        "direction": "out",
        "counterpart": first,
        "counterpart_level": level_of(first, receivers[first]),
        **said,
    }
    into = {
        "direction": "in",
        "counterpart": sender,
        "counterpart_level": level_of(sender, text(fields, "from_name")),
        **said,
    }
    # Who sends to itself has one entry, that of the sender.
    return [
        Change(f"{document}|{sender}", sender, updated_ms, out, target=ENTRY),
        *(
            Change(f"{document}|{organ}", organ, updated_ms, into, target=ENTRY)
            for organ in receivers
            if organ != sender
        ),
    ]


def _status(fields: Mapping[str, Any]) -> list[Change]:
    organ = required(fields, "from")
    status = required(fields, "status").zfill(2)
    target, at, also = coded("status", status, STATED)
    stated_ms = moment_ms("stated", required(fields, "stated"))
    answered = _entries(fields, "response_for")
    if not answered:
        raise SkippableError("missing_field", "ResponseFor: there is none")
    if stated_ms is None:
        raise SkippableError("missing_field", "stated: no date")
    found = []
    for response in answered:
        entity = f"{_answered_id(response)}|{organ}"
        found.append(Change(entity, organ, stated_ms, {at: utc(stated_ms), **also}, target=target))
        told = {"document": entity, "status": status, "stated_at": utc(stated_ms), "from_organ": organ}
        digest = hashlib.blake2b(f"{entity}|{status}|{stated_ms}".encode(), digest_size=16).hexdigest()
        found.append(Change(digest, organ, stated_ms, told, target=MESSAGE))
    return found


def _entries(fields: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """What may come several times."""
    found = fields.get(key, ())
    if not isinstance(found, list | tuple) or not all(isinstance(entry, dict) for entry in found):
        raise invalid(key, found, "a list of elements")
    return found


def _sent_ms(fields: Mapping[str, Any]) -> int | None:
    """The first moment of the trace."""
    moments = [moment_ms("timestamp", text(trace, "timestamp")) for trace in _entries(fields, "trace")]
    return min((at for at in moments if at is not None), default=None)


def _document_id(fields: Mapping[str, Any]) -> str:
    """DocumentId, or what it is made of: `OrganId,YYYY/MM/DD,number/notation`."""
    if told := text(fields, "document_id"):
        return told
    number, notation = text(fields, "code_number"), text(fields, "code_notation")
    return _composed(fields, required(fields, "from"), f"{number}/{notation}" if number and notation else "")


def _answered_id(response: Mapping[str, Any]) -> str:
    if told := text(response, "document_id"):
        return told
    return _composed(response, text(response, "organ"), text(response, "code"))


def _composed(fields: Mapping[str, Any], organ: str, code: str) -> str:
    day_ms = moment_ms("promulgated", text(fields, "promulgated"))
    if not organ or not code or day_ms is None:
        raise SkippableError("missing_field", "document_id: neither it nor sender, date and code, of which it is made")
    return f"{organ},{local_day(day_ms)},{code}"
