"""Small questions to a port: is somebody there, does it answer, is it free."""

import errno
import http.client
import socket
from urllib.parse import urlsplit


def fetch(url: str, timeout_s: float = 1.0) -> str | None:
    """The body that an HTTP server on this machine answers with; None when it does not answer 200 in time."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body.decode("utf-8", "replace") if answer.status == http.HTTPStatus.OK else None


def answers(url: str, timeout_s: float = 1.0) -> bool:
    """Whether an HTTP server answers 200 there."""
    return fetch(url, timeout_s) is not None


def listens(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether a connection is accepted there."""
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError:
        return False
    return True


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now.

    Raises:
        OSError: the address is none of this machine's, or the port is reserved to root.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # As the servers do: a port whose last connections are still in TIME_WAIT is free.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
