import socket
import threading
import time

import pytest

from ingest.source import RetryLaterError
from ingest.sources import web
from ingest.sources.session import Session
from ingest.sources.web import SessionExpiredError, Web
from ioc.errors import ConfigError, FatalError, RetriableError
from tests.unit.ingest.scripted_server import ScriptedServer


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://a", "http://", "http://bá"])
def test_what_is_no_address_is_refused_at_start(url: str) -> None:
    with pytest.raises(ConfigError):
        Web(url, 1)


def test_status_codes_say_what_to_do() -> None:
    replies = {
        "/ok": (204, {}, b""), "/401": (401, {}, b""), "/302": (302, {}, b""), "/400": (400, {}, b"why"), "/404": (404, {}, b""),
        "/500": (500, {}, b""), "/429": (429, {"Retry-After": "7"}, b""), "/503": (503, {"Retry-After": "soon"}, b""),
    }  # fmt: skip
    with ScriptedServer(lambda path, _: replies[path]) as server:
        client = Web(server.url, 5)
        assert client.ask("GET", "/ok").body == b""
        for path in ("/401", "/302"):
            with pytest.raises(SessionExpiredError):
                client.ask("GET", path)
        with pytest.raises(FatalError, match="/400: 400: 'why'"):
            client.ask("POST", "/400", json={})
        for path in ("/404", "/500", "/503"):
            with pytest.raises(RetriableError, match=path):
                client.ask("GET", path)
        with pytest.raises(RetryLaterError) as later:
            client.ask("GET", "/429")
        assert later.value.after_s == 7
        client.close()


def test_the_clock_of_the_source_is_the_date_of_its_answer() -> None:
    before = time.time()
    with ScriptedServer(lambda _path, _body: (200, {}, b"")) as server:
        client = Web(server.url, 5)
        told = client.ask("GET", "/").clock_ms
        client.close()
    assert told is not None
    assert int(before) * 1000 <= told <= time.time() * 1000


def test_a_body_that_drips_is_given_up() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    gone = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not gone.wait(0.02):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    client = Web(f"http://127.0.0.1:{listener.getsockname()[1]}", 0.1)
    began = time.monotonic()
    with pytest.raises(RetriableError, match="has not ended"):
        client.ask("GET", "/")
    assert time.monotonic() - began >= 0.1 * web.TIMEOUTS_A_BODY
    gone.set()
    thread.join()
    client.close()
    listener.close()


class Logins:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"session-{self.count}"


def test_an_expired_session_is_renewed_once_for_all_streams() -> None:
    logins = Logins()
    session = Session(logins)
    alive = {"session-1"}

    def ask(token: str) -> str:
        if token not in alive:
            raise SessionExpiredError(token)
        return token

    assert session.use(ask) == "session-1"
    alive = {"session-2"}
    assert [session.use(ask), session.use(ask)] == ["session-2", "session-2"]
    assert logins.count == 2


def test_a_session_that_expires_at_once_is_tried_again_later() -> None:
    logins = Logins()
    session = Session(logins)

    def ask(token: str) -> str:
        raise SessionExpiredError(token)

    with pytest.raises(RetriableError, match="expired at once"):
        session.use(ask)
    assert session.use(lambda token: token) == "session-3"


def test_a_login_that_fails_leaves_no_session() -> None:
    outcomes: list[str | Exception] = [RetriableError("away"), "good"]

    def login() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    session = Session(login)
    with pytest.raises(RetriableError):
        session.use(lambda token: token)
    assert session.use(lambda token: token) == "good"
