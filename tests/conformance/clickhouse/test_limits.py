"""A greedy query is refused with a word that says why, and others go on meanwhile."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from ioc.settings.limits import ReaderLimits
from tests.clickhouse_front import ANALYST, WRITER, FrontProcess

PERSON = replace(
    ANALYST,
    name="person",
    limits=ReaderLimits(memory_mib=64, spill_mib=32, seconds=2, read_rows=5_000_000_000, result_rows=100_000, concurrent=3),
)  # fmt: skip
THRIFTY = replace(ANALYST, name="thrifty", limits=ReaderLimits(queries_per_hour=2))
BRIEF = replace(ANALYST, name="brief", limits=ReaderLimits(seconds_per_hour=1))
MEMORY = "SELECT length(groupArray(repeat('x', 100) || toString(number))) FROM numbers(10000000)"
SPILL = (
    "SELECT count() FROM (SELECT number, count() FROM numbers(20000000) GROUP BY number) "
    "SETTINGS max_bytes_before_external_group_by = 10000000, max_threads = 1"
)
TIME = "SELECT count() FROM numbers(4900000000) WHERE sipHash128(number) = 'x'"
RESULT = "SELECT number FROM numbers(100001)"
READ = "SELECT count() FROM numbers(5000000001) WHERE NOT ignore(number)"


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontProcess]:
    users = (WRITER, ANALYST, PERSON, THRIFTY, BRIEF)
    with FrontProcess(tmp_path_factory.mktemp("limits"), users=users) as process:
        yield process


def native(front: FrontProcess, name: str) -> Client:
    user = front.users[name]
    return Client(front.host, front.native_port, user=name, password=user.password, send_receive_timeout=60)


def over_http(front: FrontProcess, name: str, sql: str, **params: str) -> httpx.Response:
    login = {"X-ClickHouse-User": name, "X-ClickHouse-Key": front.users[name].password}
    return httpx.post(front.url, content=sql, params=params, headers=login, timeout=60)


@pytest.mark.parametrize(
    ("sql", "code", "word"),
    [
        (MEMORY, 241, "MEMORY_LIMIT_EXCEEDED"),
        (SPILL, 396, "Limit for temporary files size exceeded"),
        (TIME, 159, "TIMEOUT_EXCEEDED"),
        (RESULT, 396, "TOO_MANY_ROWS_OR_BYTES"),
        (READ, 158, "TOO_MANY_ROWS"),
    ],
)
def test_a_greedy_query_is_refused_with_a_word_that_says_why(
    front: FrontProcess, sql: str, code: int, word: str
) -> None:
    client = native(front, "person")
    begun = time.monotonic()
    with pytest.raises(ServerException) as raised:
        client.execute(sql)
    assert raised.value.code == code, raised.value.message
    assert word in raised.value.message
    assert time.monotonic() - begun < 30
    assert client.execute("SELECT 1") == [(1,)]
    client.disconnect()
    answer = over_http(front, "person", sql)
    assert answer.headers["X-ClickHouse-Exception-Code"] == str(code)
    assert word in answer.text


def test_a_limit_can_be_lowered_and_not_lifted(front: FrontProcess) -> None:
    client = native(front, "person")
    assert client.execute("SELECT count() FROM numbers(1000)", settings={"max_rows_to_read": 1000}) == [(1000,)]
    with pytest.raises(ServerException, match="TOO_MANY_ROWS"):
        client.execute("SELECT count() FROM numbers(1001)", settings={"max_rows_to_read": 1000})
    # A query's own limit is gone after it, the user's is not.
    assert client.execute("SELECT count() FROM numbers(1001)") == [(1001,)]
    with pytest.raises(ServerException, match="TOO_MANY_ROWS_OR_BYTES"):
        client.execute(RESULT)
    for sql in ("SET max_result_rows = 0", "SET max_result_rows = DEFAULT", f"{RESULT} SETTINGS max_result_rows = 0"):
        with pytest.raises(ServerException) as raised:
            client.execute(sql)
        assert raised.value.code == 452
    client.execute("SET max_result_rows = 10")
    with pytest.raises(ServerException, match="TOO_MANY_ROWS_OR_BYTES"):
        client.execute("SELECT number FROM numbers(11)")
    client.disconnect()
    assert "SETTING_CONSTRAINT_VIOLATION" in over_http(front, "person", RESULT, max_result_rows="0").text


def test_a_quota_is_used_up_and_says_until_when(front: FrontProcess) -> None:
    client = native(front, "thrifty")
    assert [client.execute("SELECT 1"), client.execute("SELECT 2")] == [[(1,)], [(2,)]]
    with pytest.raises(
        ServerException, match=r"Quota for user `thrifty`.*queries = 2/2.*Interval will end at"
    ) as raised:
        client.execute("SELECT 3")
    assert raised.value.code == 201
    assert "QUOTA_EXCEEDED" in over_http(front, "thrifty", "SELECT 4").text
    client.disconnect()
    time.sleep(0.01)
    assert over_http(front, "brief", "SELECT sleep(1.1)").is_success
    assert "execution_time = 1." in over_http(front, "brief", "SELECT 1").text


def test_while_one_is_greedy_others_read_and_write(front: FrontProcess) -> None:
    stop = threading.Event()
    words: list[str] = []

    def greedy(sql: str) -> None:
        while not stop.is_set():
            words.append(over_http(front, "person", sql).text)

    with (
        closing(_Closing(native(front, "ioc_writer"))) as writer,
        closing(_Closing(native(front, "ioc_analyst"))) as reader,
    ):
        writer.execute("CREATE TABLE default.others (n Int64) ENGINE = MergeTree ORDER BY n")
        threads = [threading.Thread(target=greedy, args=(sql,)) for sql in (MEMORY, SPILL, TIME, TIME, MEMORY)]
        for thread in threads:
            thread.start()
        for number in range(20):
            writer.execute("INSERT INTO default.others VALUES", [[number]])
            assert reader.execute("SELECT count(), max(n) FROM default.others") == [(number + 1, number)]
        stop.set()
        for thread in threads:
            thread.join()
    expected = (
        "MEMORY_LIMIT_EXCEEDED",
        "Limit for temporary files",
        "TIMEOUT_EXCEEDED",
        "TOO_MANY_SIMULTANEOUS_QUERIES",
    )
    assert all(any(word in text for word in expected) for text in words), [t[:200] for t in words]
    assert any("Too many simultaneous queries for user person. Current: 3, maximum: 3" in text for text in words)


class _Closing:
    """clickhouse-driver's client, closed by its name of it."""

    def __init__(self, client: Client) -> None:
        self.execute = client.execute
        self.close = client.disconnect
