"""The inbox between receiver and stream."""

import threading

from ingest.source import Record
from ingest.sources.hub.inbox import Inbox, Parcel

WAIT_S = 10.0


def parcel(told: list[tuple[str, bool]], name: str, records: int = 1, size: int = 10) -> Parcel:
    return Parcel([Record(b"{}", {})] * records, size, lambda well: told.append((name, well)))


def test_nothing_is_taken_in_while_nobody_reads() -> None:
    inbox = Inbox()
    assert not inbox.put(parcel([], "a"))
    inbox.open()
    assert inbox.put(parcel([], "a"))
    assert len(inbox) == 1


def test_several_requests_are_taken_at_once_and_never_split() -> None:
    inbox = Inbox()
    inbox.open()
    parcels = [parcel([], "a", records=3), parcel([], "b", records=400), parcel([], "c", records=200)]
    for one in parcels:
        inbox.put(one)
    assert inbox.take(402, 1000, 0.0) == parcels[:2]
    assert inbox.take(402, 1000, 0.0) == parcels[2:]
    assert inbox.take(402, 1000, 0.0) == []


def test_bytes_count_too() -> None:
    inbox = Inbox()
    inbox.open()
    for _ in range(5):
        inbox.put(parcel([], "a", size=400))
    assert [len(inbox.take(100, 1000, 0.0)) for _ in range(2)] == [3, 2]


def test_what_its_sender_has_given_up_is_left_out() -> None:
    inbox = Inbox()
    inbox.open()
    first, second = parcel([], "a"), parcel([], "b")
    inbox.put(first)
    inbox.put(second)
    first.given_up = True
    assert inbox.take(10, 1000, 0.0) == [second]


def test_a_reader_wakes_when_something_comes() -> None:
    inbox = Inbox()
    inbox.open()
    found: list[Parcel] = []
    reader = threading.Thread(target=lambda: found.extend(inbox.take(10, 1000, WAIT_S)))
    reader.start()
    inbox.put(parcel([], "a"))
    reader.join(WAIT_S)
    assert len(found) == 1


def test_closing_tells_whoever_waits_that_nothing_was_acknowledged() -> None:
    inbox, told = Inbox(), list[tuple[str, bool]]()
    inbox.open()
    inbox.put(parcel(told, "a"))
    inbox.put(parcel(told, "b"))
    inbox.close()
    assert told == [("a", False), ("b", False)]
    assert not inbox.put(parcel(told, "c"))
    assert inbox.take(10, 1000, 0.0) == []
