"""Orders of operators: what is in force when, and what a stream does that is told to pause."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from structlog.testing import capture_logs

from ingest import runner
from ingest.control import Orders
from ingest.limit import RateLimit
from ingest.memory import MemoryCursors, MemoryPublisher
from ingest.runner import Runner, Tools
from ingest.source import Change, Page, Record, Stream, Target
from ingest.testing import HASH_KEY, KEY, Polls
from ioc.contracts.control import Action, Control, Feed
from ioc.deadletters import Sealer
from ioc.errors import RetriableError
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.topics import CURSORS, FEEDS

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=50, cap=False):
        yield


def order(
    action: Action = "pause", stream: str = "", begins: datetime = LONG_AGO, ends: datetime | None = None
) -> Control:
    return Control(
        source="s", stream=stream, action=action, begins=begins, ends=ends, reason="because", ordered_at=begins
    )


def give(orders: Orders, *given: Control) -> None:
    for one in given:
        orders.take(one.key, one.model_dump_json().encode())


@pytest.mark.parametrize(
    ("stream", "ends", "asked", "at", "active"),
    [
        ("", None, "a", NOON, True),
        ("a", None, "a", NOON, True),
        ("b", None, "a", NOON, False),
        ("", NOON, "a", NOON, False),
        ("", NOON, "a", NOON - timedelta(microseconds=1), True),
        ("", None, "a", LONG_AGO - timedelta(seconds=1), False),
    ],
)
def test_an_order_is_in_force_for_its_streams_between_its_moments(
    stream: str, ends: datetime | None, asked: str, at: datetime, active: bool
) -> None:
    orders = Orders()
    give(orders, order(stream=stream, ends=ends))
    assert (orders.active("pause", "s", asked, at) is not None) == active
    assert orders.active("pause", "t", asked, at) is None
    assert orders.active("maintenance", "s", asked, at) is None


def test_the_newest_version_of_an_order_counts_and_a_bad_one_is_reported_and_left_out() -> None:
    orders = Orders()
    give(orders, order(), order(ends=NOON))
    assert orders.active("pause", "s", "a", NOON) is None
    with capture_logs() as logs:
        orders.take(b"x", b"{}")
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert len(list(orders.all())) == 1
    orders.take(order().key, None)
    assert list(orders.all()) == []


class Numbers(Stream):
    """Pages of one record; calls `reached` before each."""

    name, stream, targets = "s", "a", (Target("dossier", "rating"),)

    def __init__(self, pages: int, reached: dict[int, object]) -> None:
        self.count, self.reached = pages, reached

    def pages(self, cursor: str | None) -> Iterator[Page]:
        for number in range(int(cursor or 0), self.count):
            happens = self.reached.pop(number, None)
            if isinstance(happens, Exception):
                raise happens
            if callable(happens):
                happens()
            yield Page([Record(b"%d" % number, {"rating": 1 + number % 5})], str(number + 1), NOON)

    def read(self, record: Record) -> Change:
        return Change(record.raw.decode(), "", 1000, {"rating": record.fields["rating"], "rated_at": NOON})


def run(source: Numbers, orders: Orders, publisher: MemoryPublisher, polls: int) -> bool:
    tools = Tools(
        publisher, MemoryCursors(publisher), Sealer(KEY), Pseudonyms(HASH_KEY), Metrics("ingest"), RateLimit(1e9),
        FloodSettings(), 0.0, Polls(polls), orders,
    )  # fmt: skip
    return Runner(source, tools).run()


def test_a_paused_stream_finishes_its_page_keeps_its_cursor_and_goes_on_from_there() -> None:
    orders, publisher = Orders(), MemoryPublisher()
    source = Numbers(6, {2: lambda: give(orders, order())})
    assert run(source, orders, publisher, polls=3)
    assert MemoryCursors(publisher).load("s", "a") == "3"
    beaten = [Feed.model_validate_json(value) for value in publisher.values(FEEDS.name)]
    assert sum(feed.records for feed in beaten) <= 3
    before = len(publisher.messages)
    assert run(source, orders, publisher, polls=5), "started again it is still paused"
    assert len(publisher.messages) == before, "a stream that reads nothing has no heartbeat"
    give(orders, order(ends=NOON))
    assert run(source, orders, publisher, polls=1)
    assert MemoryCursors(publisher).load("s", "a") == "6"
    assert len(publisher.values("events.dossier")) == 6
    assert len(publisher.values(CURSORS.name)) == 6


def test_a_pause_ends_the_trying_of_a_source_that_fails() -> None:
    orders, publisher = Orders(), MemoryPublisher()
    failing = RetriableError("away")

    class Away(Numbers):
        tried = 0

        def pages(self, cursor: str | None) -> Iterator[Page]:
            del cursor
            self.tried += 1
            if self.tried == 3:
                give(orders, order(stream="a"))
            raise failing
            yield

    source = Away(1, {})
    assert run(source, orders, publisher, polls=4)
    assert source.tried == 3
    assert publisher.messages == []


def test_failures_in_planned_maintenance_are_no_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    def levels(orders: Orders) -> set[str]:
        source = Numbers(1, {})
        left = [12]

        def pages(cursor: str | None) -> Iterator[Page]:
            left[0] -= 1
            if left[0]:
                raise RetriableError("away")
            yield Page([], "1", NOON)

        monkeypatch.setattr(source, "pages", pages)
        with capture_logs() as logs:
            assert run(source, orders, MemoryPublisher(), polls=1)
        return {entry["log_level"] for entry in logs if "failures" in entry}

    orders = Orders()
    assert levels(orders) == {"warning", "error"}
    give(orders, order("maintenance", ends=datetime(2190, 1, 1, tzinfo=UTC)))
    assert levels(orders) == {"warning"}


def test_a_paused_stream_looks_often_enough() -> None:
    assert runner.PAUSED_LOOK_S < 2
