"""A real Kafka broker for tests, on free ports, in a directory of its own."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded.kafka import Broker

READY_S = 60.0
STOP_S = 20.0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


class KafkaProcess:
    """Starts, stops, kills and starts again one broker; its data and its ports stay the same over restarts.

    Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(self, data_dir: Path, heap_mb: int = 384) -> None:
        port, controller_port = free_ports(2)
        self.broker = Broker(data_dir, port, controller_port, heap_mb)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Address for clients."""
        return self.broker.bootstrap

    @property
    def log(self) -> Path:
        """What the broker printed."""
        return self.broker.directory / "broker.log"

    def start(self) -> Self:
        """Starts the broker and waits until it serves.

        Raises:
            RuntimeError: it ended, or did not serve within `READY_S`; the message holds the end of its log.
        """
        command = self.broker.prepare()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_S
        while not self.broker.is_ready():
            ended = self.process.poll()
            if ended is not None or time.monotonic() > deadline:
                self.kill()
                said = self.log.read_text("utf-8", "replace")[-2000:]
                raise RuntimeError(f"broker in {self.broker.directory} is not ready (exit code {ended}): {said}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Stops the broker as an operator would; kills it if it does not go within `STOP_S`."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kills the broker at once (kill -9)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Holds the broker still until `resume`."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a paused broker go on."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

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
