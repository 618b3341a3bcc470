"""The HTTP interface, as curl and httpx use it."""

import gzip
import json
import os
from collections.abc import Callable

import httpx
import pytest
import zstandard

from tests.conformance.clickhouse.conftest import VARIABLE, Target

Post = Callable[..., httpx.Response]


def test_ping_needs_no_login(target: Target) -> None:
    for path in ("/ping", "/"):
        assert httpx.get(f"http://{target.host}:{target.http_port}{path}").text == "Ok.\n"


def test_three_ways_to_ask(http: httpx.Client) -> None:
    assert http.get("/", params={"query": "SELECT 1 + 1"}).text == "2\n"
    assert http.post("/", content="SELECT 1 + 1").text == "2\n"
    assert http.post("/", params={"query": "SELECT 1 +"}, content="1").text == "2\n"


def test_three_ways_to_log_in(target: Target) -> None:
    url = f"http://{target.host}:{target.http_port}/"
    asked = "SELECT 7"
    assert httpx.post(url, content=asked, auth=(target.user, target.password)).text == "7\n"
    assert httpx.post(url, content=asked, params={"user": target.user, "password": target.password}).text == "7\n"
    headers = {"X-ClickHouse-User": target.user, "X-ClickHouse-Key": target.password}
    assert httpx.post(url, content=asked, headers=headers).text == "7\n"


@pytest.mark.parametrize(("user", "password"), [(None, "wrong"), ("nobody", "x"), ("", "")])
def test_a_wrong_login(target: Target, user: str | None, password: str) -> None:
    if user == "" and VARIABLE in os.environ:
        pytest.skip("the server under test may have a user without password")
    headers = {"X-ClickHouse-User": target.user if user is None else user, "X-ClickHouse-Key": password}
    answer = httpx.post(f"http://{target.host}:{target.http_port}/", content="SELECT 1", headers=headers)
    assert answer.status_code in {401, 403}
    assert answer.headers["X-ClickHouse-Exception-Code"] in {"516", "192", "193"}
    assert "SELECT" not in answer.text


@pytest.mark.parametrize(
    ("sql", "code", "status"),
    [
        ("SELECT * FROM not_there", 60, 404),
        ("SELECT not_there", 47, 404),
        ("SELEC 1", 62, 400),
        ("SELECT 1; SELECT 2", 62, 400),
        ("", 62, 400),
        ("SELECT 1 FORMAT NoSuchFormat", 73, 404),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115, 404),
        ("SELECT throwIf(1)", 395, 500),
    ],
)
def test_errors_have_status_header_and_text(post: Post, sql: str, code: int, status: int) -> None:
    answer = post(sql)
    assert answer.headers["X-ClickHouse-Exception-Code"] == str(code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception:")
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("output", "expected", "content_type"),
    [
        ("TabSeparated", "1\tủy\n2\tban\n", "text/tab-separated-values"),
        ("CSV", '1,"ủy"\n2,"ban"\n', "text/csv"),
        ("CSVWithNames", '"n","s"\n1,"ủy"\n2,"ban"\n', "text/csv"),
        ("JSONEachRow", '{"n":1,"s":"ủy"}\n{"n":2,"s":"ban"}\n', "application/x-ndjson"),
        ("JSONCompactEachRow", '[1, "ủy"]\n[2, "ban"]\n', "application/x-ndjson"),
        ("TSVRaw", "1\tủy\n2\tban\n", "text/"),
    ],
)
def test_formats(post: Post, output: str, expected: str, content_type: str) -> None:
    sql = "SELECT toInt32(number + 1) AS n, ['ủy', 'ban'][n] AS s FROM numbers(2)"
    for answer in (post(f"{sql} FORMAT {output}"), post(sql, params={"default_format": output})):
        assert answer.text == expected
        assert answer.headers["Content-Type"].startswith(content_type) or output == "JSONCompactEachRow"
        assert answer.headers["X-ClickHouse-Format"] == output


