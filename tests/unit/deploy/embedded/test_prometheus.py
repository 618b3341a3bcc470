"""The configuration of the stack's Prometheus, judged by its own tool."""

import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.embedded import prometheus
from deploy.embedded.prometheus import Prometheus, is_wanted, rule_groups
from ioc.errors import ConfigError
from ioc.settings import Settings

WALL = "http://127.0.0.1:13000/"


def test_what_it_is_given_is_what_it_takes(tmp_path: Path) -> None:
    made = Prometheus(tmp_path / "data", tmp_path / "run", 19090, 7, {"sink": "127.0.0.1:19103"}, WALL)
    command = made.prepare()
    config = tmp_path / "run" / "prometheus.yml"
    assert f"--config.file={config}" in command
    assert "--storage.tsdb.retention.time=7d" in command
    assert "--web.listen-address=127.0.0.1:19090" in command
    done = subprocess.run(["promtool", "check", "config", config], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = yaml.safe_load(config.read_text("utf-8"))
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in said["scrape_configs"]}
    assert targets == {"sink": ["127.0.0.1:19103"], "prometheus": ["127.0.0.1:19090"]}


def test_its_alerts_are_those_over_metrics_and_lead_to_the_wall() -> None:
    rules = {rule["alert"]: rule for group in rule_groups(WALL) for rule in group["rules"]}
    assert {"ioc-lag", "ioc-down-sink", "ioc-down-brief", "ioc-down-report", "ioc-report-open"} <= set(rules)
    assert not [name for name in rules if name.startswith("ioc-off-target") or name == "ioc-away-clickhouse"]
    assert {rule["annotations"]["dashboard"] for rule in rules.values()} == {"http://127.0.0.1:13000/d/ioc-pipeline"}
    assert {rule["labels"]["audience"] for rule in rules.values()} == {"operators"}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({}, True),
        ({"wall": {"prometheus_url": "http://127.0.0.1:19090"}}, True),
        ({"wall": {"prometheus_url": "http://prometheus.example:9090"}}, False),
        ({"embedded": {"prometheus": False}}, False),
        ({"embedded": {"prometheus_port": 1234}, "wall": {"prometheus_url": "http://127.0.0.1:1234"}}, True),
    ],
)
def test_one_of_ones_own_keeps_it_away(tree: dict[str, object], wanted: bool) -> None:
    assert is_wanted(Settings.model_validate(tree)) is wanted


def test_a_missing_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "find_prometheus", lambda: None)
    with pytest.raises(ConfigError, match="there is no prometheus here; install it"):
        Prometheus(tmp_path, tmp_path, 1, 7, {}, WALL).prepare()
