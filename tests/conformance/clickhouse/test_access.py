"""What nobody may do through the front, whoever asks and by whichever port."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.clickhouse_front import FrontProcess
from tests.conformance.clickhouse.attempts import EVERYTHING, REFUSED, SECRET, fill, http_answer, native_answer
from tests.conformance.clickhouse.conftest import Target


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
