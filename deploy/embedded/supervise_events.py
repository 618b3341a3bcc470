"""What runs inside supervisor: counts each component's starts and keeps how it ended last.

supervisor reports the present state only; `[rpcinterface:…]` is its documented way to add to it.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from supervisor import events


class History:
    """The XML-RPC namespace `ioc`."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, Any]] = {}
        self._reaped: dict[int, int] = {}
        events.subscribe(events.ProcessStateStartingEvent, self._started)
        events.subscribe(events.ProcessStateExitedEvent, self._ended)
        events.subscribe(events.ProcessStateBackoffEvent, self._ended)

    def history(self) -> dict[str, dict[str, Any]]:
        """Number of starts and last end of each component that was started."""
        return self._seen

    def watch(self, waitpid: Callable[[], tuple[int, int]]) -> Callable[[], tuple[int, int]]:
        """Wraps supervisor's `waitpid`: its events say that a process ended, and not how."""

        def watched() -> tuple[int, int]:
            pid, status = waitpid()
            if pid:
                self._reaped[pid] = status
            return pid, status

        return watched

    def _started(self, event: Any) -> None:
        self._entry(event)["starts"] += 1

    def _ended(self, event: Any) -> None:
        status = self._reaped.pop(event.process.pid, None)
        self._entry(event)["last_end"] = "could not be started" if status is None else how_it_ended(status)

    def _entry(self, event: Any) -> dict[str, Any]:
        return self._seen.setdefault(event.process.config.name, {"starts": 0, "last_end": ""})


def how_it_ended(status: int) -> str:
    """A wait status in words."""
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def make_interface(supervisord: Any, **_options: str) -> History:
    """Called by supervisor for `[rpcinterface:ioc]`."""
    history = History()
    supervisord.options.waitpid = history.watch(supervisord.options.waitpid)
    return history
