"""Fixtures for all tests: the servers that a session shares."""

from collections.abc import Iterator

import pytest

from tests.kafka_broker import KafkaProcess


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A real broker that the whole session shares: use topics and groups of your own; do not stop it."""
    with KafkaProcess(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker
