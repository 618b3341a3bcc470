"""What nobody may do through the front, and what a user who may only read may not do: every way we could think of."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.clickhouse_front import FrontProcess
from tests.conformance.clickhouse.conftest import Target

SECRET = "the-secret-of-the-file"
REFUSED = {36, 48, 62, 164, 344, 452, 497}
"""Refused by the front or the engine: bad argument, not implemented, no such syntax, read only, disabled, fixed
setting, denied."""


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that no client may read, in a folder that none may write."""
    path = tmp_path_factory.mktemp("secret") / "secret.csv"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    return path


READING_OUTSIDE = [
    "SELECT * FROM file('{path}', 'LineAsString')",
    "SELECT * FROM file('{path}')",
    "SELECT * FROM FiLe('{path}', LineAsString, 'line String')",
    "SELECT * FROM `file`('{path}', 'LineAsString')",
    "SELECT * FROM \"file\"('{path}', 'LineAsString')",
    "SELECT * FROM \"fi\\x6ce\"('{path}', 'LineAsString')",
    "SELECT * FROM /* ( */ file /* x */ ('{path}', 'LineAsString')",
    "SELECT * FROM file -- (\n ('{path}', 'LineAsString')",
    "SELECT (SELECT * FROM file('{path}', 'LineAsString'))",
    "SELECT 1 WHERE 1 IN (SELECT length(line) FROM file('{path}', 'LineAsString', 'line String'))",
    "WITH x AS (SELECT * FROM file('{path}', 'LineAsString')) SELECT * FROM x",
    "SELECT 1 UNION ALL (SELECT length(line) FROM file('{path}', 'LineAsString', 'line String'))",
    "SELECT * FROM numbers(1) AS n, file('{path}', 'LineAsString')",
    "FROM file('{path}', 'LineAsString') SELECT *",
    "(((SELECT * FROM file('{path}', 'LineAsString'))))",
    "SELECT * FROM `{path}`",
    'SELECT * FROM "{path}"',
    "SELECT * FROM default.`{path}`",
    "SELECT * FROM engine_scratch.`{path}`",
    "DESCRIBE TABLE file('{path}')",
    "DESCRIBE `{path}`",
    "EXPLAIN PLAN SELECT * FROM file('{path}')",
    "SELECT file('{path}')",
    "SELECT FILE('{path}')",
    "SELECT `file`('{path}')",
    "SELECT file /**/ ('{path}', 'default')",
    "SELECT * APPLY file FROM (SELECT '{path}' AS x)",
    "SELECT * APPLY(file) FROM (SELECT '{path}' AS x)",
    "SELECT * APPLY(x -> file(x)) FROM (SELECT '{path}' AS x)",
    "SELECT COLUMNS('x') APPLY (`file`) FROM (SELECT '{path}' AS x)",
    "SELECT arrayMap(x -> file(x), ['{path}'])",
    "SELECT arrayMap(file, ['{path}'])",
    "SELECT arrayMap((file), ['{path}'])",
    "SELECT arrayMap(`FILE`, ['{path}'])",
    "SELECT arrayMap(file AS f, ['{path}'])",
    "WITH file AS f SELECT arrayMap(f, ['{path}'])",
    "SELECT arrayFilter(file, ['{path}'])",
    "SELECT arrayMap(system.file, ['{path}'])",
    "SELECT $q$ x $q$, file($q${path}$q$)",
    "SELECT 'a\\'', file('{path}'), 'b'",
    "SELECT ‘x’, file('{path}')",
    "SELECT 1 /* /* */ ' */ , file('{path}')",
    "SELECT 1 SETTINGS additional_result_filter = 'length(file(\\'{path}\\')) < 0'",
    "SELECT * FROM format(Values, 'x String', $$(file('{path}'))$$)",
    "SELECT * FROM format(Values, 'x String', $$(file('{path}'))$$) SETTINGS input_format_values_interpret_expressions = 1",
    "SELECT * FROM format(Values, 'x Nullable(String)', $$(file('{path}'))$$)",
    "SELECT * FROM format(Values, 'x String', $$('a'),(concat(file('{path}'),'a'))$$)",
    "SELECT * FROM format(Values, $$(file('{path}'))$$)",
    "SELECT * FROM values('x String', (file('{path}')))",
    "SELECT * FROM view(SELECT * FROM file('{path}', LineAsString))",
    "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT * FROM file('{path}')))",
    "SELECT * FROM loop(file('{path}', LineAsString)) LIMIT 1",
    "SELECT * FROM filesystem('{folder}')",
    "SELECT * FROM fileCluster('default', '{path}', LineAsString)",
    "SELECT * FROM sqlite('{path}', 't')",
    "SELECT * FROM executable('cat {path}', LineAsString, 'x String')",
    "SELECT * FROM python(os)",
    "SELECT * FROM Python(engine)",
    "SELECT * FROM eval('SELECT file(''{path}'')')",
    "SELECT * FROM eval('SELECT 1') SETTINGS allow_experimental_eval_table_function = 1",
    "SELECT * FROM url('file://{path}', LineAsString)",
    "SELECT * FROM url('http://127.0.0.1:1/', LineAsString, 'x String')",
    "SELECT * FROM urlCluster('default', 'http://127.0.0.1:1/', LineAsString)",
    "SELECT * FROM remote('127.0.0.1:1', system.one)",
    "SELECT * FROM REMOTE('127.0.0.1:1', system.one)",
    "SELECT * FROM remoteSecure('127.0.0.1:1', system.one)",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM clusterAllReplicas('default', system.one)",
    "SELECT * FROM s3('http://127.0.0.1:1/b/x.csv')",
    "SELECT * FROM gcs('http://127.0.0.1:1/b/x.csv')",
    "SELECT * FROM azureBlobStorage('http://127.0.0.1:1', 'c', 'b')",
    "SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', CSV)",
    "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM mongodb('127.0.0.1:1', 'd', 'c', 'u', 'p', 'x Int32')",
    "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')",
    "SELECT * FROM odbc('DSN=x', 'd', 't')",
    "SELECT * FROM jdbc('x', 't')",
    "SELECT * FROM deltaLakeLocal('{folder}')",
    "SELECT * FROM icebergLocal('{folder}')",
    "SELECT * FROM iceberg('http://127.0.0.1:1/b/')",
    "SELECT * FROM hudi('http://127.0.0.1:1/b/')",
    "SELECT * FROM dictionary('x')",
    "SELECT aiGenerate('x')",
    "SELECT AIClassify('x', ['y'])",
    "SELECT * FROM bigquery('p', 'd', 't')",
    "SELECT * FROM arrowstream('x')",
]

