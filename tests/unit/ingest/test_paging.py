"""Paging over a source in memory whose records change while they are read."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.source import Page, Record
from ingest.sources.paging import Answer, Pager
from ingest.sources.position import decode
from ioc.contracts.event import unix_ms
from ioc.errors import FatalError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NOW_MS = unix_ms(NOW)


@dataclass
class Shelf:
    """Current records, by update time; an update moves a record to the end, as real systems do."""

    updated: dict[int, int] = field(default_factory=dict)
    oldest_first: bool = True
    tells_times: bool = True
    asked: list[tuple[int | None, int]] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        self.before_answer()
        self.asked.append((from_ms, page))
        window = [(ms, key) for key, ms in self.updated.items() if from_ms is None or ms >= from_ms]
        window.sort(reverse=not self.oldest_first)
        part = window[page * size : (page + 1) * size]
        records = [Record(b"", {"id": key, **({"at": ms} if self.tells_times else {})}) for ms, key in part]
        return Answer(records, (page + 1) * size >= len(window))

    def pager(self, size: int = 3, overlap_s: float = 0, clock: Callable[[], datetime] = lambda: NOW) -> Pager:
        return Pager(
            self.ask, lambda r: r.fields.get("at"), size=size, overlap_s=overlap_s, now=clock, monotonic=lambda: 0.0
        )


def read(pager: Pager, cursor: str | None = None) -> tuple[list[tuple[int, int | None]], str]:
    pages = list(pager.pages(cursor))
    return [(r.fields["id"], r.fields.get("at")) for page in pages for r in page.records], pages[-1].cursor


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 20), st.booleans())
def test_every_record_is_read_whatever_the_times_and_the_page_size(times: list[int], size: int, in_order: bool) -> None:
    shelf = Shelf(dict(enumerate(times)), oldest_first=in_order)
    found, cursor = read(shelf.pager(size))
    assert {key for key, _ in found} == set(range(len(times)))
    assert decode(cursor).open is False
    assert decode(cursor).high_ms == (max(times) if times else None)


@settings(max_examples=200)
@given(st.integers(0, 10_000), st.integers(14, 40))
def test_records_that_change_while_the_pages_are_read_hide_no_other(seed: int, size: int) -> None:
    draw = random.Random(seed)
    shelf = Shelf({key: key * 10 for key in range(300)})
    clock_ms = [3000]

    def change() -> None:
        if draw.random() < 0.7:
            clock_ms[0] += 10
            shelf.updated[draw.randrange(300)] = clock_ms[0]

    shelf.before_answer = change
    found: list[tuple[int, int | None]] = []
    cursor: str | None = None
    pager = shelf.pager(size)
    for _ in range(2):
        more, cursor = read(pager, cursor)
        found += more
        shelf.before_answer = lambda: None
    assert set(shelf.updated.items()) <= set(found)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=25), st.integers(1, 4), st.data())
def test_it_goes_on_from_any_page(times: list[int], size: int, data: st.DataObject) -> None:
    shelf = Shelf(dict(enumerate(times)))
    pages = list(shelf.pager(size).pages(None))
    done = data.draw(st.integers(1, len(pages)))
    found = [r.fields["id"] for page in pages[:done] for r in page.records]
    rest, _ = read(shelf.pager(size), pages[done - 1].cursor)
    assert {*found, *(key for key, _ in rest)} == set(range(len(times)))


def test_another_page_size_begins_the_window_anew() -> None:
    shelf = Shelf(dict.fromkeys(range(10), 5))
    pages = shelf.pager(3).pages(None)
    next(pages)
    cursor = next(pages).cursor
    assert decode(cursor).page > 0
    found, _ = read(shelf.pager(4), cursor)
    assert {key for key, _ in found} == set(range(10))


def test_a_record_from_the_future_does_not_hide_what_comes_before_it() -> None:
    shelf = Shelf({1: NOW_MS - 10, 2: NOW_MS + 3_600_000})
    pager = shelf.pager()
    found, cursor = read(pager)
    assert decode(cursor).high_ms == NOW_MS
    shelf.updated[3] = NOW_MS + 5
    found, _ = read(pager, cursor)
    assert {key for key, _ in found} == {2, 3}


def test_the_overlap_is_read_again_from_time_to_time_only() -> None:
    shelf = Shelf({1: 1_000, 2: 60_000})
    seconds = [0.0]
    pager = Pager(
        shelf.ask, lambda r: r.fields["at"], size=3, overlap_s=50, now=lambda: NOW, monotonic=lambda: seconds[0]
    )  # fmt: skip
    _, cursor = read(pager)
    starts = []
    for seconds[0] in (0.0, 5.0, 9.9, 10.0, 11.0, 20.0):
        _, cursor = read(pager, cursor)
        starts.append(shelf.asked[-1][0])
    assert starts == [10_000, 60_000, 60_000, 10_000, 60_000, 10_000]


def test_a_late_record_within_the_overlap_is_found() -> None:
    shelf = Shelf({1: 100_000})
    seconds = [0.0]
    pager = Pager(
        shelf.ask, lambda r: r.fields["at"], size=3, overlap_s=50, now=lambda: NOW, monotonic=lambda: seconds[0]
    )  # fmt: skip
    _, cursor = read(pager)
    read(pager, cursor)
    shelf.updated[2] = 80_000
    seconds[0] = 10.0
    found, _ = read(pager, cursor)
    assert 2 in {key for key, _ in found}


def test_without_update_times_the_clock_of_the_first_page_is_the_cursor() -> None:
    shelf = Shelf(dict.fromkeys(range(7), 5), tells_times=False)
    ticks = iter(range(100))
    found, cursor = read(shelf.pager(3, clock=lambda: NOW + timedelta(seconds=next(ticks))))
    assert {key for key, _ in found} == set(range(7))
    assert decode(cursor).high_ms == NOW_MS
    assert decode(cursor).blind


def test_an_empty_source_gives_one_empty_page_and_its_time() -> None:
    pages: list[Page] = list(Shelf().pager().pages(None))
    assert [(page.records, page.source_time) for page in pages] == [([], NOW)]


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"high_ms": "1"}', '{"since": 1}'])
def test_what_is_no_cursor_is_fatal(cursor: str) -> None:
    with pytest.raises(FatalError, match="cursor"):
        read(Shelf().pager(), cursor)
