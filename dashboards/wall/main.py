"""The wall as a process."""

import socket

import uvicorn

from dashboards.build import WALL
from dashboards.wall.app import create_app
from ioc import logs
from ioc.errors import ConfigError
from ioc.settings import Settings, load_settings

_GRACE_S = 1
"""Seconds that open streams are given on SIGTERM before they are cut."""


def main(settings: Settings | None = None) -> int:
    """Serves the wall until SIGTERM or SIGINT; returns the exit code.

    Raises:
        ConfigError: the port is taken, or the dashboard, the province profile or the browser's libraries are missing.
    """
    settings = settings or load_settings()
    logs.configure(settings.log_level, settings.log_json)
    app = create_app(settings, WALL)
    where = (settings.wall.host, settings.wall.port)
    try:
        listener = socket.create_server(where, family=socket.AF_INET6 if ":" in where[0] else socket.AF_INET)
    except OSError as error:
        raise ConfigError(f"wall.host {where[0]}, wall.port {where[1]}: {error.strerror}; set another port") from error
    with listener:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_S, server_header=False
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
