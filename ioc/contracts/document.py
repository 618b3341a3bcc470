"""Kinds of iOffice: `document`, `work_file`, `office_account`, `status_message`.

A `document` is an entry of one organisation's register: what it issued, or what reached it; entity: edXML `DocumentId` and
the organisation, `<DocumentId>|<OrganId>`. What happens to it at its receiver is told by status messages, each of which knows one
moment only; each moment is a facet of its own, so that arrived, accepted, finished and the time between them hold
whatever comes first (QCVN 102:2016/BTTTT, status codes).
"""

from typing import ClassVar, Literal

from pydantic import Field

from ioc.contracts.base import Code, Contract, Count, UtcTime
from ioc.contracts.event import Event

OrganLevel = Literal["central", "province", "district", "commune", "other"]
"""Level of the organisation at the other end: trung ương, tỉnh, huyện, xã, khác."""

Priority = Literal["normal", "urgent", "very_urgent", "express"]
"""OtherInfo/Priority 0 … 3: thường, khẩn, thượng khẩn, hỏa tốc."""


class DocumentEntry(Contract):
    """A document as it stands in the register of one organisation."""

    direction: Literal["in", "out"] = Field(description="Received or issued")
    counterpart_level: OrganLevel = Field(description="Level of the organisation it came from or went to")
    counterpart: Code = Field(description="OrganId of that organisation; of several receivers the first")
    receivers: Count = Field(description="How many organisations it was sent to")
    doc_type: Code = Field(description="Type name as written (DocumentType/TypeName)")
    business: Literal["new", "recall", "update", "replace"] = Field(description="BussinessDocType: what it is sent for")
    priority: Priority = Field(description="Priority (OtherInfo)")
    promulgated_at: UtcTime | None = Field(description="Promulgated (PromulgationInfo)")
    sent_at: UtcTime | None = Field(description="Sent through the exchange (first TraceHeader)")
    due_at: UtcTime | None = Field(description="To be answered by (DueDate)")
    pages: Count | None = Field(description="Pages (OtherInfo/PageAmount)")
    signed: bool | None = Field(description="Carries a digital signature; null when the source does not say")


class DocumentArrived(Contract):
    """Status 01: it arrived."""

    arrived_at: UtcTime = Field(description="Arrived at its receiver")


class DocumentAccepted(Contract):
    """Status 03: it was accepted."""

    accepted_at: UtcTime = Field(description="Accepted by its receiver")


class DocumentAssigned(Contract):
    """Status 04 or 05: it was assigned or is in process."""

    assigned_at: UtcTime = Field(description="Assigned to somebody (04), or processing began (05)")


class DocumentFinished(Contract):
    """Status 06: handling was finished."""

    closed_at: UtcTime = Field(description="Handling finished at its receiver")


class DocumentRejected(Contract):
    """Status 02: it was rejected."""

    rejected_at: UtcTime = Field(description="Rejected by its receiver")


class DocumentRecalled(Contract):
    """Status 13, 15, 16: the sender recalls it; the receiver agrees or refuses."""

    recalled_at: UtcTime = Field(description="Recall asked, or answered")
    recall: Literal["asked", "agreed", "refused"] = Field(description="How far the recall has come")


class DocumentEntryEvent(Event[DocumentEntry]):
    """A version of a register entry."""

    kind: Literal["document"]
    facet: Literal["entry"]


class DocumentArrivedEvent(Event[DocumentArrived]):
    """A version of the arrival."""

    kind: Literal["document"]
    facet: Literal["arrived"]


class DocumentAcceptedEvent(Event[DocumentAccepted]):
    """A version of the acceptance."""

    kind: Literal["document"]
    facet: Literal["accepted"]


class DocumentAssignedEvent(Event[DocumentAssigned]):
    """A version of the assignment."""

    kind: Literal["document"]
    facet: Literal["assigned"]


class DocumentFinishedEvent(Event[DocumentFinished]):
    """A version of the end of handling."""

    kind: Literal["document"]
    facet: Literal["finished"]


class DocumentRejectedEvent(Event[DocumentRejected]):
    """A version of the rejection."""

    kind: Literal["document"]
    facet: Literal["rejected"]


class DocumentRecalledEvent(Event[DocumentRecalled]):
    """A version of the recall."""

    kind: Literal["document"]
    facet: Literal["recalled"]


class StatusMessage(Contract):
    """One status message as it was received: an immutable fact; entity: its content's hash."""

    IMMUTABLE: ClassVar[bool] = True

    document: Code = Field(description="Entity of the document it is about")
    status: Literal["01", "02", "03", "04", "05", "06", "13", "15", "16"] = Field(description="StatusCode")
    stated_at: UtcTime = Field(description="Timestamp in the message")
    from_organ: Code = Field(description="Organisation that states it")


class StatusMessageEvent(Event[StatusMessage]):
    """A status message."""

    kind: Literal["status_message"]
    facet: Literal["message"]


class WorkFile(Contract):
    """A work file (hồ sơ công việc); entity: its code in iOffice."""

    opened_at: UtcTime = Field(description="Opened")
    due_at: UtcTime | None = Field(description="To be finished by")
    finished_at: UtcTime | None = Field(description="Finished")
    online: bool = Field(description="Processed wholly online")
    state: Literal["open", "finished", "cancelled"] = Field(description="State")
    documents: Count = Field(description="Documents in the file")


class WorkFileEvent(Event[WorkFile]):
    """A version of a work file."""

    kind: Literal["work_file"]
    facet: Literal["file"]


class OfficeAccount(Contract):
    """An iOffice account and its digital signature; entity: keyed hash of the account's name."""

    PERSONAL_ENTITY: ClassVar[bool] = True

    holder: Literal["organisation", "person"] = Field(description="Whose account and signature it is")
    active: bool = Field(description="May log in")
    created_at: UtcTime = Field(description="Made")
    last_seen_at: UtcTime | None = Field(description="Last log-in")
    signature: Literal["none", "token", "sim_pki", "remote"] = Field(description="Digital signature issued")
    signature_until: UtcTime | None = Field(description="Signature valid until")
    vneid: bool | None = Field(description="Logs in by VNeID")


class OfficeAccountEvent(Event[OfficeAccount]):
    """A version of an account."""

    kind: Literal["office_account"]
    facet: Literal["account"]
