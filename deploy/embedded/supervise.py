"""The stack's processes under `supervisor`: its configuration, its start, and questions to it.

supervisor restarts what dies (with a wait that grows by a second each time while the process does not stay up), keeps
and rotates the logs, and stops everything in the reverse order of the start. It is reached over a Unix socket in the
stack's folder.
"""

import contextlib
import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport

from deploy.embedded.component import Component, log_file
from ioc.errors import FatalError, RetriableError

START_S = 15.0
LOG_BYTES = 8 << 20
LOG_BACKUPS = 3
STAYED_UP_S = 5
"""A process that ends sooner is waited with before it is tried again."""


@dataclass(frozen=True)
class ProcessState:
    """What supervisor knows of a process.

    Attributes:
        name: the component.
        state: starting, running, backoff, stopping, stopped, exited, fatal or unknown.
        pid: None when it does not run.
        restarts: how often it was started again since the stack came up.
        last_end: how it ended last, empty if it never did.
    """

    name: str
    state: str
    pid: int | None
    restarts: int
    last_end: str


def socket_file(data_dir: Path) -> Path:
    """Where supervisor listens."""
    return data_dir.absolute() / "run" / "supervisor.sock"


def render(components: Sequence[Component], data_dir: Path) -> str:
    """The configuration of supervisor for these components, in the order of their start."""
    run, log = data_dir.absolute() / "run", data_dir.absolute() / "log"
    sections: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": socket_file(data_dir), "chmod": "0700"},
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "pidfile": run / "supervisor.pid",
            "logfile": log / "supervisor.log",
            "logfile_maxbytes": LOG_BYTES,
            "logfile_backups": LOG_BACKUPS,
            "identifier": "ioc",
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "rpcinterface:ioc": {"supervisor.rpcinterface_factory": "deploy.embedded.supervise_events:make_interface"},
    }
    for order, component in enumerate(components):
        sections[f"program:{component.name}"] = {
            "command": f'"{sys.executable}" -m ioc.cli.run {component.name}',
            "priority": order,
            "autostart": "false",
            "autorestart": "true",
            "startsecs": STAYED_UP_S,
            "startretries": 1_000_000,  # the wait grows; nobody comes to start it by hand
            "stopsignal": "TERM",
            "stopwaitsecs": component.stop_s,
            # With its children: a first start may be formatting the broker's storage.
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": log_file(data_dir.absolute(), component.name),
            "stdout_logfile_maxbytes": LOG_BYTES,
            "stdout_logfile_backups": LOG_BACKUPS,
        }
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_escaped(value)}\n" for key, value in values.items())
        for name, values in sections.items()
    )


def _escaped(value: object) -> str:
    """A value as supervisor reads it back: it expands `%(name)s`."""
    return str(value).replace("%", "%%")


def start(components: Sequence[Component], data_dir: Path, keep_open: int) -> subprocess.Popen[bytes]:
    """Starts supervisor, and with it none of the components yet; returns when it answers.

    Args:
        components: in the order of their start.
        data_dir: the stack's folder.
        keep_open: the lock's file descriptor, which supervisor inherits.

    Raises:
        FatalError: it ended or did not answer; the message holds the end of its log.
    """
    config = data_dir / "run" / "supervisor.conf"
    for folder in (config.parent, data_dir / "log"):
        folder.mkdir(parents=True, exist_ok=True)
    config.write_text(render(components, data_dir), "utf-8")
    # A session of its own: Ctrl-C at the terminal must reach `ioc up` alone, which then stops all in order.
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-n", "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=(data_dir / "log" / "supervisor.out").open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(keep_open,),
    )
    try:
        _wait_until_it_answers(process, data_dir)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    return process


def _wait_until_it_answers(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + START_S
    while not is_running(data_dir):
        if process.poll() is not None or time.monotonic() > deadline:
            said = (data_dir / "log" / "supervisor.out").read_text("utf-8", "replace").strip()[-1000:]
            log = data_dir / "log" / "supervisor.log"
            raise FatalError(f"the process supervisor did not start (see {log}): {said}")
        time.sleep(0.02)


@contextmanager
def _proxy(data_dir: Path) -> Iterator[Any]:
    path = socket_file(data_dir)
    transport = SupervisorTransport(None, None, f"unix://{path}")
    try:
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            yield proxy
    except (OSError, xmlrpc.client.ProtocolError) as error:
        raise RetriableError(f"the process supervisor does not answer at {path}: {error}") from error
    finally:
        transport.close()


def is_running(data_dir: Path) -> bool:
    """Whether supervisor answers."""
    try:
        with _proxy(data_dir) as proxy:
            return bool(proxy.supervisor.getState()["statecode"] == 1)
    except (RetriableError, xmlrpc.client.Fault):
        return False


def launch(data_dir: Path, name: str) -> None:
    """Starts a component; does not wait for it.

    Raises:
        FatalError: supervisor refuses.
        RetriableError: supervisor does not answer.
    """
    with _proxy(data_dir) as proxy:
        try:
            proxy.supervisor.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            raise FatalError(f"{name} could not be started: {fault.faultString}") from fault


def states(data_dir: Path) -> list[ProcessState]:
    """Every component's state, in the order of their start.

    Raises:
        RetriableError: supervisor does not answer.
    """
    with _proxy(data_dir) as proxy:
        found = cast("list[dict[str, Any]]", proxy.supervisor.getAllProcessInfo())
        counted = cast("dict[str, dict[str, Any]]", proxy.ioc.history())
    return [process_state(info, counted.get(info["name"], {})) for info in found]


def process_state(info: dict[str, Any], history: dict[str, Any]) -> ProcessState:
    """One process from supervisor's answer and from what our listener counted."""
    return ProcessState(
        name=info["name"],
        state=str(info["statename"]).lower(),
        pid=int(info["pid"]) or None,
        restarts=max(0, int(history.get("starts", 0)) - 1),
        last_end=str(history.get("last_end", "")),
    )


def shut_down(data_dir: Path) -> None:
    """Asks supervisor to stop everything in order and then itself; does not wait.

    Raises:
        RetriableError: supervisor does not answer.
    """
    with _proxy(data_dir) as proxy:
        proxy.supervisor.shutdown()


def kill_all(pid: int) -> None:
    """Kills what the supervisor `pid` still runs (kill -9): what a component acknowledged is safe by then.

    Not through supervisor's own interface: it answers to nothing but questions once it is shutting down.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def die_with_parent() -> None:
    """Has the kernel stop this process when its supervisor is gone, so that a killed supervisor leaves no orphans."""
    import ctypes
    import signal

    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG, prctl(2); kept over exec
    if os.getppid() != parent:
        sys.exit("the supervisor is gone")
