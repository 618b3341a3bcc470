"""The stack's MQTT broker: a real mosquitto with our configuration, asked over a socket."""

import contextlib
import os
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from deploy.embedded import mosquitto, probe
from deploy.embedded.mosquitto import HOST, MqttBroker, find_mosquitto, hashed
from ioc.errors import ConfigError
from ioc.settings import Settings

ACCEPTED, BAD_LOGIN, NOT_AUTHORISED = 0, 4, 5
"""Return codes of CONNACK (MQTT 3.1.1, 3.2.2.3)."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(broker: MqttBroker) -> Iterator[None]:
    process = subprocess.Popen(broker.prepare(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 10
        while not probe.listens(HOST, broker.port):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


def text(value: str) -> bytes:
    return struct.pack(">H", len(value.encode())) + value.encode()


class Client:
    """A client of MQTT 3.1.1 that knows as much as the tests need."""

    def __init__(self, port: int, name: str, user: str = "", password: str = "") -> None:
        self._socket = socket.create_connection((HOST, port), 5)
        self._in = self._socket.makefile("rb")
        login = (text(user) + text(password)) if user else b""
        self._send(0x10, text("MQTT") + bytes([4, 0xC0 if user else 0, 0, 60]) + text(name) + login)
        self.code = self._in.read(4)[3]

    def subscribe(self, topic: str) -> None:
        """At QoS 1."""
        self._send(0x82, b"\x00\x01" + text(topic) + b"\x01")
        assert self._in.read(5)[4] == 1

    def publish(self, topic: str, payload: bytes) -> None:
        """At QoS 1; returns when the broker has acknowledged."""
        self._send(0x32, text(topic) + b"\x00\x02" + payload)
        assert self._in.read(4) == b"\x40\x02\x00\x02"

    def next_payload(self) -> bytes:
        head, size = self._in.read(2)
        assert head & 0xF0 == 0x30
        body = self._in.read(size)
        return body[2 + struct.unpack(">H", body[:2])[0] + 2 :]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._in.close()
        self._socket.close()

    def _send(self, head: int, body: bytes) -> None:
        self._socket.sendall(bytes([head, len(body)]) + body)


def code(port: int, *login: str) -> int:
    with Client(port, "asks", *login) as client:
        return client.code


@pytest.fixture
def broker(tmp_path: Path) -> MqttBroker:
    assert find_mosquitto(), "mosquitto is not installed; `make setup` installs it"
    folder = tmp_path / "một thư mục"
    return MqttBroker(folder / "mosquitto", folder / "run", free_port(), "ioc", "mật khẩu")


def test_only_who_knows_the_password_comes_in_and_what_waits_outlives_a_restart(broker: MqttBroker) -> None:
    with running(broker):
        assert code(broker.port) == NOT_AUTHORISED
        assert code(broker.port, "ioc", "other") in {BAD_LOGIN, NOT_AUTHORISED}
        assert code(broker.port, "other", "mật khẩu") in {BAD_LOGIN, NOT_AUTHORISED}
        with Client(broker.port, "ingest", "ioc", "mật khẩu") as away:
            assert away.code == ACCEPTED
            away.subscribe("sensors/#")
        with Client(broker.port, "sensor", "ioc", "mật khẩu") as sender:
            sender.publish("sensors/air/1", b"21")
    assert stat.S_IMODE((broker.run_dir / "mosquitto.passwords").stat().st_mode) == 0o600
    assert "mật khẩu" not in (broker.run_dir / "mosquitto.passwords").read_text("utf-8")
    with running(broker), Client(broker.port, "ingest", "ioc", "mật khẩu") as back:
        assert back.next_payload() == b"21"


def test_without_a_user_anybody_here_comes_in(broker: MqttBroker) -> None:
    open_to_all = MqttBroker(broker.directory, broker.run_dir, broker.port)
    with running(open_to_all):
        assert code(broker.port) == ACCEPTED
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", broker.port), 5)


def test_a_hash_is_salted() -> None:
    assert hashed("x") != hashed("x")
    assert hashed("x").startswith("$7$101$")


def test_the_program_is_found_where_few_paths_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "sbin").mkdir()
    monkeypatch.setattr(mosquitto, "_WHERE", (str(tmp_path / "sbin"),))
    assert find_mosquitto() is None
    with pytest.raises(ConfigError, match=r"no mosquitto here; install it, or set embedded\.mqtt = false"):
        MqttBroker(tmp_path, tmp_path, 1).prepare()
    program = tmp_path / "sbin" / "mosquitto"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_mosquitto() == program
    assert os.access(program, os.X_OK)


def test_the_settings_say_which_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosquitto, "find_mosquitto", lambda: Path("mosquitto"))
    mqtt = {"host": "localhost", "port": 2000, "user": "u", "password": "p"}
    tree = {"embedded": {"mqtt_port": 2000, "data_dir": "d"}, "sources": {"hub": {"enabled": True, "mqtt": mqtt}}}
    assert MqttBroker.of(Settings.model_validate(tree)) == MqttBroker(
        Path("d/mosquitto"), Path("d/run"), 2000, "u", "p"
    )
