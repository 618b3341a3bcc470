"""The suite that every source must pass: nothing lost, nothing twice, nothing personal, whatever goes wrong."""

import random
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest
import stamina
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from ingest.boundary import BoundaryConformance
from ingest.memory import MemoryPublisher
from ingest.testing import KEY, Harvest, KilledError, Rig, Version, run
from ioc import topics
from ioc.contracts.decoder import decoder
from ioc.contracts.event import MAX_EVENTS_A_MESSAGE, MAX_MESSAGE_BYTES
from ioc.deadletters import Sealer
from ioc.errors import RetriableError
from ioc.kafka.partition import partition_of
from ioc.settings import FloodSettings

WAYS: Mapping[str, tuple[str, ...]] = {
    "all of it, once": (
        "test_everything_is_read_once",
        "test_messages_are_arrays_of_one_partition_that_the_contract_accepts",
    ),
    "resume": (
        "test_a_restart_goes_on_from_the_cursor",
        "test_killed_at_any_moment_it_ends_equal",
        "test_it_goes_on_after_any_page",
    ),
    "cursor behind the acknowledgement": (
        "test_the_cursor_is_never_ahead_of_the_acknowledgement",
        "test_a_page_that_is_lost_on_its_way_comes_again",
    ),
    "duplicates": ("test_a_second_poll_publishes_nothing_again", "test_duplicates_count_once"),
    "out of order": ("test_the_order_within_a_page_does_not_matter",),
    "poison": ("test_bad_records_cost_only_themselves", "test_a_flood_of_bad_records_stops_its_stream_and_no_other"),
    "huge": ("test_a_huge_text_that_nobody_reads_changes_nothing", "test_pages_are_bounded"),
    "slow": ("test_a_slow_reader_loses_nothing",),
    "faults of the source": (
        "test_each_fault_costs_nothing_but_its_own_records",
        "test_all_faults_together",
        "test_answers_that_stay_unreadable_hold_the_stream_at_its_cursor",
    ),
    "schema drift": (
        "test_unknown_fields_are_counted_and_stay",
        "test_a_missing_field_is_refused_or_null",
        "test_a_changed_type_is_never_null",
    ),
    "empty page": ("test_empty_pages_are_no_end_and_no_beginning",),
    "clock skew": (
        "test_heartbeats_tell_how_far_each_stream_was_read",
        "test_a_clock_that_differs_loses_nothing",
    ),
    "personal data": ("test_no_personal_text_leaves_the_connector", "test_refusals_repeat_no_value"),
}
"""Each way in which a source is tried, and its tests."""


def only_true(versions: Mapping[Version, Any], baseline: Mapping[Version, Any]) -> dict[Version, Any]:
    """The versions of entities that the undisturbed run knows."""
    known = {key.entity for key in baseline}
    return {key: value for key, value in versions.items() if key.entity in known}


