"""What every source must bear at the boundary of its contract, whatever it is read from: a part of `ingest.conformance`."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest

from ingest.disturb import (
    CANARY,
    UNKNOWN,
    Disturb,
    broken_off,
    disturbed,
    doubled,
    shuffled,
    slowly,
    with_bad,
    with_empty_pages,
    with_huge_text,
    with_unknown_fields,
)
from ingest.memory import MemoryPublisher
from ingest.mutate import Judge, bad_copies, paths, required_paths, value_at, with_value, without
from ingest.source import Page, Record, Source
from ingest.testing import MOST_PAGES, ODD_CANARY, Harvest, Rig, allowances, run
from ioc import clock

SAMPLES = 2
"""Records of different shape that are looked at closely, of each stream."""

State = tuple[str, str, str, str, bool, str]


def states(harvest: Harvest) -> set[State]:
    """What a run said of everything, without versions: those of a source without update times tell when it was read."""
    return {
        (e["kind"], e["facet"], e["entity"], e["unit"], e["deleted"], json.dumps(e["data"], sort_keys=True))
        for e in harvest.events()
    }


def every_page(stream: Source, cursor: str | None = None) -> list[Page]:
    """The pages that a stream gives in one go."""
    pages: list[Page] = []
    for page in stream.pages(cursor):
        pages.append(page)
        assert len(pages) < MOST_PAGES, f"{stream.stream}: its pages never end"
    return pages


def samples(stream: Source) -> list[Record]:
    """Good records of a stream, of different shape."""
    judge, found = Judge(stream), dict[frozenset[str], Record]()
    for page in every_page(stream):
        for record in page.records:
            shape = frozenset(name for name, value in record.fields.items() if value not in (None, "", [], {}))
            if shape and shape not in found and judge.outcome(record).data:
                found[shape] = record
    return sorted(found.values(), key=lambda record: -len(record.raw))[:SAMPLES]


class BoundaryConformance:
    """Tests by disturbing what the source gives."""

    @pytest.fixture
    def streams(self, rig: Rig) -> Iterator[list[Source]]:
        """The streams of the system, newly connected."""
        system = rig.system()
        yield list(system.streams)
        system.close()

    def test_it_goes_on_after_any_page(self, rig: Rig) -> None:
        """From each cursor on comes all that the pages up to it had not."""
        if not allowances(rig).resends:
            pytest.skip("what was taken from the senders once does not come again")
        for place in range(rig.streams):
            pages = _pages_of(rig, place, None)
            whole = _records(pages)
            for number in {0, len(pages) // 3, len(pages) // 2, len(pages) - 2} & set(range(len(pages))):
                before, rest = _records(pages[: number + 1]), _records(_pages_of(rig, place, pages[number].cursor))
                assert before | rest >= whole, f"after page {number + 1} of {len(pages)}"

    def test_a_page_that_is_lost_on_its_way_comes_again(self, rig: Rig, baseline: Harvest) -> None:
        """What was given and not acknowledged is given again: only the cursor that comes back says what is done."""
        if not allowances(rig).resends:
            pytest.skip("what was taken from the senders once does not come again")
        _equal(rig, baseline, lambda _: broken_off())

    def test_duplicates_count_once(self, rig: Rig, baseline: Harvest) -> None:
        """A record that comes twice is one event."""
        harvest = _equal(rig, baseline, lambda _: doubled())
        assert len(harvest.events()) == rig.versions

    def test_the_order_within_a_page_does_not_matter(self, rig: Rig, baseline: Harvest) -> None:
        """Each record says all by itself."""
        _equal(rig, baseline, lambda _: shuffled())

    def test_bad_records_cost_only_themselves(self, rig: Rig, baseline: Harvest) -> None:
        """A record without a field that it must have is a dead letter, its neighbours are events."""

        def poisoned(source: Source) -> Disturb:
            return with_bad(lambda record: bad_copies(source, record))

        harvest = _equal(rig, baseline, poisoned)
        told = {letter.stream for letter in harvest.letters().values()}
        assert told >= {letter.stream for letter in baseline.feeds() if letter.records}, "a bad record left no letter"
        assert {letter.reason for letter in harvest.letters().values()} >= {"missing_field"}

    def test_a_huge_text_that_nobody_reads_changes_nothing(self, rig: Rig, baseline: Harvest) -> None:
        """Two million characters in an unknown field."""
        _equal(rig, baseline, lambda _: with_huge_text())

    def test_pages_are_bounded(self, rig: Rig, streams: list[Source]) -> None:
        """However much the source has, a page holds a bounded part of it: memory stays flat."""
        most = allowances(rig).page_records
        for stream in streams:
            longest = max((len(page.records) for page in every_page(stream)), default=0)
            assert longest <= most, f"{stream.stream}: a page of {longest} records, at most {most} are right"

    def test_a_slow_reader_loses_nothing(self, rig: Rig, baseline: Harvest) -> None:
        """The broker takes its time before each page."""
        _equal(rig, baseline, lambda _: slowly())

    def test_unknown_fields_are_counted_and_stay(self, rig: Rig, baseline: Harvest) -> None:
        """A field that nobody has looked at is counted by name; what it holds does not leave."""
        harvest = _equal(rig, baseline, lambda _: with_unknown_fields())
        for stream in {feed.stream for feed in baseline.feeds() if feed.records}:
            count = sum(
                sample.value
                for metric in harvest.metrics.registry.collect()
                for sample in metric.samples
                if sample.name == "ioc_unknown_fields_total"
                and (sample.labels["stream"], sample.labels["field"]) == (stream, UNKNOWN)
            )
            assert count > 0, f"{stream}: give `known_fields`, so that new fields are counted"
            assert any(UNKNOWN in feed.unknown_fields for feed in harvest.feeds() if feed.stream == stream)
        assert not [m for m in harvest.publisher.messages if CANARY.encode() in m.value]

    def test_a_missing_field_is_refused_or_null(self, streams: list[Source]) -> None:
        """Some field must be there; and whichever is missing, the source does not break."""
        for stream in streams:
            judge, found = Judge(stream), samples(stream)
            for record in found:
                for path in paths(record.fields):
                    _outcome(judge, without(record, path), stream, path, "is missing")
            needed = [path for record in found for path in required_paths(judge, record)]
            assert needed or not found, f"{stream.stream}: a record may be without any field, so none is ever missed"

    def test_a_changed_type_is_never_null(self, rig: Rig, streams: list[Source]) -> None:
        """A value of another type is read or refused: what was there does not vanish in silence."""
        for stream, path, before, after in _changed(rig, streams):
            if after.refused is not None:
                continue
            assert after.data, f"{stream.stream}: {path}: the record vanished"
            old = {target: data for target, _, data in before.data}
            for target, _, data in after.data:
                lost = [n for n, v in (old.get(target) or {}).items() if v is not None and (data or {}).get(n) is None]
                assert not lost, f"{stream.stream}: {path} of another type made {lost} null"

    def test_refusals_repeat_no_value(self, rig: Rig, streams: list[Source]) -> None:
        """Why a record is refused stands in clear: it names the field, and nothing that could be a person's."""
        for stream, path, _, after in _changed(rig, streams):
            said = str(after.refused or "")
            assert ODD_CANARY not in said, f"{stream.stream}: {path}: the message repeats the value"

    def test_empty_pages_are_no_end_and_no_beginning(self, rig: Rig, baseline: Harvest) -> None:
        """A page without records, between others and at the end, poll after poll."""
        harvest = _equal(rig, baseline, lambda _: with_empty_pages(), polls=3)
        assert len(harvest.events()) == rig.versions

    @pytest.mark.parametrize("ahead_s", [-12 * 3600, -60, 60, 12 * 3600])
    def test_a_clock_that_differs_loses_nothing(
        self, rig: Rig, baseline: Harvest, monkeypatch: pytest.MonkeyPatch, ahead_s: int
    ) -> None:
        """The source's clock is ahead of the own one, or behind it."""
        publisher = MemoryPublisher()
        with monkeypatch.context() as patched:
            patched.setattr(clock, "datetime", _Skewed(ahead_s))
            skewed = run(rig.system(), publisher)
        assert all(skewed.ended_well)
        assert states(skewed) == states(baseline)
        assert states(run(rig.system(), publisher)) == states(baseline)


