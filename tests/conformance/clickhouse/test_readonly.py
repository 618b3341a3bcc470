"""A user who may only read, and queries that ask to."""

from pathlib import Path

import pytest
from clickhouse_driver.errors import ServerException

from tests.conformance.clickhouse.attempts import REFUSED, WRITES, fill, http_answer, native_answer
from tests.conformance.clickhouse.conftest import Target


@pytest.mark.parametrize("sql", WRITES)
def test_an_analyst_only_reads(analyst: Target, table: str, secret: Path, sql: str) -> None:
    asked = fill(sql, secret, table)
    client = analyst.client()
    try:
        assert native_answer(client, asked)[0] in REFUSED
        assert client.execute(f"SELECT * FROM {table}.t") == [(1, "kept")]
        assert native_answer(client, f"INSERT INTO {table}.t VALUES (2, 'after')")[0] == 164
    finally:
        client.disconnect()
    with analyst.http() as web:
        for params in ({}, {"session_id": "analyst"}, {"session_id": "analyst", "readonly": "2"}):
            assert http_answer(web, asked, **params)[0] in REFUSED
        assert http_answer(web, asked, readonly="0")[0] in REFUSED


def test_an_analyst_cannot_insert_by_packets_or_in_a_body(analyst: Target, table: str) -> None:
    client = analyst.client()
    with pytest.raises(ServerException, match="readonly"):
        client.execute(f"INSERT INTO {table}.t VALUES", [(2, "x")], settings={"readonly": 0})
    client.disconnect()
    client = analyst.client()
    with pytest.raises(ServerException, match="readonly"):
        client.execute(f"INSERT INTO {table}.t VALUES", [(2, "x")])
    client.disconnect()
    with analyst.http() as web:
        assert http_answer(web, "2,x\n", query=f"INSERT INTO {table}.t FORMAT CSV")[0] == 164
        assert http_answer(web, f"INSERT INTO {table}.t FORMAT CSV\n2,x\n")[0] == 164


def test_an_analyst_has_temporary_tables_and_settings(analyst: Target) -> None:
    client = analyst.client()
    client.execute("CREATE TEMPORARY TABLE mine (n Int32)")
    client.execute("INSERT INTO mine VALUES", [(1,), (2,)])
    assert client.execute("SELECT sum(n) FROM mine") == [(3,)]
    client.execute("SET max_threads = 1")
    table = {"name": "ext", "structure": [("n", "Int32")], "data": [{"n": 5}]}
    assert client.execute("SELECT n FROM ext", external_tables=[table]) == [(5,)]
    client.disconnect()


def test_a_session_belongs_to_its_user(target: Target, analyst: Target) -> None:
    name = {"session_id": "shared-name"}
    with target.http() as writer, analyst.http() as reader:
        assert http_answer(writer, "CREATE TEMPORARY TABLE w (n Int32)", **name)[0] == 0
        assert http_answer(reader, "SELECT * FROM w", **name)[0] == 60
        assert http_answer(reader, "CREATE TABLE default.x (n Int32) ENGINE = Memory", **name)[0] == 164


def test_a_user_may_limit_one_query_to_reading(target: Target, table: str) -> None:
    client = target.client()
    with pytest.raises(ServerException, match="readonly"):
        client.execute(f"INSERT INTO {table}.t VALUES", [(2, "x")], settings={"readonly": 1})
    client.disconnect()
    assert client.execute("CREATE TEMPORARY TABLE mine (n Int32)") == []
    client.disconnect()
