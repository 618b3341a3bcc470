"""What runs inside supervisor: counts each component's starts and keeps how it ended last.

supervisor reports the present state only; `[rpcinterface:…]` is its documented way to add to it.
"""

from typing import Any

from supervisor import events


class History:
    """The XML-RPC namespace `ioc`."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, Any]] = {}
        events.subscribe(events.ProcessStateStartingEvent, self._started)
        events.subscribe(events.ProcessStateExitedEvent, self._ended)
        events.subscribe(events.ProcessStateBackoffEvent, self._ended)

    def history(self) -> dict[str, dict[str, Any]]:
        """Number of starts and last end of each component that was started."""
        return self._seen

    def _started(self, event: Any) -> None:
        self._entry(event)["starts"] += 1

    def _ended(self, event: Any) -> None:
        status = event.process.exitstatus
        self._entry(event)["last_end"] = "killed by a signal" if status == -1 else f"exit code {status}"

    def _entry(self, event: Any) -> dict[str, Any]:
        return self._seen.setdefault(event.process.config.name, {"starts": 0, "last_end": ""})


def make_interface(_supervisord: object, **_options: str) -> History:
    """Called by supervisor for `[rpcinterface:ioc]`."""
    return History()
