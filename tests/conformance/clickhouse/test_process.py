"""The front as a process: what survives its death, how it stops, when it refuses to start."""

import contextlib
import json
import os
import random
import socket
import subprocess
import threading
from pathlib import Path

import httpx
import psutil
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import Error, ServerException

from tests.clickhouse_front import ANALYST, USERS, WRITER, FrontProcess, FrontUser
from tests.conformance.clickhouse.conftest import VARIABLE

pytestmark = pytest.mark.skipif(VARIABLE in os.environ, reason="about the embedded front as a process")

KILLS = 4


def client_of(front: FrontProcess, user: FrontUser = WRITER) -> Client:
    return Client(front.host, front.native_port, user=user.name, password=user.password, send_receive_timeout=30)


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    rnd = random.Random(20240229)
    front = FrontProcess(tmp_path).start()
    client = client_of(front)
    client.execute("CREATE DATABASE d")
    client.execute("CREATE TABLE d.t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    client.execute("CREATE TABLE d.r (k UInt64, n UInt64) ENGINE = ReplacingMergeTree(n) ORDER BY k")
    client.disconnect()
    acknowledged = 0
    for turn in range(KILLS):
        inserting = Inserting(front, acknowledged, acknowledged + rnd.randint(5, 60))
        inserting.start()
        assert inserting.enough.wait(60)
        front.kill()
        inserting.join()
        front.start()
        reader = client_of(front)
        counts = dict(reader.execute("SELECT n, count() FROM d.t GROUP BY n"))
        assert all(counts.get(n) == 50 for n in range(1, inserting.acknowledged + 1)), f"kill {turn}"
        assert set(counts) <= set(range(1, inserting.tried + 1))
        assert reader.execute("SELECT max(n) FROM d.r FINAL")[0][0] >= inserting.acknowledged
        acknowledged = max(counts)  # perhaps with an insert that was written and never answered
        reader.disconnect()
    assert front.stop() == 0


class Inserting(threading.Thread):
    """Inserts numbers one after another until the server is gone; sets `enough` when `wanted` is acknowledged."""

    def __init__(self, front: FrontProcess, acknowledged: int, wanted: int) -> None:
        super().__init__()
        self.front = front
        self.acknowledged = self.tried = acknowledged
        self.wanted = wanted
        self.enough = threading.Event()

    def run(self) -> None:
        writer = client_of(self.front)
        with contextlib.suppress(Error, OSError, EOFError):
            while True:
                self.tried = self.acknowledged + 1
                writer.execute("INSERT INTO d.t VALUES", [(self.tried, "x" * 500)] * 50)
                writer.execute("INSERT INTO d.r VALUES", [(self.tried % 7, self.tried)])
                self.acknowledged = self.tried
                if self.acknowledged >= self.wanted:
                    self.enough.set()
        writer.disconnect()


def test_sigterm_lets_an_insert_finish(tmp_path: Path) -> None:
    front = FrontProcess(tmp_path).start()
    client = client_of(front)
    client.execute("CREATE TABLE default.t (n UInt64) ENGINE = MergeTree ORDER BY n")
    started = threading.Event()
    outcome: list[object] = []

    def insert() -> None:
        writer = client_of(front)
        sql = "INSERT INTO default.t SELECT number FROM numbers(3000) WHERE sleepEachRow(0.001) = 0"
        try:
            started.set()
            writer.execute(sql, settings={"max_block_size": 500})
            outcome.append("acknowledged")
        except (Error, OSError, EOFError) as error:
            outcome.append(error)
        writer.disconnect()

    inserting = threading.Thread(target=insert)
    inserting.start()
    started.wait()
    while not client.execute("SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO default.t %'")[0][0]:
        pass
    assert front.stop() == 0
    inserting.join()
    assert outcome == ["acknowledged"]
    client.disconnect()
    front.start()
    assert client.execute("SELECT count() FROM default.t") == [(3000,)]
    client.disconnect()
    front.stop()


def test_sigterm_ends_what_does_not_end(tmp_path: Path) -> None:
    front = FrontProcess(tmp_path, settings={"drain_s": 0.5}).start()
    client = client_of(front)
    progress = client.execute_with_progress("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
    next(iter(progress))
    idle = client_of(front)
    idle.execute("SELECT 1")
    assert front.stop() == 0
    with pytest.raises((Error, OSError, EOFError)):
        progress.get_result()
    client.disconnect()
    idle.disconnect()


def test_a_second_front_on_the_same_data_does_not_start(tmp_path: Path) -> None:
    with FrontProcess(tmp_path / "one") as front:
        second = FrontProcess(tmp_path / "two", settings={"data": str(front.data)})
        assert "belongs to a running front" in refused(second)
        client = client_of(front)
        assert client.execute("SELECT 1") == [(1,)]
        client.disconnect()


@pytest.mark.parametrize("which", ["native_port", "http_port"])
def test_a_busy_port(tmp_path: Path, which: str) -> None:
    front = FrontProcess(tmp_path)
    with socket.create_server((front.host, getattr(front, which))):
        text = refused(front)
    assert str(getattr(front, which)) in text
    assert "Address already in use" in text
    assert not front.data.exists()


def test_a_data_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("a file", encoding="utf-8")
    assert "cannot be used" in refused(
        FrontProcess(tmp_path / "a", settings={"data": str(tmp_path / "plain" / "data")})
    )
    assert "free of spaces" in refused(FrontProcess(tmp_path / "b", settings={"data": str(tmp_path / "with space")}))


def test_broken_metadata_is_one_sentence(tmp_path: Path) -> None:
    front = FrontProcess(tmp_path).start()
    client = client_of(front)
    client.execute("CREATE DATABASE d")
    client.disconnect()
    front.stop()
    (front.data / "metadata" / "d.sql").write_text("no sql at all", encoding="utf-8")
    text = refused(front)
    assert "does not start on it" in text
    assert "metadata/d.sql" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"no_such_setting": 1}, "no_such_setting"),
        ({"native_port": 0}, "native_port"),
        ({"users": "/nowhere/users.json"}, "No such file"),
    ],
)
def test_wrong_settings(tmp_path: Path, change: dict[str, object], words: str) -> None:
    assert words in refused(FrontProcess(tmp_path, settings=change))


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        ("{}", 0o600, "names no user"),
        ("[1]", 0o600, "users file"),
        ("{nonsense", 0o600, "not JSON"),
        ('{"a": {"password": "x", "admin": true}}', 0o600, "a.admin"),
        ('{"a": {"password": "x"}}', 0o644, "0600"),
    ],
)
def test_wrong_users(tmp_path: Path, content: str, mode: int, words: str) -> None:
    file = tmp_path / "own.json"
    file.write_text(content, encoding="utf-8")
    file.chmod(mode)
    assert words in refused(FrontProcess(tmp_path / "front", settings={"users": str(file)}))