def test_json_with_totals_and_statistics(post: Post) -> None:
    sql = "SELECT number % 2 AS k, count() AS c FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k FORMAT JSON"
    got = post(sql).json()
    assert [row["k"] for row in got["data"]] == [0, 1]
    assert int(got["totals"]["c"]) == 10
    assert got["rows"] == 2
    assert {column["name"]: column["type"] for column in got["meta"]} == {"k": "UInt8", "c": "UInt64"}


def test_statements_without_select(post: Post, database: str) -> None:
    assert post("CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n").status_code == 200
    assert post("SHOW TABLES").text == "t\n"
    assert post("EXISTS TABLE t").text == "1\n"
    assert post("DESCRIBE TABLE t FORMAT JSONEachRow").json()["name"] == "n"
    assert post("DROP TABLE t").text == ""
    assert post("SELECT currentDatabase()").text == f"{database}\n"


def test_inserts_in_several_formats(post: Post) -> None:
    post("CREATE TABLE t (n Int32, s String) ENGINE = MergeTree ORDER BY n")
    inserts: list[tuple[dict[str, str], bytes]] = [
        ({"query": "INSERT INTO t FORMAT JSONEachRow"}, b'{"n":1,"s":"a"}\n{"n":2,"s":"b"}'),
        ({}, b"INSERT INTO t (n, s) FORMAT CSV\n3,c\n"),
        ({"query": "INSERT INTO t (s, n) FORMAT TSV"}, b"d\t4\n"),
        ({"query": "INSERT INTO t VALUES"}, b"(5, 'e'), (3 + 3, concat('f', 'f'))"),
        ({}, b"INSERT INTO t VALUES (7, 'g;--')"),
        ({"query": "INSERT INTO t VALUES (8, 'h')"}, b""),
        ({"query": "INSERT INTO t SELECT 9, 'i'"}, b""),
        ({"query": "INSERT INTO t FORMAT JSONCompactEachRow"}, b'[10, "k"]'),
    ]
    for params, body in inserts:
        answer = post(body, params=params)
        assert answer.status_code == 200, answer.text
    assert (
        post("SELECT n, s FROM t ORDER BY n").text
        == "1\ta\n2\tb\n3\tc\n4\td\n5\te\n6\tff\n7\tg;--\n8\th\n9\ti\n10\tk\n"
    )


def test_an_insert_says_what_it_wrote(post: Post) -> None:
    post("CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n")
    answer = post("1\n2\n3\n", params={"query": "INSERT INTO t FORMAT CSV"})
    assert json.loads(answer.headers["X-ClickHouse-Summary"])["written_rows"] == "3"
    assert answer.headers["X-ClickHouse-Query-Id"]


def test_a_bad_row_refuses_the_insert(post: Post) -> None:
    post("CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n")
    answer = post("1\nx\n", params={"query": "INSERT INTO t FORMAT CSV"})
    assert answer.status_code == 400
    assert answer.headers["X-ClickHouse-Exception-Code"] in {"27", "6", "72", "117"}
    assert post("SELECT count() FROM t").text == "0\n"


def test_parameters(post: Post) -> None:
    sql = "SELECT {n:Int32} + 1, {s:String}, {a:Array(String)}, {d:Nullable(String)} FORMAT JSONCompactEachRow"
    params = {"param_n": "41", "param_s": "it's \\t ủy", "param_a": "['x','y']", "param_d": "\\N"}
    assert post(sql, params=params).json() == [42, "it's \t ủy", ["x", "y"], None]
    assert post("SELECT {n:Int32}").status_code in {400, 404, 500}
    assert post("SELECT {n:Int32}", params={"param_n": "x"}).headers["X-ClickHouse-Exception-Code"] in {
        "36",
        "27",
        "457",
    }


