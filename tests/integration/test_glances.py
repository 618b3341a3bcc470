"""What moves between sealed days and others is put right by a glance, before the next round; all else waits for that."""

from collections.abc import Callable
from datetime import date

import pytest

from ioc.clock import EPOCH
from sinks.clickhouse.generations import live_generation
from sinks.clickhouse.snapshot import Snapshot
from sinks.sealing import SEAL_DAYS, Sealing
from tests.clickhouse_front import FrontProcess
from tests.integration.sealing_rig import (
    DOSSIER,
    TODAY,
    Failing,
    InterruptedRoundError,
    World,
    at,
    case,
    dying_at,
    world_of,
)

UNTIL = TODAY - SEAL_DAYS


@pytest.fixture
def world(clickhouse_front: FrontProcess, pytestconfig: pytest.Config) -> World:
    made = world_of(clickhouse_front, pytestconfig)
    made.clear()
    return made


def test_a_glance_puts_right_what_left_the_sealed_days_and_leaves_the_rest_to_the_round(world: World) -> None:
    world.store([case("a", at(60), received_at=at(60)), case("b", at(60), received_at=at(60)), case("newest", at(0))])
    sealer = Sealing(world.client, world.name, DOSSIER, "g1")
    sealer.round()
    assert sealer.glance().changes == 0
    # One late on another day, one late on the same, one corrected where it lies, one deleted, one new of today.
    world.store([case("elsewhere", at(1), received_at=at(50)), case("late", at(1), received_at=at(60))])
    world.store([case("b", at(1), received_at=at(60), channel="in_person"), case("new", at(0), received_at=at(0))])
    world.store([case("newest", at(0), deleted=True)])
    before = world.sealed()
    assert sealer.glance().changes == 0
    assert world.sealed() == before
    # The fold counts it three days ago from now on, and the sealed day counts it still.
    world.store([case("a", at(0.5), received_at=at(3))])
    done = sealer.glance()
    received = ("dossier_by_received_at", "H12")
    wanted = world.expected(UNTIL)
    assert world.sealed()[*received, TODAY - 60] == wanted[*received, TODAY - 60]
    assert (*received, TODAY - 50) not in world.sealed()
    assert world.changes() == [("H12", 60, "corrected, late, moved")]
    (sealed_ms,) = world.client.query(f"SELECT toUnixTimestamp64Milli(max(sealed_at)) FROM {world.name}.sealed")[0]
    assert done.since_ms is not None
    assert done.since_ms <= sealed_ms
    assert sealer.glance().changes == 0
    sealer.round()
    assert world.sealed() == wanted
    assert world.changes() == [("H12", 60, "corrected, late, moved"), ("H12", 50, "late")]


def test_a_glance_puts_right_what_came_to_the_sealed_days(world: World) -> None:
    world.store([case("a", at(5), received_at=at(3)), case("newest", at(0))])
    sealer = Sealing(world.client, world.name, DOSSIER, "g1")
    sealer.round()
    assert world.sealed() == {}
    # The fold counts it no more, and no sealed day counts it yet.
    world.store([case("a", at(1), received_at=at(60))])
    sealer.glance()
    assert world.sealed() == world.expected(UNTIL) != {}


def test_a_glance_that_dies_at_any_write_is_made_good(world: World) -> None:
    world.store([case(f"d{n}", at(60), received_at=at(50 + n), finished_at=at(40 + n)) for n in range(20)])
    world.store([case("newest", at(0))])
    before: list[Callable[[str], None]] = [lambda _: None]
    sealer = Sealing(Failing(world.client, lambda sql: before[0](sql)), world.name, DOSSIER, "g1")
    sealer.round()
    died = 0
    for place in range(1, 100):
        world.store([case(f"d{place}", at(1), received_at=at(3), finished_at=at(1))])
        before[0] = dying_at(place)
        try:
            sealer.glance()
            break
        except InterruptedRoundError:
            died += 1
    assert died >= 2
    assert world.sealed() == world.expected(UNTIL)
    before[0] = lambda _: None
    assert sealer.round().changes == 0


def test_a_sealed_day_that_took_long_to_count_is_shown_by_the_next_snapshot(world: World) -> None:
    snapshot, generation = Snapshot(world.client, world.name), live_generation(world.client, world.name)
    year = (date.fromordinal(EPOCH.toordinal() + TODAY).replace(month=1, day=1) - EPOCH).days
    rollup = DOSSIER.rollups["dossier_by_received_at"]
    ref = DOSSIER.formulas["DVC-001"].numerator
    vector = [4 * (place == ref.index) for place in range(len(rollup.measures))]
    seal: list[list[object]] = [[generation], [rollup.rollup_id], [year + 1], [1]]
    world.client.insert(f"{world.name}.seals", ("generation", "rollup_id", "sealed_until", "sealed_at"), seal)
    snapshot.refresh()
    # It bears the moment before it was counted, which is a minute ago.
    begun = world.client.query("SELECT toUnixTimestamp64Milli(now64(3))")[0][0] - 60_000
    columns = ("generation", "rollup_id", "unit", "bucket", "measures", "sealed_at")
    row: list[list[object]] = [[generation], [rollup.rollup_id], ["H12"], [year], [vector], [begun]]
    world.client.insert(f"{world.name}.sealed", columns, row)
    snapshot.sealed_since(begun)
    snapshot.refresh()
    shown = f"SELECT sum(numerator) FROM {world.name}.indicator_now WHERE code = 'DVC-001' AND level = 'province'"
    assert world.client.query(shown) == [(4,)]
