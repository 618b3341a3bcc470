"""The sink's thread and `ioc seal` keep the past of the live generation."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from ioc.cli.main import app
from ioc.errors import RetriableError
from ioc.metrics import Metrics
from ioc.settings import SETTINGS_VARIABLE, ClickHouseSettings, KafkaSettings, Login, Settings, SinkSettings
from sinks import past
from sinks.clickhouse.generations import live_generation
from sinks.past import SealingThread, seal_once
from sinks.sealing import SEAL_DAYS
from tests.clickhouse_front import FrontProcess
from tests.integration.sealing_rig import TODAY, World, at, case, world_of
from tests.integration.sink_rig import dossiers, until

NAME = "past_test"


@pytest.fixture
def world(clickhouse_front: FrontProcess, pytestconfig: pytest.Config) -> World:
    made = world_of(clickhouse_front, pytestconfig)
    made.clear()
    made.store([*dossiers(3, 60, at(0)), case("newest", at(0))])
    return made


@pytest.fixture
def config(world: World) -> Settings:
    user = world.front.users["ioc_writer"]
    return Settings(
        clickhouse=ClickHouseSettings(
            native_port=world.front.native_port,
            http_port=world.front.http_port,
            database=NAME,
            writer=Login.model_validate({"user": user.name, "password": user.password}),
        ),
        kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
        sink=SinkSettings(seal_s=0.2),
    )


def test_the_leading_sink_seals_and_the_others_do_not(world: World, config: Settings) -> None:
    metrics = Metrics("sink", CollectorRegistry())
    stop, leads = threading.Event(), threading.Event()
    keeper = SealingThread(config, metrics, stop, leads)
    thread = threading.Thread(target=keeper.run)
    thread.start()
    generation = live_generation(world.client, NAME)
    try:
        assert not stop.wait(0.6)
        assert not world.sealed(generation)
        leads.set()
        wanted = world.expected(TODAY - SEAL_DAYS)
        until(lambda: world.sealed(generation) == wanted, 20, "sealed")
        late = case("late", at(1), received_at=at(60))
        world.store([late])
        wanted = world.expected(TODAY - SEAL_DAYS)
        until(lambda: world.sealed(generation) == wanted, 20, "sealed again")
        until(lambda: value(metrics, "ioc_seal_changes_total") > 0, 20, "counted")
        assert value(metrics, "ioc_sealed_days_total") > 50
        assert value(metrics, "ioc_state_days_total") >= 30
        assert value(metrics, "ioc_step_seconds_count", step="seal") > 1
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_move_out_of_a_sealed_day_waits_for_no_round(
    world: World, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "_FIRST_S", 0.2)
    monkeypatch.setattr(past, "_GLANCE_S", 0.2)
    world.store([case("mover", at(60), "XX.99", received_at=at(60))])
    # Nothing is left of earlier days, so the thread's first round is the last for an hour.
    seal_once(config, whole=True)
    hourly = config.model_copy(update={"sink": SinkSettings(seal_s=3600)})
    metrics, wrote = Metrics("sink", CollectorRegistry()), list[int]()
    stop, leads = threading.Event(), threading.Event()
    leads.set()
    thread = threading.Thread(target=SealingThread(hourly, metrics, stop, leads, wrote.append).run)
    thread.start()
    try:
        until(lambda: value(metrics, "ioc_step_seconds_count", step="seal") == 1, 60, "the round")
        world.store([case("mover", at(1), "XX.99", received_at=at(2))])
        wanted, generation = world.expected(TODAY - SEAL_DAYS), live_generation(world.client, NAME)
        assert world.sealed(generation) != wanted
        until(lambda: world.sealed(generation) == wanted, 20, "the move")
        until(lambda: bool(wrote), 20, "word of it")
        assert value(metrics, "ioc_step_seconds_count", step="seal") == 1
    finally:
        stop.set()
        thread.join(20)


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, {"stage": "sink", **labels}) or 0


def test_a_missing_table_stops_no_sink(world: World, config: Settings) -> None:
    metrics = Metrics("sink", CollectorRegistry())
    stop, leads = threading.Event(), threading.Event()
    leads.set()
    world.client.execute(f"RENAME TABLE {NAME}.seal_changes TO {NAME}.hidden, {NAME}.seals TO {NAME}.hidden_too")
    thread = threading.Thread(target=SealingThread(config, metrics, stop, leads).run)
    thread.start()
    try:
        until(lambda: value(metrics, "ioc_errors_total", error="fatal") > 0, 20, "the error")
        world.client.execute(f"RENAME TABLE {NAME}.hidden TO {NAME}.seal_changes, {NAME}.hidden_too TO {NAME}.seals")
        generation = live_generation(world.client, NAME)
        until(lambda: bool(world.sealed(generation)), 20, "sealed")
    finally:
        stop.set()
        thread.join(20)


def test_the_command_does_a_round_and_says_what(
    world: World, config: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = config.clickhouse
    file = tmp_path / "ioc.toml"
    file.write_text(
        f'[clickhouse]\nnative_port = {house.native_port}\nhttp_port = {house.http_port}\ndatabase = "{NAME}"\n'
        f'writer = {{ user = "{house.writer.user}", password = "{house.writer.password.get_secret_value()}" }}\n',
        encoding="utf-8",
    )
    monkeypatch.setenv(SETTINGS_VARIABLE, str(file))
    first = CliRunner().invoke(app("seal"), ["seal", "--now", "--json"], catch_exceptions=False)
    said = json.loads(first.stdout)
    generation = live_generation(world.client, NAME)
    assert said["generation"] == generation
    assert said["sealed"]["rows"] >= len(world.sealed(generation)) > 50
    assert (said["sealed"]["changes"], said["states"]["left"]) == (0, False)
    assert said["states"]["days"] > 400
    shown = CliRunner().invoke(app("seal"), ["seal"], catch_exceptions=False)
    assert "sealed values changed" in shown.stdout
    assert "earlier days left" in shown.stdout


def test_a_generation_of_an_unknown_catalogue_is_not_sealed(world: World, config: Settings) -> None:
    row: list[list[Any]] = [["other"], ["0" * 32], ["{}"], [4_000_000_000_000_000]]
    world.client.insert(f"{NAME}.generations", ("generation", "catalogue_hash", "topic_ids", "active_from"), row)
    try:
        # It asks the register of the broker, which is away.
        with pytest.raises(RetriableError, match=re.escape("127.0.0.1:1")):
            seal_once(config)
    finally:
        world.client.execute(
            f"ALTER TABLE {NAME}.generations DELETE WHERE generation = 'other' SETTINGS mutations_sync = 2"
        )
    assert not world.sealed("other")
