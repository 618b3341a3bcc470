"""The simulated systems beside the dossiers'. A new one is one line here."""

from collections.abc import Callable

from ingest.simulator.system import SimulatedSystem, World

SYSTEMS: dict[str, Callable[[World], SimulatedSystem]] = {}
"""By name: what builds the system on its world."""
