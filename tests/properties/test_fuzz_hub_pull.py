"""Tables of the portal, counters and reports, mutated: every input is events or dead letters with a reason, or asked for again."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.source import Record
from ingest.sources.hub.columns import FACILITY, STATISTIC, UPDATED, VESSEL
from ingest.sources.hub.rows import KINDS
from ioc.errors import SkippableError
from tests.properties.hub_inputs import HubInputs, fuzz

SAMPLE = 1_500


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> HubInputs:
    return HubInputs(tmp_path_factory.mktemp("hub"))


def test_unchanged_inputs_are_events(inputs: HubInputs) -> None:
    for name, bodies in inputs.inputs.items():
        for body in bodies:
            assert set(inputs.outcome(name, body)) == {"event"}, name
    for body in inputs.csvs:
        assert set(inputs.outcome("reports", body)) == {"event"}
    for body in inputs.workbooks:
        assert set(inputs.outcome("reports", body, "xlsx")) == {"event"}


def test_mutated_inputs_are_events_letters_or_asked_for_again(inputs: HubInputs) -> None:
    outcomes = fuzz(inputs, SAMPLE)
    assert all(found["event"] for found in outcomes.values())
    assert outcomes["csv"]["undecodable"]
    assert outcomes["xlsx"]["undecodable"]
    total: Counter[str] = sum(outcomes.values(), Counter())
    assert {"again", "missing_field", "invalid_value", "undecodable"} <= set(total)


cells: st.SearchStrategy[Any] = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=20)),
    *(st.dates(), st.datetimes(), st.lists(st.integers(), max_size=2)),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
rows = st.dictionaries(st.sampled_from(sorted({*STATISTIC.headings, *FACILITY.headings, *VESSEL.headings})), cells)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), row=rows)
def test_any_row_is_a_change_or_refused(kind: str, row: dict[str, Any]) -> None:
    table = KINDS[kind]
    try:
        change = table.change(Record(b"", row | {UPDATED: 1}))
    except SkippableError:
        return
    assert change.entity


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=';,\t"\n\r aA1.%Đ', max_size=200))
def test_any_text_below_a_heading_is_rows_or_letters(inputs: HubInputs, text: str) -> None:
    heading = "Mã chỉ tiêu;Mã đơn vị;Kỳ;Giá trị\n"
    inputs.outcome("reports", (heading + text).encode())
