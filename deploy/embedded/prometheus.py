"""The Prometheus of the stack: Debian's program with a configuration of our own, on the loopback only.

It reads what the stages show and judges the alert rules of the pipeline, the same that Grafana is given; whom to tell is Grafana's.
It is run where the program is found and `wall.prometheus_url` names it.
"""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ioc.errors import ConfigError
from ioc.settings import Settings

HOST = "127.0.0.1"
PROGRAM = "prometheus"
SCRAPE_S = 15
"""Seconds between two readings: what the dashboard's rates and the alert rules are written for."""

_SIGN = {"gt": ">", "lt": "<"}


def find_prometheus() -> Path | None:
    """The program, if it is installed."""
    found = shutil.which(PROGRAM)
    return Path(found) if found else None


def url(settings: Settings) -> str:
    """Where the stack's Prometheus answers."""
    return f"http://{HOST}:{settings.embedded.prometheus_port}"


def is_wanted(settings: Settings) -> bool:
    """Whether the settings ask for it, the program being there or not."""
    return settings.embedded.prometheus and settings.wall.prometheus_url in {"", url(settings)}


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus.

    Attributes:
        directory: its data; made when missing.
        run_dir: its configuration; made when missing.
        port: where it answers.
        days: how long it keeps samples.
        targets: addresses that it reads, by the component's name.
        dashboards: address that links of alerts begin with.
    """

    directory: Path
    run_dir: Path
    port: int
    days: int
    targets: Mapping[str, str]
    dashboards: str

    @classmethod
    def of(cls, settings: Settings, targets: Mapping[str, str], dashboards: str) -> "Prometheus | None":
        """The one that the settings describe; None: the wall reads none or another, or the program is missing."""
        if not (is_wanted(settings) and settings.wall.prometheus_url and find_prometheus()):
            return None
        embedded = settings.embedded
        run_dir = embedded.data_dir / "run"
        return cls(
            embedded.data_dir / PROGRAM,
            run_dir,
            embedded.prometheus_port,
            embedded.prometheus_days,
            targets,
            dashboards,
        )

    def prepare(self) -> list[str]:
        """Writes the configuration and returns the command line.

        Raises:
            ConfigError: prometheus is not installed.
        """
        program = find_prometheus()
        if program is None:
            raise ConfigError(f"there is no {PROGRAM} here; install it, or set embedded.prometheus = false")
        for folder in (self.directory, self.run_dir):
            folder.mkdir(parents=True, exist_ok=True)
        rules = self.run_dir / "prometheus-rules.yml"
        _write(rules, {"groups": rule_groups(self.dashboards)})
        jobs = [
            {"job_name": name, "static_configs": [{"targets": [target]}]}
            for name, target in {**self.targets, PROGRAM: f"{HOST}:{self.port}"}.items()
        ]
        config = self.run_dir / "prometheus.yml"
        _write(
            config,
            {
                "global": {"scrape_interval": f"{SCRAPE_S}s", "evaluation_interval": f"{SCRAPE_S}s"},
                "rule_files": [str(rules.absolute())],
                "scrape_configs": jobs,
            },
        )
        return [
            str(program),
            f"--config.file={config.absolute()}",
            f"--storage.tsdb.path={self.directory.absolute()}",
            f"--storage.tsdb.retention.time={self.days}d",
            f"--web.listen-address={HOST}:{self.port}",
            "--log.level=warn",
        ]


def rule_groups(dashboards: str) -> list[dict[str, Any]]:
    """Grafana's rules over metrics, in Prometheus' form: the threshold within the expression, links to `dashboards`."""
    # Here, since every command of the stack reads this file and none but this one needs dashboards.
    from dashboards import provision
    from dashboards.prometheus import DATASOURCE_UID

    loaded: Any = provision.load()["groups"]
    groups = []
    for group in loaded:
        rules = [
            alert(rule, dashboards) for rule in group["rules"] if rule["data"][0]["datasourceUid"] == DATASOURCE_UID
        ]
        if rules:
            groups.append({"name": group["name"], "interval": group["interval"], "rules": rules})
    return groups


def alert(rule: Mapping[str, Any], dashboards: str = "", expression: str = "") -> dict[str, Any]:
    """A rule of Prometheus that says the same as Grafana's: one number for all of Grafana's steps.

    Args:
        rule: as it is committed.
        dashboards: address that its link begins with; empty: Prometheus' own, as Grafana's rule has its own.
        expression: in the place of the rule's query.
    """
    query, evaluator = rule["data"][0]["model"], rule["data"][-1]["model"]["conditions"][0]["evaluator"]
    texts = {key: re.sub(r"\.Values\.\w+\.Value", ".Value", text) for key, text in rule["annotations"].items()}
    if dashboards:
        texts["dashboard"] = re.sub(r"^\{\{.*?\}\}", dashboards.rstrip("/"), texts["dashboard"])
    return {
        "alert": rule["uid"],
        "expr": f"({expression or query['expr']}) {_SIGN[evaluator['type']]} {evaluator['params'][0]}",
        "for": rule["for"],
        "labels": rule["labels"],
        "annotations": texts,
    }


def become(prometheus: Prometheus) -> NoReturn:
    """Turns this process into it.

    Raises:
        ConfigError: prometheus is not installed.
    """
    command = prometheus.prepare()
    os.execv(command[0], command)  # noqa: S606 - a shell between would take the signals


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), "utf-8")
