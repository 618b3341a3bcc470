"""Once a day the forecasts are made, by a process of their own: what that takes in memory does not stay in the sink's."""

import subprocess
import sys
import time

from ioc.logs import get_logger
from sinks.clickhouse.client import Database
from sinks.clickhouse.render import TODAY

LOOK_S = 600.0
FIRST_LOOK_S = 300.0
"""The first look of a sink is so long after its start: a stack that has just begun has other things to do."""

_STOP_S = 5.0
_log = get_logger("sink.forecast")


class Nightly:
    """Starts `ioc forecast` when there is none of today's."""

    def __init__(self, first_look_s: float = FIRST_LOOK_S) -> None:
        self._look_at = time.monotonic() + first_look_s
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def busy(self) -> bool:
        """Whether the child is at work, as far as `tend` knows."""
        return self._child is not None

    def tend(self, client: Database, database: str) -> None:
        """Sees to the child, or looks whether one is needed.

        Raises:
            RetriableError: ClickHouse is away.
        """
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            self._child = None
            (_log.info if code == 0 else _log.warning)("made", exit_code=code)
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_S
        ((made,),) = client.query(f"SELECT count() > 0 FROM {database}.forecasts WHERE made_on = toDate({TODAY})")
        if not made:
            command = [sys.executable, "-m", "ioc.cli.main", "forecast", "--json"]
            self._child = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def close(self) -> None:
        """Ends the child."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None
