"""What a simulated system is, and the world that it is given."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiohttp import web

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.drops import Mark
from ingest.simulator.faults import Faults
from ingest.simulator.moments import DAY_MS
from ingest.simulator.reporting import Reporting
from ingest.simulator.world import Process, Profile


@dataclass(frozen=True, slots=True)
class Login:
    """Who may read."""

    user: str = "connector"
    password: str = field(default="simulator", repr=False)
    session_ttl_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that is pushed to, and the key that pushes are signed with."""

    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Mqtt:
    """A broker that is published to.

    Attributes:
        host: its name or address.
        port: its port.
        user: who publishes; empty: without a login.
        password: of that user.
        until_heard: whether what nobody has subscribed to yet is published again; without it a broker throws that away.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    until_heard: bool = False


@dataclass(frozen=True)
class World:
    """All that a system may build on. Two systems built on equal worlds show the same data.

    Attributes:
        name: of the system.
        seed: of everything that is drawn.
        base_ms: real moment of the first start, milliseconds since the epoch.
        clock: the simulated now; nothing later may be seen.
        data_dir: the system's own folder for what it must keep.
        times: multiplies the volume.
        history_days: days before the base time that have data.
        drop_dir: the system's own folder that files are dropped into; None: none are dropped.
        faults: what goes wrong, this system's own.
        login: who may read.
        webhook: where it pushes by HTTP; None: nowhere.
        mqtt: where it pushes by MQTT; None: nowhere.
    """

    name: str
    seed: int
    base_ms: int
    clock: SimulatedClock
    data_dir: Path
    times: float = 1.0
    history_days: float = 2.0
    drop_dir: Path | None = None
    faults: Faults = field(default_factory=Faults)
    login: Login = Login()
    webhook: Webhook | None = None
    mqtt: Mqtt | None = None

    @property
    def begin_ms(self) -> int:
        """The first moment that has data, milliseconds since the epoch."""
        return self.base_ms - int(self.history_days * DAY_MS)

    def now_ms(self) -> int:
        """The simulated now, milliseconds since the epoch."""
        return self.clock.now_ms()

    def process(self, name: str, per_day: float, profile: Profile) -> Process:
        """A process of this system, with the world's seed, volume and beginning."""
        return Process(f"{self.name}:{name}", per_day, profile, self.seed, self.times, self.begin_ms)

    def reporting(self, name: str, **habits: float) -> Reporting:
        """How this system's units report `name`; for the habits see `Reporting`."""
        return Reporting(f"{self.name}:{name}", self.seed, **habits)  # type: ignore[arg-type]

    def mark(self, name: str) -> Mark:
        """Up to when this system has done `name`."""
        return Mark(self.data_dir / f"{name}.json")


class SimulatedSystem(Protocol):
    """One source system, as it shows itself outside."""

    @property
    def name(self) -> str:
        """What `--systems` and the control call it; also the name of its folder of dropped files."""

    def routes(self) -> list[web.RouteDef]:
        """Its HTTP services; paths begin with `/`, a name of its own, `/`."""

    async def run(self, stop: asyncio.Event) -> None:
        """Drops files and pushes until `stop` is set; returns at once where there is nothing to do."""

    def state(self) -> dict[str, object]:
        """What `GET /control/state` tells about it; values that JSON holds."""


async def ticks(stop: asyncio.Event, every_s: float) -> AsyncIterator[None]:
    """Yields at once and then every `every_s` seconds, until `stop` is set."""
    while not stop.is_set():
        yield
        try:
            await asyncio.wait_for(stop.wait(), every_s)
        except TimeoutError:
            continue
