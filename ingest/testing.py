"""What the author of a connector needs to test it: a rig for the source, and runs of it without a broker.

Write a `Rig` for the source (a server that can misbehave, best a real process) and subclass
`ingest.conformance.SourceConformance` with a fixture `rig`. `docs/connectors.md` shows it on the dossier system.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from cryptography.fernet import Fernet
from pydantic import SecretStr

from ingest.disturb import Disturbed
from ingest.limit import RateLimit
from ingest.memory import MemoryCursors, MemoryPublisher
from ingest.retry import Stop
from ingest.runner import Runner, Tools
from ingest.source import Page, Source, System
from ioc import topics
from ioc.contracts.control import DeadLetter, Feed
from ioc.deadletters import Sealer
from ioc.errors import Reason
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings

ODD_CANARY = "CANARY-of-another-type"
ODD_VALUES: tuple[Any, ...] = ({"xx": ODD_CANARY}, [[ODD_CANARY]], True, 1.5, 10**30, ODD_CANARY)
"""What may come where something else was; none of it is a way to say nothing."""

MOST_PAGES = 5_000
"""A stream of a test that gives more in one run never ends."""

KEY = SecretStr(Fernet.generate_key().decode())
HASH_KEY = SecretStr("a key for tests, of 32 characters and more")


class Version(NamedTuple):
    """What makes an event this one."""

    kind: str
    facet: str
    entity: str
    version: int


@dataclass(frozen=True)
class Fault:
    """A way in which the source misbehaves, and what must come of it.

    Attributes:
        name: for `Rig.misbehave`.
        letters: reasons of the dead letters that it leads to; empty for none.
        extra: whether it makes records up, whose events may come beside the true ones.
    """

    name: str
    letters: frozenset[Reason] = frozenset()
    extra: bool = False


class Rig(Protocol):
    """A source that can misbehave; its data do not change while a test runs."""

    @property
    def streams(self) -> int:
        """How many streams its system has."""
        ...

    @property
    def versions(self) -> int:
        """How many versions it holds, over all streams."""
        ...

    @property
    def canaries(self) -> Sequence[str]:
        """Texts, in lower case, that stand in personal fields only."""
        ...

    @property
    def faults(self) -> Sequence[Fault]:
        """Faults that lose nothing when they come now and then."""
        ...

    @property
    def garbage(self) -> str:
        """Name of a fault that makes whole answers unreadable."""
        ...

    @property
    def poison(self) -> Fault:
        """A fault that adds a bad record to each page with records."""
        ...

    def system(self) -> System:
        """The system, newly connected."""
        ...

    def misbehave(self, name: str, probability: float) -> AbstractContextManager[Callable[[], int]]:
        """Switches a fault on for a while; the function tells how often it has fired since."""
        ...


class Allowances(NamedTuple):
    """What a rig may ask of the suite beside the rule, in an attribute `allowances`.

    Attributes:
        page_records: records that a page may hold at most.
        resends: whether what was read once can be read again; a rig of a source that is pushed to may not have it.
        odd_values: what may come in the place of another value; a format that knows texts only gives texts only.
    """

    page_records: int = 1000
    resends: bool = True
    odd_values: Sequence[Any] = ODD_VALUES


def allowances(rig: Rig) -> Allowances:
    """What a rig asks for; the rule where it says nothing."""
    found: Allowances = getattr(rig, "allowances", Allowances())
    return found


class Polls(Stop):
    """Stops a runner when it would pause for the n-th time; nobody sleeps."""

    def __init__(self, polls: int = 1) -> None:
        super().__init__()
        self._left = polls

    def wait(self, timeout_s: float | None) -> bool:
        """Counts instead of sleeping."""
        del timeout_s
        self._left -= 1
        if self._left <= 0:
            self.set()
        return self.is_set()


class KilledError(BaseException):
    """Ends a runner in the middle, as kill -9 would: nothing in it may catch this."""


@dataclass
class Harvest:
    """A run's publisher and what can be read from it."""

    publisher: MemoryPublisher
    metrics: Metrics = field(default_factory=lambda: Metrics("ingest"))
    ended_well: list[bool] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        """All events, in the order of publishing."""
        messages = [m.value for m in self.publisher.messages if m.topic.startswith("events.")]
        return [event for value in messages for event in json.loads(value)]

    def versions(self) -> dict[Version, Any]:
        """Each version with its content; what is published twice must be equal."""
        found: dict[Version, Any] = {}
        for event in self.events():
            content = {name: value for name, value in event.items() if name != "observed_at"}
            key = Version(event["kind"], event["facet"], event["entity"], event["version"])
            assert found.setdefault(key, content) == content
        return found

    def letters(self) -> dict[str, DeadLetter]:
        """Dead letters by id."""
        values = self.publisher.values(topics.DEAD_LETTERS.name)
        return {letter.id: letter for letter in map(DeadLetter.model_validate_json, values)}

    def feeds(self) -> list[Feed]:
        """Heartbeats."""
        return [Feed.model_validate_json(value) for value in self.publisher.values(topics.FEEDS.name)]


def run(system: System, publisher: MemoryPublisher, *, polls: int = 1, flood: FloodSettings | None = None) -> Harvest:
    """Runs all streams of a system, one after the other, until each has nothing more for the n-th time."""
    harvest = Harvest(publisher)
    try:
        for stream in system.streams:
            harvest.ended_well.append(run_stream(stream, harvest, polls=polls, flood=flood))
    finally:
        system.close()
    return harvest


def run_stream(stream: Source, harvest: Harvest, *, polls: int = 1, flood: FloodSettings | None = None) -> bool:
    """Runs one stream; whether it ended because it was stopped."""
    bounded = Disturbed(stream, _bounded)
    tools = Tools(
        publisher=harvest.publisher,
        cursors=MemoryCursors(harvest.publisher),
        sealer=Sealer(KEY),
        pseudonyms=Pseudonyms(HASH_KEY),
        metrics=harvest.metrics,
        limit=RateLimit(1e9),
        flood=flood or FloodSettings(run=10_000, ratio=1.0),
        poll_s=0.0,
        stop=Polls(polls),
    )
    return Runner(bounded, tools).run()


def _bounded(pages: Iterator[Page]) -> Iterator[Page]:
    for number, page in enumerate(pages):
        if number >= MOST_PAGES:
            raise AssertionError("the pages of the stream never end")
        yield page
