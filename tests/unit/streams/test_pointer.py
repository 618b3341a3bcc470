"""A worker notices which generation is live, and goes over unless it was told to stay."""

import asyncio
from typing import Any, cast

import pytest

from ioc import clock
from ioc.contracts.generation import LIVE_KEY, LiveNote
from streams import pointer
from streams.log import Log, Place, Record
from streams.pointer import Pointer


class Topic:
    """The topic of generations as a log."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def live(self, generation: str) -> None:
        note = LiveNote(generation=generation, active_from=clock.now())
        self.records.append(Record(len(self.records), LIVE_KEY, note.model_dump_json().encode()))

    async def bounds(self, _place: Place) -> tuple[int, int]:
        return 0, len(self.records)

    async def read(self, _place: Place, start: int, end: int) -> tuple[list[Record], int]:
        return self.records[start:end], end


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pointer, "LOOK_S", 0.0)


def follow(topic: Topic, *, live: str = "", pinned: bool = False) -> tuple[Pointer, Any]:
    made = Pointer(cast("Log", topic), "a", live, pinned=pinned)
    return made, lambda: asyncio.run(made.must_go_over())


def test_it_stays_until_another_is_live() -> None:
    topic = Topic()
    made, must_go_over = follow(topic)
    assert (must_go_over(), made.is_live) == (False, True), "nothing is live: what it folds is shown"
    topic.live("a")
    topic.records.append(Record(1, b"b", b"{}"))
    assert (must_go_over(), made.is_live) == (False, True)
    topic.live("b")
    assert (must_go_over(), made.is_live) == (True, False)


def test_told_to_stay_it_stays_and_says_nothing_of_freshness_meanwhile() -> None:
    topic = Topic()
    made, must_go_over = follow(topic, live="b", pinned=True)
    assert not made.is_live
    topic.live("b")
    assert (must_go_over(), made.is_live) == (False, False)
    topic.live("a")
    assert (must_go_over(), made.is_live) == (False, True)
