"""The wall as a process."""

import os
import signal
import socket
from pathlib import Path

import uvicorn

from dashboards.build import WALL
from dashboards.wall.app import create_app
from ioc import logs
from ioc.errors import ConfigError
from ioc.settings import Settings, load_settings

_GRACE_S = 1
"""Seconds that open streams are given on SIGTERM before they are cut."""


def main(settings: Settings | None = None, dashboard: Path = WALL) -> int:
    """Serves a dashboard as a wall until SIGTERM or SIGINT; returns the exit code.

    Raises:
        ConfigError: the port is taken, or the dashboard, the province profile or the browser's libraries are missing.
    """
    settings = settings or load_settings()
    logs.configure(settings.log_level, settings.log_json)
    app = create_app(settings, dashboard)
    where = (settings.wall.host, settings.wall.port)
    try:
        listener = socket.create_server(where, family=socket.AF_INET6 if ":" in where[0] else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"wall.host {where[0]}, wall.port {where[1]}: {os.strerror(error.errno or 0)}; set another port"
        ) from error
    # uvicorn ends in order on a signal and then sends it again to whoever handled it before: here nobody dies of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with listener:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_S, server_header=False
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
