"""The sink's rig with a small catalogue in a folder that a test changes, and workers that fold what is live."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from ioc.catalogue.load import PACKAGED, load_catalogue
from ioc.cli.main import app
from ioc.errors import IocError
from ioc.settings import CatalogueSettings, Settings, SinkSettings
from ioc.topics import events
from sinks.agreement import compared
from sinks.clickhouse.generations import live_generation
from tests.integration.sink_rig import Log, Rig
from tests.worker_process import WorkerProcess

LOOK_S = 0.3
"""Servers and workers share the machine with who looks at them."""

HEAD = 'code = "DVC"\nname = { vi = "Dịch vụ công", en = "Public services" }\n'

INDICATOR = """
[[indicator]]
code = "{code}"
name = {{ vi = "{name}", en = "{code}" }}
{counts}
event = "dossier"
unit = "dossier"
levels = ["province"]
direction = "none"
freshness_minutes = 60
responsible = "H12"
provenance = {{ origin = "project" }}
"""

RECEIVED = {"code": "DVC-002", "name": "Tiếp nhận", "counts": 'kind = "count"\ntime = "received_at"\nperiod = "year"'}
OPEN = {
    "code": "DVC-003",
    "name": "Chưa xong",
    "counts": 'kind = "stock"\nperiod = "day"\nfilter = [{ field = "finished_at", null = true }]',
}


def by_channel(channel: str) -> dict[str, str]:
    """An indicator of how many dossiers came in by a channel."""
    counts = f'kind = "stock"\nperiod = "day"\nfilter = [{{ field = "channel", eq = "{channel}" }}]'
    return {"code": "DVC-001", "name": "Theo kênh", "counts": counts}


class GenerationsRig(Rig):
    """Servers, the sink and commands over one catalogue folder."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, SinkSettings(batch_s=0.2, snapshot_s=0.5))
        self.folder = directory / "catalogue"
        # Targets are for the packaged indicators.
        ignored = shutil.ignore_patterns("targets.toml", "results.toml")
        shutil.copytree(PACKAGED / "provinces", self.folder / "provinces", ignore=ignored)
        self.known: dict[tuple[str, str], dict[str, Any]] = {}

    def _settings(self) -> Settings:
        return super()._settings().model_copy(update={"catalogue": CatalogueSettings(directory=self.folder)})

    @property
    def environment(self) -> dict[str, str]:
        """Environment of a process that uses these settings."""
        return {**super().environment, "IOC_CATALOGUE__DIRECTORY": str(self.folder)}

    def write(self, *indicators: dict[str, str]) -> None:
        """Makes the folder hold these indicators."""
        (self.folder / "indicators").mkdir(exist_ok=True)
        text = HEAD + "".join(INDICATOR.format(**one) for one in indicators)
        (self.folder / "indicators" / "dvc.toml").write_text(text, "utf-8")

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Starts a command as an operator types it."""
        return subprocess.Popen(
            [sys.executable, "-c", "from ioc.cli.main import main; main()", *words],
            env=self.environment, cwd=self.directory, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ioc(self, *words: str, code: int = 0) -> str:
        """Runs a command in this process and gives what it printed."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            result = CliRunner().invoke(app(words[0]), list(words))
        said = result.output
        if isinstance(result.exception, IocError):
            said += str(result.exception)
        assert result.exit_code == code, f"{said}\n{result.exception!r}"
        return said

    def worker(self) -> WorkerProcess:
        """The stack's worker."""
        folder = {"IOC_CATALOGUE__DIRECTORY": str(self.folder)}
        return WorkerProcess(self.kafka.bootstrap, self.directory, **folder)

    def tell(self, log: Log) -> None:
        """Publishes events; what they say the workers find out."""
        sent = [
            self.producer.publish(events("dossier").name, partition, msgspec.json.encode(message))
            for partition, found in log.items()
            for message in found
        ]
        for delivery in sent:
            delivery.wait(30)
        for event in (event for found in log.values() for message in found for event in message):
            key = event["entity"], event["facet"]
            if event["version"] > self.known.get(key, {"version": -1})["version"]:
                self.known[key] = event

    def cases(self, **wanted: Any) -> int:
        """How many dossiers that are not deleted have these values."""
        return sum(
            all(event["data"][name] == value for name, value in wanted.items())
            for (_, facet), event in self.known.items()
            if facet == "case" and not event["deleted"]
        )

    @property
    def live(self) -> str:
        """The live generation."""
        with self.client() as client:
            return live_generation(client, "ioc")

    def names(self) -> list[str]:
        """What the indicators are called, in the order of their codes."""
        with self.client() as client:
            return [row[0] for row in client.query("SELECT name_vi FROM ioc.indicators FINAL ORDER BY code")]

    def figure(self, code: str) -> int | None:
        """What the wall shows for the province."""
        with self.client() as client:
            rows = client.query(f"SELECT numerator FROM ioc.indicator_now WHERE code = '{code}' AND level = 'province'")
        return int(rows[0][0]) if rows else None

    def wait_for(self, code: str, figure: int) -> None:
        """Waits until the wall shows a figure."""
        wait(lambda: self.figure(code) == figure, f"{code} is {figure}, not {self.figure(code)}")

    def is_folded(self) -> bool:
        """Whether the live generation, which is the folder's, is what the tables say."""
        compiled = load_catalogue(self.folder).compiled
        with self.client() as client:
            count, differ = compared(client, "ioc", compiled, live_generation(client, "ioc"))
        return count > 0 and not differ


def wait(condition: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Waits until a condition holds that costs something to look at.

    Raises:
        AssertionError: it does not within the time.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(LOOK_S)
