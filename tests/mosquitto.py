"""A real MQTT broker for tests (Debian's mosquitto), on a free port, in a directory of its own."""

import contextlib
import itertools
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.kafka_broker import free_ports

READY_S = 10.0
STOP_S = 10.0

_numbers = itertools.count()


class MosquittoProcess:
    """Starts, stops, kills and starts again one broker; its sessions and its port stay the same over restarts.

    Mosquitto writes its store when it is stopped, when `save` asks, and now and then; what it took since is lost when it is killed.
    """

    def __init__(self, data_dir: Path, user: str = "", password: str = "") -> None:
        self._dir = data_dir
        (self.port,) = free_ports(1)
        self._login = (user, password)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self._dir / "broker.log"

    def start(self) -> Self:
        """Starts the broker and waits until it serves."""
        self._dir.mkdir(parents=True, exist_ok=True)
        config = self._dir / "mosquitto.conf"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "persistence true",
            f"persistence_location {self._dir}/",
            "autosave_interval 1800",
            "max_queued_messages 0",
            "max_inflight_messages 0",
            "user root",
        ]
        user, password = self._login
        if user:
            passwords = self._dir / "passwords"
            subprocess.run([_found("mosquitto_passwd"), "-c", "-b", str(passwords), user, password], check=True)
            lines += ["allow_anonymous false", f"password_file {passwords}"]
        else:
            lines += ["allow_anonymous true"]
        config.write_text("\n".join(lines) + "\n")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [_found("mosquitto"), "-c", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_S
        while not self._serves():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"mosquitto is not ready: {self.log.read_text()[-2000:]}")
            time.sleep(0.01)
        return self

    def save(self) -> None:
        """Lets the broker write its store; returns when it is there."""
        assert self.process
        store = self._dir / "mosquitto.db"
        before = store.stat().st_mtime_ns if store.exists() else 0
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + READY_S
        while not store.exists() or store.stat().st_mtime_ns == before:
            assert time.monotonic() < deadline, "mosquitto has not saved its store"
            time.sleep(0.005)

    def stop(self) -> None:
        """Stops the broker as an operator would: it saves its store."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kills the broker at once (kill -9)."""
        self._end(signal.SIGKILL)

    @contextlib.contextmanager
    def publisher(self) -> Iterator["Publisher"]:
        """A connected sender."""
        publisher = Publisher(self.port, *self._login)
        try:
            yield publisher
        finally:
            publisher.close()

    def _serves(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
            return True
        return False

    def _end(self, with_signal: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(with_signal)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Publisher:
    """Sends messages and waits until the broker has taken them."""

    def __init__(self, port: int, user: str = "", password: str = "") -> None:
        self._client = Client(
            CallbackAPIVersion.VERSION2, f"sender-{next(_numbers)}", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.max_inflight_messages_set(1000)
        if user:
            self._client.username_pw_set(user, password)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def send(self, topic: str, *payloads: bytes, qos: int = 1) -> None:
        """Publishes; returns when the broker has acknowledged all of them."""
        for sent in [self._client.publish(topic, payload, qos) for payload in payloads]:
            sent.wait_for_publish(10.0)
            assert sent.is_published()

    def close(self) -> None:
        client: Any = self._client
        client.disconnect()
        client.loop_stop()
        client._reset_sockets()


def _found(program: str) -> str:
    # Debian puts the broker where only root's PATH looks.
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")
    if found is None:
        raise RuntimeError(f"{program} is missing: apt-get install mosquitto")
    return found
