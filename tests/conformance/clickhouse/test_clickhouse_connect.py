"""clickhouse-connect, the other official Python client, over HTTP."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.conformance.clickhouse.conftest import Target

Make = Callable[..., Client]


@pytest.fixture
def make(target: Target, database: str) -> Iterator[Make]:
    made: list[Client] = []

    def build(**options: Any) -> Client:
        client = clickhouse_connect.get_client(
            host=target.host, port=target.http_port, username=target.user, password=target.password,
            database=database, **options,
        )  # fmt: skip
        made.append(client)
        return client

    yield build
    for client in made:
        client.close()


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_insert_and_query(make: Make, compress: bool | str) -> None:
    client = make(compress=compress)
    client.command(
        "CREATE TABLE t (n Int64, s LowCardinality(String), a Array(Int64), d DateTime64(6, 'UTC'), x Nullable(String)) "
        "ENGINE = MergeTree ORDER BY n"
    )
    when = dt.datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)
    rows = [(n, f"s{n % 3}", [n] * (n % 4), when, None if n % 2 else "ủy") for n in range(20_000)]
    client.insert("t", rows, column_names=["n", "s", "a", "d", "x"])
    got = client.query("SELECT n, s, a, toUnixTimestamp64Micro(d), x FROM t ORDER BY n").result_rows
    micros = 1_704_164_645_678_901
    assert got == [(n, s, a, micros, x) for n, s, a, _, x in rows]


def test_frames_and_arrow(make: Make) -> None:
    client = make()
    frame = client.query_df("SELECT number AS n, toString(number) AS s FROM numbers(1000)")
    assert list(frame.columns) == ["n", "s"]
    assert int(frame["n"].sum()) == 499_500
    client.command("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    client.insert_df("t", frame)
    assert client.query("SELECT count(), sum(n) FROM t").result_rows == [(1000, 499_500)]
    arrow = client.query_arrow("SELECT n FROM t ORDER BY n")
    assert arrow.num_rows == 1000


def test_parameters_commands_and_errors(make: Make) -> None:
    client = make()
    sql = "SELECT {s:String}, {a:Array(Int32)}"
    assert client.query(sql, parameters={"s": "it's\t\\", "a": [1, 2]}).result_rows == [("it's\t\\", [1, 2])]
    assert client.command("SELECT 41 + 1") == 42
    with pytest.raises(DatabaseError, match="Code: 47"):
        client.query("SELECT nope")
    assert client.query("SELECT 1", settings={"max_threads": 1}).result_rows == [(1,)]


def test_its_session_keeps_temporary_tables(make: Make) -> None:
    client = make()
    client.command("CREATE TEMPORARY TABLE mine (n Int32)")
    client.insert("mine", [[1], [2]], column_names=["n"])
    assert client.query("SELECT sum(n) FROM mine").result_rows == [(3,)]


def test_streams_of_blocks(make: Make) -> None:
    with make().query_row_block_stream("SELECT number, toString(number) FROM numbers(300000)") as stream:
        assert sum(len(block) for block in stream) == 300_000
