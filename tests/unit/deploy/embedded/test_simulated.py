"""Which sources follow the simulator, and how it is started."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import credentials, simulated
from ingest.simulator.flags import parser
from ingest.simulator.systems import SYSTEMS
from ioc.settings import Settings

DATA = Path("var")
FOUND = Path("mosquitto")


@pytest.fixture(autouse=True)
def _mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "find_mosquitto", lambda: FOUND)


def in_force(tree: dict[str, Any]) -> Settings:
    """The settings that `credentials.prepare` would put in force, with no file and no environment."""
    derived = {"sources": simulated.derived(Settings.model_validate(tree), DATA)}
    own = {"embedded": {"data_dir": str(DATA.absolute())}}
    return Settings.model_validate(
        credentials.overlay(credentials.overlay(credentials.overlay(credentials.draw(), derived), tree), own)
    )


def test_all_systems_are_read_from_the_simulator() -> None:
    settings = in_force({"embedded": {"simulator": {"port": 15000}, "mqtt_port": 15001}})
    sources = settings.sources
    assert sources.dossier.url == "http://127.0.0.1:15000"
    assert sources.ioffice.url == "http://127.0.0.1:15000/ioffice"
    assert sources.health.fhir_url == "http://127.0.0.1:15000/fhir"
    assert sources.health.records_url == "http://127.0.0.1:15000/health"
    assert sources.hub.ckan_url == "http://127.0.0.1:15000/ckan"
    assert sources.hub.lgsp_url == "http://127.0.0.1:15000/lgsp"
    assert (sources.hub.webhook.port, sources.hub.mqtt.host, sources.hub.mqtt.port) == (18090, "127.0.0.1", 15001)
    folders = [section.drop_dir for section in (sources.ioffice, sources.health, sources.hub)]
    assert folders == [DATA.absolute() / "drop" / name for name in ("ioffice", "health", "hub")]
    assert simulated.simulated(settings) == ["ioffice", "health", "hub"]


def test_without_the_simulator_nothing_is_derived() -> None:
    settings = in_force({"embedded": {"simulator": {"enabled": False}}})
    assert simulated.simulated(settings) == []
    assert not settings.sources.ioffice.enabled
    assert settings.sources.hub.webhook.port == 0


def test_without_mosquitto_there_is_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "find_mosquitto", lambda: None)
    assert in_force({}).sources.hub.mqtt.host == ""
    monkeypatch.setattr(simulated, "find_mosquitto", lambda: FOUND)
    assert in_force({"embedded": {"mqtt": False}}).sources.hub.mqtt.host == ""


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("ioffice", {"url": "https://ioffice.example/api"}),
        ("ioffice", {"drop_dir": "in"}),
        ("health", {"fhir_url": ""}),
        ("hub", {"ckan_url": "https://data.example"}),
        ("hub", {"mqtt": {"host": "10.0.0.9"}}),
    ],
)
def test_a_system_with_an_address_of_ones_own_is_not_simulated_at_all(name: str, own: dict[str, object]) -> None:
    settings = in_force({"sources": {name: {"enabled": True, **own}}})
    assert name not in simulated.simulated(settings)
    assert len(simulated.simulated(settings)) == 2
    assert settings.sources.model_dump()[name]["drop_dir"] in {None, Path("in")}
    assert read(settings).systems == tuple(one for one in simulated.simulated(settings) if one in SYSTEMS)


def test_the_webhook_may_be_elsewhere_or_not_at_all() -> None:
    other = in_force({"sources": {"hub": {"webhook": {"port": 8443}}}})
    assert read(other, ["hub"]).webhook == "http://127.0.0.1:8443"
    none = in_force({"sources": {"hub": {"webhook": {"port": 0}}}})
    assert read(none, ["hub"]).webhook is None
    assert read(none, ["hub"]).mqtt == ("127.0.0.1", 18883)


def test_a_system_that_is_switched_off_is_not_simulated() -> None:
    settings = in_force({"sources": {"health": {"enabled": False}}})
    assert simulated.simulated(settings) == ["ioffice", "hub"]


def test_other_settings_of_a_system_do_not_matter() -> None:
    settings = in_force({"sources": {"health": {"poll_s": 9, "user": "me", "password": "p:=q"}}})
    assert (settings.sources.health.poll_s, settings.sources.health.drop_dir is None) == (9, False)
    assert ("health", ("me", "p:=q")) in read(settings, ["health"]).login


def test_settings_in_force_give_themselves() -> None:
    """A stack that is started by a process which already reads the effective file finds its own addresses in it."""
    settings = in_force({})
    assert simulated.derived(settings, DATA) == simulated.derived(Settings.model_validate({}), DATA)


def read(settings: Settings, known: list[str] | None = None) -> argparse.Namespace:
    """The flags as the simulator reads them; `--systems` are those that there are."""
    written = simulated.flags(settings, SYSTEMS if known is None else known)
    return parser().parse_args([flag for flag in written if known is None or not flag.startswith("--systems")])


def test_the_simulator_understands_its_flags() -> None:
    flags = read(in_force({"embedded": {"simulator": {"times": 3, "history_days": 0.5, "seed": 4}}}), ["hub"])
    assert (flags.times, flags.history_days, flags.keep_days, flags.seed) == (3, 0.5, 3, 4)
    assert flags.drop_dir == DATA.absolute() / "drop"
    assert flags.data_dir == DATA.absolute() / "simulator"
    assert flags.webhook == "http://127.0.0.1:18090"
    assert flags.mqtt == ("127.0.0.1", 18883)
    assert flags.log is None


def test_no_pushes_where_the_hub_is_not_simulated() -> None:
    flags = read(in_force({"sources": {"hub": {"enabled": False}}}), ["hub", "health"])
    assert (flags.webhook, flags.mqtt) == (None, None)
    assert [name for name, _ in flags.login] == ["health"]


def test_the_secrets_of_pushes_are_the_connectors() -> None:
    settings = in_force({})
    told = simulated.environment(settings)
    assert told["SIMULATOR_WEBHOOK_SECRET"] == settings.sources.hub.webhook.secret.get_secret_value() != ""
    assert told["SIMULATOR_MQTT_PASSWORD"] == settings.sources.hub.mqtt.password.get_secret_value() != ""
    assert told["SIMULATOR_MQTT_USER"] == "ioc"
    assert not any(
        secret in flag for secret in told.values() if len(secret) > 9 for flag in simulated.flags(settings, ["hub"])
    )