WRITING_OUTSIDE = [
    "SELECT 1 INTO OUTFILE '{folder}/out'",
    "SELECT 1 into/**/outfile '{folder}/out'",
    "SELECT 1 INTO -- x\n OUTFILE '{folder}/out' FORMAT CSV",
    "SELECT 1 INTO OUTFILE '{folder}/out' TRUNCATE",
    "(SELECT 1) UNION ALL SELECT 2 INTO OUTFILE '{folder}/out'",
    "SHOW TABLES INTO OUTFILE '{folder}/out'",
    "EXPLAIN SELECT 1 INTO OUTFILE '{folder}/out'",
    "DESCRIBE TABLE system.one INTO OUTFILE '{folder}/out'",
    "SELECT $x$ $x$ INTO\u00a0OUTFILE '{folder}/out'",
    "SELECT 1 SETTINGS output_format_schema = '{folder}/out' FORMAT CapnProto",
    "SELECT 1; SELECT 1 INTO OUTFILE '{folder}/out'",
    "INSERT INTO FUNCTION file('{folder}/out', 'CSV', 'x Int32') SELECT 1",
    "INSERT INTO TABLE FUNCTION file('{folder}/out', 'CSV', 'x Int32') VALUES (1)",
    "INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'CSV', 'x Int32') VALUES (1)",
    "CREATE TABLE {db}.f (x Int32) ENGINE = File(CSV, '{folder}/out')",
    "CREATE TABLE {db}.f (x Int32) ENGINE File(CSV, '{folder}/out')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = `File`(CSV, '{folder}/out')",
    "CREATE TABLE {db}.f ENGINE = File(CSV, '{folder}/out') AS SELECT 1 AS x",
    "CREATE TABLE {db}.f AS file('{path}', 'CSV', 'x String')",
    "CREATE TABLE {db}.f (x Int32) SETTINGS default_table_engine = 'File'",
    "CREATE OR REPLACE TABLE {db}.f (x Int32) ENGINE = URL('http://127.0.0.1:1/', CSV)",
    "CREATE TEMPORARY TABLE f (x Int32) ENGINE = File(CSV, '{folder}/out')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = S3('http://127.0.0.1:1/b/x', CSV)",
    "CREATE TABLE {db}.f (x Int32) ENGINE = MySQL('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = PostgreSQL('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = SQLite('{path}', 't')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = Kafka('127.0.0.1:1', 't', 'g', 'CSV')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = Distributed('default', 'system', 'one')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = Executable('cat', CSV)",
    "CREATE TABLE {db}.f (x Int32) ENGINE = EmbeddedRocksDB(0, '{folder}/out') PRIMARY KEY x",
    "CREATE TABLE {db}.f (x Int32) ENGINE = Dictionary('d')",
    "CREATE TABLE {db}.f (x String DEFAULT file('{path}')) ENGINE = Memory",
    "CREATE TABLE {db}.f (x Int32) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = local, path = '{folder}/')",
    "CREATE TABLE {db}.f (x Int32) ENGINE = MergeTree ORDER BY x SETTINGS storage_policy = 'other'",
    "CREATE MATERIALIZED VIEW {db}.f ENGINE = File(CSV, '{folder}/out') AS SELECT 1",
    "CREATE VIEW {db}.f AS SELECT * FROM file('{path}', LineAsString)",
    "CREATE VIEW {db}.f SQL SECURITY NONE AS SELECT * FROM system.one",
    "CREATE DATABASE f ENGINE = Filesystem('{folder}')",
    "CREATE DATABASE f ENGINE = Overlay",
    "CREATE DATABASE f ENGINE = SQLite('{path}')",
    "CREATE DATABASE f ENGINE = MySQL('127.0.0.1:1', 'd', 'u', 'p')",
    "CREATE DATABASE f ENGINE = Backup('default', Disk('default', 'x'))",
    "ATTACH TABLE {db}.f FROM '{folder}' (x Int32) ENGINE = MergeTree ORDER BY x",
    "ATTACH DATABASE f ENGINE = Filesystem('{folder}')",
    "BACKUP DATABASE {db} TO File('{folder}/out')",
    "BACKUP TABLE system.one TO Disk('default', 'out')",
    "RESTORE DATABASE {db} FROM File('{folder}/out')",
    "ALTER TABLE {db}.t FREEZE",
    "ALTER TABLE {db}.t FETCH PARTITION 1 FROM '/x'",
    "ALTER TABLE {db}.t MOVE PARTITION tuple() TO DISK 'x'",
    "ALTER TABLE {db}.t ADD COLUMN z String DEFAULT file('{path}')",
    "ALTER TABLE {db}.t UPDATE s = file('{path}') WHERE 1",
    "INSERT INTO {db}.t (s) FROM INFILE '{path}' FORMAT LineAsString",
    "INSERT INTO {db}.t (s) from/**/infile '{path}' FORMAT LineAsString",
    "INSERT INTO {db}.t (s) SELECT * FROM file('{path}', LineAsString)",
    "INSERT INTO {db}.t (s) VALUES (file('{path}'))",
    "INSERT INTO {db}.t (s) VALUES ((SELECT file('{path}')))",
    "INSERT INTO {db}.t (s) VALUES (concat('', `fi\\x6ce`('{path}')))",
]

