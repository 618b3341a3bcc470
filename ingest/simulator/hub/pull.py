"""The parts of the hub that are read: the portal, the counters, the reports."""

from ingest.simulator.hub.lgsp import SimulatedLgsp
from ingest.simulator.hub.portal import SimulatedPortal
from ingest.simulator.hub.reports import SimulatedReports
from ingest.simulator.hub.system import HubPart
from ingest.simulator.system import World


def pull_parts(world: World) -> list[HubPart]:
    """All of them."""
    return [SimulatedPortal(world), SimulatedLgsp(world), SimulatedReports(world)]
