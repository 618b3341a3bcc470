"""Fixtures for all tests: the servers that a session shares."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import kafka_sockets
from tests.clickhouse_front import FrontProcess
from tests.kafka_broker import KafkaProcess

# A busy machine makes no property false: examples have no time limit of their own, the test as a whole has.
settings.register_profile("ioc", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("ioc")

kafka_sockets.install()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A real broker that the whole session shares: use topics and groups of your own; do not stop it."""
    with KafkaProcess(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def clickhouse_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontProcess]:
    """An embedded ClickHouse front that the whole session shares: use databases of your own; do not stop it."""
    with FrontProcess(tmp_path_factory.mktemp("clickhouse")) as front:
        yield front
