"""The simulated healthcare records as one system, composed of its parts."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from ingest.simulator.health.fhir import FhirServer
from ingest.simulator.health.insurance import InsuranceDrops
from ingest.simulator.health.records import RecordServer
from ingest.simulator.system import World


class HealthPart(Protocol):
    """A part of the system: what it answers or drops."""

    @property
    def name(self) -> str:
        """Its key in the system's state."""
        ...

    def routes(self) -> list[web.RouteDef]:
        """What it answers; empty for a part that only drops."""
        ...

    async def run(self, stop: asyncio.Event) -> None:
        """Drops until `stop` is set; returns at once for a part that only answers."""
        ...

    def state(self) -> dict[str, object]:
        """Counts for the control."""
        ...


PARTS: tuple[Callable[[World], HealthPart], ...] = (FhirServer, RecordServer, InsuranceDrops)
"""What builds each part on the system's world."""


class SimulatedHealth:
    """The healthcare records; a `SimulatedSystem`."""

    name = "health"

    def __init__(self, world: World) -> None:
        self._parts = [make(world) for make in PARTS]

    def routes(self) -> list[web.RouteDef]:
        """Of all parts."""
        return [route for part in self._parts for route in part.routes()]

    async def run(self, stop: asyncio.Event) -> None:
        """Runs all parts; the first that fails ends the others."""
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(part.run(stop))

    def state(self) -> dict[str, object]:
        """Each part's counts, by its name."""
        return {part.name: part.state() for part in self._parts}