def test_settings_in_the_url(post: Post) -> None:
    assert post("SELECT getSetting('max_block_size')", params={"max_block_size": "1234"}).text == "1234\n"
    assert post("SELECT 1", params={"no_such_setting": "1"}).headers["X-ClickHouse-Exception-Code"] == "115"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_compressed_answers(post: Post, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    for rows in (10, 400_000):
        answer = post(f"SELECT number FROM numbers({rows})", params={"enable_http_compression": "1"}, headers=headers)
        assert answer.headers["Content-Encoding"] == encoding
        assert answer.text.splitlines()[-1] == str(rows - 1)


def test_compressed_requests(post: Post) -> None:
    post("CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n")
    insert = {"query": "INSERT INTO t FORMAT CSV"}
    packed = {"gzip": gzip.compress(b"1\n"), "zstd": zstandard.compress(b"2\n")}
    for encoding, body in packed.items():
        assert post(body, params=insert, headers={"Content-Encoding": encoding}).status_code == 200
    broken = post(b"no gzip", params=insert, headers={"Content-Encoding": "gzip"})
    assert broken.status_code >= 400
    assert post("SELECT sum(n) FROM t").text == "3\n"


def test_sessions_keep_temporary_tables_and_settings(post: Post) -> None:
    session = {"session_id": "keeps-things"}
    post("CREATE TEMPORARY TABLE mine (n Int32)", params=session)
    post("INSERT INTO mine VALUES (1), (2)", params=session)
    post("SET max_block_size = 77", params=session)
    assert post("SELECT sum(n), getSetting('max_block_size') FROM mine", params=session).text == "3\t77\n"
    assert post("SELECT * FROM mine").status_code == 404
    other = post("SELECT 1", params={"session_id": "never-seen", "session_check": "1"})
    assert other.headers["X-ClickHouse-Exception-Code"] == "372"


def test_get_only_reads(http: httpx.Client) -> None:
    answer = http.get("/", params={"query": "CREATE TABLE t (n Int32) ENGINE = Memory"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    http.post("/", content="CREATE TABLE t (n Int32) ENGINE = Memory")
    for params in ({}, {"session_id": "get-only"}, {"readonly": "0"}):
        answer = http.get("/", params={"query": "INSERT INTO t VALUES (1)"} | params)
        assert answer.status_code != 200
    assert http.get("/", params={"query": "SELECT count() FROM t"}).text == "0\n"


def test_readonly_in_the_url_is_kept(post: Post) -> None:
    post("CREATE TABLE t (n Int32) ENGINE = Memory")
    for params in ({"readonly": "1"}, {"readonly": "2"}, {"readonly": "2", "session_id": "reads"}):
        assert post("INSERT INTO t VALUES (1)", params=params).headers["X-ClickHouse-Exception-Code"] == "164"
    assert post("SELECT count() FROM t").text == "0\n"


def test_a_large_result_is_streamed(http: httpx.Client) -> None:
    total = 0
    with http.stream("POST", "/", content="SELECT number FROM numbers(5000000) FORMAT RowBinary") as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        for piece in answer.iter_bytes():
            total += len(piece)
    assert total == 8 * 5_000_000


def test_an_error_in_the_middle_of_a_result_is_seen(http: httpx.Client) -> None:
    sql = "SELECT number, throwIf(number = 3000000, 'too far') FROM numbers(6000000)"
    text = b""
    broken = False
    with http.stream("POST", "/", content=sql) as answer:
        try:
            for piece in answer.iter_bytes():
                text = text[-4096:] + piece
        except httpx.RemoteProtocolError:
            broken = True
    assert broken or b"DB::Exception" in text
    assert b"Code: 395" in text


def test_waiting_for_the_end_tells_errors_first(post: Post) -> None:
    wait = {"wait_end_of_query": "1"}
    failed = post("SELECT number, throwIf(number = 3000000) FROM numbers(6000000)", params=wait)
    assert failed.headers["X-ClickHouse-Exception-Code"] == "395"
    whole = post("SELECT number FROM numbers(300000)", params=wait)
    assert whole.text.count("\n") == 300_000
    assert json.loads(whole.headers["X-ClickHouse-Summary"])["read_rows"] == "300000"
