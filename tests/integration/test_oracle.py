"""The second engine means what the measures mean: queries over the tables against a naive fold, on random logs and rollups."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ioc.catalogue.load import load_catalogue, load_province
from ioc.catalogue.rollup import Rollup
from ioc.contracts.kinds import KINDS
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.oracle import grains, query
from sinks.clickhouse.render import Target
from tests.clickhouse_front import FrontProcess
from tests.naive_fold import Cell, NaiveFold
from tests.properties import kind_logs, working_days
from tests.properties.dossier_logs import logs, rollup_sets

DATABASE = "oracle_test"
CATALOGUE = kind_logs.ROLLUPS["dossier"]


@pytest.fixture(scope="module")
def database(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        migrate(client, Target(DATABASE), load_catalogue(), load_province("ca_mau"), {"events.dossier": "test"})
        yield client


def stored(client: Client, log: list[Any], kind: str = "dossier") -> None:
    for table in (f"{kind}_history", *(f"{kind}_{facet.name}" for facet in KINDS[kind].facets)):
        client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
    # Equal versions mean equal content, so of two the first stands for both.
    unique = list({(type(e), e.entity, e.version): e for e in reversed(log)}.values())
    half = len(unique) // 2
    for part in (unique[half:], unique[:half], unique[:1]):
        if part:
            columns, rows = history_rows(kind, part)
            names = [column.name for column in history_columns(kind)]
            assert client.insert(f"{DATABASE}.{kind}_history", names, columns) == rows == len(part)


def counted(client: Client, rollups: list[Rollup]) -> dict[Cell, list[int]]:
    return {
        (rollup.rollup_id, grain, unit, bucket): list(measures)
        for rollup in rollups
        for grain in grains(rollup)
        for unit, bucket, measures in client.query(query(rollup, grain, DATABASE))
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.just(CATALOGUE) | rollup_sets(), logs)
def test_queries_count_what_the_naive_fold_counts(database: Client, rollups: list[Rollup], log: list[Any]) -> None:
    naive = NaiveFold("dossier", rollups)
    for event in log:
        naive.apply(event)
    stored(database, log)
    assert counted(database, rollups) == naive.cells()


@pytest.mark.parametrize("kind", sorted(kind_logs.ROLLUPS))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_queries_count_every_kind_as_the_naive_fold_does(database: Client, kind: str, data: st.DataObject) -> None:
    rollups, log = kind_logs.ROLLUPS[kind], data.draw(kind_logs.logs(kind))
    naive = NaiveFold(kind, rollups)
    for event in log:
        naive.apply(event)
    stored(database, log, kind)
    assert counted(database, rollups) == naive.cells()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(working_days.logs)
def test_queries_count_working_days_as_a_loop_does(database: Client, log: list[Any]) -> None:
    naive = NaiveFold("dossier", working_days.ROLLUPS)
    for event in log:
        naive.apply(event)
    stored(database, log)
    assert counted(database, working_days.ROLLUPS) == naive.cells()
