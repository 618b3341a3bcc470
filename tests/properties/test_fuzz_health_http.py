"""FHIR Bundles and slices of the health REST, mutated: every input is records, each an event or a dead letter with a reason, or
an answer that is asked for again."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.health_answers import Parsers, encoded, fuzz, places

SAMPLE = 1_500


@pytest.fixture(scope="module")
def parsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parsers]:
    made = Parsers(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


def test_unchanged_answers_are_events(parsers: Parsers) -> None:
    for name, answers in parsers.answers.items():
        outcomes = [parsers.outcome(name, parsers.records(name, body), intact=True) for body in answers]
        assert {what for outcome in outcomes for what in outcome} == {"event"}, name


def test_mutated_answers_are_events_or_letters(parsers: Parsers) -> None:
    outcomes = fuzz(parsers, SAMPLE)
    assert {"event", "again", "invalid_value", "missing_field"} <= set(outcomes)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | st.dates().map(str),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "value", "system", "x"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_is_an_event_or_a_letter(parsers: Parsers, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(parsers.answers)))
    answer = json.loads(data.draw(st.sampled_from(parsers.answers[name])))
    at, key = data.draw(st.sampled_from(list(places(answer["entry" if "entry" in answer else "content"]))))
    at[key] = data.draw(values)
    parsers.outcome(name, parsers.records(name, encoded(answer)))
