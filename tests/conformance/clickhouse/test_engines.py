"""What the project's tables and views rely on."""

from collections.abc import Callable

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException


def test_the_newest_version_wins(client: Client) -> None:
    client.execute(
        "CREATE TABLE cells (rollup_id LowCardinality(String), bucket DateTime('UTC'), part UInt16, revision UInt64, "
        "measures Array(Int64)) ENGINE = ReplacingMergeTree(revision) PARTITION BY toYYYYMM(bucket) "
        "ORDER BY (rollup_id, bucket, part)"
    )
    rows = [
        ("a", 1_704_067_200 + 86_400 * 40 * m, p, r, [r, -r]) for r in (2, 3, 1) for m in range(2) for p in range(3)
    ]
    for place in range(0, len(rows), 4):
        client.execute("INSERT INTO cells VALUES", rows[place : place + 4])
    assert client.execute("SELECT part, revision, measures FROM cells FINAL ORDER BY bucket, part") == [
        (p, 3, [3, -3]) for _ in range(2) for p in range(3)
    ]
    assert client.execute("SELECT sumForEach(measures) FROM cells FINAL") == [([18, -18],)]
    client.execute("OPTIMIZE TABLE cells FINAL")
    assert client.execute("SELECT count() FROM cells") == [(6,)]
    assert client.execute("SELECT uniq(partition) FROM system.parts WHERE active AND database = currentDatabase()") == [
        (2,)
    ]


def test_views_read_through(client: Client) -> None:
    client.execute("CREATE TABLE t (k Int32, v Int64) ENGINE = ReplacingMergeTree ORDER BY k")
    client.execute("CREATE VIEW totals AS SELECT k % 2 AS odd, sum(v) AS total FROM t FINAL GROUP BY odd")
    client.execute("CREATE OR REPLACE VIEW totals AS SELECT k % 2 AS odd, sum(v) AS total FROM t FINAL GROUP BY odd")
    client.execute("INSERT INTO t VALUES", [(1, 10), (2, 20), (3, 30)])
    assert client.execute("SELECT * FROM totals ORDER BY odd") == [(0, 20), (1, 40)]


def test_a_repeated_token_is_written_once(client: Client) -> None:
    client.execute(
        "CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100"
    )
    for token in ("a", "a", "b", "a"):
        client.execute("INSERT INTO t VALUES", [(1,), (2,)], settings={"insert_deduplication_token": token})
    assert client.execute("SELECT count() FROM t") == [(4,)]


def test_changing_tables(client: Client) -> None:
    client.execute("CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n")
    client.execute("INSERT INTO t VALUES", [(n,) for n in range(10)])
    client.execute("ALTER TABLE t ADD COLUMN s LowCardinality(String) DEFAULT 'x' COMMENT 'chữ'")
    client.execute("ALTER TABLE t UPDATE s = 'y' WHERE n < 5", settings={"mutations_sync": 1})
    client.execute("ALTER TABLE t DELETE WHERE n = 0", settings={"mutations_sync": 1})
    client.execute("DELETE FROM t WHERE n = 1")
    assert client.execute("SELECT s, count() FROM t GROUP BY s ORDER BY s") == [("x", 5), ("y", 3)]
    client.execute("CREATE TABLE u AS t")
    client.execute("INSERT INTO u SELECT * FROM t WHERE n > 7")
    client.execute("EXCHANGE TABLES t AND u")
    client.execute("RENAME TABLE u TO old")
    assert client.execute("SELECT count() FROM t") == [(2,)]
    client.execute("TRUNCATE TABLE t")
    client.execute("DROP TABLE IF EXISTS old SYNC")
    assert client.execute("SHOW TABLES") == [("t",)]


def test_a_query_can_be_killed_by_the_id_that_its_client_gave(client: Client, connect: Callable[..., Client]) -> None:
    other = connect()
    progress = client.execute_with_progress(
        "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", query_id="to-be-killed"
    )
    next(iter(progress))
    with pytest.raises(ServerException) as raised:
        other.execute("SELECT 1", query_id="to-be-killed")
    assert raised.value.code == 216
    other.execute("KILL QUERY WHERE query_id = 'to-be-killed' ASYNC")
    with pytest.raises(ServerException, match="cancelled"):
        progress.get_result()
    client.disconnect()
    assert client.execute("SELECT 1") == [(1,)]
