"""Brings the whole stack up and down."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded import credentials, preflight, supervise
from deploy.embedded.component import SERVERS, Component, components, log_file
from deploy.embedded.lock import Lock, holder
from ioc.errors import ConfigError, FatalError, RetriableError
from ioc.settings import Settings

READY_S = 60.0
DOWN_S = 15.0
_KILL_AFTER_S = 12.5
_POLL_S = 0.05

Tell = Callable[[str, str], None]
"""Told of each component that is ready: its name and a few words."""


@dataclass
class Stack:
    """A stack that runs: its settings, its folder, its supervisor and the components that were started."""

    settings: Settings
    data_dir: Path
    supervisor: subprocess.Popen[bytes]
    components: tuple[Component, ...]


def up(
    settings: Settings,
    data_dir: Path,
    migrate: Callable[[Settings], None],
    tell: Tell,
    only: Collection[str] = (),
    defaults: credentials.Tree | None = None,
) -> Stack:
    """Starts everything and returns when all of it is ready. Nothing keeps running if anything fails.

    Args:
        settings: the user's settings.
        data_dir: the stack's folder; made when missing.
        migrate: makes topics and tables, called when broker and ClickHouse are ready.
        tell: called for each component that is ready.
        only: names of the components to start; empty: all that the settings ask for.
        defaults: settings for what the user says nothing of.

    Raises:
        ConfigError: what the preflight found, a sentence a line; nothing was started.
        FatalError: a component did not become ready; everything was stopped again.
    """
    _refuse(preflight.check_folder(data_dir))
    lock = Lock(data_dir)
    lock.take()
    try:
        in_force = credentials.prepare(settings, data_dir, defaults)
        planned = _chosen(components(in_force), only)
        _refuse([*preflight.check_machine(in_force), *preflight.check_ports(planned)])
        supervisor = supervise.start(planned, data_dir, lock.fd)
        lock.note(supervisor.pid)
    finally:
        lock.close()
    stack = Stack(in_force, data_dir, supervisor, tuple(planned))
    try:
        _start_in_order(stack, migrate, tell)
    except BaseException:
        down(data_dir)
        supervisor.wait()
        raise
    return stack


def _chosen(all_of_them: Sequence[Component], only: Collection[str]) -> list[Component]:
    """Those that are asked for.

    Raises:
        ConfigError: a name is none of theirs.
    """
    names = [component.name for component in all_of_them]
    unknown = sorted(set(only) - set(names))
    if unknown:
        raise ConfigError(f"these settings run no {', '.join(unknown)} here; they run {', '.join(names)}")
    return [component for component in all_of_them if not only or component.name in only]


def _start_in_order(stack: Stack, migrate: Callable[[Settings], None], tell: Tell) -> None:
    """Starts what needs nothing at once, the rest when topics and tables are there."""
    first = [component for component in stack.components if not component.needs]
    rest = [component for component in stack.components if component.needs]
    for component in first:
        supervise.launch(stack.data_dir, component.name)
    servers = [component for component in first if component.name in SERVERS]
    _wait_until_ready(stack, servers, tell)
    if rest:
        migrate(stack.settings)
        tell("migrate", "topics and tables are there")
    for component in rest:
        supervise.launch(stack.data_dir, component.name)
    _wait_until_ready(stack, [component for component in stack.components if component not in servers], tell)


def _wait_until_ready(stack: Stack, waited_for: Sequence[Component], tell: Tell) -> None:
    deadline = time.monotonic() + READY_S
    missing = list(waited_for)
    while missing:
        for component in [one for one in missing if one.is_ready()]:
            missing.remove(component)
            tell(component.name, ", ".join(map(str, component.bounds)))
        if not missing:
            return
        names = {component.name for component in missing}
        ended = [state for state in supervise.states(stack.data_dir) if state.name in names and state.last_end]
        if ended or time.monotonic() > deadline:
            name = ended[0].name if ended else missing[0].name
            how = f"ended at its start ({ended[0].last_end})" if ended else f"is not ready after {READY_S:.0f} s"
            log = log_file(stack.data_dir, name)
            raise FatalError(f"{name} {how}; its log {log} ends with:\n{_tail(log)}")
        time.sleep(_POLL_S)


def down(data_dir: Path) -> bool:
    """Stops everything in the reverse order of the start, within `DOWN_S`; whether there was anything to stop.

    Raises:
        FatalError: the supervisor is still there after that time.
    """
    pid = holder(data_dir)
    if pid is None:
        return False
    began = time.monotonic()
    try:
        supervise.shut_down(data_dir)
    except RetriableError:  # not listening yet, or no more
        os.kill(pid, signal.SIGTERM)
    killed = False
    while holder(data_dir) is not None:
        waited_s = time.monotonic() - began
        if waited_s > DOWN_S:
            raise FatalError(
                f"the supervisor (pid {pid}) of {data_dir} did not stop within {DOWN_S:.0f} s; kill it by hand"
            )
        if waited_s > _KILL_AFTER_S and not killed:
            supervise.kill_all(pid)
            killed = True
        time.sleep(_POLL_S)
    return True


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise ConfigError("\n".join(faults))


def _tail(path: Path, lines: int = 12) -> str:
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    return "\n".join(text.splitlines()[-lines:])
