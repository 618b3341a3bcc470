"""The simulated systems beside the dossiers'. A new one is one line here."""

from collections.abc import Callable

from ingest.simulator.health.system import SimulatedHealth
from ingest.simulator.system import SimulatedSystem, World

SYSTEMS: dict[str, Callable[[World], SimulatedSystem]] = {
    "health": SimulatedHealth,
}
"""By name: what builds the system on its world."""
