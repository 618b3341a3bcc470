"""The second engine means what the measures mean: queries over the tables against a naive fold, on random logs and rollups."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ioc.catalogue.compile import Rollup
from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.oracle import grains, query
from sinks.clickhouse.render import Target
from tests.clickhouse_front import FrontProcess
from tests.naive_fold import Cell, NaiveFold
from tests.properties.dossier_logs import logs, rollup_sets

DATABASE = "oracle_test"
CATALOGUE = [r for r in load_catalogue().compiled.rollups.values() if r.kind == "dossier"]


@pytest.fixture(scope="module")
def database(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        migrate(client, Target(DATABASE), load_catalogue(), load_province("ca_mau"), {"events.dossier": "test"})
        yield client


def stored(client: Client, log: list[Any]) -> None:
    for table in ("dossier_history", "dossier_case", "dossier_rating"):
        client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
    # Equal versions mean equal content, so of two the first stands for both.
    unique = list({(type(e), e.entity, e.version): e for e in reversed(log)}.values())
    half = len(unique) // 2
    for part in (unique[half:], unique[:half], unique[:1]):
        if part:
            columns, rows = history_rows("dossier", part)
            names = [column.name for column in history_columns("dossier")]
            assert client.insert(f"{DATABASE}.dossier_history", names, columns) == rows == len(part)


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
