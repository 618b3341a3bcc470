"""What messages say: entries of registers, moments of status messages, and each thing that is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.envelope import Enveloper
from ingest.source import Change
from ingest.sources.ioffice.documents import STATED, changes
from ingest.sources.ioffice.dropped import MessageStream
from ingest.sources.ioffice.moments import end_of_day, moment_ms, written
from ingest.sources.ioffice.organs import level_of
from ingest.testing import HASH_KEY
from ioc.contracts.event import unix_ms
from ioc.errors import Reason, SkippableError
from ioc.privacy import Pseudonyms
from tests.unit.ingest.ioffice.edxml_samples import DOCUMENT, STATUS, message, with_text, without

ID = "000.00.00.G22,2026/10/05,7816/VPCP-TTĐT"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SENT = datetime(2026, 10, 5, 2, 30, 15, tzinfo=UTC)


class Anything(MessageStream):
    stream = "anything"


ENVELOPER = Enveloper(Anything(), Pseudonyms(HASH_KEY))  # type: ignore[arg-type]


def said(text: str) -> list[Change]:
    """The changes of a message, each of which the contract accepts."""
    read = message(text)
    assert read.fault is None, read.fault
    found = changes(read.fields)
    for change in found:
        ENVELOPER.event(change, NOW)
    return found


def data(change: Change) -> dict[str, Any]:
    assert change.data is not None
    return change.data


def test_a_document_is_an_entry_of_the_sender_and_one_of_each_receiver() -> None:
    out, first, second = said(DOCUMENT)
    assert [change.entity for change in (out, first, second)] == [
        f"{ID}|000.00.00.G22",
        f"{ID}|000.00.00.H12",
        f"{ID}|000.00.21.H12",
    ]
    assert [change.unit for change in (out, first, second)] == ["000.00.00.G22", "000.00.00.H12", "000.00.21.H12"]
    assert {change.updated_ms for change in (out, first, second)} == {unix_ms(SENT)}
    common = {
        "receivers": 2,
        "doc_type": "Công văn",
        "business": "new",
        "priority": "urgent",
        "promulgated_at": datetime(2026, 10, 4, 17, tzinfo=UTC),
        "sent_at": SENT,
        "due_at": datetime(2026, 10, 20, 16, 59, 59, tzinfo=UTC),
        "pages": 22,
        "signed": True,
    }
    sender = {"direction": "in", "counterpart": "000.00.00.G22", "counterpart_level": "central", **common}
    assert data(out) == {
        "direction": "out",
        "counterpart": "000.00.00.H12",
        "counterpart_level": "province",
        **common,
    }
    assert data(first) == data(second) == sender


OPTIONAL: dict[str, dict[str, Any]] = {
    "DueDate": {"due_at": None},
    "OtherInfo": {"priority": "normal", "pages": None},
    "PromulgationInfo": {"promulgated_at": None},
    "DocumentType": {"doc_type": ""},
    "Bussiness": {"business": "new"},
    "DocumentId": {},
    "Code": {},
    "Subject": {},
    "SignerInfo": {},
}


@pytest.mark.parametrize("element", OPTIONAL)
def test_optional_parts_may_be_missing(element: str) -> None:
    full, without_it = said(DOCUMENT), said(without(DOCUMENT, element))
    assert [data(change) for change in without_it] == [data(change) | OPTIONAL[element] for change in full]
    assert [change.entity for change in without_it] == [change.entity for change in full]


def test_without_a_trace_the_promulgation_is_the_version() -> None:
    found = said(without(DOCUMENT, "TraceHeaderList"))
    assert {change.updated_ms for change in found} == {unix_ms(datetime(2026, 10, 4, 17, tzinfo=UTC))}
    assert {data(change)["sent_at"] for change in found} == {None}
    neither = said(without(without(DOCUMENT, "TraceHeaderList"), "PromulgationInfo"))
    assert {change.updated_ms for change in neither} == {None}


def test_hops_on_the_way_change_nothing() -> None:
    trace = DOCUMENT.index("<edXML:TraceHeader>", DOCUMENT.index("09:30:15"))
    one_hop = DOCUMENT[:trace] + without(DOCUMENT[trace:], "TraceHeader")
    assert said(one_hop) == said(DOCUMENT)


def test_who_sends_to_itself_has_one_entry() -> None:
    twice = DOCUMENT.replace("000.00.21.H12", "000.00.00.G22")
    assert [(change.entity[-13:], data(change)["direction"]) for change in said(twice)] == [
        ("000.00.00.G22", "out"),
        ("000.00.00.H12", "in"),
    ]


def test_a_receiver_named_twice_is_one() -> None:
    out, into = said(DOCUMENT.replace("000.00.21.H12", "000.00.00.H12"))
    assert (data(out)["receivers"], data(into)["receivers"]) == (1, 1)


@pytest.mark.parametrize(("code", "business"), [("0", "new"), ("1", "recall"), ("2", "update"), ("3", "replace")])
def test_what_a_document_is_sent_for(code: str, business: str) -> None:
    assert {data(change)["business"] for change in said(with_text(DOCUMENT, "BussinessDocType", code))} == {business}


@pytest.mark.parametrize(
    ("code", "priority"), [("0", "normal"), ("1", "urgent"), ("2", "very_urgent"), ("3", "express"), ("", "normal")]
)
def test_priorities(code: str, priority: str) -> None:
    assert data(said(with_text(DOCUMENT, "Priority", code))[0])["priority"] == priority


def test_a_signature_is_there_empty_or_not_told() -> None:
    assert data(said(DOCUMENT)[0])["signed"] is True
    signature = DOCUMENT[DOCUMENT.index("<Signature ") : DOCUMENT.index("</Signature>") + len("</Signature>")]
    for there, signed in (("<edXML:DigitalSignature/>", False), ("<Signature/>", False), ("", None)):
        assert data(said(DOCUMENT.replace(signature, there))[0])["signed"] is signed


MOMENTS = {
    "01": ("arrived", {"arrived_at": datetime(2026, 10, 5, 3, tzinfo=UTC)}),
    "02": ("rejected", {"rejected_at": datetime(2026, 10, 5, 3, tzinfo=UTC)}),
    "03": ("accepted", {"accepted_at": datetime(2026, 10, 5, 3, tzinfo=UTC)}),
    "04": ("assigned", {"assigned_at": datetime(2026, 10, 5, 3, tzinfo=UTC)}),
    "05": ("assigned", {"assigned_at": datetime(2026, 10, 5, 3, tzinfo=UTC)}),
    "06": ("finished", {"closed_at": datetime(2026, 10, 5, 3, tzinfo=UTC)}),
    "13": ("recalled", {"recalled_at": datetime(2026, 10, 5, 3, tzinfo=UTC), "recall": "asked"}),
    "15": ("recalled", {"recalled_at": datetime(2026, 10, 5, 3, tzinfo=UTC), "recall": "agreed"}),
    "16": ("recalled", {"recalled_at": datetime(2026, 10, 5, 3, tzinfo=UTC), "recall": "refused"}),
}


@pytest.mark.parametrize("code", MOMENTS)
def test_a_status_message_is_a_fact_and_a_moment(code: str) -> None:
    facet, moment = MOMENTS[code]
    for status in {code, code.lstrip("0")}:
        stated, fact = said(with_text(STATUS, "StatusCode", status))
        assert (stated.target, stated.entity, stated.unit) == (
            ("document", facet),
            f"{ID}|000.00.00.H12",
            "000.00.00.H12",
        )
        assert data(stated) == moment
        assert fact.target == ("status_message", "message")
        assert data(fact) == {
            "document": stated.entity,
            "status": code,
            "stated_at": datetime(2026, 10, 5, 3, tzinfo=UTC),
            "from_organ": "000.00.00.H12",
        }
        assert stated.updated_ms == fact.updated_ms == unix_ms(datetime(2026, 10, 5, 3, tzinfo=UTC))
    assert set(MOMENTS) == set(STATED)


def test_the_same_status_message_is_the_same_fact_and_another_is_another() -> None:
    facts = {
        said(text)[1].entity
        for text in (
            STATUS,
            with_text(STATUS, "Description", "other words"),
            with_text(STATUS, "StatusCode", "04"),
            with_text(STATUS, "Timestamp", "2026/10/05 10:00:01"),
            STATUS.replace("7816", "7817"),
        )
    }
    assert len(facts) == 4


def test_a_status_without_document_id_is_about_the_same_document() -> None:
    assert said(without(STATUS, "DocumentId")) == said(STATUS)


def test_a_status_in_a_soap_envelope_with_days_first_reads_the_same() -> None:
    soap = (
        STATUS.replace("edXML:edXML>", "SOAP-ENV:Envelope>")
        .replace("edXML:edXML ", "SOAP-ENV:Envelope ")
        .replace("edXML:edXMLEnvelope", "SOAP-ENV:Header")
        .replace("<edXML:edXMLHeader>", "")
        .replace("</edXML:edXMLHeader>", "")
        .replace("2026/10/05 10:00:00", "05/10/2026 10:00:00")
    )
    assert said(soap) == said(STATUS)


REFUSED: dict[str, tuple[str, Reason]] = {
    "no sender": (without(DOCUMENT, "From"), "missing_field"),
    "no receiver": (without(without(DOCUMENT, "To"), "To"), "missing_field"),
    "a receiver without OrganId": (DOCUMENT.replace("000.00.21.H12", ""), "missing_field"),
    "neither DocumentId nor Code": (without(without(DOCUMENT, "DocumentId"), "Code"), "missing_field"),
    "a priority that is none": (with_text(DOCUMENT, "Priority", "9"), "invalid_value"),
    "pages in words": (with_text(DOCUMENT, "PageAmount", "hai"), "invalid_value"),
    "a business that is none": (with_text(DOCUMENT, "BussinessDocType", "new"), "invalid_value"),
    "a due date that is none": (with_text(DOCUMENT, "DueDate", "2026/13/45"), "invalid_value"),
    "an hour that is none": (with_text(DOCUMENT, "Timestamp", "2026/10/05 25:00:00"), "invalid_value"),
    "sent years ahead": (DOCUMENT.replace("2026/10/05 09:3", "2030/10/05 09:3"), "invalid_value"),
    "a long name": (DOCUMENT.replace("000.00.21.H12", "9" * 200), "invalid_value"),
    "status without From": (without(STATUS, "From"), "missing_field"),
    "status without moment": (without(STATUS, "Timestamp"), "missing_field"),
    "status of .NET's empty date": (with_text(STATUS, "Timestamp", "0001/01/01 00:00:00"), "missing_field"),
    "status without ResponseFor": (without(STATUS, "ResponseFor"), "missing_field"),
    "a status that is none": (with_text(STATUS, "StatusCode", "99"), "invalid_value"),
}  # fmt: skip


@pytest.mark.parametrize("way", REFUSED)
def test_each_refusal_has_its_reason_and_repeats_no_value(way: str) -> None:
    text, reason = REFUSED[way]
    with pytest.raises(SkippableError) as refused:
        said(text)
    assert refused.value.reason == reason
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(
    ("organ", "name", "level"),
    [
        ("000.00.00.H12", "", "province"),
        ("H12", "", "province"),
        ("000.00.00.G22", "", "central"),
        ("000.10.05.G22", "Cục nào đó", "central"),
        ("G22.05", "", "central"),
        ("000.00.00.A80", "", "central"),
        ("000.00.05.H12", "Sở Y tế", "province"),
        ("000.00.21.H12", "UBND huyện Cái Nước", "district"),
        ("000.00.20.H12", "Ủy ban nhân dân thành phố Cà Mau", "district"),
        ("000.05.21.H12", "UBND xã Tân Hưng - UBND huyện Cái Nước", "commune"),
        ("28.22.H17", "UBND thị trấn Cái Nước", "commune"),
        ("H12.21.05", "Ủy ban nhân dân phường 5", "commune"),
        ("000.00.05.H12", "", "other"),
        ("000.00.01.H12", "Văn phòng UBND tỉnh Cà Mau", "province"),
        ("000.00.01.K09", "Tổng công ty", "other"),
        ("no such thing", "UBND xã", "other"),
        ("", "", "other"),
    ],
)
def test_levels(organ: str, name: str, level: str) -> None:
    assert level_of(organ, name) == level


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/10/05 10:00:00", "2026-10-05T03:00:00"),
        ("2026/10/05", "2026-10-04T17:00:00"),
        ("05/10/2026 10:00", "2026-10-05T03:00:00"),
        ("2026-10-05T10:00:00.123+07:00", "2026-10-05T03:00:00.123"),
        ("2026-10-05T03:00:00Z", "2026-10-05T03:00:00"),
        ("2026-10-05 05:30:00+0230", "2026-10-05T03:00:00"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    assert moment_ms("at", text) == unix_ms(datetime.fromisoformat(expected).replace(tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "0001/01/01 00:00:00", "01/01/0001"])
def test_no_date_is_none(text: str) -> None:
    assert moment_ms("at", text) is None
    assert end_of_day("at", text) is None


def test_the_exchange_is_asked_in_local_time() -> None:
    assert written(unix_ms(datetime(2026, 10, 5, 3, tzinfo=UTC)) + 999) == "05/10/2026 10:00:00"
