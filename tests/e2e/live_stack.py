"""The whole stack on free ports in a folder of its own, driven by the commands that an operator types."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

from ioc.settings import SETTINGS_VARIABLE, Settings, load_settings
from tests.kafka_broker import free_ports

IOC = Path(sys.executable).with_name("ioc")
PORTS = (
    "IOC_EMBEDDED__KAFKA_CONTROLLER_PORT",
    "IOC_CLICKHOUSE__NATIVE_PORT",
    "IOC_CLICKHOUSE__HTTP_PORT",
    "IOC_EMBEDDED__SIMULATOR__PORT",
    "IOC_EMBEDDED__MQTT_PORT",
    "IOC_SOURCES__HUB__WEBHOOK__PORT",
    "IOC_WALL__PORT",
    "IOC_METRICS__INGEST",
    "IOC_METRICS__WORKER",
    "IOC_METRICS__SINK",
    "IOC_METRICS__BRIEF",
    "IOC_EMBEDDED__PROMETHEUS_PORT",
)


class LiveStack:
    """`ioc up --detach` … `ioc down`, as a context manager."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str]) -> None:
        broker, *others = free_ports(len(PORTS) + 1)
        self.data_dir = data_dir
        self._given = {
            **{name: value for name, value in os.environ.items() if not name.startswith("IOC_")},
            "IOC_KAFKA__BOOTSTRAP": f"127.0.0.1:{broker}",
            **dict(zip(PORTS, map(str, others), strict=True)),
            **settings,
        }
        simulator = int(self._given["IOC_EMBEDDED__SIMULATOR__PORT"])
        self.simulator_url = f"http://127.0.0.1:{simulator}"
        self._given.setdefault("IOC_SOURCES__DOSSIER__URL", self.simulator_url)
        self.environment = self._given

    def ioc(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs one command of the command line on this stack."""
        done = subprocess.run(
            [IOC, *arguments], env=self.environment, cwd=self.data_dir, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(
                f"ioc {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done

    def up(self) -> None:
        """Starts everything; returns when the wall answers. Later commands use the settings that the start wrote."""
        self.environment = self._given
        self.ioc("up", "--detach", "--data", str(self.data_dir))
        self.environment = {name: value for name, value in self._given.items() if not name.startswith("IOC_")}
        self.environment[SETTINGS_VARIABLE] = str(self.settings_file)

    @property
    def settings_file(self) -> Path:
        """The settings in force, secrets included."""
        from deploy.embedded.credentials import effective_file

        return effective_file(self.data_dir).absolute()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        before = os.environ.get(SETTINGS_VARIABLE)
        os.environ[SETTINGS_VARIABLE] = str(self.settings_file)
        try:
            return load_settings()
        finally:
            if before is None:
                del os.environ[SETTINGS_VARIABLE]
            else:
                os.environ[SETTINGS_VARIABLE] = before

    def status(self) -> dict[str, Any]:
        """`ioc status --json`."""
        found: dict[str, Any] = json.loads(self.ioc("status", "--json", "--data", str(self.data_dir)).stdout)
        return found

    def component(self, name: str) -> dict[str, Any]:
        """What the status says of one component."""
        return next(c for c in self.status()["components"] if c["name"] == name)

    def kill(self, name: str) -> int:
        """Kills a component at once, without a chance to say goodbye; returns its process id."""
        pid = int(self.component(name)["pid"])
        psutil.Process(pid).kill()
        return pid

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Asks ClickHouse over HTTP as the analyst would with curl."""
        clickhouse = self.settings.clickhouse
        answer = httpx.post(
            f"http://{clickhouse.host}:{clickhouse.http_port}/",
            params={"database": clickhouse.database, "default_format": "JSONEachRow"},
            content=sql.encode(),
            auth=(clickhouse.analyst.user, clickhouse.analyst.password.get_secret_value()),
            timeout=60,
        )
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines()]

    def source_state(self) -> dict[str, Any]:
        """How far the simulated source has come."""
        state: dict[str, Any] = httpx.get(f"{self.simulator_url}/control/state", timeout=30).json()
        return state

    def down(self) -> None:
        """Stops everything in order."""
        self.ioc("down", "--data", str(self.data_dir))

    def __enter__(self) -> Self:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
