"""A socket that never connected goes silently, one that did is told."""

import contextlib
import gc
import socket
import warnings

from kafka.errors import KafkaConnectionError
from kafka.net import inet

from tests.kafka_broker import free_ports


async def said_of_one_left_open(port: int) -> list[str]:
    """What is said of a socket that was to connect to a port and that nobody closes."""
    net = inet.KafkaNetSocket()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        left = net.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        with contextlib.suppress(KafkaConnectionError):
            # It blocks, so nothing has to be waited for and no selector is needed.
            await net.sock_connect(None, left, ("127.0.0.1", port))
        del left
        gc.collect()
    return [str(one.message) for one in said if one.category is ResourceWarning]


async def test_one_that_was_connected_must_be_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (told,) = await said_of_one_left_open(server.getsockname()[1])
    assert told.startswith("unclosed")


async def test_one_that_was_refused_need_not() -> None:
    (port,) = free_ports(1)
    assert await said_of_one_left_open(port) == []
