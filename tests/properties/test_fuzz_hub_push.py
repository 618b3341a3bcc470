"""Pushed bodies and payloads, mutated: every input is events, dead letters with a reason, or refused to its sender."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.hub.payload import NotJsonError, records_of, records_of_lines
from tests.properties.hub_pushes import REFUSED, Way, fuzz, outcome, ways

SAMPLE = 1_500


@pytest.fixture(scope="module")
def every_way() -> dict[str, Way]:
    return ways()


def test_unchanged_inputs_are_events(every_way: dict[str, Way]) -> None:
    for name, way in every_way.items():
        assert way.inputs
        for body in way.inputs:
            assert set(outcome(way, body)) == {"event"}, name


def test_mutated_inputs_are_events_letters_or_refused() -> None:
    outcomes = fuzz(SAMPLE)
    assert all(found["event"] for found in outcomes.values())
    total: Counter[str] = sum(outcomes.values(), Counter())
    assert {REFUSED, "missing_field", "invalid_value", "undecodable"} <= set(total)


values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=20),
        st.datetimes().map(str),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_object_is_an_event_or_a_letter(every_way: dict[str, Way], data: st.DataObject) -> None:
    way = every_way[data.draw(st.sampled_from(sorted(every_way)))]
    (first, *_) = way.records(way.inputs[0])
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(first.fields)), values, max_size=3))
    body = msgspec.json.encode({**first.fields, **changes})
    assert outcome(way, body)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=60) | st.text(alphabet='[]{}",:\\ \n1.e-aĐ', max_size=60).map(str.encode))
def test_any_bytes_are_records_or_none(body: bytes) -> None:
    for read in (records_of, records_of_lines):
        try:
            records = read(body)
        except NotJsonError:
            continue
        assert all(record.fault is not None or isinstance(record.fields, dict) for record in records)
