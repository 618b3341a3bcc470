"""A query ends when its client has left, by whichever way."""

import threading
import time
import uuid
from collections.abc import Callable

import httpx
import pytest
from clickhouse_driver import Client

from tests.clickhouse_front import FrontProcess
from tests.conformance.clickhouse.conftest import Target

ENDLESS = "SELECT count() FROM numbers(100000000000000) WHERE sipHash64(number, '{mark}') = 1"
ENDLESS_ROWS = "SELECT number, '{mark}' FROM numbers(100000000000000)"
GONE_S = 10.0


def runs(client: Client, mark: str) -> bool:
    sql = (
        "SELECT count() FROM system.processes WHERE position(query, %(mark)s) > 0 AND position(query, 'processes') = 0"
    )
    return bool(client.execute(sql, {"mark": mark})[0][0])


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GONE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS])
def test_a_closed_native_connection(target: Target, client: Client, sql: str) -> None:
    mark = uuid.uuid4().hex
    leaving = target.client()
    rows = leaving.execute_with_progress(sql.format(mark=mark)) if sql == ENDLESS else leaving.execute_iter(
        sql.format(mark=mark)
    )  # fmt: skip
    next(iter(rows))
    wait_until(lambda: runs(client, mark))
    leaving.disconnect()
    wait_until(lambda: not runs(client, mark))


@pytest.mark.parametrize("sql", [ENDLESS, ENDLESS_ROWS])
def test_a_closed_http_connection(front: FrontProcess, target: Target, client: Client, sql: str) -> None:
    mark = uuid.uuid4().hex
    with target.http() as http:
        leaving = threading.Event()

        def ask() -> None:
            try:
                with http.stream(
                    "POST", "/", content=sql.format(mark=mark), timeout=httpx.Timeout(60, read=1)
                ) as answer:
                    for _ in answer.iter_bytes():
                        if leaving.is_set():
                            return
            except httpx.ReadTimeout:
                return

        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: runs(client, mark))
        leaving.set()
        asking.join(GONE_S)
    wait_until(lambda: not runs(client, mark))
    assert front.process is not None
    assert front.process.poll() is None


def test_cancel_stops_the_query_itself(target: Target, client: Client) -> None:
    mark = uuid.uuid4().hex
    canceller = target.client()
    next(iter(canceller.execute_with_progress(ENDLESS.format(mark=mark))))
    canceller.cancel()
    wait_until(lambda: not runs(client, mark))
    assert canceller.execute("SELECT 1") == [(1,)]
    canceller.disconnect()


def test_a_reader_that_stops_reading_holds_nothing_up(target: Target, client: Client) -> None:
    mark = uuid.uuid4().hex
    with target.http() as http, http.stream("POST", "/", content=ENDLESS_ROWS.format(mark=mark)) as answer:
        next(answer.iter_bytes())
        for n in range(20):
            assert client.execute(f"SELECT {n}") == [(n,)]
    wait_until(lambda: not runs(client, mark))


def test_clients_that_leave_at_once_leave_nothing_behind(target: Target, client: Client) -> None:
    mark = uuid.uuid4().hex
    for _ in range(15):
        leaving = target.client()
        leaving.connection.force_connect()
        leaving.connection.send_query(ENDLESS.format(mark=mark))
        leaving.connection.send_external_tables([])
        leaving.disconnect()
    wait_until(lambda: not runs(client, mark))
    assert client.execute("SELECT 1") == [(1,)]
