"""The simulated dossier system as a process, and the rigs of its two shapes."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
from pydantic import SecretStr

from ingest.source import System
from ingest.sources.dossier_national import national_system
from ingest.sources.dossier_rest import rest_system
from ingest.testing import Fault
from ioc.settings.sources import DossierSourceSettings

LOG = Path(__file__).parents[2] / "unit" / "ingest" / "simulator" / "made_log.csv"


class SimulatorProcess:
    """`python -m ingest.simulator` on a free port."""

    def __init__(self, data_dir: Path, *flags: str) -> None:
        command = [
            sys.executable,
            "-m",
            "ingest.simulator",
            "--port",
            "0",
            "--systems",
            "",
            "--data-dir",
            str(data_dir),
            *flags,
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said.startswith("ready "), said
        self.url = said.split()[1]
        self.control = httpx.Client(base_url=self.url, trust_env=False)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.control.get("/control/state").raise_for_status().json()
        return state

    def faults(self, **settings: dict[str, float] | None) -> None:
        self.control.post("/control/faults", json=settings).raise_for_status()

    def stop(self) -> None:
        self.control.close()
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def settings(self, shape: Literal["national", "rest"], **changes: Any) -> DossierSourceSettings:
        return DossierSourceSettings(
            shape=shape,
            url=self.url,
            user="connector",
            password=SecretStr("simulator"),
            dstcode="H12",
            unit_code="000.00.00.H12",
            **{"page_size": 100, "timeout_s": 5.0, **changes},
        )


TRANSPORT = ("slow", "http_429", "http_5xx", "dropped", "expired_session", "truncated", "wrong_encoding")
RECORDS = ("duplicate", "out_of_order", "unknown_field", "huge_record")
MISSING = Fault("missing_required", frozenset({"missing_field"}))
DUE_FIRST = Fault("due_before_received", frozenset({"contradiction"}))


@dataclass
class DossierRig:
    """One shape of one simulator."""

    simulator: SimulatorProcess
    shape: Literal["national", "rest"]
    streams: int = 2
    garbage: str = "truncated"
    poison: Fault = MISSING
    canaries: Sequence[str] = ("canary",)

    @property
    def versions(self) -> int:
        visible = self.simulator.state()["visible"]
        return int(visible["versions"]) + int(visible["ratings"])

    @property
    def faults(self) -> Sequence[Fault]:
        plain = (*TRANSPORT, *RECORDS, *(["key_case"] if self.shape == "national" else []))
        return [*map(Fault, plain), MISSING, DUE_FIRST]

    def system(self) -> System:
        make = national_system if self.shape == "national" else rest_system
        return make(self.simulator.settings(self.shape))

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        before = int(self.simulator.state()["faults"].get(name, 0))
        brief = {"seconds": 0.01} if name == "slow" else {"retry_after": 0} if name == "http_429" else {}
        self.simulator.faults(**{name: {"probability": probability, **brief}})
        try:
            yield lambda: int(self.simulator.state()["faults"].get(name, 0)) - before
        finally:
            self.simulator.faults(**{name: None})
