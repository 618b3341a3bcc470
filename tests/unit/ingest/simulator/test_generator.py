"""The generator: the same seed gives the same versions, and these could be a province's."""

from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise

import pytest

from ingest.simulator import population
from ingest.simulator.generator import BACKFILL_DAYS, Generator
from ingest.simulator.model import Rating, Status, Version
from ingest.simulator.moments import DAY_MS, from_ms
from ioc.clock import LOCAL
from tests.unit.ingest.simulator.conftest import BASE_MS

MINUTE_MS = 60_000


def taken(
    now_ms: int = BASE_MS, seed: int = 1, rate: float = 50, backfill: int = 8000
) -> tuple[list[Version], list[Rating]]:
    return Generator(seed=seed, rate=rate, backfill=backfill, base_ms=BASE_MS).take_until(now_ms)


@pytest.fixture(scope="module")
def lives() -> dict[str, list[Version]]:
    by_code: dict[str, list[Version]] = defaultdict(list)
    for version in taken()[0]:
        by_code[version.dossier.code].append(version)
    return by_code


def test_the_seed_decides() -> None:
    assert taken() == taken()
    assert taken()[0] != taken(seed=2)[0]


def test_it_does_not_matter_when_versions_are_taken() -> None:
    at_once = taken(BASE_MS + 2 * MINUTE_MS)
    generator = Generator(seed=1, rate=50, backfill=8000, base_ms=BASE_MS)
    versions: list[Version] = []
    ratings: list[Rating] = []
    for now_ms in (
        BASE_MS - 30 * DAY_MS,
        BASE_MS - 1,
        BASE_MS,
        BASE_MS + 17,
        BASE_MS + MINUTE_MS,
        BASE_MS + 2 * MINUTE_MS,
    ):
        fresh, rated = generator.take_until(now_ms)
        assert all(version.updated_ms <= now_ms for version in fresh)
        versions += fresh
        ratings += rated
    assert (versions, ratings) == at_once


def test_rate_and_backfill_are_kept() -> None:
    versions, _ = taken(BASE_MS + 2 * MINUTE_MS)
    assert sum(version.updated_ms < BASE_MS for version in versions) == 8000
    assert len(versions) == 8000 + 50 * 120
    assert len(taken(BASE_MS + DAY_MS, rate=0, backfill=10)[0]) == 10
    assert len(taken(BASE_MS + 9_000, rate=0.5, backfill=0)[0]) == 4


def test_versions_are_in_order_and_the_backfill_in_working_hours() -> None:
    versions, ratings = taken()
    assert all(a.updated_ms <= b.updated_ms for a, b in pairwise(versions))
    assert all(a.updated_ms <= b.updated_ms for a, b in pairwise(ratings))
    for version in versions:
        moment = from_ms(version.updated_ms)
        assert moment.weekday() < 5
        assert 7.5 <= moment.hour + moment.minute / 60 <= 17
        assert BASE_MS - BACKFILL_DAYS * DAY_MS <= version.updated_ms <= BASE_MS


def test_lives_follow_the_statuses(lives: dict[str, list[Version]]) -> None:
    closed = {Status.REFUSED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED}
    for life in lives.values():
        assert life[0].status in (Status.REGISTERED, Status.RECEIVED)
        for before, after in pairwise(life):
            assert before.status not in closed
            assert after.updated_ms > before.updated_ms
            assert before.received_s in (None, after.received_s)
            assert before.dossier is after.dossier
        last = life[-1]
        assert (last.finished_s is not None) == (last.status in (Status.PROCESSED, Status.RETURNED))
        assert (last.returned_s is not None) == (last.status == Status.RETURNED)
        assert (last.received_s is None) == (last.status in (Status.REGISTERED, Status.REFUSED))


def test_every_status_field_and_level_comes_up(lives: dict[str, list[Version]]) -> None:
    versions = [version for life in lives.values() for version in life]
    assert {version.status for version in versions} == set(Status)
    assert {version.dossier.procedure for version in versions} == set(population.PROCEDURES)
    units = {version.unit for version in versions}
    assert set(population.ODD_UNITS) <= units
    for level in ("department", "district", "commune"):
        assert set(population.units_on(level, from_ms(BASE_MS).date())) <= units
    assert any(asked.new_due_s for version in versions for asked in version.supplements)
    assert {version.paid_online for version in versions} == {True, False}
    assert {version.dossier.vneid for version in versions} == {True, False}


def test_promises_are_in_working_hours_and_mostly_kept(lives: dict[str, list[Version]]) -> None:
    finished = [life[-1] for life in lives.values() if life[-1].finished_s is not None]
    for version in finished:
        assert version.due_s is not None
        assert version.received_s is not None
        due = datetime.fromtimestamp(version.due_s, LOCAL)
        assert version.due_s >= version.received_s
        assert due.weekday() < 5
        assert 7.5 <= due.hour + due.minute / 60 <= 17
    on_time = sum((v.finished_s or 0) <= (v.due_s or 0) for v in finished) / len(finished)
    assert 0.8 < on_time < 1


def test_ratings_are_of_returned_dossiers() -> None:
    versions, ratings = taken()
    returned = {v.dossier.code: v.updated_ms for v in versions if v.status == Status.RETURNED}
    assert all(returned[rating.code] == rating.updated_ms for rating in ratings)
    assert 0.3 < len(ratings) / len(returned) < 0.5
    assert set(Counter(rating.score for rating in ratings)) <= {1, 2, 3, 4, 5}


def test_a_component_is_reused_only_where_it_is_digitised(lives: dict[str, list[Version]]) -> None:
    for life in lives.values():
        dossier = life[0].dossier
        assert 0 <= (dossier.components_reused or 0) <= (dossier.components_digitised or 0) <= (dossier.components or 0)


def test_due_counts_working_days_only() -> None:
    friday = int(datetime(2021, 3, 5, 9, 0, tzinfo=LOCAL).timestamp())
    assert datetime.fromtimestamp(population.due_s(friday, 1), LOCAL) == datetime(2021, 3, 8, 9, 0, tzinfo=LOCAL)
    assert datetime.fromtimestamp(population.due_s(friday, 5), LOCAL) == datetime(2021, 3, 12, 9, 0, tzinfo=LOCAL)
    saturday_night = int(datetime(2021, 3, 6, 23, 0, tzinfo=LOCAL).timestamp())
    assert datetime.fromtimestamp(population.due_s(saturday_night, 1), LOCAL) == datetime(
        2021, 3, 8, 17, 0, tzinfo=LOCAL
    )
