"""The horizon: what is sealed may be forgotten, and everything else is what it would be without."""

import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.catalogue.rollup import Rollup
from ioc.contracts.kinds import KINDS
from streams.entities import PAGES
from streams.fold import Fold
from tests.made_events import made_events
from tests.naive_fold import Cell, NaiveFold, local_day
from tests.properties import kind_logs
from tests.properties.dossier_logs import BASE, decoded, events
from tests.properties.test_fold import taken
from tests.properties.test_fold_restart import Owner

FIRST = local_day(BASE)
FLOWS = {rollup.rollup_id for rollups in kind_logs.ROLLUPS.values() for rollup in rollups if rollup.mode == "flow"}

lives = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(1, 9), st.integers(0, FIRST + 2)), min_size=1, max_size=6), st.integers(0, 20)
    ),
    min_size=1,
    max_size=4,
)
"""Of each owner: batches, each followed by a checkpoint and a horizon; then after how many steps of a last one it dies."""


def day_of(cell: Cell) -> int:
    _, grain, _, bucket = cell
    return (bucket + 7) // 24 if grain == "hour" else bucket


@pytest.mark.parametrize("kind", sorted(kind_logs.ROLLUPS))
@settings(max_examples=12)
@given(st.data(), lives)
def test_before_the_horizon_nothing_is_said_and_after_it_the_truth(
    kind: str, data: st.DataObject, lives: list[tuple[list[tuple[int, int]], int]]
) -> None:
    rollups = kind_logs.ROLLUPS[kind]
    log = data.draw(kind_logs.logs(kind))
    if KINDS[kind].main.data.IMMUTABLE:
        only = {event.entity: event for event in log}
        log = [only[event.entity] for event in log]
    downstream, greatest = run(kind, rollups, log, lives)
    naive = NaiveFold(kind, rollups)
    for event in log:
        naive.apply(event)

    def counts(cell: Cell, vector: list[int]) -> bool:
        return any(vector) and not (cell[0] in FLOWS and day_of(cell) < greatest)

    said = {cell: vector for cell, (_, vector) in downstream.items() if counts(cell, vector)}
    assert said == {cell: vector for cell, vector in naive.cells().items() if counts(cell, vector)}


def run(
    kind: str, rollups: list[Rollup], log: list[Any], lives: list[tuple[list[tuple[int, int]], int]]
) -> tuple[dict[Cell, tuple[int, list[int]]], int]:
    """What stands downstream after these lives and one that reads to the end; the greatest horizon there was."""
    topic: dict[bytes, bytes] = {}
    downstream: dict[Cell, tuple[int, list[int]]] = {}
    greatest = 0
    for number, (turns, steps) in enumerate([*lives, ([(len(log) + 1, 0)], 0)]):
        owner = Owner(f"o{number}", rollups, topic, downstream, kind)
        for size, horizon in turns:
            owner.apply(log, min(len(log), owner.expected + size))
            owner.checkpoint(2 * PAGES, horizon if horizon >= FIRST else 0)
            greatest = max(greatest, owner.fold.horizon)
        owner.checkpoint(steps)
    return downstream, greatest


@given(st.lists(events(), min_size=1, max_size=40).map(decoded), st.integers(FIRST, FIRST + 2))
def test_no_cell_of_a_flow_before_the_horizon_is_emitted(log: list[Any], horizon: int) -> None:
    rollups = kind_logs.ROLLUPS["dossier"]
    fold = Fold("dossier", rollups)
    fold.apply(log[: len(log) // 2])
    taken(fold)
    fold.advance(horizon)
    fold.apply(log[len(log) // 2 :])
    assert all(day_of(cell) >= horizon for cell in taken(fold) if cell[0] in FLOWS)


@pytest.mark.parametrize(
    ("kind", "time", "remembered"), [("sensor_reading", "measured_at", 0), ("immunization", "given_at", 1)]
)
def test_facts_leave_nothing_and_other_records_their_versions(kind: str, time: str, remembered: int) -> None:
    log = made_events(kind, random.Random(5), 200, ["A", "B"], BASE)
    fold = Fold(kind, kind_logs.ROLLUPS[kind])
    fold.apply(log)
    assert len(fold.entities) == len(log)
    fold.advance(FIRST - 30)
    later = [event for event in log if (at := getattr(event.data, time)) is not None and local_day(at) >= FIRST - 30]
    assert 0 < len(later) < len(log)
    assert sorted(fold.entities.names) == sorted(event.entity for event in later)
    assert len(fold.entities.forgotten) == remembered * (len(log) - len(later))


def test_an_old_version_of_a_forgotten_entity_counts_nowhere() -> None:
    kind = "immunization"
    (event,) = made_events(kind, random.Random(5), 1, ["A"], BASE)
    fold = Fold(kind, kind_logs.ROLLUPS[kind])
    fold.apply([event])
    fold.advance(FIRST + 1)
    taken(fold)
    assert len(fold.entities) == 0
    today = msgspec.structs.replace(event.data, given_at=BASE + timedelta(days=2), state="completed")
    fold.apply([msgspec.structs.replace(event, version=event.version - 1, data=today)])
    assert not taken(fold)
    fold.apply([msgspec.structs.replace(event, version=event.version + 1, data=today)])
    assert any(any(vector) for vector in taken(fold).values())
