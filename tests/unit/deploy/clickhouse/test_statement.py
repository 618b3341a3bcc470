"""Statements taken apart."""

import pytest

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.sql.policy import set_changes
from deploy.embedded.clickhouse.sql.statement import InsertHead, parse, with_own_query_ids


@pytest.mark.parametrize(
    ("sql", "kind", "keyword"),
    [
        ("SELECT 1", "select", "SELECT"),
        (" /* x */ ((SELECT 1)) UNION ALL SELECT 2;", "select", "SELECT"),
        ("WITH 1 AS x SELECT x", "select", "WITH"),
        ("FROM t SELECT *", "select", "FROM"),
        ("SHOW TABLES", "show", "SHOW"),
        ("desc t", "show", "DESC"),
        ("SET a = 1", "set", "SET"),
        ("USE d", "use", "USE"),
        ("CREATE TABLE t (n Int32) ENGINE = Memory", "other", "CREATE"),
        ("INSERT INTO t VALUES", "insert", "INSERT"),
        ("INSERT INTO t SELECT 1", "insert_select", "INSERT"),
        ("INSERT INTO t (a) WITH 1 AS x SELECT x", "insert_select", "INSERT"),
        ("INSERT INTO t (SELECT 1)", "insert_select", "INSERT"),
        ("WITH 1 AS x INSERT INTO t SELECT x", "insert_select", "WITH"),
        ("SELECT insert(a, 1) FROM t", "select", "SELECT"),
    ],
)
def test_kinds(sql: str, kind: str, keyword: str) -> None:
    statement = parse(sql.encode())
    assert (statement.kind, statement.keyword) == (kind, keyword)


@pytest.mark.parametrize(
    ("sql", "head"),
    [
        ("INSERT INTO t VALUES", InsertHead("t", "", "", "Values", b"")),
        ("INSERT INTO t", InsertHead("t", "", "", "", b"")),
        ('insert into `d`."t" (a, b) format JSONEachRow', InsertHead('`d`."t"', "(a, b)", "", "JSONEachRow", b"")),
        ("INSERT INTO TABLE t(a) VALUES (1);", InsertHead("t", "(a)", "", "Values", b" (1);")),
        ("INSERT INTO t (a) SETTINGS x = 1 VALUES", InsertHead("t", "(a)", "SETTINGS x = 1", "Values", b"")),
        ("INSERT INTO t FORMAT CSV\n1;2\n", InsertHead("t", "", "", "CSV", b"1;2\n")),
        ("INSERT INTO t FORMAT CSV \r\n1\n", InsertHead("t", "", "", "CSV", b"1\n")),
        ("INSERT INTO t FORMAT CSV\n\n1\n", InsertHead("t", "", "", "CSV", b"\n1\n")),
        ("INSERT INTO t FORMAT Native\n  ;\n", InsertHead("t", "", "", "Native", b"")),
        ("INSERT INTO values VALUES", InsertHead("values", "", "", "Values", b"")),
        ("INSERT INTO d.format FORMAT CSV", InsertHead("d.format", "", "", "CSV", b"")),
        ("INSERT INTO t (* EXCEPT(a)) VALUES", InsertHead("t", "(* EXCEPT(a))", "", "Values", b"")),
        ("INSERT INTO {t:Identifier} (a) VALUES", InsertHead("{t:Identifier}", "(a)", "", "Values", b"")),
    ],
)
def test_heads_of_inserts(sql: str, head: InsertHead) -> None:
    assert parse(sql.encode()).insert == head


def test_binary_data_behind_a_head_is_not_looked_at() -> None:
    data = bytes(range(256))
    insert = parse(b"INSERT INTO t FORMAT RowBinary\n" + data).insert
    assert insert is not None
    assert insert.data == data


@pytest.mark.parametrize(
    ("sql", "name", "rest"),
    [
        ("SELECT 1 FORMAT JSON", "JSON", "SELECT 1"),
        ("SELECT 1 FORMAT JSON SETTINGS a = 1", "JSON", "SELECT 1   SETTINGS a = 1"),
        ("SELECT 1 SETTINGS a = 1 format `JSON`;", "JSON", "SELECT 1 SETTINGS a = 1"),
        ("SELECT format FROM t", "", "SELECT format FROM t"),
        ("SELECT * FROM (SELECT 1 FORMAT JSON)", "", "SELECT * FROM (SELECT 1 FORMAT JSON)"),
        ("SELECT format('x', 1)", "", "SELECT format('x', 1)"),
        ("SELECT 1 -- FORMAT JSON", "", "SELECT 1"),
    ],
)
def test_format_clauses(sql: str, name: str, rest: str) -> None:
    statement = parse(sql.encode())
    assert statement.format == name
    assert statement.text_without_format.strip() == rest


@pytest.mark.parametrize(
    "sql",
    [b"", b" ; ", b"-- nothing", b"SELECT 1; SELECT 2", b"INSERT INTO t SELECT 1; SELECT 2", b"SELECT 'x", b"SELECT #",
     b"SELECT 1 /*", b"SELECT `x", b"SELECT '\xff'", b"INSERT", b"INSERT INTO", b"INSERT INTO t FORMAT"],
)  # fmt: skip
def test_what_is_no_statement(sql: bytes) -> None:
    with pytest.raises(ServerError) as raised:
        parse(sql)
    assert raised.value.code == 62


def test_set_changes() -> None:
    statement = parse(b"SET max_threads = 1, `a b` = 'x, y', c = [1, 2], d = DEFAULT")
    assert set_changes(statement) == {"max_threads": "1", "a b": "'x, y'", "c": "[1, 2]", "d": "DEFAULT"}


def test_a_kill_means_the_ids_of_clients() -> None:
    kill = parse(b"KILL QUERY WHERE query_id = 'query_id' OR `query_id` = 'x' SYNC FORMAT TSV")
    comment = "Settings['log_comment']"
    assert with_own_query_ids(kill).strip() == f"KILL QUERY WHERE {comment} = 'query_id' OR {comment} = 'x' SYNC"
    assert with_own_query_ids(parse(b"SELECT query_id FROM t")) == "SELECT query_id FROM t"
