"""The native protocol as clickhouse-driver uses it, beyond values."""

import datetime as dt
from collections.abc import Callable

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.conformance.clickhouse.conftest import Target


def code_of(call: Callable[[], object]) -> int:
    """The code of the error that a call ends in."""
    with pytest.raises(ServerException) as raised:
        call()
    return int(raised.value.code)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM not_there", 60),
        ("SELECT * FROM not_there_db.t", 81),
        ("SELECT not_there", 47),
        ("SELECT noSuchFunction(1)", 46),
        ("SELEC 1", 62),
        ("SELECT 'unclosed", 62),
        ("SELECT throwIf(number = 3) FROM numbers(5)", 395),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115),
        ("SELECT toInt32('x')", 6),
    ],
)
def test_errors_carry_their_code_and_the_connection_goes_on(client: Client, sql: str, code: int) -> None:
    assert code_of(lambda: client.execute(sql)) == code
    assert client.execute("SELECT 1") == [(1,)]


def test_an_error_in_the_middle_of_a_result_reaches_the_client(client: Client) -> None:
    sql = "SELECT number, throwIf(number = 2000000) FROM numbers(4000000)"
    seen = 0

    def read() -> None:
        nonlocal seen
        for _ in client.execute_iter(sql):
            seen += 1

    assert code_of(read) == 395
    assert 0 < seen < 2_000_001


@pytest.mark.parametrize(("password", "user"), [("wrong", None), ("", None), ("any", "nobody")])
def test_a_wrong_login_is_refused(target: Target, password: str, user: str | None) -> None:
    if not target.password and not password:
        pytest.skip("the server under test has a user without password")
    stranger = target.client(user=user or target.user, password=password)
    assert code_of(lambda: stranger.execute("SELECT 1")) in {516, 192, 193}
    stranger.disconnect()


def test_an_unknown_database_is_refused_at_login(target: Target) -> None:
    client = target.client(database="no_such_database")
    assert code_of(lambda: client.execute("SELECT 1")) == 81
    client.disconnect()


def test_a_failed_insert_reports_and_writes_nothing(client: Client) -> None:
    client.execute("CREATE TABLE t (n Int32, CONSTRAINT positive CHECK n > 0) ENGINE = MergeTree ORDER BY n")
    assert code_of(lambda: client.execute("INSERT INTO t VALUES", [(1,), (-1,)])) == 469
    client.disconnect()
    assert client.execute("SELECT count() FROM t") == [(0,)]
    assert client.execute("INSERT INTO t VALUES", [(2,)]) == 1
    assert client.execute("SELECT n FROM t") == [(2,)]


def test_an_insert_that_a_view_refuses_is_an_error(client: Client) -> None:
    client.execute("CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n")
    client.execute(
        "CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY n AS SELECT n + throwIf(n = 13, 'unlucky') AS n FROM t"
    )
    assert code_of(lambda: client.execute("INSERT INTO t VALUES", [(13,)])) == 395


def test_an_insert_into_what_is_not_there(client: Client) -> None:
    assert code_of(lambda: client.execute("INSERT INTO nowhere VALUES", [(1,)])) == 60
    assert client.execute("SELECT 1") == [(1,)]


def test_values_that_stand_in_the_statement(client: Client) -> None:
    client.execute("CREATE TABLE t (n Int32, s String, d DateTime('UTC')) ENGINE = MergeTree ORDER BY n")
    client.execute("INSERT INTO t (n, s, d) VALUES (1, 'a;b', '2024-01-01 00:00:00'), (2, concat('b', '--c'), now())")
    client.execute("INSERT INTO t SELECT number, toString(number), now() FROM numbers(3, 2)")
    assert client.execute("SELECT n, s FROM t ORDER BY n") == [(1, "a;b"), (2, "b--c"), (3, "3"), (4, "4")]


@pytest.mark.parametrize(
    "head", ["INSERT INTO {t} VALUES", "insert into {t} (n, s) values", "INSERT INTO TABLE {d}.{t} (s, n) VALUES",
             "INSERT INTO {t} (* EXCEPT(s)) VALUES", "/* c */ INSERT INTO `{t}` (n) SETTINGS max_threads = 1 VALUES",
             "INSERT INTO {t} FORMAT Native"],
)  # fmt: skip
def test_forms_of_insert(client: Client, database: str, head: str) -> None:
    client.execute("CREATE TABLE t (n Int32, s String) ENGINE = MergeTree ORDER BY n")
    sql = head.format(t="t", d=database)
    row: tuple[object, ...] = ("x", 1) if "(s, n)" in sql else (1,) if "(n)" in sql or "EXCEPT" in sql else (1, "x")
    assert client.execute(sql, [row]) == 1
    assert client.execute("SELECT n FROM t") == [(1,)]


