"""Which processes the settings ask for."""

from pathlib import Path

import pytest

from deploy.embedded.component import components, not_installed, prometheus_of, wall_url
from ioc.cli.run import COMPONENTS
from ioc.errors import ConfigError
from ioc.settings import Settings


def names(tree: dict[str, object]) -> list[str]:
    return [component.name for component in components(Settings.model_validate(tree))]


def test_everything_by_default_servers_first_the_wall_last() -> None:
    found = names({})
    assert "mosquitto" not in found
    assert set(found) | {"mosquitto", "prometheus", "report"} == set(COMPONENTS)
    assert found[:2] == ["kafka", "clickhouse"]
    assert found[-1] == "wall"


def test_servers_of_ones_own_and_no_simulator() -> None:
    tree: dict[str, object] = {"embedded": {"kafka": False, "clickhouse": False, "simulator": {"enabled": False}}}
    assert names(tree) == ["sink", "worker", "ingest", "brief", "wall"]


def test_briefs_are_made_unless_they_are_switched_off() -> None:
    found = components(Settings.model_validate({"metrics": {"brief": 19999}}))
    (brief,) = [one for one in found if one.name == "brief"]
    assert [str(bound) for bound in brief.bounds] == ["127.0.0.1:19999"]
    assert brief.needs == ("kafka", "clickhouse")
    assert "brief" not in names({"brief": {"enabled": False}})


def test_reports_are_sent_where_there_is_somebody_to_send_to_and_a_key() -> None:
    assert "report" not in names({"report": {"url": "https://receiver.example/reports"}})
    found = names({"report": {"url": "https://receiver.example/reports", "key_file": "key.pem"}})
    assert found[-3:] == ["brief", "report", "wall"]


def prometheus(url: str, **embedded: object) -> dict[str, object]:
    return {"wall": {"prometheus_url": url}, "embedded": embedded}


def test_prometheus_where_the_wall_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    own = "http://127.0.0.1:19090"
    monkeypatch.setattr("deploy.embedded.prometheus.find_prometheus", lambda: Path("/usr/bin/prometheus"))
    assert names(prometheus(own))[-2:] == ["prometheus", "wall"]
    assert "prometheus" in names(prometheus("http://127.0.0.1:1234", prometheus_port=1234))
    for other in (prometheus(own, prometheus=False), prometheus("http://10.0.0.1:9090"), prometheus("")):
        assert "prometheus" not in names(other)
    made = prometheus_of(Settings.model_validate({**prometheus(own), "brief": {"enabled": False}}))
    assert made
    assert dict(made.targets) == {
        "ingest": "127.0.0.1:19101", "worker": "127.0.0.1:19102", "sink": "127.0.0.1:19103", "wall": "127.0.0.1:13000",
    }  # fmt: skip
    monkeypatch.setattr("deploy.embedded.prometheus.find_prometheus", lambda: None)
    assert "prometheus" not in names(prometheus(own))


def test_a_program_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.component.find_prometheus", lambda: None)
    monkeypatch.setattr("deploy.embedded.component.find_mosquitto", lambda: None)
    asked = Settings.model_validate({"sources": {"hub": {"enabled": True}}})
    assert list(not_installed(asked)) == ["prometheus", "mosquitto"]
    assert not not_installed(Settings.model_validate(prometheus("http://10.0.0.1:9090")))
    assert not not_installed(Settings.model_validate({"embedded": {"prometheus": False}}))
    monkeypatch.setattr("deploy.embedded.component.find_prometheus", lambda: Path("/usr/bin/prometheus"))
    assert list(not_installed(asked)) == ["mosquitto"]


def test_no_source_no_connector() -> None:
    assert "ingest" not in names({"sources": {"dossier": {"enabled": False}}})
    assert "ingest" in names({"sources": {"dossier": {"enabled": False}, "health": {"enabled": True}}})
    assert "ingest" in names({"sources": {"dossier": {"enabled": False}, "directory": "connectors"}})


def hub(**mqtt: object) -> dict[str, object]:
    return {"sources": {"hub": {"enabled": True, "mqtt": {"host": "127.0.0.1", "port": 18883, **mqtt}}}}


def test_the_mqtt_broker_where_the_hub_is_read_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.mosquitto.find_mosquitto", lambda: Path("/usr/sbin/mosquitto"))
    assert names(hub())[:3] == ["kafka", "clickhouse", "mosquitto"]
    for other in (hub(host="10.0.0.1"), hub(port=1883), {**hub(), "embedded": {"mqtt": False}}, {}):
        assert "mosquitto" not in names(other)
    monkeypatch.setattr("deploy.embedded.mosquitto.find_mosquitto", lambda: None)
    assert "mosquitto" not in names(hub())


def test_the_webhook_is_a_port_of_the_connectors() -> None:
    found = components(Settings.model_validate({"sources": {"hub": {"enabled": True, "webhook": {"port": 18090}}}}))
    ingest = next(one for one in found if one.name == "ingest")
    assert [(bound.setting, bound.port) for bound in ingest.bounds] == [
        ("metrics.ingest", 19101),
        ("sources.hub.webhook.port", 18090),
    ]


def test_stages_wait_for_the_servers() -> None:
    waiting = {component.name for component in components(Settings.model_validate({})) if component.needs}
    assert waiting == {"sink", "worker", "ingest", "brief", "wall"}


def test_a_stage_without_metrics_has_no_port() -> None:
    found = {one.name: one for one in components(Settings.model_validate({"metrics": {"sink": 0}}))}
    assert found["sink"].bounds == ()
    assert found["sink"].is_ready()
    assert found["worker"].metrics is not None


@pytest.mark.parametrize("bootstrap", ["kafka.example:9092", "127.0.0.1", "10.0.0.1:9092,10.0.0.2:9092"])
def test_the_embedded_broker_is_on_the_loopback(bootstrap: str) -> None:
    with pytest.raises(ConfigError, match=r"kafka\.bootstrap = .*set embedded\.kafka = false"):
        names({"kafka": {"bootstrap": bootstrap}})


def test_a_wall_for_everyone_is_reached_here_by_the_loopback() -> None:
    assert wall_url(Settings.model_validate({"wall": {"host": "0.0.0.0", "port": 99}})) == "http://127.0.0.1:99/"
