"""The runner's helpers: retries, rate limit, heartbeats, memory; and streams that do not disturb one another."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from ingest.convert import Harvest as PageHarvest
from ingest.heartbeat import EVERY_S, IDLE_S, Heartbeat
from ingest.limit import RateLimit
from ingest.memory import MemoryPublisher
from ingest.recent import Recent
from ingest.retry import Stop, StoppedError, until_done
from ingest.source import Change, Page, Record, RetryLaterError, Stream, Target
from ingest.testing import Harvest, run_stream
from ioc.contracts.control import Feed
from ioc.errors import FatalError, RetriableError
from ioc.topics import FEEDS

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=50, cap=False):
        yield


class Calls:
    def __init__(self, *outcomes: Exception | int) -> None:
        self.outcomes = list(outcomes)
        self.failures: list[RetriableError] = []

    def __call__(self) -> int:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_retriable_errors_are_tried_again_and_told() -> None:
    calls = Calls(RetriableError("a"), RetryLaterError("b", 3), 7)
    assert until_done(calls, Stop(), calls.failures.append, in_hand=False) == 7
    assert [str(error) for error in calls.failures] == ["a", "b"]


@pytest.mark.parametrize("error", [FatalError("x"), ValueError("x")])
def test_other_errors_are_not_tried_again(error: Exception) -> None:
    with pytest.raises(type(error), match="x"):
        until_done(Calls(error, 1), Stop(), lambda _: None, in_hand=False)


def test_a_stop_ends_the_trying_at_once_and_what_is_in_hand_after_its_grace() -> None:
    stop = Stop(grace_s=0)
    stop.set()
    with pytest.raises(StoppedError):
        until_done(Calls(RetriableError("a"), 1), stop, lambda _: None, in_hand=True)
    stop = Stop(grace_s=1000)
    stop.set()
    with pytest.raises(StoppedError):
        until_done(Calls(RetriableError("a"), 1), stop, lambda _: None, in_hand=False)
    assert until_done(Calls(RetriableError("a"), 1), stop, lambda _: None, in_hand=True) == 1


def test_requests_are_spaced_by_the_limit() -> None:
    clock = [100.0]
    slept: list[float] = []
    limit = RateLimit(4, monotonic=lambda: clock[0], sleep=slept.append)
    for _ in range(3):
        limit.wait()
    clock[0] += 10
    limit.wait()
    assert slept == [0.25, 0.5]


def test_the_oldest_members_are_forgotten_first() -> None:
    recent = Recent(3)
    recent.update("abcd")
    recent.update("e")
    assert [member in recent for member in "abcde"] == [False, False, True, True, True]
    assert len(recent) == 3


def test_heartbeats_come_at_once_when_all_is_read_and_seldom_when_nothing_is_new() -> None:
    publisher, clock = MemoryPublisher(), [0.0]
    heartbeat = Heartbeat(Scripted("a"), publisher, monotonic=lambda: clock[0])

    def beaten(nothing_more: bool) -> bool:
        before = len(publisher.messages)
        heartbeat.beat(NOW, nothing_more)
        return len(publisher.messages) > before

    def read(events: int, late: int) -> PageHarvest:
        return PageHarvest(events=events, late=late)

    assert beaten(nothing_more=True)
    clock[0] += IDLE_S - 0.1
    assert not beaten(nothing_more=True)
    heartbeat.add(NOW, read(5, 2))
    assert beaten(nothing_more=True)
    heartbeat.add(NOW + timedelta(seconds=1), read(2, 0))
    assert not beaten(nothing_more=False)
    clock[0] += EVERY_S
    assert beaten(nothing_more=False)
    feeds = [Feed.model_validate_json(value) for value in publisher.values(FEEDS.name)]
    assert [(feed.records, feed.kinds, feed.late) for feed in feeds] == [
        (0, "dossier", 0),
        (5, "dossier", 2),
        (2, "dossier", 0),
    ]
    assert feeds[2].source_time == NOW + timedelta(seconds=1)


class Scripted(Stream):
    """A source in memory."""

    name, targets = "scripted", (Target("dossier", "rating"),)

    def __init__(self, stream: str, *records: int | Exception) -> None:
        self.stream = stream
        self.script = records
        self.read_by: list[str] = []

    def pages(self, cursor: str | None) -> Iterator[Page]:
        start = int(cursor or 0)
        for number, record in list(enumerate(self.script))[start:]:
            if isinstance(record, Exception):
                raise record
            yield Page([Record(b"%d" % record, {"rating": record})], str(number + 1), NOW)

    def read(self, record: Record) -> Change:
        self.read_by.append(threading.current_thread().name)
        rating = record.fields["rating"]
        if rating == 13:
            raise KeyError("a defect that holds CANARY")
        return Change(f"e{rating}", "", rating, {"rating": rating, "rated_at": NOW})

    def place(self, record: Record) -> str:
        return record.raw.decode()


def test_a_defect_in_one_stream_is_reported_without_its_text_and_stops_only_that_stream(
    capsys: pytest.CaptureFixture[str],
) -> None:
    harvest = Harvest(MemoryPublisher())
    assert not run_stream(Scripted("a", 1, 13, 2), harvest)
    assert run_stream(Scripted("b", 3), harvest)
    assert {event["entity"] for event in harvest.events()} == {"e1", "e3"}
    said = capsys.readouterr()
    assert "KeyError" in said.out + said.err
    assert "CANARY" not in said.out + said.err


def test_a_fatal_error_leaves_the_cursor_where_everything_was_acknowledged() -> None:
    harvest = Harvest(MemoryPublisher())
    assert not run_stream(Scripted("a", 1, 2, FatalError("login refused")), harvest)
    assert harvest.publisher.ahead == []
    again = Scripted("a", 1, 2, 4)
    assert run_stream(again, harvest)
    assert len(again.read_by) == 1


def test_a_record_older_than_what_was_read_before_counts_as_late() -> None:
    harvest = Harvest(MemoryPublisher())
    assert run_stream(Scripted("a", 3, 5, 4, 5), harvest)
    assert sum(feed.late for feed in harvest.feeds()) == 1
    assert sum(feed.records for feed in harvest.feeds()) == 3
