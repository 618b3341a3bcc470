"""Accepts connections of the native protocol."""

import itertools
import logging
import socket
import threading

from deploy.embedded.clickhouse.engine.engine import Engine
from deploy.embedded.clickhouse.native.connection import Connection
from deploy.embedded.clickhouse.native.watcher import Watcher
from deploy.embedded.clickhouse.sql.policy import Policy
from deploy.embedded.clickhouse.users import Users

log = logging.getLogger(__name__)


class NativeListener(threading.Thread):
    """Serves a listening socket with one thread a connection."""

    def __init__(
        self, listening: socket.socket, engine: Engine, users: Users, policy: Policy, max_connections: int
    ) -> None:
        super().__init__(name="native-listener", daemon=True)
        self._socket = listening
        self._engine = engine
        self._users = users
        self._policy = policy
        self._max_connections = max_connections
        self._watcher = Watcher()
        self._connections: set[Connection] = set()
        self._stopping = False

    def run(self) -> None:
        """Accepts until `stop_accepting`."""
        self._watcher.start()
        for number in itertools.count(1):
            try:
                client, _ = self._socket.accept()
            except OSError as error:
                if self._stopping:
                    return
                log.warning("cannot accept: %s", error)
                continue
            self._connections = {one for one in self._connections if one.is_alive()}
            if len(self._connections) >= self._max_connections:
                log.warning("more than %d connections: one refused", self._max_connections)
                client.close()
                continue
            connection = Connection(client, self._engine, self._users, self._policy, self._watcher, f"native-{number}")
            self._connections.add(connection)
            connection.start()

    def stop_accepting(self) -> None:
        """Closes the port; connections go on."""
        self._stopping = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.join()

    def stop(self, seconds: float) -> None:
        """Ends all connections."""
        for connection in self._connections:
            connection.interrupt()
        for connection in self._connections:
            connection.join(seconds)
        self._watcher.stop()
