"""A record is read as the contract asks: each shape, each way of saying nothing, each refusal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.kit.fields import fields_of
from ingest.kit.reader import ContractReader
from ingest.source import Target
from ingest.sources.values import iso_ms
from ioc.contracts.kinds import KINDS
from ioc.errors import ConfigError, SkippableError

CASE = Target("feedback_case", "case")
GOOD: Mapping[str, Any] = {
    "channel": "web",
    "topic": "MT",
    "state": "received",
    "reported_at": "2026-08-10T08:00:00+07:00",
    "due_at": None,
    "answered_at": "",
    "rating": 4,
}


def reader(target: Target = CASE, **changes: Any) -> ContractReader:
    return ContractReader(target, changes.get("keys", {}), changes.get("codes", {}), iso_ms)


def refused(fields: Mapping[str, Any], **changes: Any) -> SkippableError:
    with pytest.raises(SkippableError) as error:
        reader(**changes).data(fields)
    return error.value


def test_a_record_with_the_contracts_keys_is_read() -> None:
    assert reader().data(GOOD) == {
        "channel": "web",
        "topic": "MT",
        "state": "received",
        "reported_at": datetime(2026, 8, 10, 1, tzinfo=UTC),
        "due_at": None,
        "answered_at": None,
        "rating": 4,
    }


def test_keys_may_lead_into_objects_whose_keys_are_in_any_case() -> None:
    nested = {**GOOD, "linhvuc": {"Ma": "GT"}}
    assert reader(keys={"topic": "linhVuc.MA"}).data(nested)["topic"] == "GT"
    assert reader(keys={"topic": "linhVuc.MA"}).known >= {"linhvuc", "state"}


@pytest.mark.parametrize("nothing", [{}, {"linhvuc": None}, {"linhvuc": {}}, {"linhvuc": {"ma": ""}}])
def test_what_must_be_there_is_missed_on_every_part_of_its_way(nothing: dict[str, Any]) -> None:
    error = refused({**GOOD, **nothing}, keys={"topic": "linhvuc.ma"})
    assert (error.reason, str(error)) == ("missing_field", "linhvuc.ma: missing or empty")


def test_a_way_through_what_is_no_object_is_refused() -> None:
    assert refused({**GOOD, "linhvuc": "MT"}, keys={"topic": "linhvuc.ma"}).reason == "invalid_value"


@pytest.mark.parametrize("name", ["channel", "topic", "state", "reported_at"])
@pytest.mark.parametrize("value", [None, "", ...])
def test_a_required_field_is_missed(name: str, value: Any) -> None:
    fields = {key: member for key, member in GOOD.items() if key != name or value is not ...}
    if value is not ...:
        fields[name] = value
    assert refused(fields).reason == "missing_field"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("topic", True),
        ("topic", ["MT"]),
        ("topic", {"ma": "MT"}),
        ("topic", 1.5),
        ("rating", True),
        ("rating", 4.0),
        ("rating", "four"),
        ("rating", [4]),
        ("rating", 10**19),
        ("due_at", 1700000000),
        ("due_at", False),
        ("due_at", "10/08/2026"),
        ("due_at", {"at": 1}),
    ],
)
def test_another_type_is_refused_and_never_null(name: str, value: Any) -> None:
    error = refused({**GOOD, name: value})
    assert error.reason == "invalid_value"
    assert str(error).startswith(f"{name}: ")


@pytest.mark.parametrize(("value", "number"), [(4, 4), ("4", 4), (0, 0), ("-3", -3), ("007", 7)])
def test_a_number_may_come_as_its_digits(value: Any, number: int) -> None:
    assert reader().data({**GOOD, "rating": value})["rating"] == number


def test_codes_are_translated_and_unknown_ones_refused() -> None:
    codes = {"channel": {"1": "hotline_1022", "2": "web"}}
    assert reader(codes=codes).data({**GOOD, "channel": 1})["channel"] == "hotline_1022"
    assert reader(codes=codes).data({**GOOD, "channel": "2"})["channel"] == "web"
    assert "channel: '7' is not one of 1, 2" in str(refused({**GOOD, "channel": "7"}, codes=codes))


def test_yes_and_no_are_json_or_codes() -> None:
    target = Target("facility", "facility")
    fields: dict[str, Any] = {"type": "school", "category": "1", "online": True}
    assert reader(target).data(fields)["online"] is True
    assert reader(target).data(fields)["approved"] is None
    with pytest.raises(SkippableError, match="online: 'co' is not true or false"):
        reader(target).data({**fields, "online": "co"})
    codes = {"online": {"C": "true", "K": "false"}}
    assert reader(target, codes=codes).data({**fields, "online": "K"})["online"] is False


def test_a_persons_number_may_be_absent_and_is_handed_over_in_clear() -> None:
    target = Target("immunization", "dose")
    field = next(field for field in fields_of(target) if field.personal)
    made = {f.name: _some(f.shape, f.codes) for f in fields_of(target)}
    assert reader(target).data({**made, field.name: None})[field.name] == ""
    assert reader(target).data({**made, field.name: "096099000001"})[field.name] == "096099000001"


def _some(shape: str, codes: tuple[str, ...]) -> Any:
    if codes:
        return codes[0]
    return {"text": "x", "number": 1, "yes": True, "moment": "2026-08-10T08:00:00Z"}[shape]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keys": {"dueat": "x"}}, "keys: dueat: no field of feedback_case/case; it has channel, topic"),
        ({"codes": {"status": {}}}, "codes: status: no field of"),
        ({"codes": {"state": {"1": "done"}}}, "codes of state: done: not among received, assigned"),
        ({"target": Target("feedback_case", "cases")}, "kind feedback_case has no facet 'cases'; it has case"),
        ({"target": Target("feedback", "case")}, "there is no kind 'feedback'; there are dossier"),
    ],
)
def test_a_connector_that_names_what_is_not_there_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        reader(**changes)


def test_every_field_of_every_contract_has_a_shape() -> None:
    for kind in KINDS.values():
        for facet in kind.facets:
            found = fields_of(Target(kind.name, facet.name))
            assert [field.name for field in found] == list(facet.data.model_fields)
            assert all(field.takes for field in found)
            assert all(field.lowest <= field.highest for field in found)
