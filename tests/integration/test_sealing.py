"""Sealed days hold what a naive fold of all events says, whatever comes late, twice, in between or after a crash."""

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sinks.clickhouse.derived import sync
from sinks.clickhouse.mappings import Mapping, store
from sinks.clickhouse.oracle import query
from sinks.clickhouse.render import Target
from sinks.sealing import SEAL_DAYS, Sealing
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
    connect,
    dying_at,
    rating,
    world_of,
)
from tests.integration.sink_rig import dossiers
from tests.made_events import made_events

UNTIL = TODAY - SEAL_DAYS


@pytest.fixture
def world(clickhouse_front: FrontProcess, pytestconfig: pytest.Config) -> World:
    made = world_of(clickhouse_front, pytestconfig)
    made.clear()
    return made


def sealing(world: World, generation: str = "g1", client: Any = None) -> Sealing:
    return Sealing(client or world.client, world.name, DOSSIER, generation)


def log(seed: int = 1, entities: int = 120) -> list[dict[str, Any]]:
    return list(dossiers(seed, entities, at(0), versions=2))


def test_days_are_sealed_up_to_33_days_behind_the_newest_event(world: World) -> None:
    world.store([*log(), case("newest", at(0))])
    sealer = sealing(world)
    done = sealer.round()
    expected = world.expected(UNTIL)
    assert world.sealed() == expected
    assert len(expected) > 80
    assert done.rows >= len(expected)
    seals = world.client.query(f"SELECT rollup_id, sealed_until FROM {world.name}.seals FINAL ORDER BY rollup_id")
    assert seals == [(r.rollup_id, UNTIL) for r in DOSSIER.rollups.values() if r.mode == "flow"]
    again = sealer.round()
    assert (again.days, again.rows, again.changes) == (0, 0, 0)


def test_the_next_days_are_added_as_the_newest_event_moves_on(world: World) -> None:
    events = log()
    world.store([event for event in events if event["observed_at"] < at(20).isoformat()])
    sealer = sealing(world)
    sealer.round()
    first = world.sealed()
    world.store([event for event in events if event["observed_at"] >= at(20).isoformat()])
    world.store([case("newest", at(0))])
    done = sealer.round()
    assert world.sealed() == world.expected(UNTIL)
    assert set(first) <= set(world.sealed())
    assert 0 < done.days < 20 * len(DOSSIER.rollups)


def test_an_event_beyond_now_seals_nothing_more(world: World) -> None:
    world.store([*log(), case("future", at(-300))])
    sealing(world).round()
    assert world.sealed() == world.expected(UNTIL)


def test_a_late_event_changes_its_day(world: World) -> None:
    world.store([case("a", at(60), received_at=at(60)), case("newest", at(0))])
    sealer = sealing(world)
    sealer.round()
    world.store([case("late", at(1), received_at=at(60)), case("elsewhere", at(1), "XX.99", received_at=at(50))])
    done = sealer.round()
    assert world.sealed() == world.expected(UNTIL)
    assert world.changes() == [("H12", 60, "late"), ("XX.99", 50, "late")]
    before, after, before_at = world.client.query(
        f"SELECT before, after, before_at FROM {world.name}.seal_changes FINAL "
        "WHERE rollup_id = 'dossier_by_received_at' AND unit = 'H12'"
    )[0]
    assert max(after) == 2 * max(before) > 0
    assert before_at > datetime.now(UTC) - timedelta(minutes=5)
    assert done.changes == len(world.client.query(f"SELECT 1 FROM {world.name}.seal_changes FINAL"))
    assert sealer.round().changes == 0


def test_a_correction_moves_an_event_from_one_sealed_day_to_another(world: World) -> None:
    world.store([case("a", at(60), received_at=at(60)), case("newest", at(0))])
    sealer = sealing(world)
    sealer.round()
    world.store([case("a", at(1), received_at=at(90))])
    sealer.round()
    assert world.changes() == [("H12", 90, "moved"), ("H12", 60, "moved")]
    assert world.sealed() == world.expected(UNTIL)
    assert {bucket for rollup, _, bucket in world.sealed() if rollup == "dossier_by_received_at"} == {TODAY - 90}
    # Out of the sealed days, and a version that is older than what is known.
    world.store([case("a", at(0.5), received_at=at(3)), case("a", at(30), received_at=at(70))])
    sealer.round()
    assert world.sealed() == world.expected(UNTIL) == {}


