"""What an error of the driver asks for."""

import socket

import pytest
from clickhouse_driver import errors

from ioc.errors import FatalError, RetriableError
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client, classified
from tests.kafka_broker import free_ports


@pytest.mark.parametrize("code", [159, 202, 203, 209, 210, 241, 242, 243, 252, 999])
def test_what_passes_is_tried_again(code: int) -> None:
    assert isinstance(classified(errors.ServerException("busy", code), "writing"), RetriableError)


@pytest.mark.parametrize(
    "error", [ConnectionResetError("gone"), EOFError("gone"), TimeoutError("slow"), errors.NetworkError("no route")]
)
def test_a_lost_connection_is_tried_again(error: Exception) -> None:
    assert isinstance(classified(error, "writing"), RetriableError)


@pytest.mark.parametrize(
    ("code", "says"), [(60, "ioc migrate"), (81, "ioc migrate"), (516, "login"), (27, "code 27"), (53, "code 53")]
)
def test_what_does_not_pass_halts_and_says_what_to_do(code: int, says: str) -> None:
    found = classified(errors.ServerException("no", code), "writing rows of events.dossier")
    assert isinstance(found, FatalError)
    assert says in str(found)
    assert "writing rows of events.dossier" in str(found)


def test_a_server_that_is_not_there_is_retriable_and_named() -> None:
    (port,) = free_ports(1)
    client = Client(ClickHouseSettings(native_port=port), Login(user="nobody"))
    with pytest.raises(RetriableError, match=f"127.0.0.1:{port}"):
        client.query("SELECT 1")


def test_a_server_that_hangs_up_is_retriable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.listen()
        import threading

        def hang_up() -> None:
            for _ in range(2):
                taken, _ = server.accept()
                taken.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        client = Client(ClickHouseSettings(native_port=server.getsockname()[1]), Login(user="nobody"))
        with pytest.raises(RetriableError):
            client.query("SELECT 1")