CONTROL = [
    "SYSTEM SHUTDOWN", "system kill", "SYSTEM FLUSH LOGS", "SYSTEM STOP MERGES", "/* x */ SYSTEM RELOAD CONFIG",
    "SYSTEM DROP MARK CACHE", "SYSTEM START LISTEN TCP", "SYSTEM ENABLE FAILPOINT x", "SYSTEM SYNC FILE CACHE",
    "CREATE USER u IDENTIFIED BY 'x'", "ALTER USER default IDENTIFIED BY 'x'", "DROP USER default",
    "GRANT ALL ON *.* TO default", "REVOKE ALL ON *.* FROM default", "CREATE ROLE r", "SET ROLE ALL",
    "SET DEFAULT ROLE NONE TO default", "EXECUTE AS default SELECT 1", "CREATE ROW POLICY p ON {db}.t USING 1",
    "CREATE QUOTA q", "CREATE SETTINGS PROFILE p", "CREATE FUNCTION f AS x -> x", "CREATE NAMED COLLECTION c AS a = 1",
    "CREATE FUNCTION f ENGINE = Executable('cat')",
    "CREATE DICTIONARY {db}.d (x Int32) PRIMARY KEY x SOURCE(CLICKHOUSE(TABLE 't')) LAYOUT(FLAT()) LIFETIME(0)",
    "CREATE DICTIONARY {db}.d (x Int32) PRIMARY KEY x SOURCE(FILE(PATH '{path}' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
    "CREATE DICTIONARY {db}.d (x Int32) PRIMARY KEY x SOURCE(EXECUTABLE(COMMAND 'id' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
    "CREATE WORKLOAD w", "CREATE RESOURCE r (WRITE DISK d)", "DETACH DATABASE {db}", "DETACH TABLE {db}.t",
    "DETACH TABLE {db}.t PERMANENTLY", "UNDROP TABLE {db}.t", "DROP DATABASE default", "DROP DATABASE `default`",
    "drop database if exists \"system\"", "RENAME DATABASE default TO other", "TRUNCATE DATABASE default",
    "SET dialect = 'prql'", "SELECT 1 SETTINGS dialect = 'kusto'", "SET `dialect` = 'prql'",
    "SET allow_introspection_functions = 1", "SET implicit_select = 1", "SET input_format_values_interpret_expressions = 1",
    "CREATE TABLE {db}.a (x Int32) ENGINE = Memory PARALLEL WITH SYSTEM SHUTDOWN",
    "SELECT 1 PARALLEL WITH CREATE FUNCTION f AS x -> x", "BEGIN TRANSACTION", "COMMIT", "SET TRANSACTION SNAPSHOT 1",
    "MOVE USER default TO x", "WATCH {db}.t", "1 + 1", "exit", "\\q", "COPY {db}.t TO '{folder}/out'",
]  # fmt: skip

