"""Notices that a client has left or sent Cancel while its query runs, and kills the query.

The thread of a connection sits inside the engine then and cannot look at its socket; one thread watches for all.
"""

import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Callable, Iterator

from deploy.embedded.clickhouse.native.packets import Client

KILL_AGAIN_S = 0.2


class Watcher(threading.Thread):
    """Watches sockets of running queries. `stop` ends it."""

    def __init__(self) -> None:
        super().__init__(name="watcher", daemon=True)
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._wake_in, self._wake_out = os.pipe()
        self._selector.register(self._wake_in, selectors.EVENT_READ)
        self._stopped = False
        self._leaving: dict[socket.socket, Callable[[], None]] = {}
        """Clients that have left while their queries go on, and how to kill those."""

    @contextlib.contextmanager
    def over(self, client: socket.socket, kill: Callable[[], None]) -> Iterator[threading.Event]:
        """Watches a socket while a query runs; calls `kill` when the client leaves or cancels.

        Yields:
            An event that is set from then on.
        """
        gone = threading.Event()
        with self._lock:
            self._selector.register(client, selectors.EVENT_READ, (gone, kill))
        self._wake()
        try:
            yield gone
        finally:
            with self._lock:
                self._leaving.pop(client, None)
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(client)

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped = True
        self._wake()
        self.join()
        self._selector.close()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def run(self) -> None:
        """Waits for sockets to become readable."""
        while not self._stopped:
            # A query that was not in the engine yet when it was to be killed must be killed again.
            with self._lock:
                kills = list(self._leaving.values())
            for kill in kills:
                kill()
            for key, _ in self._selector.select(KILL_AGAIN_S if kills else None):
                if key.data is None:
                    os.read(self._wake_in, 4096)
                else:
                    self._look(key)

    def _look(self, key: selectors.SelectorKey) -> None:
        client, (gone, kill) = key.fileobj, key.data
        assert isinstance(client, socket.socket)
        try:
            first = client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            first = b""
        with self._lock:
            try:
                self._selector.unregister(client)
            except (KeyError, ValueError):
                return  # the query has ended meanwhile
            if first in {b"", bytes([Client.CANCEL])}:
                gone.set()
                self._leaving[client] = kill
                self._wake()

    def _wake(self) -> None:
        os.write(self._wake_out, b"\x00")
