"""What a ClickHouse must do for us: against the embedded front, or against any server that the environment names.

`IOC_TEST_CLICKHOUSE=host:native_port:http_port:user:password` runs the suite on that server; the user must be allowed
to create databases. Tests that ask for `front` are about the front itself and are skipped then.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from clickhouse_driver import Client

from tests.clickhouse_front import ANALYST, WRITER, FrontProcess
from tests.conformance.clickhouse.attempts import SECRET

VARIABLE = "IOC_TEST_CLICKHOUSE"
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Target:
    """The server under test and a user who may do everything there."""

    host: str
    native_port: int
    http_port: int
    user: str
    password: str

    def client(self, database: str = "", **options: Any) -> Client:
        """A client of the native protocol; options are clickhouse-driver's."""
        login = {"user": self.user, "password": self.password} | options
        return Client(
            self.host, self.native_port, database=database, send_receive_timeout=TIMEOUT_S, connect_timeout=10, **login
        )

    def http(self, database: str = "", **headers: str) -> httpx.Client:
        """A client of the HTTP interface."""
        login = {"X-ClickHouse-User": self.user, "X-ClickHouse-Key": self.password} | headers
        if database:
            login["X-ClickHouse-Database"] = database
        return httpx.Client(base_url=f"http://{self.host}:{self.http_port}", headers=login, timeout=TIMEOUT_S)


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """The server under test."""
    named = os.environ.get(VARIABLE)
    if named:
        host, native, http, user, password = named.split(":", 4)
        return Target(host, int(native), int(http), user, password)
    front: FrontProcess = request.getfixturevalue("clickhouse_front")
    return Target(front.host, front.native_port, front.http_port, WRITER.name, WRITER.password)


@pytest.fixture(scope="session")
def front(request: pytest.FixtureRequest) -> FrontProcess:
    """The shared embedded front, for tests that are about it and no other server."""
    if os.environ.get(VARIABLE):
        pytest.skip(f"about the embedded front; {VARIABLE} names another server")
    process: FrontProcess = request.getfixturevalue("clickhouse_front")
    return process


@pytest.fixture(scope="session")
def analyst(front: FrontProcess) -> Target:
    """The front, logged in as a user who may only read."""
    return Target(front.host, front.native_port, front.http_port, ANALYST.name, ANALYST.password)


@pytest.fixture
def database(target: Target) -> Iterator[str]:
    """An empty database of the test's own."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with closing_client(target.client()) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield name
        admin.execute(f"DROP DATABASE {name} SYNC")


def closing_client(client: Client) -> AbstractContextManager[Client]:
    """Disconnects a client at the end."""
    return _Disconnecting(client)


class _Disconnecting(AbstractContextManager[Client]):
    def __init__(self, client: Client) -> None:
        self._client = client

    def __enter__(self) -> Client:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()


@pytest.fixture
def connect(target: Target, database: str) -> Iterator[Callable[..., Client]]:
    """Makes clients of the native protocol in the test's database, and disconnects them."""
    made: list[Client] = []

    def make(**options: Any) -> Client:
        client = target.client(**({"database": database} | options))
        made.append(client)
        return client

    yield make
    for client in made:
        client.disconnect()


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    """A client of the native protocol in the test's database."""
    return connect()


@pytest.fixture
def http(target: Target, database: str) -> Iterator[httpx.Client]:
    """A client of the HTTP interface in the test's database."""
    with closing(target.http(database)) as made:
        yield made


@pytest.fixture
def post(http: httpx.Client) -> Callable[..., httpx.Response]:
    """Posts a statement; further arguments are httpx's."""
    return partial(_post, http)


def _post(http: httpx.Client, sql: str | bytes, **options: Any) -> httpx.Response:
    return http.post("/", content=sql, **options)


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that no client may read, in a folder that none may write."""
    path = tmp_path_factory.mktemp("secret") / "secret.csv"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    return path


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
