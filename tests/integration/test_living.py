"""What the keeper publishes: the entities that count in what is not sealed, as events that mean what their connectors said."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ioc.catalogue.expr import Measure
from ioc.catalogue.load import load_catalogue, load_province
from ioc.catalogue.rollup import Rollup
from ioc.clock import DAY_S, LOCAL_OFFSET_S
from ioc.contracts.decoder import decoder
from ioc.contracts.kinds import KINDS
from ioc.kafka.partition import partition_of
from ioc.settings import ClickHouseSettings, Login
from ioc.topics import PARTITIONS
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.living import due, event, states
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.keeper import Keeper
from tests.clickhouse_front import FrontProcess
from tests.integration.sink_rig import dossiers
from tests.properties import kind_logs

DATABASE = "living_test"
NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=70)
HALF = [int((NOW - timedelta(days=30)).timestamp() * 1_000_000)] * PARTITIONS


@pytest.fixture(scope="module")
def database(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        migrate(client, Target(DATABASE), load_catalogue(), load_province("ca_mau"), {"events.dossier": "test"})
        yield client


def store(client: Client, kind: str, log: list[Any]) -> None:
    for table in (f"{kind}_history", *(f"{kind}_{facet.name}" for facet in KINDS[kind].facets), "kept"):
        client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
    if log:
        columns, _ = history_rows(kind, log)
        client.insert(f"{DATABASE}.{kind}_history", [column.name for column in history_columns(kind)], columns)


@pytest.mark.parametrize("kind", sorted(kind_logs.ROLLUPS))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_an_event_from_the_tables_means_what_was_read(database: Client, kind: str, data: st.DataObject) -> None:
    log = data.draw(kind_logs.logs(kind))
    # Equal versions mean equal content, so of two the first stands for both.
    unique = {(type(e).__struct_config__.tag, e.entity, e.version): e for e in reversed(log)}
    store(database, kind, list(unique.values()))
    newest = {(facet, entity): e for (facet, entity, _), e in sorted(unique.items(), key=lambda item: item[0][2])}
    found = {}
    for facet in KINDS[kind].facets:
        for row in database.query(states(kind, facet, [f"e{n}" for n in range(5)], DATABASE)):
            (one,) = decoder(kind)(b"[" + event(kind, facet.name, row[1:]) + b"]")
            found[facet.name, row[0]] = one
    assert found == newest


def dossier(entity: str, heard: datetime = LONG_AGO, **case: Any) -> dict[str, Any]:
    (one,) = (e for e in dossiers(1, 1, NOW, versions=1) if e["facet"] == "case")
    data = {
        **(one["data"] or {}),
        "status": "returned",
        "due_at": None,
        "finished_at": None,
        "returned_at": None,
        **case,
    }
    seen = heard.isoformat().replace("+00:00", "Z")
    return {**one, "entity": entity, "deleted": False, "data": data, "observed_at": seen}


def wire(days: float) -> str:
    return (NOW + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def day_of(days: float) -> int:
    return int((NOW + timedelta(days=days)).timestamp() + LOCAL_OFFSET_S) // DAY_S


ROLLUPS = [rollup for rollup in load_catalogue().compiled.rollups.values() if rollup.kind == "dossier"]
ROLLUPS.append(Rollup("dossier_by_due_at", "dossier", "flow", "due_at", (Measure(()),)))
SEALED = {rollup.rollup_id: day_of(-33) for rollup in ROLLUPS if rollup.mode == "flow"}


def due_of(client: Client, listed: Sequence[dict[str, Any]], sealed: dict[str, int] = SEALED) -> list[str]:
    store(client, "dossier", decoder("dossier")(msgspec.json.encode(listed)))
    return [row[0] for row in client.query(due("dossier", ROLLUPS, sealed, HALF, DATABASE))]


def test_what_is_open_and_silent_is_due_and_what_is_over_is_not(database: Client) -> None:
    over: dict[str, Any] = {"received_at": wire(-100), "finished_at": wire(-80), "returned_at": wire(-80)}
    listed = [
        dossier("open", status="processing", received_at=wire(-100)),
        dossier("over", **over),
        dossier("heard", NOW - timedelta(days=2), status="processing", received_at=wire(-100)),
        # Finished long ago and still counted on a day that no table holds yet: by the date it was promised for.
        dossier("promised", **over, due_at=wire(-3)),
        {**dossier("gone", status="processing", received_at=wire(-100)), "deleted": True},
    ]
    assert due_of(database, listed) == ["open", "promised"]
    # Where nothing is sealed the log must hold everything.
    assert due_of(database, listed, {}) == ["open", "over", "promised"]


def test_a_facet_that_was_silent_for_long_is_due_with_its_entity(database: Client) -> None:
    rating = {**dossier("rated"), "facet": "rating", "data": {"rating": 5, "rated_at": wire(-40)}}
    case = dossier("rated", NOW, status="processing", received_at=wire(-100))
    assert due_of(database, [case]) == []
    assert due_of(database, [case, rating]) == ["rated"]


def test_what_the_log_holds_old_versions_of_only_is_due(database: Client) -> None:
    over: dict[str, Any] = {"received_at": wire(-100), "finished_at": wire(-80), "returned_at": wire(-80)}
    listed = []
    for name in ("over", "gone", "heard of", "left alone"):
        newest = {**dossier(name, **over), "deleted": name == "gone"}
        older = dossier(name, LONG_AGO, status="processing", received_at=wire(-100)) | {
            "version": newest["version"] - 1
        }
        read = {"left alone": LONG_AGO}.get(name, NOW - timedelta(days=2)).isoformat().replace("+00:00", "Z")
        listed += [newest | ({"observed_at": wire(-1)} if name == "heard of" else {}), older | {"observed_at": read}]
    assert due_of(database, listed) == ["gone", "over"]


def test_partitions_have_moments_of_their_own_by_the_rule_of_the_producer(database: Client) -> None:
    names = [f"hồ sơ {number}" for number in range(40)]
    listed = [dossier(name, status="processing", received_at=wire(-100)) for name in names]
    store(database, "dossier", decoder("dossier")(msgspec.json.encode(listed)))
    for partition in range(PARTITIONS):
        limits = [HALF[0] if number == partition else 0 for number in range(PARTITIONS)]
        found = {row[0] for row in database.query(due("dossier", ROLLUPS, SEALED, limits, DATABASE))}
        assert found == {name for name in names if partition_of(name, PARTITIONS) == partition}


class Published:
    """Keeps messages; each is acknowledged at once."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, int, bytes]] = []

    def publish(self, topic: str, partition: int, value: bytes, key: bytes | None = None) -> "Published":
        self.messages.append((topic, partition, value))
        return self

    def wait(self, timeout_s: float) -> int:
        return 0

    def flush(self, timeout_s: float) -> None:
        pass


def test_a_round_publishes_all_facets_once(database: Client) -> None:
    rating = {**dossier("d1"), "facet": "rating", "data": {"rating": 5, "rated_at": wire(-69)}}
    listed = [dossier(f"d{n}", status="processing", received_at=wire(-100)) for n in range(3)] + [rating]
    store(database, "dossier", decoder("dossier")(msgspec.json.encode(listed)))
    out = Published()
    keeper = Keeper(database, DATABASE, load_catalogue().compiled, "g", out)
    result = keeper.round(lambda _: HALF)
    assert (result.entities, result.events) == ({"dossier": 3}, 4)
    kept = [(partition, e) for _, partition, value in out.messages for e in decoder("dossier")(value)]
    assert sorted((e.entity, e.version) for _, e in kept) == sorted((e["entity"], e["version"]) for e in listed)
    assert all(partition == partition_of(e.entity, PARTITIONS) for partition, e in kept)
    assert {topic for topic, _, _ in out.messages} == {"events.dossier"}
    assert keeper.round(lambda _: HALF).entities == {}, "they were kept just now"
