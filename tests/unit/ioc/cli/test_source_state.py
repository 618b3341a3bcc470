"""What a stream is doing, put together; and how operators write moments and names."""

from datetime import UTC, datetime, timedelta

import pytest

from ioc.cli.orders import ended, moment, split
from ioc.cli.source_state import put_together
from ioc.cli.units import Unit, find, toml_line
from ioc.contracts.control import Action, Control, Cursor
from ioc.errors import ConfigError
from sinks.feeds import FeedState

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def feed(stream: str, beaten_s: int) -> FeedState:
    read_at = NOW - timedelta(seconds=beaten_s)
    return FeedState("s", stream, "", "", ("k",), read_at, read_at, beaten_s, 0, "fresh", 1, 9, 2, 0, ("new",), "look")


def order(action: Action, stream: str, begins_s: int, ends_s: int | None, reason: str = "why") -> Control:
    def at(seconds: int) -> datetime:
        return NOW + timedelta(seconds=seconds)

    ends = None if ends_s is None else at(ends_s)
    return Control(
        source="s", stream=stream, action=action, begins=at(begins_s), ends=ends, reason=reason, ordered_at=NOW
    )


def states(*given: Control) -> dict[str, tuple[str, str]]:
    cursors = {("s", "b"): Cursor(source="s", stream="b", position="1", saved_at=NOW - timedelta(seconds=5))}
    found = put_together([feed("a", 3), feed("old", 61)], cursors, given, {"s/a": 7}, NOW)
    return {one.stream: (one.state, one.why) for one in found}


def test_a_stream_without_heartbeat_is_stuck_unless_it_was_told_to_be_silent() -> None:
    assert {stream: state for stream, (state, _) in states().items()} == {"a": "running", "old": "stuck", "b": "stuck"}
    paused = states(order("pause", "", -10, None))
    assert {state for state, _ in paused.values()} == {"paused"}
    planned = states(order("maintenance", "old", -10, 10))
    assert planned["old"] == ("maintenance", "maintenance from 2026-03-02 06:59 until 2026-03-02 07:00: why")
    assert planned["a"] == ("running", "")
    both = states(order("maintenance", "", -10, 10), order("pause", "old", -10, None))
    assert (both["old"][0], both["a"][0]) == ("paused", "maintenance")


def test_what_is_over_or_taken_back_is_forgotten_and_what_comes_is_told() -> None:
    assert states(order("maintenance", "old", -20, -10))["old"][0] == "stuck"
    assert states(order("maintenance", "old", 10, 20))["old"] == (
        "stuck",
        "planned: maintenance from 2026-03-02 07:00 until 2026-03-02 07:00: why",
    )
    assert states(order("maintenance", "a", 10, 10))["a"] == ("running", "")
    assert ended(order("pause", "a", -9, None), NOW).ends == NOW
    assert ended(order("maintenance", "a", 9, 20), NOW).ends == NOW + timedelta(seconds=9)


def test_the_figures_of_a_stream() -> None:
    cursor = Cursor(source="s", stream="a", position="1", saved_at=NOW - timedelta(seconds=5))
    (one,) = put_together([feed("a", 3)], {("s", "a"): cursor}, [], {"s/a": 7}, NOW)
    assert (one.name, one.cursor_age_s, one.heartbeat_age_s, one.records_day, one.rejected_day) == ("s/a", 5, 3, 9, 2)
    assert (one.unknown_fields, one.lag, one.alert) == (("new",), 7, "look")
    assert one.as_json()["state"] == "running"


def test_moments_are_local_without_an_offset() -> None:
    assert moment("2026-03-02T07:00") == NOW
    assert moment("2026-03-02T00:00Z") == NOW
    assert abs(moment("now") - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(ConfigError, match="is no moment"):
        moment("tomorrow")


def test_names_of_streams() -> None:
    assert (split("hub"), split("hub/calls")) == (("hub", ""), ("hub", "calls"))
    with pytest.raises(ConfigError, match="neither SOURCE"):
        split("/calls")


UNITS = [
    Unit("000.00.04.H12", "Sở Xây dựng", ["H12.04"]),
    Unit("000.00.06.H12", "Sở Nội vụ", []),
    Unit("000.01.25.H12", "UBND huyện Đầm Dơi", []),
]


@pytest.mark.parametrize("wanted", ["000.00.04.H12", "H12.04"])
def test_a_unit_is_found_by_code_and_alias(wanted: str) -> None:
    assert find(UNITS, wanted).code == "000.00.04.H12"


@pytest.mark.parametrize(
    ("wanted", "near"), [("000.00.40.H12", "000.00.04.H12"), ("so noi vu", "Sở Nội vụ"), ("dam doi", "Đầm Dơi")]
)
def test_an_unknown_unit_is_refused_with_near_ones(wanted: str, near: str) -> None:
    with pytest.raises(ConfigError, match=f"there is no unit {wanted}; near: .*{near}"):
        find(UNITS, wanted)


def test_the_line_for_the_profile() -> None:
    assert toml_line(UNITS[0], "ĐV 4") == 'aliases = ["H12.04", "ĐV 4"]'
