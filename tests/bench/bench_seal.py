"""How long sealing takes on millions of dossiers: the first time, a day, late events; and the history of their states.

Prints the figures; asserts the goal for a day. `IOC_BENCH_EVENTS` makes it smaller.
"""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS
from sinks.clickhouse.columns import data_columns
from sinks.sealing import Sealing
from sinks.states import StateHistory
from tests.clickhouse_front import FrontProcess
from tests.integration.sealing_rig import DOSSIER, World

EVENTS = int(os.environ.get("IOC_BENCH_EVENTS", "5000000"))
DAYS = 1000
GOAL_S = 10.0
"""A day, over all rollups of flows."""

RECEIVED = f"toDateTime64(now() - (cityHash64(number) % {DAYS * 86_400}), 6, 'UTC')"


def case(entities: int, finished: bool, late: str = "") -> str:
    """One version of so many dossiers: as received, or as finished within 40 days."""
    took = "toIntervalSecond(cityHash64(number, 1) % 3456000)"
    updated = f"least({RECEIVED} + {took}, now64(6, 'UTC'))" if finished else RECEIVED
    values = {
        "procedure": "'1.000001'", "field": "'TT'", "applicant_type": "'person'",
        "channel": "['online_full', 'online_partial', 'in_person'][number % 3 + 1]",
        "status": "'processed'" if finished else "'received'", "received_at": RECEIVED,
        "due_at": f"{RECEIVED} + toIntervalDay(20)", "finished_at": updated if finished else "NULL",
        "returned_at": updated if finished else "NULL", "supplements": "number % 2", "extensions": "0", "fee_vnd": "15000",
        "paid_online": "number % 2", "components": "3", "components_digitised": "number % 4", "components_reused": "0",
        "result_digitised": "number % 2", "vneid": "true",
    }  # fmt: skip
    return rows("case", entities, values, updated, late)


def rating(entities: int) -> str:
    """Ratings of so many dossiers."""
    return rows("rating", entities, {"rating": "number % 5 + 1", "rated_at": RECEIVED}, RECEIVED)


def rows(facet: str, entities: int, values: dict[str, str], updated: str, late: str = "") -> str:
    """INSERT of one facet of entities, by the numbers from 0."""
    given = {
        "source": "'dossier'", "entity": f"concat('000.00.00.H12-', hex(sipHash64(number)){late})", "facet": f"'{facet}'",
        "version": f"bitShiftLeft(toUnixTimestamp64Milli({updated}), {VERSION_HASH_BITS}) + 1", "deleted": "number % 50 = 0",
        "unit": "concat('000.', toString(number % 110))", "occurred_at": updated, "observed_at": updated,
    } | values  # fmt: skip
    wanted = {column.name for part in KINDS["dossier"].facets for column in data_columns(part.data)}
    assert {*values} <= wanted
    columns = ", ".join(f"`{name}`" for name in given)
    return f"INSERT INTO seal_bench.dossier_history ({columns}) SELECT {', '.join(given.values())} FROM numbers({entities})"


@pytest.fixture
def world(clickhouse_front: FrontProcess) -> Iterator[World]:
    made = World(clickhouse_front, "seal_bench")
    yield made
    made.client.execute("DROP DATABASE seal_bench SYNC")
    made.client.close()


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_seal(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    client = world.client
    told: list[str] = []

    def timed(what: str, work: Callable[[], object]) -> float:
        begun = time.monotonic()
        done = work()
        seconds = time.monotonic() - begun
        told.append(f"{what:<42} {seconds:7.2f} s  {done or ''}")
        return seconds

    entities = EVENTS * 2 // 5
    for statement in (case(entities, False), case(entities, True), rating(EVENTS // 5)):
        timed("made up", partial(client.execute, statement))
    sealer, history = (each(client, "seal_bench", DOSSIER, "g1") for each in (Sealing, StateHistory))
    timed("all days sealed for the first time", sealer.round)
    timed("nothing new", sealer.round)
    seals = client.query("SELECT generation, rollup_id, sealed_until - 1, sealed_at FROM seal_bench.seals FINAL")
    client.execute("TRUNCATE TABLE seal_bench.seals")
    columns = [list(column) for column in zip(*seals, strict=True)]
    client.insert("seal_bench.seals", ("generation", "rollup_id", "sealed_until", "sealed_at"), columns)
    day = timed("one day sealed, every rollup", sealer.round)
    client.execute(case(1000, True, late=" || '-late'"))
    timed("a thousand late dossiers of many days", sealer.round)
    client.execute(case(3, True, late=" || '-late-too'"))
    timed("three late dossiers", sealer.round)
    timed("states of the newest 30 days", history.round)
    timed("states of 400 days", history.round)
    client.execute("INSERT INTO seal_bench.state_marks SELECT * REPLACE (until_day - 1 AS until_day, revision + 1 AS revision, "
                   "0 AS from_day) FROM seal_bench.state_marks FINAL")  # fmt: skip
    timed("states of one night", history.round)
    client.execute(case(3, True, late=" || '-late-again'"))
    timed("states after three late dossiers", history.round)
    with capsys.disabled():
        print(f"\nsealing, {EVENTS} events of dossiers\n" + "\n".join(told))
    assert day <= GOAL_S
