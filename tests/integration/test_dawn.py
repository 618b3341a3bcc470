"""The figures that a day began with: those that stood last before it, kept once, whatever is counted and whoever starts again."""

from collections.abc import Iterator
from typing import Any

import pytest

from sinks.clickhouse.client import Client
from sinks.clickhouse.snapshot import Snapshot
from tests.clickhouse_front import FrontProcess
from tests.wall_world import World

NAME = "dawn_test"


@pytest.fixture
def world(clickhouse_front: FrontProcess) -> Iterator[World]:
    made = World(clickhouse_front, NAME).migrate().fill(60)
    made.heartbeat()
    yield made
    with Client(made.settings, made.settings.admin) as client:
        client.execute(f"DROP DATABASE {NAME}")


def night(world: World, days: int = 1) -> None:
    """Everything that stands was made so many days earlier."""
    with Client(world.settings, world.settings.admin) as client:
        client.execute(f"TRUNCATE TABLE {NAME}.indicator_next")
        earlier = f"* REPLACE (revision - toIntervalDay({days}) AS revision)"
        client.execute(f"INSERT INTO {NAME}.indicator_next SELECT {earlier} FROM {NAME}.indicator_figures FINAL")
        client.execute(f"TRUNCATE TABLE {NAME}.indicator_figures")
        client.execute(f"INSERT INTO {NAME}.indicator_figures SELECT * FROM {NAME}.indicator_next")
        client.execute(
            f"ALTER TABLE {NAME}.figures_at_dawn UPDATE day = day - {days} WHERE 1 SETTINGS mutations_sync = 2"
        )


def dawn(world: World) -> dict[str, Any]:
    rows = world.query("SELECT code, value, period_start, day = toDate(now('Asia/Ho_Chi_Minh')) FROM figures_at_dawn")
    assert all(today for *_, today in rows)
    return {code: (value, start) for code, value, start, _ in rows}


def now(world: World) -> dict[str, Any]:
    rows = world.query("SELECT code, value, period_start FROM indicator_now WHERE level = 'province'")
    return {code: (value, start) for code, value, start in rows}


def test_a_day_on_which_nothing_stood_before_begins_with_nothing(world: World) -> None:
    assert now(world)
    assert dawn(world) == {}
    world.heartbeat()
    assert dawn(world) == {}


def test_the_day_begins_with_what_stood_last(world: World) -> None:
    stood = now(world)
    night(world)
    world.fill(90, seed=2)
    world.heartbeat()
    assert dawn(world) == stood
    assert now(world) != stood
    # Neither what comes in later nor a process that starts again is what the day began with.
    world.fill(120, seed=3)
    with Client(world.settings, world.settings.writer) as client:
        Snapshot(client, NAME).refresh()
    assert dawn(world) == stood
    # The next day begins with what this one has come to.
    later = now(world)
    assert later != stood
    night(world)
    world.heartbeat()
    assert dawn(world) == later


def test_days_without_a_process_end_with_what_stood_then(world: World) -> None:
    stood = now(world)
    night(world, days=3)
    world.fill(90, seed=2)
    world.heartbeat()
    assert dawn(world) == stood
