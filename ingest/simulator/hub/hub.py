"""The simulated hub on its world."""

from ingest.simulator.hub.pull import pull_parts
from ingest.simulator.hub.push import push_parts
from ingest.simulator.hub.system import SimulatedHub
from ingest.simulator.system import World


def simulated_hub(world: World) -> SimulatedHub:
    """What is read from the hub, and what it pushes."""
    return SimulatedHub([*pull_parts(world), *push_parts(world)])
