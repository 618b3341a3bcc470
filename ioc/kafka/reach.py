"""Whether a broker can be reached, asked before a client is made."""

import socket

from ioc.errors import ConfigError, RetriableError


def check_reachable(bootstrap: str, timeout_s: float) -> None:
    """Returns when one of the addresses in `bootstrap` ("host:port", several by comma) takes connections.

    kafka-python leaves a thread and sockets behind each time it fails to connect at first, so a caller that retries
    would collect them; a plain connection costs nothing.

    Raises:
        RetriableError: none does.
        ConfigError: an address is not of the form host:port.
    """
    faults = []
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdigit():
            raise ConfigError(f"kafka.bootstrap: {address!r} is not host:port")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout_s).close()
        except OSError as error:
            faults.append(f"{address}: {error}")
        else:
            return
    raise RetriableError(f"no broker at {'; '.join(faults)}; is it up and reachable?")
