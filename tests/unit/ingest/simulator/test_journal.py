"""What is visible when, and that pages stand still."""

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.simulator import receipt
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.generator import Generator
from ingest.simulator.journal import Journal, Window
from ingest.simulator.model import Rating
from ingest.simulator.moments import read_iso
from tests.unit.ingest.simulator.conftest import BASE_MS

START_MS = read_iso("2020-01-06T15:00:00.020+07:00")


class Wall:
    """Real time that a test moves."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


def test_a_version_is_visible_from_its_own_moment_on(made_log: Path) -> None:
    journal = Journal(receipt.versions(receipt.read_log(made_log), 0))
    journal.advance(START_MS - 1)
    assert journal.versions == []
    journal.advance(START_MS)
    assert [version.dossier.code for version in journal.versions] == ["000.00.01.H12-000007"]
    assert not journal.exhausted()
    journal.advance(BASE_MS)
    assert journal.exhausted()
    assert len(journal.versions) == 5 + 8 + 4
    assert len(journal.latest) == 5
    assert len(journal.progress) == 8


def test_a_clock_that_steps_back_hides_nothing(made_log: Path) -> None:
    journal = Journal(receipt.versions(receipt.read_log(made_log), 0))
    journal.advance(BASE_MS)
    before = list(journal.versions)
    journal.advance(START_MS)
    journal.advance(BASE_MS)
    assert journal.versions == before


def test_log_and_generator_merge_in_update_order_and_only_the_end_grows(made_log: Path) -> None:
    shift = (BASE_MS - read_iso("2020-02-10T12:00:00+07:00")) // 86_400_000
    log = receipt.versions(receipt.read_log(made_log), shift)
    journal = Journal(log, Generator(seed=1, rate=0.001, backfill=300, base_ms=BASE_MS))
    moments = range(log[0].updated_ms, log[-1].updated_ms + 3_600_000, 5 * 3_600_000)
    for moment in moments:
        before = list(journal.versions)
        journal.advance(moment)
        assert journal.versions[: len(before)] == before
        assert all(version.updated_ms <= moment for version in journal.versions)
    assert all(a.updated_ms <= b.updated_ms for a, b in pairwise(journal.versions))
    at_once = Journal(log, Generator(seed=1, rate=0.001, backfill=300, base_ms=BASE_MS))
    at_once.advance(moments[-1])
    assert at_once.versions == journal.versions
    assert at_once.ratings == journal.ratings


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(), (0, 4)),
        (Window(10, None), (0, 4)),
        (Window(11, 30), (1, 3)),
        (Window(None, 20), (0, 1)),
        (Window(31, 40), (4, 4)),
        (Window(20, 10), (1, 1)),
    ],
)
def test_a_window_is_half_open(window: Window, expected: tuple[int, int], made_log: Path) -> None:
    model = receipt.versions(receipt.read_log(made_log), 0)[0]
    records = [msgspec.structs.replace(model, updated_ms=moment) for moment in (10, 20, 20, 30)]
    assert window.cut(records) == expected


moments = st.integers(0, 12)


@given(st.lists(moments).map(sorted), st.none() | moments, st.none() | moments, st.integers(1, 5))
def test_pages_of_a_window_are_its_records(
    updates: list[int], from_ms: int | None, to_ms: int | None, size: int
) -> None:
    records = [Rating(str(i), 5, 0, updated) for i, updated in enumerate(updates)]
    first, end = Window(from_ms, to_ms).cut(records)
    inside = [
        r for r in records if (from_ms is None or r.updated_ms >= from_ms) and (to_ms is None or r.updated_ms < to_ms)
    ]
    pages = [records[start : min(end, start + size)] for start in range(first, end, size)]
    assert [record for page in pages for record in page] == inside


def test_the_clock_runs_ahead_until_it_has_caught_up() -> None:
    wall = Wall(1_000_000)
    clock = SimulatedClock(origin_ms=0, started_ms=1_000_000, speed=101, wall=wall)
    assert (clock.now_ms(), clock.caught_up()) == (0, False)
    wall.now_ms += 5_000
    assert (clock.now_ms(), clock.caught_up()) == (505_000, False)
    wall.now_ms += 5_000
    assert (clock.now_ms(), clock.caught_up()) == (1_010_000, True)
    wall.now_ms += 5_000
    assert (clock.now_ms(), clock.caught_up()) == (1_015_000, True)


def test_at_full_speed_the_clock_is_real_time() -> None:
    wall = Wall(5)
    assert (SimulatedClock(0, 0, None, wall).now_ms(), SimulatedClock(0, 0, None, wall).caught_up()) == (5, True)