EVERYTHING = READING_OUTSIDE + WRITING_OUTSIDE + CONTROL


@pytest.fixture(scope="module")
def table(front: FrontProcess, target: Target) -> Iterator[str]:
    """A database with one table of one row, which must stand unchanged at the end."""
    client = target.client()
    client.execute("CREATE DATABASE access_tests")
    client.execute("CREATE TABLE access_tests.t (n Int32, s String) ENGINE = MergeTree ORDER BY n")
    client.execute("INSERT INTO access_tests.t VALUES", [(1, "kept")])
    yield "access_tests"
    assert client.execute("SELECT * FROM access_tests.t") == [(1, "kept")]
    assert client.execute("SELECT name FROM system.tables WHERE database = 'access_tests'") == [("t",)]
    client.execute("DROP DATABASE access_tests SYNC")
    client.disconnect()


@pytest.fixture(scope="module", params=["writer", "analyst"])
def user(request: pytest.FixtureRequest, target: Target, analyst: Target) -> Target:
    return target if request.param == "writer" else analyst


@pytest.fixture(scope="module")
def native(user: Target) -> Iterator[Client]:
    client = user.client()
    yield client
    client.disconnect()


@pytest.fixture(scope="module")
def web(user: Target) -> Iterator[httpx.Client]:
    with user.http() as client:
        yield client


def fill(sql: str, path: Path, database: str) -> str:
    return sql.replace("{path}", str(path)).replace("{folder}", str(path.parent)).replace("{db}", database)


def native_answer(client: Client, sql: str) -> tuple[int, str]:
    try:
        return 0, str(client.execute(sql))
    except ServerException as error:
        return int(error.code), str(error)


def http_answer(client: httpx.Client, sql: str, **params: str) -> tuple[int, str]:
    answer = client.post("/", content=sql.encode("utf-8"), params=params)
    return int(answer.headers.get("X-ClickHouse-Exception-Code", "0")), answer.text


@pytest.mark.parametrize("sql", EVERYTHING)
def test_nobody_gets_out(native: Client, web: httpx.Client, table: str, secret: Path, sql: str) -> None:
    asked = fill(sql, secret, table)
    for code, text in (native_answer(native, asked), http_answer(web, asked)):
        assert SECRET not in text
        assert code in REFUSED | {27, 47, 60, 81, 636}, text
    assert [file.name for file in secret.parent.iterdir()] == [secret.name]


def test_expressions_in_rows_of_a_request_body(web: httpx.Client, table: str, secret: Path, user: Target) -> None:
    body = f"(2, file('{secret}'))"
    code, text = http_answer(web, body, query=f"INSERT INTO {table}.t VALUES")
    assert code in REFUSED
    padded = body + f", (3, '{'x' * (2 << 20)}')"
    code, text = http_answer(web, padded, query=f"INSERT INTO {table}.t VALUES")
    assert code != 0
    assert SECRET not in text


