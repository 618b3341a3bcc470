"""The suite passes a good source, and is red on each sin of a hostile one in the test that is meant for it."""

import inspect
from collections.abc import Mapping
from typing import get_args

import pytest
import stamina

from ingest.conformance import WAYS, SourceConformance
from ingest.memory import MemoryPublisher
from ingest.testing import Rig, run
from tests.conformance.connectors.hostile import HostileRig, Sin

FOUND_BY: Mapping[Sin, tuple[str, ...]] = {
    "cursor_ahead": ("test_killed_at_any_moment_it_ends_equal", "test_it_goes_on_after_any_page"),
    "own_position": ("test_a_page_that_is_lost_on_its_way_comes_again",),
    "loses_on_resume": ("test_it_goes_on_after_any_page",),
    "ignores_cursor": ("test_a_restart_goes_on_from_the_cursor",),
    "publishes_name": ("test_no_personal_text_leaves_the_connector",),
    "type_to_null": ("test_a_changed_type_is_never_null",),
    "drops_poison": (
        "test_bad_records_cost_only_themselves",
        "test_a_flood_of_bad_records_stops_its_stream_and_no_other",
        "test_each_fault_costs_nothing_but_its_own_records",
    ),
    "drops_everything": (
        "test_everything_is_read_once",
        "test_messages_are_arrays_of_one_partition_that_the_contract_accepts",
    ),
    "new_version_each_time": ("test_duplicates_count_once",),
    "dies_on_unknown_field": ("test_unknown_fields_are_counted_and_stay",),
    "one_page": ("test_pages_are_bounded",),
    "never_ends": ("test_everything_is_read_once", "test_pages_are_bounded"),
    "from_the_future": ("test_heartbeats_tell_how_far_each_stream_was_read",),
    "depends_on_the_order": ("test_the_order_within_a_page_does_not_matter",),
    "dies_on_huge": ("test_a_huge_text_that_nobody_reads_changes_nothing",),
    "gives_up_on_slow_readers": ("test_a_slow_reader_loses_nothing",),
    "news_from_nothing": (
        "test_a_second_poll_publishes_nothing_again",
        "test_empty_pages_are_no_end_and_no_beginning",
    ),
    "hides_the_future": ("test_a_clock_that_differs_loses_nothing",),
    "fills_in": ("test_a_missing_field_is_refused_or_null",),
    "repeats_values": ("test_refusals_repeat_no_value",),
    "skips_unreadable": ("test_answers_that_stay_unreadable_hold_the_stream_at_its_cursor",),
}
"""Each sin, and the tests that are meant for it."""


@pytest.fixture(scope="module")
def innocent() -> Rig:
    return HostileRig()


class TestInnocent(SourceConformance):
    @pytest.fixture
    def rig(self, innocent: Rig) -> Rig:
        return innocent


@pytest.mark.parametrize(("sin", "test"), [(sin, test) for sin, tests in FOUND_BY.items() for test in tests])
def test_a_sin_is_found_by_the_test_meant_for_it(sin: Sin, test: str) -> None:
    with stamina.set_testing(True, attempts=200, cap=False), pytest.raises(AssertionError):
        call(test, HostileRig(sin))


def test_every_sin_is_looked_for_and_every_way_finds_one() -> None:
    assert set(FOUND_BY) == set(get_args(Sin))
    finding = {test for tests in FOUND_BY.values() for test in tests}
    assert [way for way, tests in WAYS.items() if not finding & set(tests)] == []


def test_every_test_of_the_suite_belongs_to_a_way() -> None:
    tests = {name for name in dir(SourceConformance) if name.startswith("test_")}
    assert sorted(test for tests in WAYS.values() for test in tests) == sorted(tests)


def call(test: str, rig: Rig) -> None:
    """Runs one test of the suite on a rig, as pytest does; those that are run with several seeds, until one is red."""
    function = getattr(SourceConformance(), test)
    wanted = inspect.signature(function).parameters
    marks = {mark.args[0]: list(mark.args[1]) for mark in getattr(function, "pytestmark", ())}
    ((name, values),) = marks.items() if marks else [("", [None])]
    system = rig.system()
    baseline = run(rig.system(), MemoryPublisher()) if "baseline" in wanted else None
    with pytest.MonkeyPatch.context() as monkeypatch:
        given = {"rig": rig, "baseline": baseline, "streams": list(system.streams), "monkeypatch": monkeypatch}
        for value in values:
            function(**{key: given[key] for key in wanted if key in given}, **({name: value} if name else {}))