def _equal(rig: Rig, baseline: Harvest, make: Callable[[Source], Disturb], polls: int = 1) -> Harvest:
    """A disturbed run, which must have come to the same as the undisturbed one."""
    harvest = run(disturbed(rig.system(), make), MemoryPublisher(), polls=polls)
    assert all(harvest.ended_well), "a stream broke"
    assert states(harvest) == states(baseline)
    assert harvest.publisher.ahead == []
    return harvest


def _pages_of(rig: Rig, place: int, cursor: str | None) -> list[Page]:
    system = rig.system()
    try:
        return every_page(system.streams[place], cursor)
    finally:
        system.close()


def _records(pages: list[Page]) -> set[bytes]:
    return {record.raw for page in pages for record in page.records}


def _outcome(judge: Judge, record: Record, stream: Source, path: Any, what: str) -> Any:
    try:
        return judge.outcome(record)
    except Exception as error:
        raise AssertionError(f"{stream.stream}: {path} {what}, and it broke: {type(error).__name__}") from error


def _changed(rig: Rig, streams: list[Source]) -> Iterator[tuple[Source, Any, Any, Any]]:
    """Each place of the samples with each odd value: stream, place, what came of the record before and after."""
    for stream in streams:
        judge = Judge(stream)
        for record in samples(stream):
            before = judge.outcome(record)
            for path in paths(record.fields):
                was = value_at(record, path)
                if was is not None and not isinstance(was, str | int | float | list | dict):
                    continue
                for odd in allowances(rig).odd_values:
                    if type(odd) is not type(was) or isinstance(odd, str):
                        changed = with_value(record, path, odd)
                        yield stream, path, before, _outcome(judge, changed, stream, path, "has another type")


class _Skewed:
    """Stands for `datetime` where the own clock asks it."""

    def __init__(self, ahead_s: int) -> None:
        self._ahead = timedelta(seconds=ahead_s)

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + self._ahead
