"""Words for what streams have told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sinks.feeds import FeedState, flows, freshness_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATE = FeedState(
    "hub", "calls", "", "", ("service_call",), NOW, NOW - timedelta(seconds=7), 7, 0, "fresh", 10, 100, 1, 2, (), ""
)


@pytest.mark.parametrize(
    ("age_s", "planned_s", "word"),
    [
        (None, 0, "no_data"), (600, 0, "fresh"), (601, 0, "late"), (1800, 0, "late"), (1801, 0, "stale"),
        (90_000, 89_400, "fresh"), (90_000, 88_199, "stale"),
    ],
)  # fmt: skip
def test_planned_maintenance_is_not_held_against_an_age(age_s: int | None, planned_s: int, word: str) -> None:
    assert freshness_of(age_s, planned_s, 10) == word


def test_a_source_flows_when_all_its_streams_beat() -> None:
    silent = replace(STATE, stream="files", read_at=NOW - timedelta(seconds=61), age_s=61, alert="look")
    unit = replace(STATE, unit="H12", records_hour=1000)
    (all_well,) = flows([STATE, unit], NOW)
    assert (all_well.state, all_well.streams, all_well.records_hour, all_well.oldest_s) == ("flowing", 1, 10, 7)
    (partly,) = flows([STATE, silent], NOW)
    assert (partly.state, partly.silent, partly.alerts, partly.oldest_s) == ("partly", ("files",), ("files: look",), 61)
    (dead,) = flows([silent], NOW)
    assert dead.state == "silent"
    (unsure,) = flows([STATE, replace(STATE, stream="x", age_s=None)], NOW)
    assert unsure.oldest_s is None
