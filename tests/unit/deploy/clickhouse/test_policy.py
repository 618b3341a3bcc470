"""What the front lets pass. Every way round it is tried against the engine in tests/conformance/clickhouse."""

import pytest

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.sql.policy import EXPRESSIONS_MAX_BYTES, Policy
from deploy.embedded.clickhouse.sql.statement import parse

POLICY = Policy(frozenset({"file", "url", "remote", "numbers", "merge"}), frozenset({"aigenerate"}))


def code(sql: str, *, readonly: bool = False, only_reading: bool = False) -> int:
    try:
        POLICY.check(parse(sql.encode()), readonly=readonly, only_reading=only_reading)
    except ServerError as error:
        return error.code
    return 0


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM numbers(3)",
        "CREATE TABLE t (n Int32) ENGINE = ReplacingMergeTree(v) ORDER BY n",
        "CREATE OR REPLACE VIEW v AS SELECT engine FROM system.tables",
        "CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY n AS SELECT 1 AS n",
        "CREATE DATABASE IF NOT EXISTS d ENGINE = Atomic COMMENT 'x'",
        "CREATE TABLE t AS u",
        "CREATE TABLE urls (n Int32) ENGINE = Memory",
        "ALTER TABLE t MODIFY COLUMN n Int64",
        "DROP TABLE IF EXISTS t SYNC",
        "DROP DATABASE IF EXISTS d",
        "TRUNCATE TABLE t",
        "EXCHANGE TABLES a AND b",
        "SET max_threads = 1",
        "SELECT dialect FROM (SELECT 1 AS dialect)",
        "SELECT 1 AS file, t.file FROM t",
        "SELECT readonly FROM system.settings",
        "KILL QUERY WHERE query_id = 'x'",
        "INSERT INTO {t:Identifier} (a) VALUES",
    ],
)
def test_what_passes(sql: str) -> None:
    assert code(sql) == 0


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SYSTEM SHUTDOWN", 497),
        ("FROBNICATE", 62),
        ("SELECT * FROM URL('x')", 497),
        ("SELECT * FROM {f:Identifier}('x')", 497),
        ("SELECT file('x')", 497),
        ("SELECT arrayMap(file, x)", 497),
        ("SELECT aiGenerate('x')", 497),
        ("SELECT 1 INTO OUTFILE 'x'", 497),
        ("CREATE USER u", 497),
        ("CREATE OR REPLACE DICTIONARY d", 497),
        ("CREATE TABLE t (n Int32) ENGINE = File(CSV)", 497),
        ("CREATE TABLE t (n Int32) ENGINE", 0),
        ("CREATE DATABASE d ENGINE = Lazy(1)", 497),
        ("CREATE TEMPORARY TABLE t (n Int32) ENGINE = URL('x')", 497),
        ("DROP DATABASE `default`", 497),
        ("ALTER USER u", 497),
        ("ALTER TABLE t FREEZE", 497),
        ("SELECT 1 SETTINGS dialect = 'prql'", 452),
        ("SET `dialect` = 'prql'", 452),
        ("SET ROLE x", 497),
        ("CREATE TABLE t (n Int32) ENGINE = Memory PARALLEL WITH CREATE USER u", 497),
    ],
)
def test_what_does_not(sql: str, expected: int) -> None:
    assert code(sql) == expected


@pytest.mark.parametrize("sql", ["DROP TABLE t", "CREATE TABLE t (n Int32) ENGINE = Memory", "KILL QUERY WHERE 1",
                                 "ALTER TABLE t DELETE WHERE 1", "OPTIMIZE TABLE t"])  # fmt: skip
def test_reading_users_do_not_write(sql: str) -> None:
    assert code(sql, readonly=True) == 164
    assert code(sql, only_reading=True) == 164


def test_temporary_tables_are_left_to_the_engine() -> None:
    for sql in ("CREATE TEMPORARY TABLE t (n Int32)", "INSERT INTO t VALUES (1)", "DROP TEMPORARY TABLE t"):
        assert code(sql, readonly=True) == 0
        assert code(sql, readonly=True, only_reading=True) == 164


def test_settings_of_a_query() -> None:
    asked = {"max_threads": "1", "log_comment": "x", "readonly": "2"}
    assert POLICY.settings(asked, readonly=False) == {"max_threads": "1"}
    assert POLICY.settings({"readonly": "1"}, readonly=True) == {}
    for wrong, expected in (({"readonly": "0"}, 164), ({"Dialect": "x"}, 452), ({"a b": "1"}, 36), ({"a`": "1"}, 36)):
        with pytest.raises(ServerError) as raised:
            POLICY.settings(wrong, readonly=True)
        assert raised.value.code == expected


def test_expressions_in_values() -> None:
    assert POLICY.check_expressions(b"(1, now()), (2, 'file(x)')")
    assert not POLICY.check_expressions(b"(1)" * EXPRESSIONS_MAX_BYTES)
    for text in (b"(file('x'))", b"(FILE ('x'))", b'("fi\\x6ce"(1))', b"((SELECT * FROM url('x')))",
                 "(“file”('x'))".encode(), b"((SELECT 1 SETTINGS dialect = 'x'))"):  # fmt: skip
        with pytest.raises(ServerError):
            POLICY.check_expressions(text)
