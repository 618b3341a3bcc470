"""Users of the front."""

import json
from pathlib import Path

import pytest

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.http.request import login, read
from deploy.embedded.clickhouse.users import User, Users

USERS = Users({"writer": ("mật khẩu", False), "reader": ("r", True), "open": ("", True)})


def test_a_right_password() -> None:
    assert USERS.login("writer", "mật khẩu") == User("writer", readonly=False)
    assert USERS.login("reader", "r") == User("reader", readonly=True)
    assert USERS.login("open", "") == User("open", readonly=True)


@pytest.mark.parametrize(
    ("name", "password"),
    [("writer", ""), ("writer", "r"), ("nobody", "\x00"), ("", ""), ("default", ""), ("reader", "r ")],
)
def test_a_wrong_one(name: str, password: str) -> None:
    with pytest.raises(ServerError) as raised:
        USERS.login(name, password)
    assert raised.value.code == 516


def test_users_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"a": {"password": "x", "readonly": True}}), encoding="utf-8")
    assert Users.from_file(file).login("a", "x").readonly


def test_ways_to_log_in_by_http() -> None:
    assert login({"Authorization": "Basic YTpiOmM="}, {}) == ("a", "b:c")
    assert login({"X-ClickHouse-User": "a", "X-ClickHouse-Key": "b"}, {"user": "x"}) == ("a", "b")
    assert login({}, {"user": "a", "password": "b"}) == ("a", "b")
    assert login({}, {}) == ("", "")
    wrong = [
        {"Authorization": "Basic !!"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic YTpi", "X-ClickHouse-User": "a"},
    ]
    for headers in wrong:
        with pytest.raises(ServerError):
            login(headers, {})


def test_a_request_is_told_apart() -> None:
    query = "query=SELECT+1&param_x=a%20b&max_threads=2&database=d&session_id=s&readonly=1&compress=1"
    request = read("POST", query, {}, b"body", None)
    assert (request.statement, request.data) == (b"SELECT 1", b"body")
    assert request.settings == {"max_threads": "2", "readonly": "1"}
    assert request.parameters == {"x": "a b"}
    assert (request.database, request.session_id, request.compress, request.reading_only) == ("d", "s", True, False)
    assert read("GET", "", {}, b"SELECT 2", None).statement == b"SELECT 2"
    with pytest.raises(ServerError):
        read("POST", "session_timeout=soon", {}, b"", None)
