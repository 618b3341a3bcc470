"""The embedded ClickHouse front for tests: a process of its own, on free ports, in a directory of its own."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ioc.settings.limits import ReaderLimits
from tests.kafka_broker import free_ports

READY_S = 60.0
STOP_S = 20.0
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class FrontUser:
    """A user of the front under test."""

    name: str
    password: str
    readonly: bool = False
    limits: ReaderLimits | None = None

    @property
    def entry(self) -> dict[str, object]:
        """The user as it stands in the front's file."""
        found: dict[str, object] = {"password": self.password, "readonly": self.readonly}
        return found if self.limits is None else found | {"limits": self.limits.model_dump()}


WRITER = FrontUser("ioc_writer", "writer-secret")
ANALYST = FrontUser("ioc_analyst", "analyst-secret", readonly=True)
USERS = (
    FrontUser("ioc_admin", "admin-secret"),
    WRITER,
    FrontUser("ioc_wall", "wall-secret", readonly=True),
    ANALYST,
)
"""The users of the project's settings, each with a password."""


class FrontProcess:
    """Starts, stops, kills and starts again one front; its data and its ports stay the same over restarts.

    Use it as a context manager, or call `start` and `stop`.

    Args:
        directory: a folder of its own; the data stand in `data` below it.
        users: who may log in.
        settings: further settings of the front, by their names in its settings file.
    """

    def __init__(
        self, directory: Path, users: tuple[FrontUser, ...] = USERS, settings: Mapping[str, object] | None = None
    ) -> None:
        self.directory = directory
        self.host = "127.0.0.1"
        self.native_port, self.http_port = free_ports(2)
        self.users = {user.name: user for user in users}
        self.settings = dict(settings or {})
        self.process: subprocess.Popen[str] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"

    @property
    def url(self) -> str:
        """Address of the HTTP interface."""
        return f"http://{self.host}:{self.http_port}"

    @property
    def log(self) -> Path:
        """What the front has logged, over all its starts."""
        return self.directory / "front.log"

    @property
    def pid(self) -> int:
        """Process id of the running front."""
        assert self.process is not None
        return self.process.pid

    def command(self) -> list[str]:
        """Writes the front's files and returns the command that starts it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        users = self.directory / "users.json"
        entries = {user.name: user.entry for user in self.users.values()}
        users.touch(mode=0o600)
        users.write_text(json.dumps(entries), encoding="utf-8")
        settings = {
            "data": str(self.data),
            "users": str(users),
            "host": self.host,
            "native_port": self.native_port,
            "http_port": self.http_port,
            **self.settings,
        }
        config = self.directory / "front.json"
        config.write_text(json.dumps(settings), encoding="utf-8")
        return [sys.executable, "-m", "deploy.embedded.clickhouse", "--config", str(config)]

    def start(self) -> Self:
        """Starts the front and waits until both its ports serve.

        Raises:
            RuntimeError: it ended, or did not serve within `READY_S`; the message holds the end of its log.
        """
        command = self.command()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        assert self.process.stdout is not None
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            readable, _, _ = select.select([self.process.stdout], [], [], 1.0)
            if readable:
                if self.process.stdout.readline().strip() == "ready":
                    return self
                break
        self.kill()
        raise RuntimeError(f"the front did not start: {self.log_tail()}")

    def log_tail(self) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"the front did not end within {STOP_S} s: {self.log_tail()}") from None
        finally:
            assert process.stdout is not None
            process.stdout.close()

    def stop(self) -> int:
        """Ends the front in order; returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kills the front as a power cut of the process would: no handler of it runs."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