def refused(front: FrontProcess) -> str:
    """Starts a front that must not start; returns its one sentence."""
    done = subprocess.run(front.command(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "ready" not in done.stdout
    sentences = [line for line in done.stderr.splitlines() if line]
    assert len(sentences) == 1, done.stderr
    return sentences[0]


def test_more_queries_than_allowed_get_error_202(tmp_path: Path) -> None:
    with FrontProcess(tmp_path, settings={"max_queries": 2}) as front:
        clients = [client_of(front) for _ in range(3)]
        running = [
            client.execute_with_progress("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
            for client in clients[:2]
        ]
        for progress in running:
            next(iter(progress))
        with pytest.raises(ServerException) as raised:
            clients[2].execute("SELECT 1")
        assert raised.value.code == 202
        headers = {"X-ClickHouse-User": WRITER.name, "X-ClickHouse-Key": WRITER.password}
        answer = httpx.post(f"{front.url}/", content="SELECT 1", headers=headers)
        assert answer.headers["X-ClickHouse-Exception-Code"] == "202"
        clients[0].disconnect()
        clients[1].cancel()
        assert clients[1].execute("SELECT 1") == [(1,)]
        for client in clients:
            client.disconnect()


def test_a_query_over_its_memory_fails_and_the_front_goes_on(tmp_path: Path) -> None:
    with FrontProcess(tmp_path, settings={"memory_limit_mib": 768}) as front:
        client = client_of(front)
        with pytest.raises(ServerException) as raised:
            client.execute("SELECT groupArray(toString(number)) FROM numbers(100000000)")
        assert raised.value.code == 241
        assert client.execute("SELECT 1") == [(1,)]
        client.disconnect()


def test_a_request_body_over_the_limit_is_refused(tmp_path: Path) -> None:
    with FrontProcess(tmp_path, settings={"body_max_mib": 1}) as front:
        headers = {"X-ClickHouse-User": WRITER.name, "X-ClickHouse-Key": WRITER.password}
        answer = httpx.post(f"{front.url}/", content=b"SELECT 1 --" + b"x" * (2 << 20), headers=headers)
        assert answer.status_code == 413
        assert answer.headers["X-ClickHouse-Exception-Code"] == "307"


def test_a_large_result_does_not_stand_in_memory(tmp_path: Path) -> None:
    with FrontProcess(tmp_path) as front:
        headers = {"X-ClickHouse-User": ANALYST.name, "X-ClickHouse-Key": ANALYST.password}
        process = psutil.Process(front.pid)
        before = process.memory_info().rss
        total = 0
        sql = "SELECT number, toString(number) FROM numbers(20000000) FORMAT TSV"
        with httpx.stream("POST", f"{front.url}/", content=sql, headers=headers) as answer:
            for piece in answer.iter_raw():
                total += len(piece)
        assert total > 300 << 20
        assert process.memory_info().rss - before < 150 << 20


def test_threads_and_sessions_do_not_pile_up(tmp_path: Path) -> None:
    with FrontProcess(tmp_path) as front:
        process = psutil.Process(front.pid)
        for _ in range(3):
            for _ in range(30):
                client = client_of(front)
                client.execute("SELECT 1")
                client.disconnect()
            files = process.num_fds()
        for _ in range(60):
            client = client_of(front)
            client.execute("SELECT 1")
            client.disconnect()
        assert process.num_fds() <= files + 5


def test_garbage_on_the_ports_harms_nobody(tmp_path: Path) -> None:
    rnd = random.Random(7)
    with FrontProcess(tmp_path) as front:
        for port in (front.native_port, front.http_port):
            for size in (0, 1, 20, 4000):
                with socket.create_connection((front.host, port)) as stranger:
                    stranger.sendall(rnd.randbytes(size))
        hello = b"\x00\x01x\x18\x00\xb4\xa9\x03"
        with socket.create_connection((front.host, front.native_port)) as stranger:
            stranger.sendall(hello + b"\xff" * 9 + b"\x01")  # a string of almost 2^63 bytes
            assert b"too long" in stranger.recv(4096)
        client = client_of(front)
        assert client.execute("SELECT 1") == [(1,)]
        client.disconnect()


def test_the_users_of_the_settings_file_and_no_others(tmp_path: Path) -> None:
    with FrontProcess(tmp_path) as front:
        for user in USERS:
            client = client_of(front, user)
            assert client.execute("SELECT 1") == [(1,)]
            client.disconnect()
        client = client_of(front, FrontUser("default", ""))
        with pytest.raises(ServerException) as raised:
            client.execute("SELECT 1")
        assert raised.value.code == 516
        client.disconnect()
        assert json.loads((front.directory / "users.json").read_text(encoding="utf-8")).keys() == {
            u.name for u in USERS
        }