@pytest.mark.parametrize(
    "settings",
    [
        {"dialect": "prql"},
        {"additional_result_filter": "1"},
        {"input_format_values_interpret_expressions": "1"},
        {"format_schema": "/etc/passwd"},
        {"output_format_schema": "/tmp/x"},
        {"allow_introspection_functions": "1"},
        {"DIALECT": "prql"},
        {"max_threads`=1, `dialect": "prql"},
        {"no such = 1, dialect": "prql"},
    ],
)
def test_fixed_settings_by_every_way(native: Client, web: httpx.Client, settings: dict[str, str]) -> None:
    code, _ = http_answer(web, "SELECT 1", **settings)
    assert code in {36, 115, 452}
    with pytest.raises(ServerException) as raised:
        native.execute("SELECT 1", settings=settings)
    assert raised.value.code in {36, 115, 452}


WRITES = [
    "INSERT INTO {db}.t VALUES (2, 'x')",
    "insert into {db}.t select 2, 'x'",
    "INSERT INTO {db}.t SETTINGS readonly = 0 VALUES (2, 'x')",
    "WITH 1 AS x INSERT INTO {db}.t SELECT x, 'y'",
    "INSERT INTO {db}.t (n) FORMAT CSV 2",
    "CREATE TABLE {db}.x (n Int32) ENGINE = Memory",
    "CREATE DATABASE analyst_was_here",
    "CREATE VIEW {db}.v AS SELECT 1",
    "CREATE OR REPLACE VIEW {db}.t AS SELECT 1",
    "DROP TABLE {db}.t",
    "DROP DATABASE {db}",
    "TRUNCATE TABLE {db}.t",
    "ALTER TABLE {db}.t DELETE WHERE 1",
    "ALTER TABLE {db}.t UPDATE s = 'x' WHERE 1",
    "ALTER TABLE {db}.t DROP PARTITION tuple()",
    "ALTER TABLE {db}.t ADD COLUMN x Int32",
    "DELETE FROM {db}.t WHERE 1",
    "UPDATE {db}.t SET s = 'x' WHERE 1",
    "OPTIMIZE TABLE {db}.t FINAL",
    "RENAME TABLE {db}.t TO {db}.u",
    "EXCHANGE TABLES {db}.t AND {db}.u",
    "KILL QUERY WHERE 1",
    "KILL MUTATION WHERE 1",
    "SET readonly = 0",
    "SET `readonly` = 0",
    "SET max_threads = 1, readonly = 0",
    "SELECT 1 SETTINGS readonly = 0",
    "INSERT INTO {db}.t SELECT 2, 'x' FROM (SELECT 1 SETTINGS readonly = 0)",
    "SET readonly = DEFAULT",
    "EXPLAIN ANALYZE INSERT INTO {db}.t VALUES (2, 'x')",
]


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


def test_names_that_only_look_dangerous_pass(native: Client, user: Target) -> None:
    harmless = [
        "SELECT 'INTO OUTFILE', '--', 1 AS file, 2 AS url",
        "SELECT engine FROM system.tables LIMIT 0",
        "SELECT readonly FROM system.settings LIMIT 1",
        "SELECT format('{} {}', 'a', 'b'), formatReadableSize(1), name AS disk FROM system.one ARRAY JOIN ['x'] AS name",
        "SELECT /* INTO OUTFILE 'x' */ 1 -- FROM INFILE",
        "SELECT * FROM (SELECT 1 AS dialect) WHERE dialect > 0",
        "SELECT `into` FROM (SELECT 1 AS `into`)",
        "SELECT * FROM numbers(3) WHERE number IN (SELECT arrayJoin([1, 2]))",
        "SELECT * FROM generateRandom('a Int32') LIMIT 1",
        "SELECT * FROM values('a Int32, b String', (1, 'x'))",
        "SHOW CREATE DATABASE default",
    ]
    for sql in harmless:
        native.execute(sql)


def test_the_front_listens_on_loopback_only(front: FrontProcess) -> None:
    import psutil

    listening = {
        connection.laddr.ip
        for connection in psutil.Process(front.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_no_password_is_in_the_engine_or_the_log(front: FrontProcess, target: Target) -> None:
    client = target.client()
    client.execute("SELECT 1")
    everything = front.log.read_text(encoding="utf-8", errors="replace")
    for file in (front.data / "front").rglob("*"):
        if file.is_file():
            everything += file.read_text(encoding="utf-8", errors="replace")
    client.disconnect()
    assert target.password not in everything
