import json
from collections import Counter
from typing import Any

import pytest

from ingest.drift import Drift
from ingest.sources.health.fhir_bundle import BundleReader
from ioc.errors import RetriableError
from tests.unit.ingest.health.fhir_examples import ENCOUNTER, PERSON, bundle, changed, record_of, stream_of


def faults(*resources: Any) -> list[tuple[str, str]]:
    records = BundleReader("Encounter").read(bundle(*resources)).records
    return [(record.fault.reason, str(record.fault)) for record in records if record.fault is not None]


def drift(**elements: Any) -> dict[str, int]:
    record = record_of(changed(ENCOUNTER, **elements))
    assert record.fault is None
    counts: Counter[str] = Counter()
    Drift(stream_of("Encounter").known_fields).note(record.fields, counts)
    return dict(counts)


def test_a_bad_resource_costs_only_itself() -> None:
    wrong = changed(ENCOUNTER, status=7)
    records = BundleReader("Encounter").read(bundle(ENCOUNTER, wrong, ENCOUNTER)).records
    assert [record.fault is None for record in records] == [True, False, True]
    assert json.loads(records[1].raw)["resource"] == wrong
    assert records[1].fields["meta"] == ENCOUNTER["meta"], "its update time is still told"


def test_what_is_no_resource_of_this_kind() -> None:
    told = faults(
        None, 7, {}, changed(ENCOUNTER, resourceType="Patient"), changed(ENCOUNTER, resourceType="Nguyễn Văn A")
    )
    assert told == [
        ("missing_field", "entry.resource: missing"),
        ("undecodable", "entry.resource: 7 is no object"),
        ("missing_field", "resourceType: None is not Encounter"),
        ("unknown_kind", "resourceType: a text of 7 characters is not Encounter"),
        ("unknown_kind", "resourceType: a text of 12 characters is not Encounter"),
    ]


def test_messages_name_the_element_and_no_value() -> None:
    assert faults(changed(ENCOUNTER, period={"start": "Nguyễn Văn A"})) == [
        ("invalid_value", "period.start: refused by FHIR R4 (value_error)")
    ]
    assert faults(changed(ENCOUNTER, identifier=[{"value": 96}])) == [
        ("invalid_value", "identifier.value: refused by FHIR R4 (string_type)")
    ]


def test_what_the_server_says_about_its_search_is_no_record() -> None:
    body = json.loads(bundle(ENCOUNTER))
    body["entry"] += [
        {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}},
        {"resource": {"resourceType": "Patient"}, "search": {"mode": "include"}},
    ]
    assert len(BundleReader("Encounter").read(json.dumps(body).encode()).records) == 1


def test_unknown_elements_are_counted_by_their_path_and_refuse_nothing() -> None:
    assert drift() == {}
    assert drift(truongMoi=1) == {"truongmoi": 1}
    nested = {"dischargeDisposition": {"coding": [{"code": "home", "moi": "Nguyễn Văn A"}]}, "them": {"a": 1}}
    assert drift(hospitalization=nested) == {
        "hospitalization.dischargedisposition.coding.moi": 1,
        "hospitalization.them": 1,
    }


def test_an_unknown_element_beside_a_wrong_one_does_not_hide_it() -> None:
    assert faults(changed(ENCOUNTER, hospitalization={"them": 1}, status=7))[0][0] == "invalid_value"


def test_extensions_of_primitive_elements_are_known() -> None:
    assert drift(_status={"extension": [{"url": "http://x/y", "valueString": "z"}]}) == {}


def test_narratives_and_contained_resources_are_not_even_looked_at() -> None:
    record = record_of(changed(ENCOUNTER, text="no narrative", contained=[{"resourceType": "Nothing"}, PERSON]))
    assert record.fault is None
    assert not {"text", "contained"} & set(record.fields)


def test_deep_nesting_is_refused_and_no_crash() -> None:
    deep: Any = {"url": "http://x"}
    for _ in range(400):
        deep = {"url": "http://x", "extension": [deep]}
    assert [reason for reason, _ in faults(changed(ENCOUNTER, extension=[deep]))] == ["invalid_value"]


def test_links_total_and_how_many_resources_they_are() -> None:
    links = [{"relation": "self", "url": "http://h/1"}, {"relation": "next", "url": "http://h/2"}]
    other = changed(ENCOUNTER, id="e2")
    page = BundleReader("Encounter").read(bundle(ENCOUNTER, other, ENCOUNTER, link=links, total=9))
    assert (page.next, page.total, page.distinct, len(page.records)) == ("http://h/2", 9, 2, 3)
    last = BundleReader("Encounter").read(bundle(total="many"))
    assert (last.next, last.total, last.distinct, last.records) == (None, None, 0, [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType": "OperationOutcome"}',
        bundle(ENCOUNTER, type="history"),
        bundle(ENCOUNTER, link={"relation": "next"}),
        bundle(ENCOUNTER, link=[{"relation": "next"}]),
        bundle(ENCOUNTER)[:-40],
        b"<Bundle/>",
    ],
)
def test_an_answer_that_is_no_searchset_is_asked_for_again(body: bytes) -> None:
    with pytest.raises(RetriableError):
        BundleReader("Encounter").read(body)