def test_column_names_can_be_keywords(client: Client) -> None:
    client.execute("CREATE TABLE t (`select` Int32, `values` Int32, format Int32) ENGINE = MergeTree ORDER BY tuple()")
    client.execute("INSERT INTO t (`select`, `values`, format) VALUES", [(1, 2, 3)])
    assert client.execute("SELECT `select`, `values`, format FROM t") == [(1, 2, 3)]


def test_progress_and_iteration(client: Client) -> None:
    progress = client.execute_with_progress("SELECT count() FROM numbers(300000000) WHERE number % 7 = 1")
    reports = list(progress)
    assert progress.get_result() == [(42_857_143,)]
    assert reports[-1][1] == 300_000_000
    rows = client.execute_iter("SELECT number FROM numbers(300000)", settings={"max_block_size": 1000})
    assert sum(row[0] for row in rows) == 300_000 * 299_999 // 2
    assert client.last_query.progress.rows == 300_000


def test_cancel_ends_a_query_early_and_the_client_goes_on(client: Client) -> None:
    progress = client.execute_with_progress("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
    next(iter(progress))
    client.cancel()
    assert client.execute("SELECT 1") == [(1,)]


def test_ping_and_a_new_connection_after_a_break(client: Client) -> None:
    assert client.execute("SELECT 1") == [(1,)]
    assert client.connection.ping()
    client.disconnect()
    assert client.execute("SELECT 2") == [(2,)]


def test_settings_of_a_query_end_with_it(client: Client) -> None:
    asked = "SELECT getSetting('max_block_size')"
    before = client.execute(asked)
    assert client.execute(asked, settings={"max_block_size": 1234}) == [(1234,)]
    assert client.execute(asked) == before
    client.execute("SET max_block_size = 999")
    assert client.execute(asked, settings={"max_block_size": 1234}) == [(1234,)]
    assert client.execute(asked) == [(999,)]


def test_an_unknown_setting_is_an_error(connect: Callable[..., Client]) -> None:
    client = connect(settings_is_important=True)
    assert code_of(lambda: client.execute("SELECT 1", settings={"no_such_setting": 1})) == 115
    assert client.execute("SELECT 1") == [(1,)]


def test_parameters_by_client_and_by_server(client: Client, connect: Callable[..., Client]) -> None:
    values = {"s": "it's\t\\ ủy ban", "n": -5, "a": [1, 2], "t": dt.datetime(2024, 1, 2, 3, 4, 5)}  # noqa: DTZ001  as the driver gives it back
    assert client.execute("SELECT %(s)s, %(n)s", values) == [(values["s"], -5)]
    by_server = connect(settings={"server_side_params": True})
    got = by_server.execute("SELECT {s:String}, {n:Int32}, {a:Array(Int32)}, {t:DateTime}", values)
    assert got == [(values["s"], -5, [1, 2], values["t"])]


def test_external_tables(client: Client) -> None:
    table = {
        "name": "ext",
        "structure": [("n", "Int32"), ("tags", "Array(String)")],
        "data": [{"n": n, "tags": ["x"] * n} for n in range(3)],
    }
    for _ in range(2):  # the table goes with its query, so its name is free again
        got = client.execute("SELECT sum(n), sum(length(tags)) FROM ext", external_tables=[table])
        assert got == [(3, 3)]
    assert code_of(lambda: client.execute("SELECT * FROM ext")) == 60


def test_statements_without_select(client: Client, database: str) -> None:
    client.execute("CREATE TABLE t (n Int32 COMMENT 'số') ENGINE = MergeTree ORDER BY n")
    assert client.execute("SHOW TABLES") == [("t",)]
    assert (database,) in client.execute("SHOW DATABASES")
    assert client.execute("EXISTS TABLE t") == [(1,)]
    assert client.execute("DESCRIBE TABLE t")[0][:2] == ("n", "Int32")
    assert "MergeTree" in client.execute("SHOW CREATE TABLE t")[0][0]
    assert client.execute("EXPLAIN SELECT 1")
    assert client.execute("WITH 1 AS x SELECT x") == [(1,)]
    assert client.execute("(SELECT 1) UNION ALL (SELECT 1)") == [(1,), (1,)]
    assert client.execute("SELECT 1;") == [(1,)]
    assert client.execute("SELECT 1 FORMAT JSON") == [(1,)]
    client.execute("USE system")
    assert client.execute("SELECT currentDatabase()") == [("system",)]


def test_temporary_tables_belong_to_the_connection(client: Client, connect: Callable[..., Client]) -> None:
    client.execute("CREATE TEMPORARY TABLE mine (n Int32)")
    client.execute("INSERT INTO mine VALUES", [(1,), (2,)])
    assert client.execute("SELECT sum(n) FROM mine") == [(3,)]
    other = connect()
    assert code_of(lambda: other.execute("SELECT * FROM mine")) == 60


def test_several_statements_at_once_are_refused(client: Client) -> None:
    assert code_of(lambda: client.execute("SELECT 1; SELECT 2")) == 62
