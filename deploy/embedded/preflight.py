"""Everything that would stop the stack from starting, found before anything is started: one sentence a fault."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import psutil

from deploy.embedded import probe
from deploy.embedded.component import Component
from deploy.embedded.java import find_java
from deploy.embedded.kafka_jars import find_jars
from ioc.errors import ConfigError
from ioc.settings import Settings

FREE_BYTES = 1 << 30
"""What the disk must have left; below it the broker's and the tables' next segments may not fit."""

SOCKET_PATH_BYTES = 107
"""The longest path of a Unix socket (unix(7): 108 with its end)."""


def check_folder(data_dir: Path, free_bytes: int = FREE_BYTES) -> list[str]:
    """Faults of the folder that the stack keeps its data in; it is made when missing."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [f"data directory {data_dir} cannot be made: {error.strerror}; choose another by --data"]
    if not os.access(data_dir, os.W_OK | os.X_OK):
        return [f"data directory {data_dir} cannot be written to by this user; choose another by --data"]
    faults = []
    free = shutil.disk_usage(data_dir).free
    if free < free_bytes:
        faults.append(
            f"the disk of {data_dir} is full: {free >> 20} MiB free, the stack needs {free_bytes >> 20}; "
            "make room or choose another disk by --data"
        )
    path = data_dir.absolute() / "run" / "supervisor.sock"
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        faults.append(
            f"the path {path} is longer than the {SOCKET_PATH_BYTES} bytes of a socket; choose a shorter --data"
        )
    return faults


def check_machine(settings: Settings) -> list[str]:
    """Faults of what must be installed, and of files and servers that the settings name."""
    faults = []
    if settings.embedded.kafka:
        for need in (find_java, find_jars):
            try:
                need()
            except ConfigError as error:
                faults.append(str(error))
    else:
        addresses = [address.strip() for address in settings.kafka.bootstrap.split(",")]
        if not any(_reachable(address) for address in addresses):
            faults.append(
                f"kafka.bootstrap: no broker answers at {settings.kafka.bootstrap}; start it, or set embedded.kafka = true"
            )
    if not settings.embedded.clickhouse:
        clickhouse = settings.clickhouse
        for setting, port in (("native_port", clickhouse.native_port), ("http_port", clickhouse.http_port)):
            if not probe.listens(clickhouse.host, port):
                faults.append(
                    f"clickhouse.{setting}: no server answers at {clickhouse.host}:{port}; start it, or set "
                    "embedded.clickhouse = true"
                )
    log = settings.embedded.simulator.log
    if settings.embedded.simulator.enabled and log is not None and not log.is_file():
        faults.append(f"embedded.simulator.log: there is no file {log}; name the log, or leave the setting out")
    return faults


def check_ports(components: Iterable[Component]) -> list[str]:
    """Faults of the ports that the components listen on: taken, named twice, or not to be had."""
    faults = []
    seen: dict[int, str] = {}
    for bound in (bound for component in components for bound in component.bounds):
        if bound.port in seen:
            faults.append(f"port {bound.port} is set twice, in {seen[bound.port]} and in {bound.setting}; change one")
            continue
        seen[bound.port] = bound.setting
        try:
            if not probe.is_free(bound.host, bound.port):
                faults.append(
                    f"port {bound} ({bound.setting}) is in use{_by_whom(bound.port)}; stop that or change the setting"
                )
        except OSError as error:
            faults.append(f"nothing can listen at {bound} ({bound.setting}): {error.strerror}; change the setting")
    return faults


def _reachable(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return port.isdigit() and probe.listens(host, int(port))


def _by_whom(port: int) -> str:
    """Who listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            here = connection.laddr
            if connection.status == psutil.CONN_LISTEN and here and here.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return ""
    return ""
