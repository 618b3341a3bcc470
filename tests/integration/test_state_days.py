"""States at the end of past days are what a naive fold says that has seen the versions up to then."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ioc.catalogue.rollup import Compiled, Formula
from ioc.contracts.event import unix_ms
from sinks.clickhouse.oracle import grains, query
from sinks.states import FIRST_DAYS, StateHistory
from tests.clickhouse_front import FrontProcess
from tests.integration.sealing_rig import (
    CATALOGUE,
    DOSSIER,
    TODAY,
    Failing,
    InterruptedRoundError,
    World,
    at,
    case,
    dying_at,
    rating,
    world_of,
)
from tests.integration.sink_rig import dossiers
from tests.made_events import made_events
from tests.naive_fold import NaiveFold

Row = tuple[str, str, int]
"""Code, unit, how many days ago."""


@pytest.fixture
def world(clickhouse_front: FrontProcess, pytestconfig: pytest.Config) -> World:
    made = world_of(clickhouse_front, pytestconfig)
    made.clear()
    return made


def history(world: World, generation: str = "g1", client: Any = None) -> StateHistory:
    return StateHistory(client or world.client, world.name, DOSSIER, generation)


def whole(states: StateHistory) -> None:
    while states.round().left:
        pass


def stored(world: World, generation: str = "g1") -> dict[Row, tuple[int, int]]:
    """What is there, without zeros."""
    rows = world.client.query(
        f"SELECT code, unit, {TODAY} - day, above, below FROM {world.name}.state_days FINAL "
        f"WHERE generation = '{generation}' AND (above != 0 OR below != 0)"
    )
    return {row[:3]: row[3:] for row in rows}


def expected(world: World, days: Iterable[int]) -> dict[Row, tuple[int, int]]:
    """The same from a naive fold of the versions up to the end of each day."""
    found: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
    states = [formula for formula in DOSSIER.formulas.values() if formula.mode in ("now", "age")]
    for ago in days:
        end_ms = ((TODAY - ago + 1) * 86_400 - 7 * 3600) * 1000
        naive = NaiveFold("dossier", list(DOSSIER.rollups.values()))
        for event in world.events:
            if event.version >> 16 < end_ms:
                naive.apply(event)
        for (rollup_id, grain, unit, bucket), measures in naive.cells().items():
            for formula in states:
                for side, value in _adds(formula, rollup_id, grain, bucket - (TODAY - ago), measures):
                    found[formula.code, unit, ago][side] += value
    return {row: (above, below) for row, (above, below) in found.items() if above or below}


def _adds(formula: Formula, rollup_id: str, grain: str, day: int, measures: list[int]) -> Iterator[tuple[int, int]]:
    start, stop = formula.window or (None, None)
    inside = (start is None or start <= day) and (stop is None or day <= stop)
    if rollup_id == formula.numerator.rollup_id and (grain == "now" or (grain == "day" and inside)):
        yield 0, measures[formula.numerator.index]
    if formula.denominator is not None and rollup_id == formula.denominator.rollup_id:
        yield 1, measures[formula.denominator.index]


def days_of(world: World, code: str) -> dict[int, int]:
    """How many days ago → numerator."""
    return {ago: above for (found, _, ago), (above, _) in stored(world).items() if found == code and above}


def test_the_last_days_come_first_and_earlier_ones_in_portions(world: World) -> None:
    world.store([case("old", at(700), received_at=at(700))])
    states = history(world)
    done = states.round()
    assert (done.days, done.left) == (FIRST_DAYS, True)
    assert days_of(world, "DVC-004") == dict.fromkeys(range(1, 31), 1)
    assert states.round().left
    assert days_of(world, "DVC-004") == dict.fromkeys(range(1, 431), 1)
    assert not states.round().left
    assert days_of(world, "DVC-004") == dict.fromkeys(range(1, 701), 1)
    assert states.round().days == 0


def test_every_state_of_every_day_is_what_a_naive_fold_says(world: World) -> None:
    rnd = random.Random(5)
    log = [*dossiers(7, 60, at(0)), *dossiers(8, 30, at(0), versions=4)]
    for number in range(40):
        begun = at(rnd.random() * 80)
        due = begun + timedelta(days=rnd.randrange(20))
        log.append(case(f"x{number}", begun, received_at=begun, due_at=due))
        for step in range(3):
            later = begun + timedelta(days=rnd.random() * 30, seconds=step)
            fields = rnd.choice(
                ({}, {"finished_at": later, "status": "processed"}, {"finished_at": begun, "returned_at": later})
            )
            if later < at(-0.3):
                deleted = rnd.random() < 0.15
                log.append(case(f"x{number}", later, rnd.choice(("H12", "XX.99")), deleted=deleted, received_at=begun, due_at=due, **fields))  # fmt: skip
        log.append(rating(f"x{number}", min(at(0), begun + timedelta(days=3)), rnd.randint(1, 5)))
    rnd.shuffle(log)
    world.store(log)
    whole(history(world))
    days = {1, 2, 3, *range(5, 100, 9)}
    wanted = expected(world, days)
    assert {row: sums for row, sums in stored(world).items() if row[2] in days} == wanted
    assert {code for code, _, _ in wanted} >= {"DVC-004", "DVC-025", "DVC-026", "DVC-027"}


def test_a_dossier_that_was_reopened_one_that_is_overdue_and_one_that_was_deleted(world: World) -> None:
    # Open is what has been received and not finished (DVC-004).
    world.store([case("again", at(20), received_at=at(20), due_at=at(2))])
    world.store([case("again", at(15), received_at=at(20), due_at=at(2), finished_at=at(15), status="processed")])
    world.store([case("again", at(10), received_at=at(20), due_at=at(2))])
    whole(history(world))
    assert days_of(world, "DVC-004") == dict.fromkeys([*range(1, 11), *range(16, 21)], 1)
    # Overdue of those that are open (DVC-027): from the day after the deadline, without any event.
    assert days_of(world, "DVC-027") == {1: 1}
    assert stored(world)["DVC-027", "H12", 2] == (0, 1)
    world.store([case("again", at(3), deleted=True)])
    whole(history(world))
    assert days_of(world, "DVC-004") == dict.fromkeys([*range(4, 11), *range(16, 21)], 1)
    assert stored(world) == expected(world, range(1, 40))


def test_late_versions_change_the_days_that_they_hold_for_and_no_others(world: World) -> None:
    log = list(dossiers(9, 30, at(0)))
    world.store([*log, case("a", at(60), received_at=at(60)), case("a", at(5), received_at=at(60), finished_at=at(5))])
    states = history(world)
    whole(states)
    before = world.client.query("SELECT max(computed_at) FROM past_test.state_days")[0][0]
    world.store([case("a", at(20), "XX.99", received_at=at(60), due_at=at(30))])
    done = states.round()
    assert done.again == done.days == 15
    found = world.client.query(
        f"SELECT min({TODAY} - day), max({TODAY} - day) FROM past_test.state_days "
        f"WHERE computed_at > fromUnixTimestamp64Micro({unix_ms(before) * 1000})"
    )
    assert found == [(6, 20)]
    days = {1, 4, 5, 6, 20, 21, 59, 60, 61}
    assert {row: sums for row, sums in stored(world).items() if row[2] in days} == expected(world, days)
    assert states.round().days == 0
    world.store([case("a", at(60), deleted=True), *log])
    whole(states)
    assert {row: sums for row, sums in stored(world).items() if row[2] in days} == expected(world, days)


def test_the_night_adds_the_day_that_has_ended(world: World) -> None:
    world.store([case("a", at(40), received_at=at(40)), case("b", at(2), received_at=at(2))])
    states = history(world)
    whole(states)
    mark = world.client.query("SELECT * FROM past_test.state_marks FINAL")[0]
    # As it was two nights ago.
    world.client.execute(f"ALTER TABLE past_test.state_days DELETE WHERE day > {TODAY - 3} SETTINGS mutations_sync = 2")
    world.client.execute("TRUNCATE TABLE past_test.state_marks")
    world.client.execute(
        "INSERT INTO past_test.state_marks "
        f"SELECT 'g1', 'dossier', {mark[2]}, {TODAY - 2}, now64(3) - INTERVAL 1 HOUR, now64(3), {mark[6]}"
    )
    done = states.round()
    assert (done.days, done.again) == (2, 0)
    assert stored(world) == expected(world, range(1, 60))


def test_a_round_that_dies_is_done_again(world: World) -> None:
    world.store(list(dossiers(4, 40, at(0))))
    for place in range(1, 50):
        try:
            whole(history(world, client=Failing(world.client, dying_at(place))))
            break
        except InterruptedRoundError:
            world.store([case(f"late{place}", at(10 * place), received_at=at(10 * place))])
    assert place > 3
    whole(history(world))
    days = range(1, 60, 6)
    assert {row: sums for row, sums in stored(world).items() if row[2] in days} == expected(world, days)


def test_generations_have_histories_of_their_own(world: World) -> None:
    world.store([case("a", at(40), received_at=at(40))])
    whole(history(world, "g1"))
    world.store([case("b", at(40), received_at=at(40))])
    whole(history(world, "g2"))
    assert days_of(world, "DVC-004") == dict.fromkeys(range(1, 41), 1)
    assert stored(world, "g2") == expected(world, range(1, 50))


def test_every_kind_is_what_its_view_of_that_day_says(world: World) -> None:
    compiled: Compiled = CATALOGUE.compiled
    kinds = sorted({r.kind for r in compiled.rollups.values() if r.mode in ("now", "age")})
    for kind in kinds:
        events = made_events(kind, random.Random(2), 80, ["H12", "XX.99"], datetime.now(UTC))
        # Facets of an entity a week apart: some are not known yet on a given day.
        order = {facet: place for place, facet in enumerate(sorted({type(e).__struct_config__.tag for e in events}))}
        world.insert(kind, [
            msgspec.structs.replace(
                event,
                version=unix_ms(event.occurred_at + timedelta(days=7 * order[type(event).__struct_config__.tag])) << 16,
            )
            for event in events
        ])  # fmt: skip
    states = StateHistory(world.client, world.name, compiled, "g1")
    states.round()
    have = stored(world)
    for ago in (1, 9, 25):
        end = datetime.fromtimestamp((TODAY - ago + 1) * 86_400 - 7 * 3600, UTC) - timedelta(milliseconds=1)
        cells: dict[str, list[tuple[str, int, list[int]]]] = {}
        for rollup in compiled.rollups.values():
            if rollup.mode in ("now", "age"):
                source = f"{world.name}.{rollup.kind}_as_was(moment = '{end:%Y-%m-%d %H:%M:%S.%f}')"
                (grain,) = grains(rollup)
                cells[rollup.rollup_id] = world.client.query(query(rollup, grain, world.name, source))
        want: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
        formulas = [formula for formula in compiled.formulas.values() if formula.mode in ("now", "age")]
        for formula in formulas:
            for rollup_id, rows in cells.items():
                (kept,) = grains(compiled.rollups[rollup_id])
                for unit, bucket, measures in rows:
                    for side, value in _adds(formula, rollup_id, kept, bucket - (TODAY - ago), measures):
                        want[formula.code, unit, ago][side] += value
        assert {row: tuple(sums) for row, sums in want.items() if any(sums)} == {
            row: sums for row, sums in have.items() if row[2] == ago
        }
    assert len(have) > 500