def test_what_is_deleted_given_to_another_unit_or_corrected(world: World) -> None:
    names = ("gone", "given", "corrected", "finished", "rated", "untouched")
    world.store([case(name, at(60), received_at=at(60 + place)) for place, name in enumerate(names)])
    world.store([case("newest", at(0))])
    sealer = sealing(world)
    sealer.round()
    world.store([case("gone", at(1), deleted=True), case("given", at(1), "000.00.02.H12", received_at=at(61))])
    world.store([case("corrected", at(1), received_at=at(62), channel="in_person")])
    world.store(
        [
            case("finished", at(1), received_at=at(63), due_at=at(39), finished_at=at(40), status="processed"),
            rating("rated", at(45), 5),
        ]
    )
    sealer.round()
    assert world.sealed() == world.expected(UNTIL)
    assert set(world.changes()) - {("H12", 63, "corrected")} == {
        ("000.00.02.H12", 61, "unit changed"), ("H12", 61, "unit changed"), ("H12", 62, "corrected"), ("H12", 60, "deleted"),
    }  # fmt: skip
    assert world.changes("dossier_by_finished_at") == [("H12", 40, "late")]
    assert world.changes("dossier_by_rated_at") == [("H12", 45, "late")]


@pytest.mark.parametrize("moment", ["INSERT INTO past_test.sealed", "INSERT INTO past_test.seals", "mark"])
def test_an_event_that_comes_while_its_day_is_sealed_is_not_lost(world: World, moment: str) -> None:
    world.store([*log(), case("newest", at(0))])
    number = 0

    def interfere(sql: str) -> None:
        nonlocal number
        if sql.startswith(moment) or (moment == "mark" and sql.startswith("INSERT INTO past_test.seal_marks")):
            number += 1
            world.store([case(f"between-{number}", at(60), received_at=at(60), finished_at=at(60), returned_at=at(60))])

    sealing(world, client=Failing(world.client, interfere)).round()
    assert number
    sealing(world).round()
    assert world.sealed() == world.expected(UNTIL)


def test_days_are_sealed_while_another_client_writes_to_them(world: World, clickhouse_front: FrontProcess) -> None:
    world.store([*log(), case("newest", at(0))])
    stop = threading.Event()

    def write() -> None:
        rnd = random.Random(3)
        with connect(clickhouse_front) as own:
            for step in range(10_000):
                if stop.is_set():
                    return
                name, ago = f"w{rnd.randrange(60)}", rnd.randrange(34, 90)
                unit = rnd.choice(("H12", "XX.99"))
                deleted = rnd.random() < 0.2
                world.store(
                    [case(name, at(30) + timedelta(seconds=step), unit, deleted=deleted, received_at=at(ago))], own
                )

    writer = threading.Thread(target=write)
    writer.start()
    sealers = [sealing(world), sealing(world)]
    changes = sum(sealers[turn % 2].round().changes for turn in range(10))
    stop.set()
    writer.join()
    sealers[0].round()
    assert changes > 0
    assert world.sealed() == world.expected(UNTIL)


@pytest.mark.parametrize("late", [False, True])
def test_a_sealer_that_dies_at_any_write_is_followed_by_one_that_ends_the_same(world: World, late: bool) -> None:
    world.store([case(f"d{n}", at(60), received_at=at(50 + n), finished_at=at(40 + n)) for n in range(5)])
    world.store([case("newest", at(0))])
    if late:
        sealing(world).round()
        world.store([case(f"late{n}", at(1), received_at=at(50 + n), finished_at=at(41)) for n in range(3)])
    died = 0
    for place in range(1, 100):
        try:
            sealing(world, client=Failing(world.client, dying_at(place))).round()
            break
        except InterruptedRoundError:
            died += 1
        # What it had read for a day that it did not come to seal is no longer so.
        world.store([case(f"d{place % 5}", at(59 - place / 10), "XX.99", received_at=at(48 + place % 5))])
    assert died >= 3
    sealing(world).round()
    assert world.sealed() == world.expected(UNTIL)


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param(None, id="died before its first mark"),
        pytest.param((1, 0), id="another one looked since and knew of no sealed day"),
        pytest.param((120, UNTIL), id="did not run for two hours"),
    ],
)
def test_what_was_stored_long_ago_and_never_looked_for_is_found(world: World, mark: tuple[int, int] | None) -> None:
    now = datetime.now(UTC)
    world.store([case("a", at(60), received_at=at(60)), case("newest", at(0))], stored_at=now - timedelta(hours=3))
    sealing(world).round()
    world.client.execute(f"TRUNCATE TABLE {world.name}.seal_marks")
    rows = world.client.query(f"SELECT generation, rollup_id, sealed_until FROM {world.name}.seals FINAL")
    world.client.execute(f"TRUNCATE TABLE {world.name}.seals")
    sealed_ms = int((now - timedelta(hours=2)).timestamp() * 1000)
    world.client.insert(
        f"{world.name}.seals",
        ("generation", "rollup_id", "sealed_until", "sealed_at"),
        [*zip(*rows, strict=True), [sealed_ms] * len(rows)],
    )
    if mark is not None:
        minutes, until = mark
        marked_ms = int((now - timedelta(minutes=minutes)).timestamp() * 1000)
        columns = ("generation", "kind", "looked_at", "sealed_until")
        world.client.insert(f"{world.name}.seal_marks", columns, [["g1"], ["dossier"], [marked_ms], [until]])
    world.store([case("b", at(60), received_at=at(60))], stored_at=now - timedelta(hours=1))
    sealing(world).round()
    assert world.sealed() == world.expected(UNTIL)


