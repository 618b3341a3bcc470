"""The simulated data hub as one system, composed of its parts."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from aiohttp import web


class HubPart(Protocol):
    """A part of the hub: what it answers, drops or pushes."""

    @property
    def name(self) -> str:
        """Its key in the hub's state."""
        ...

    def routes(self) -> list[web.RouteDef]:
        """What it answers; empty for a part that only pushes or drops."""
        ...

    async def run(self, stop: asyncio.Event) -> None:
        """Drops and pushes until `stop` is set; returns at once for a part that only answers."""
        ...

    def state(self) -> dict[str, Any]:
        """Counts for the control."""
        ...


class SimulatedHub:
    """The hub; a `SimulatedSystem`."""

    name = "hub"

    def __init__(self, parts: Sequence[HubPart]) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        """Of all parts."""
        return [route for part in self._parts for route in part.routes()]

    async def run(self, stop: asyncio.Event) -> None:
        """Runs all parts; the first that fails ends the others."""
        async with asyncio.TaskGroup() as group:
            for part in self._parts:
                group.create_task(part.run(stop))

    def state(self) -> dict[str, Any]:
        """Each part's counts, by its name."""
        return {part.name: part.state() for part in self._parts}
