"""A worker beside the stack's: it folds one generation, whatever is live, for as long as its command runs."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from ioc.cli.run import SUPERVISED
from ioc.errors import FatalError
from ioc.settings import Settings

_STOP_S = 15.0
_TAIL = 15


class SecondWorker:
    """`ioc run worker` as a child; the kernel stops it when this process dies."""

    def __init__(self, settings: Settings, generation: str, metrics_port: int) -> None:
        """Starts nothing yet.

        Args:
            settings: those in force; the child reads them from the environment again.
            generation: what it folds.
            metrics_port: where it shows its metrics.
        """
        folder = settings.embedded.data_dir / "log"
        name = f"worker-{generation}.log"
        self.log = (folder if folder.is_dir() else Path(tempfile.gettempdir())) / name
        self._environment = {
            **os.environ,
            "IOC_WORKER__GENERATION": generation,
            # No stable name: it leaves its partitions at once to the worker that takes over.
            "IOC_WORKER__INSTANCE": "",
            "IOC_METRICS__WORKER": str(metrics_port),
            SUPERVISED: "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """Raises FatalError when it has ended; the message holds the end of its log."""
        assert self._process is not None
        if (code := self._process.poll()) is not None:
            said = self.log.read_text("utf-8", "replace").splitlines()[-_TAIL:]
            raise FatalError(f"the second worker ended ({code}); its log {self.log} ends with:\n" + "\n".join(said))

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ioc.cli.run", "worker"],
                env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Has it take its last checkpoint and end."""
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