class SourceConformance(BoundaryConformance):
    """What every source must hold. Subclasses give the fixture `rig`, best with a wider scope than a test."""

    @pytest.fixture
    def rig(self) -> Rig:
        """The source under test."""
        raise NotImplementedError("give a fixture `rig`")

    @pytest.fixture(autouse=True)
    def no_waiting(self) -> Iterator[None]:
        """Retries come without pauses, and end after 200 in a row."""
        with stamina.set_testing(True, attempts=200, cap=False):
            yield

    @pytest.fixture
    def baseline(self, rig: Rig) -> Harvest:
        """An undisturbed run, one for all tests of a class as long as their rigs are equal. Only for reading."""
        cls = type(self)
        known: tuple[Rig, int, Harvest] | None = cls.__dict__.get("_known_baseline")
        if known is None or known[0] != rig or known[1] != rig.versions:
            known = (rig, rig.versions, run(rig.system(), MemoryPublisher()))
            cls._known_baseline = known
        return known[2]

    _known_baseline: ClassVar[tuple[Rig, int, Harvest] | None] = None

    def test_everything_is_read_once(self, rig: Rig, baseline: Harvest) -> None:
        """All versions, none twice, no letters, no cursor ahead."""
        assert len(baseline.events()) == len(baseline.versions()) == rig.versions
        assert baseline.letters() == {}
        assert baseline.publisher.ahead == []
        assert baseline.ended_well == [True] * rig.streams

    def test_messages_are_arrays_of_one_partition_that_the_contract_accepts(self, baseline: Harvest) -> None:
        """1 to 500 events, at most 512 KiB, each entity in its partition, decoded by the hot path's decoder."""
        sizes = []
        for message in baseline.publisher.messages:
            what, _, kind = message.topic.partition(".")
            if what != "events":
                continue
            events = decoder(kind)(message.value)
            sizes.append(len(events))
            assert len(message.value) <= MAX_MESSAGE_BYTES
            assert {partition_of(event.entity, topics.PARTITIONS) for event in events} == {message.partition}
        assert sizes
        assert 1 <= min(sizes) <= max(sizes) <= MAX_EVENTS_A_MESSAGE

    def test_a_second_poll_publishes_nothing_again(self, rig: Rig, baseline: Harvest) -> None:
        """What the overlap reads again was published before."""
        again = run(rig.system(), MemoryPublisher(), polls=3)
        assert len(again.events()) == len(baseline.events())

    def test_heartbeats_tell_how_far_each_stream_was_read(self, rig: Rig, baseline: Harvest) -> None:
        """One at least for each stream, also for one without records; together they count what was read."""
        feeds = baseline.feeds()
        assert len({feed.stream for feed in feeds}) == rig.streams
        assert sum(feed.records for feed in feeds if not feed.unit) == rig.versions
        last = {feed.stream: feed for feed in feeds if not feed.unit}
        assert all(feed.source_time is not None and feed.source_time <= feed.read_at for feed in last.values())

    def test_a_restart_goes_on_from_the_cursor(self, rig: Rig, baseline: Harvest) -> None:
        """It reads the overlap at most, and ends equal."""
        first = run(rig.system(), MemoryPublisher())
        before = len(first.events())
        again = run(rig.system(), first.publisher)
        assert again.versions() == baseline.versions()
        assert len(again.events()) - before < max(2, rig.versions // 2)

    @pytest.mark.parametrize("seed", range(8))
    def test_killed_at_any_moment_it_ends_equal(self, rig: Rig, baseline: Harvest, seed: int) -> None:
        """Killed again and again, before, between and after publishing and acknowledgement."""
        draw = random.Random(seed)
        left = [draw.randrange(1, 40)]

        def kill(_what: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise KilledError

        publisher = MemoryPublisher(disturb=kill)
        harvest = Harvest(publisher)
        for _ in range(200):
            try:
                harvest = run(rig.system(), publisher)
                break
            except KilledError:
                publisher.forget()
                left[0] = draw.randrange(1, 200)
        assert harvest.ended_well == [True] * rig.streams
        assert harvest.versions() == baseline.versions()
        assert publisher.ahead == []

    @pytest.mark.parametrize("seed", range(3))
    def test_the_cursor_is_never_ahead_of_the_acknowledgement(self, rig: Rig, baseline: Harvest, seed: int) -> None:
        """A broker that fails every fourth time."""
        draw = random.Random(seed)

        def fail(what: str) -> None:
            if draw.random() < 0.25:
                raise RetriableError(what)

        # Fifteen messages must pass in one attempt, so most attempts fail; only the trying must not end.
        with stamina.set_testing(True, attempts=100_000, cap=False):
            harvest = run(rig.system(), MemoryPublisher(disturb=fail))
        assert harvest.versions() == baseline.versions()
        assert harvest.publisher.ahead == []

    def test_each_fault_costs_nothing_but_its_own_records(self, rig: Rig, baseline: Harvest) -> None:
        """Every fault, now and then: the true versions are all there, bad records are dead letters with their reason."""
        for fault in rig.faults:
            with rig.misbehave(fault.name, 0.3) as fired:
                harvest = run(rig.system(), MemoryPublisher(), polls=8)
                assert fired() > 0, fault.name
            assert only_true(harvest.versions(), baseline.versions()) == baseline.versions(), fault.name
            assert {letter.reason for letter in harvest.letters().values()} == fault.letters, fault.name
            assert harvest.publisher.ahead == [], fault.name
            if not fault.extra:
                assert len(harvest.versions()) == rig.versions, fault.name

    def test_all_faults_together(self, rig: Rig, baseline: Harvest) -> None:
        """Nothing is lost either when everything goes wrong at once."""
        switched = [rig.misbehave(fault.name, 0.08) for fault in rig.faults]
        for one in switched:
            one.__enter__()
        try:
            harvest = run(rig.system(), MemoryPublisher(), polls=8)
        finally:
            for one in switched:
                one.__exit__(None, None, None)
        assert only_true(harvest.versions(), baseline.versions()) == baseline.versions()
        assert harvest.publisher.ahead == []

    def test_answers_that_stay_unreadable_hold_the_stream_at_its_cursor(self, rig: Rig, baseline: Harvest) -> None:
        """Late with an alert, never skipped; it goes on when the source is well again."""
        publisher = MemoryPublisher()
        few = stamina.set_testing(True, attempts=20, cap=False)
        with rig.misbehave(rig.garbage, 1.0), capture_logs() as logs, few:
            harvest = run(rig.system(), publisher)
        assert publisher.values(topics.CURSORS.name) == []
        assert harvest.letters() == {}
        assert harvest.events() == []
        assert any(entry["log_level"] == "error" for entry in logs)
        assert run(rig.system(), publisher).versions() == baseline.versions()

    def test_a_flood_of_bad_records_stops_its_stream_and_no_other(self, rig: Rig) -> None:
        """An alert, letters to look at, the cursor before the flood; read in full after the fix."""
        publisher = MemoryPublisher()
        with rig.misbehave(rig.poison.name, 1.0), capture_logs() as logs:
            flooded = run(rig.system(), publisher, flood=FloodSettings(run=1))
        assert False in flooded.ended_well
        assert sum(entry["log_level"] == "critical" for entry in logs) == flooded.ended_well.count(False)
        assert {letter.reason for letter in flooded.letters().values()} == rig.poison.letters
        assert sum(feed.rejected for feed in flooded.feeds()) == flooded.ended_well.count(False)
        fatal = flooded.metrics.registry.get_sample_value("ioc_errors_total", {"stage": "ingest", "error": "fatal"})
        assert fatal == flooded.ended_well.count(False)
        assert len(run(rig.system(), publisher).versions()) == rig.versions

    def test_no_personal_text_leaves_the_connector(self, rig: Rig) -> None:
        """Not in a message, a key, a log line or a metric, also when records are bad; a letter opens with the key only."""
        with capture_logs() as logs:
            switched = [rig.misbehave(fault.name, 0.5) for fault in rig.faults if fault.letters or fault.extra]
            for one in switched:
                one.__enter__()
            try:
                harvest = run(rig.system(), MemoryPublisher(), polls=8)
            finally:
                for one in switched:
                    one.__exit__(None, None, None)
        letters = harvest.letters().values()
        assert letters
        opened = b"".join(Sealer(KEY).open(letter) for letter in letters).decode().lower()
        everything = [
            *(m.value for m in harvest.publisher.messages),
            *(m.key or b"" for m in harvest.publisher.messages),
        ]
        everything += [repr(logs).encode(), generate_latest(harvest.metrics.registry)]
        for canary in rig.canaries:
            assert canary in opened, "the canary is not in the source's personal fields"
            assert not [text for text in everything if canary.encode() in text.lower()]
