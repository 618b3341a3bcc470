"""The embedded broker's configuration and its jars."""

from pathlib import Path

import pytest

from deploy.embedded.kafka import Broker
from deploy.embedded.kafka_jars import find_jars, jar_cache
from ioc.errors import ConfigError
from ioc.settings import Settings


def test_the_broker_of_the_settings(tmp_path: Path) -> None:
    tree = {
        "kafka": {"bootstrap": "localhost:2222"},
        "embedded": {"data_dir": str(tmp_path), "kafka_controller_port": 3333, "kafka_heap_mb": 300},
    }
    broker = Broker.of(Settings.model_validate(tree))
    assert broker == Broker(tmp_path / "kafka", 2222, 3333, 300)
    assert broker.bootstrap == "127.0.0.1:2222"


def test_configuration_is_one_node_on_the_loopback_and_makes_no_topic_by_chance(tmp_path: Path) -> None:
    properties = Broker(tmp_path, 2222, 3333).properties()
    assert properties["listeners"] == "CLIENT://127.0.0.1:2222,CONTROLLER://127.0.0.1:3333"
    assert properties["process.roles"] == "broker,controller"
    assert properties["auto.create.topics.enable"] == "false"
    assert properties["log.dirs"] == str(tmp_path / "log")


def test_jars_of_kafka_home_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "kafka_2.13-4.1.1.jar").touch()
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    assert find_jars() == tmp_path / "libs"


def test_an_empty_cache_says_the_three_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jar_cache().is_relative_to(tmp_path)
    with pytest.raises(ConfigError, match=r"make setup.*KAFKA_HOME.*embedded\.kafka = false"):
        find_jars()
