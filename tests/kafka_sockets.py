"""Sockets of kafka-python: those that never became a connection are the library's to close, and it leaves them to the collector.

It does so where a connection is refused and where a client is closed while it connects. In the tests a socket that is left
open is an error: so that this goes for every other socket, those alone close themselves.
"""

import socket
import warnings
from typing import Any

from kafka.net.inet import KafkaNetSocket


class ConnectingSocket(socket.socket):
    """Closes itself when nobody holds it any more; says so, as any socket does, once it has been connected."""

    connected = False

    def __del__(self) -> None:
        """Runs in place of the finalizer of `socket.socket`."""
        if self.connected and self.fileno() != -1:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
        self.close()


class _NetSocket(KafkaNetSocket):  # type: ignore[misc]
    """What `install` puts in the place of the library's own."""

    SCHEMES = ()

    def socket(self, *where: Any) -> ConnectingSocket:
        return ConnectingSocket(*where)

    async def sock_connect(self, net: Any, sock: ConnectingSocket, sockaddr: Any, timeout_at: Any = None) -> Any:
        made = await KafkaNetSocket.sock_connect(self, net, sock, sockaddr, timeout_at=timeout_at)
        sock.connected = True
        return made


def install() -> None:
    """Has every client of this process make its sockets so."""
    import kafka.net.inet

    kafka.net.inet.KafkaNetSocket = _NetSocket
