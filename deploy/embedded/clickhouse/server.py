"""The front as a whole: ports, engine, both protocols, an orderly end."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys

from aiohttp import web

from deploy.embedded.clickhouse.config import FrontSettings
from deploy.embedded.clickhouse.engine.engine import Engine
from deploy.embedded.clickhouse.http.app import HttpInterface
from deploy.embedded.clickhouse.native.listener import NativeListener
from deploy.embedded.clickhouse.sql.policy import Policy
from deploy.embedded.clickhouse.users import Users
from ioc.errors import FatalError

log = logging.getLogger(__name__)

BACKLOG = 128
END_S = 2.0
"""How long the end waits for what has been told to end."""
EXPIRE_EVERY_S = 10.0


def bind(host: str, port: int, what: str) -> socket.socket:
    """A socket bound to a port, not listening yet.

    Raises:
        FatalError: the port is taken or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise FatalError(
            f"{what} port {host}:{port} cannot be opened: {error.strerror}; stop what listens there or set another port"
        ) from None
    return bound


class Front:
    """One front, from its sockets to its engine."""

    def __init__(self, settings: FrontSettings, users: Users) -> None:
        self._settings = settings
        self._users = users
        self._engine = Engine(settings.data, settings.memory_limit_mib << 20, settings.max_queries)

    async def serve(self) -> None:
        """Serves until SIGTERM or SIGINT.

        Raises:
            FatalError: a port or the data directory cannot be used; nothing is left running.
        """
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        with contextlib.ExitStack() as sockets:
            native = sockets.enter_context(bind(self._settings.host, self._settings.native_port, "native"))
            http = sockets.enter_context(bind(self._settings.host, self._settings.http_port, "HTTP"))
            self._engine.open()
            try:
                await self._serve(native, http, stopped)
            finally:
                self._engine.close()

    async def _serve(self, native: socket.socket, http: socket.socket, stopped: asyncio.Event) -> None:
        settings = self._settings
        policy = Policy(self._engine.table_functions, self._engine.outside_functions)
        interface = HttpInterface(self._engine, self._users, policy, settings.max_queries, settings.body_max_mib << 20)
        runner = web.AppRunner(
            interface.app, access_log=None, handler_cancellation=True, auto_decompress=False, shutdown_timeout=END_S
        )
        await runner.setup()
        site = web.SockSite(runner, http)
        await site.start()
        listener = NativeListener(native, self._engine, self._users, policy, settings.max_connections)
        listener.start()
        expiry = asyncio.create_task(_every(EXPIRE_EVERY_S, interface.expire_sessions))
        log.info("serving native on %d, http on %d", settings.native_port, settings.http_port)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stopped.wait()
        log.info("stopping")
        expiry.cancel()
        await site.stop()
        await asyncio.to_thread(listener.stop_accepting)
        if not await asyncio.to_thread(self._engine.drain, settings.drain_s):
            log.warning("queries still ran after %s s: killed", settings.drain_s)
            await asyncio.to_thread(self._engine.kill_all)
            await asyncio.to_thread(self._engine.drain, END_S)
        await asyncio.to_thread(listener.stop, END_S)
        await runner.cleanup()
        await asyncio.to_thread(interface.close)


async def _every(seconds: float, action: object) -> None:
    while True:
        await asyncio.sleep(seconds)
        if callable(action):
            await asyncio.to_thread(action)