def test_what_is_delivered_again_changes_nothing(world: World) -> None:
    events = [*log(), case("newest", at(0))]
    world.store(events)
    sealer = sealing(world)
    sealer.round()
    world.store(events)
    assert sealer.round().changes == 0
    assert world.sealed() == world.expected(UNTIL)


def test_a_code_that_is_mapped_later_needs_no_sealing(world: World) -> None:
    world.store([case("a", at(60), "XX.99", received_at=at(60)), case("newest", at(0))])
    sealer = sealing(world)
    sealer.round()
    store(world.client, world.name, Mapping("XX.99", "VPUBND", "test", datetime.now(UTC)))
    assert sealer.round().changes == 0
    assert {unit for _, unit, _ in world.sealed()} == {"XX.99"}


def test_generations_are_sealed_side_by_side(world: World) -> None:
    world.store([*log(), case("newest", at(0))])
    old, new = sealing(world, "g1"), sealing(world, "g2")
    old.round()
    new.round()
    world.store([case("late", at(1), received_at=at(60))])
    new.round()
    assert world.sealed("g2") == world.expected(UNTIL) != world.sealed("g1")
    # Going back: the old one takes up what came meanwhile.
    assert old.round().changes > 0
    assert world.sealed("g1") == world.expected(UNTIL)


def test_every_kind_is_sealed_as_the_oracle_counts(world: World) -> None:
    kinds = sorted({r.kind for r in CATALOGUE.compiled.rollups.values() if r.mode == "flow"})
    now = datetime.now(UTC)
    sealer = Sealing(world.client, world.name, CATALOGUE.compiled, "g1")
    for seed, stored in enumerate((kinds, ["document", "encounter"])):
        for kind in stored:
            world.insert(kind, made_events(kind, random.Random(seed), 60, ["H12", "XX.99"], now))
        sealer.round()
    sealed = world.sealed()
    for rollup in CATALOGUE.compiled.rollups.values():
        mine = {key[1:]: value for key, value in sealed.items() if key[0] == rollup.rollup_id}
        if rollup.mode != "flow":
            assert not mine
            continue
        rows = world.client.query(query(rollup, "day", world.name))
        assert mine == {(unit, day): list(m) for unit, day, m in rows if day < UNTIL and any(m)}


def test_a_history_of_before_keeps_the_moment_at_which_it_learnt_to_tell(world: World) -> None:
    world.store([case("a", at(60), received_at=at(60))])
    world.client.execute(f"ALTER TABLE {world.name}.dossier_history DROP INDEX stored_at_range")
    world.client.execute(f"ALTER TABLE {world.name}.dossier_history DROP COLUMN stored_at")
    assert sync(world.client, Target(world.name)) == ["added dossier_history.stored_at"]
    ask = f"SELECT stored_at FROM {world.name}.dossier_history"
    first = world.client.query(ask)
    world.store([case("b", at(60), received_at=at(60))])
    assert first[0] in world.client.query(ask)
    indexes = (
        f"SELECT name FROM system.data_skipping_indices WHERE database = '{world.name}' AND table = 'dossier_history'"
    )
    assert world.client.query(indexes) == [("stored_at_range",)]


def test_a_seal_that_has_gone_stale_is_mended_when_all_is_counted_again(world: World) -> None:
    world.store([*log(), case("newest", at(0))])
    sealer = sealing(world)
    sealer.round()
    world.client.execute(
        f"INSERT INTO {world.name}.sealed SELECT * REPLACE (arrayMap(x -> x + 1, measures) AS measures, now64(3) AS sealed_at) "
        f"FROM {world.name}.sealed FINAL WHERE rollup_id = 'dossier_by_received_at' LIMIT 5"
    )
    assert sealer.round().changes == 0
    assert world.sealed() != world.expected(UNTIL)
    assert sealer.round(again=True).changes == 5
    assert world.sealed() == world.expected(UNTIL)
    assert {reason for _, _, reason in world.changes()} == {"recomputed"}
