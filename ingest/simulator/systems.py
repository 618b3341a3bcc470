"""The simulated systems beside the dossiers'. A new one is a function and a line here."""

from collections.abc import Callable

from ingest.simulator.system import SimulatedSystem, World

# Each is imported when it is played, and not before: together their libraries take longer to load than all the rest.


def _health(world: World) -> SimulatedSystem:
    from ingest.simulator.health.system import SimulatedHealth

    return SimulatedHealth(world)


def _hub(world: World) -> SimulatedSystem:
    from ingest.simulator.hub.hub import simulated_hub

    return simulated_hub(world)


def _ioffice(world: World) -> SimulatedSystem:
    from ingest.simulator.ioffice.system import SimulatedOffice

    return SimulatedOffice(world)


SYSTEMS: dict[str, Callable[[World], SimulatedSystem]] = {
    "health": _health,
    "hub": _hub,
    "ioffice": _ioffice,
}
"""By name: what builds the system on its world."""
