"""Deletions found by comparing listings: what is published, what is refused, what lives again, and kills at any point."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from structlog.testing import capture_logs

from ingest import heartbeat
from ingest.control import Orders
from ingest.gone import Gone
from ingest.limit import RateLimit
from ingest.listing import buckets_of, decode
from ingest.memory import MemoryCursors, MemoryPublisher
from ingest.runner import Runner, Tools
from ingest.source import Change, Listed, Page, Record, Stream, Target
from ingest.testing import HASH_KEY, KEY, Harvest, KilledError, Polls
from ioc import clock, topics
from ioc.contracts.control import Control, Feed
from ioc.contracts.event import unix_ms
from ioc.deadletters import Sealer
from ioc.errors import RetriableError
from ioc.kafka.producer import Delivery
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings, ListingSettings

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
CASES = Target("dossier", "case")


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=50, cap=False):
        yield


@pytest.fixture(autouse=True)
def tick(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """A clock that goes on by a second whenever somebody looks; in milliseconds."""
    looked = itertools.count(1)

    def now() -> datetime:
        return MOMENT + timedelta(seconds=next(looked))

    monkeypatch.setattr(clock, "now", now)
    return lambda: unix_ms(now())


class MemoryListings:
    """Listings in the messages of a `MemoryPublisher`."""

    def __init__(self, publisher: MemoryPublisher) -> None:
        self.publisher = publisher

    def load(self, source: str, stream: str) -> dict[int, bytes]:
        saved = {m.key or b"": m.value for m in self.publisher.messages if m.topic == topics.LISTINGS.name}
        return buckets_of(source, stream, saved)

    def save(self, source: str, stream: str, bucket: int, value: bytes) -> Delivery:
        key = f"{source}/{stream}/{bucket}".encode()
        return self.publisher.publish(topics.LISTINGS.name, 0, value, key)


class Things(Stream):
    """A source that has what `has` says: entity → (update time, rating). Reads by position in `log`, as a journal."""

    name, stream = "s", "a"

    def __init__(self, target: Target = CASES) -> None:
        self.targets = (target,)
        self.log: list[tuple[str, int, int]] = []
        self.has: dict[str, str] = {}
        self.breaks_off: int | None = None

    def put(self, entity: str, updated_ms: int, supplements: int = 0) -> None:
        self.log.append((entity, updated_ms, supplements))
        self.has[entity] = "H12"

    def pages(self, cursor: str | None) -> Iterator[Page]:
        start = int(cursor or 0)
        records = [
            Record(repr(line).encode(), dict(zip("eus", line, strict=True)))
            for line in self.log[start:]
            if line[0] in self.has
        ]
        yield Page(records, str(len(self.log)), MOMENT)

    def read(self, record: Record) -> Change:
        fields = record.fields
        data = {
            "procedure": "1", "field": "f", "applicant_type": "person", "channel": "post", "status": "received",
            "received_at": None, "due_at": None, "finished_at": None, "returned_at": None,
            "supplements": fields["s"], "extensions": 0, "fee_vnd": None, "paid_online": None, "components": None,
            "components_digitised": None, "components_reused": None, "result_digitised": None, "vneid": None,
        }  # fmt: skip
        return Change(fields["e"], "H12", fields["u"], data)

    def listing(self) -> Iterator[Listed] | None:
        return self._listing()

    def _listing(self) -> Iterator[Listed]:
        for number, (entity, unit) in enumerate(list(self.has.items())):
            if number == self.breaks_off:
                raise RetriableError("broke off")
            yield Listed(entity, unit)


def run(
    source: Things,
    publisher: MemoryPublisher,
    orders: Orders | None = None,
    polls: int = 1,
    settings: ListingSettings | None = None,
) -> Harvest:
    metrics = Metrics("ingest")
    tools = Tools(
        publisher, MemoryCursors(publisher), Sealer(KEY), Pseudonyms(HASH_KEY), metrics, RateLimit(1e9),
        FloodSettings(), 0.0, Polls(polls), orders or Orders(), MemoryListings(publisher),
        settings or ListingSettings(max_lost=5, max_lost_share=0.5), 0.0,
    )  # fmt: skip
    harvest = Harvest(publisher, metrics)
    harvest.ended_well.append(Runner(source, tools).run())
    return harvest


def alive(publisher: MemoryPublisher) -> dict[str, int]:
    """Entities that are not deleted, as every engine sees them: by their greatest version; with their content."""
    newest: dict[str, dict[str, object]] = {}
    for event in Harvest(publisher).events():
        known = newest.get(event["entity"])
        if known is None or event["version"] >= known["version"]:
            newest[event["entity"]] = event
    return {
        entity: event["data"]["supplements"]  # type: ignore[index]
        for entity, event in newest.items()
        if not event["deleted"]
    }


def kept(publisher: MemoryPublisher) -> tuple[set[str], set[str]]:
    """What the store lists, and what it marks as gone."""
    buckets = [decode(raw) for raw in MemoryListings(publisher).load("s", "a").values()]
    return {e for b in buckets for e in b.listed}, {e for b in buckets for e in b.gone}


def filled(count: int = 30) -> Things:
    source = Things()
    for number in range(count):
        source.put(f"e{number}", 1000 + number)
    return source


def test_what_is_no_longer_listed_is_published_as_deleted_and_only_changed_buckets_are_written() -> None:
    source, publisher = filled(), MemoryPublisher()
    run(source, publisher)
    assert len(alive(publisher)) == 30
    assert kept(publisher) == (set(source.has), set())
    written = len(publisher.values(topics.LISTINGS.name))
    run(source, publisher)
    assert len(publisher.values(topics.LISTINGS.name)) == written, "nothing has changed"
    del source.has["e3"], source.has["e17"]
    harvest = run(source, publisher)
    assert set(alive(publisher)) == set(source.has)
    assert kept(publisher) == (set(source.has), {"e3", "e17"})
    assert len(publisher.values(topics.LISTINGS.name)) <= written + 4
    deletions = [event for event in harvest.events() if event["deleted"]]
    assert {(event["entity"], event["unit"], event["data"]) for event in deletions} == {
        ("e3", "H12", None),
        ("e17", "H12", None),
    }
    assert publisher.ahead == []


def test_a_listing_that_breaks_off_counts_for_nothing() -> None:
    source, publisher = filled(), MemoryPublisher()
    run(source, publisher)
    source.breaks_off = 3
    before = kept(publisher)
    assert run(source, publisher).ended_well == [True]
    assert kept(publisher) == before
    assert len(alive(publisher)) == 30
    source.breaks_off = None
    del source.has["e0"]
    run(source, publisher)
    assert set(alive(publisher)) == set(source.has)


@pytest.mark.parametrize("left", [0, 10])
def test_a_listing_that_has_lost_suddenly_much_is_refused_until_it_is_accepted(
    left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "IDLE_S", 0.0)
    source, publisher, orders = filled(), MemoryPublisher(), Orders()
    run(source, publisher)
    for number in range(left, 30):
        del source.has[f"e{number}"]
    with capture_logs() as logs:
        run(source, publisher, orders, polls=2)
    assert [entry["gone"] for entry in logs if entry["log_level"] == "error"] == [30 - left] * 2
    assert len(alive(publisher)) == 30
    alerts = [Feed.model_validate_json(value).alert for value in publisher.values(topics.FEEDS.name)]
    assert alerts[0] == ""
    assert alerts[-1].startswith(
        f"listing refused: {30 - left} of 30 would be deleted; `ioc source accept-listing s/a`"
    )
    order = Control(
        source="s", stream="a", action="accept_listing", begins=MOMENT, ends=None, reason="moved", ordered_at=MOMENT
    )
    orders.take(order.key, order.model_dump_json().encode())
    run(source, publisher, orders)
    assert set(alive(publisher)) == set(source.has)
    (spent,) = (Control.model_validate_json(value) for value in publisher.values(topics.CONTROLS.name))
    assert spent.ends is not None
    assert spent.key == order.key
    assert orders.active("accept_listing", "s", "a", spent.ends) is None, "it was for one listing"


def test_a_small_source_may_lose_most_of_what_it_had() -> None:
    source, publisher = filled(6), MemoryPublisher()
    run(source, publisher)
    for number in range(5):
        del source.has[f"e{number}"]
    run(source, publisher)
    assert set(alive(publisher)) == {"e5"}


def test_what_is_listed_again_unchanged_lives_again_with_its_newest_content(tick: Callable[[], int]) -> None:
    source, publisher = filled(), MemoryPublisher()
    source.put("e3", 5000, supplements=1)
    source.put("e3", 6000, supplements=2)
    run(source, publisher)
    del source.has["e3"]
    run(source, publisher)
    assert "e3" not in alive(publisher)
    source.has["e3"] = "H12"
    run(source, publisher)
    assert alive(publisher)["e3"] == 2
    assert kept(publisher)[1] == set(), "it is no longer marked"
    source.put("e3", tick(), supplements=3)
    run(source, publisher)
    assert alive(publisher)["e3"] == 3, "what is truly newer wins"
    del source.has["e3"]
    run(source, publisher)
    assert "e3" not in alive(publisher)


def test_a_change_after_the_deletion_needs_no_listing_to_live_again(tick: Callable[[], int]) -> None:
    source, publisher = filled(), MemoryPublisher()
    run(source, publisher)
    del source.has["e3"]
    run(source, publisher)
    source.put("e3", tick(), supplements=4)
    source.breaks_off = 0
    run(source, publisher)
    assert alive(publisher)["e3"] == 4


def personal_target() -> Target:
    from ioc.contracts.kinds import KINDS

    return next(
        Target(kind.name, facet.name)
        for kind in KINDS.values()
        for facet in kind.facets[:1]
        if facet.data.PERSONAL_ENTITY
    )


def test_of_persons_only_pseudonyms_are_kept_and_published() -> None:
    source, publisher = Things(personal_target()), MemoryPublisher()
    source.has = {f"CANARY{number}": "H12" for number in range(9)}
    run(source, publisher)
    del source.has["CANARY3"]
    run(source, publisher)
    pseudonym = Pseudonyms(HASH_KEY).of("CANARY3")
    (deletion,) = Harvest(publisher).events()
    assert (deletion["entity"], deletion["deleted"]) == (pseudonym, True)
    buckets = [decode(raw) for raw in MemoryListings(publisher).load("s", "a").values()]
    assert {entity for b in buckets for entity in b.gone} == {pseudonym}
    everything = repr(buckets) + repr([m for m in publisher.messages if m.topic != topics.LISTINGS.name])
    assert "CANARY" not in everything


@pytest.mark.parametrize("seed", range(12))
def test_killed_at_any_point_it_ends_equal(seed: int, tick: Callable[[], int]) -> None:
    """Deletions, returns and new things, with a kill somewhere in most runs, and brokers that fail now and then."""
    draw = random.Random(seed)
    left = [0]

    def disturb(what: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        if draw.random() < 0.02:
            raise RetriableError(what)

    publisher, source = MemoryPublisher(disturb=disturb), filled(20)
    truth: Mapping[str, str] = source.has
    for step in range(25):
        for _ in range(draw.randrange(3)):
            entity = f"e{draw.randrange(22)}"
            match draw.randrange(3):
                case 0:
                    source.put(entity, tick(), supplements=step)
                case 1 if entity in kept(publisher)[0]:  # what no listing ever had cannot be missed
                    source.has.pop(entity, None)
                case 2 if any(line[0] == entity for line in source.log):
                    source.has[entity] = "H12"
        left[0] = draw.randrange(1, 60)
        try:
            run(source, publisher)
        except KilledError:
            publisher.forget()
    left[0] = 10**9
    for _ in range(3):
        assert run(source, publisher).ended_well == [True]
    assert set(alive(publisher)) == set(truth)
    newest = {entity: (updated, supplements) for entity, updated, supplements in sorted(source.log, key=lambda x: x[1])}
    assert alive(publisher) == {entity: newest[entity][1] for entity in truth}
    assert kept(publisher)[0] == set(truth)
    assert publisher.ahead == []


def test_lifting_keeps_the_order_of_what_is_read_and_stays_behind_what_is_newer() -> None:
    gone = Gone({"e": 100})
    assert [gone.lift("e", u) for u in (10, 20, 20, 15, 30, 101)] == [101, 102, 102, 15, 103, 101]
    assert gone.lift("f", 10) == 10
    assert gone.lift("e", None) is None
    gone.forget(["e"])
    assert gone.lift("e", 10) == 10
