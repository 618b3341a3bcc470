"""iOffice as one simulated system."""

import asyncio

from aiohttp import web

from ingest.simulator.ioffice.accounts import Accounts
from ingest.simulator.ioffice.drops import Drops
from ingest.simulator.ioffice.ledger import Ledger
from ingest.simulator.ioffice.services import Services
from ingest.simulator.ioffice.spoiling import POISONS, WAYS
from ingest.simulator.ioffice.workfiles import WorkFiles
from ingest.simulator.system import World


class SimulatedOffice:
    """iOffice; a `SimulatedSystem`."""

    name = "ioffice"

    def __init__(self, world: World) -> None:
        world.faults.learn(*WAYS, *POISONS)
        self.accounts, self.work_files = Accounts(world), WorkFiles(world)
        self.ledger = Ledger(world, world.mark("dropped").read())
        self.drops = Drops(world, self.ledger, self.accounts)
        self.services = Services(world, self.ledger, self.accounts, self.work_files)

    def routes(self) -> list[web.RouteDef]:
        """The exchange and the REST."""
        return self.services.routes()

    async def run(self, stop: asyncio.Event) -> None:
        """Drops files."""
        await self.drops.run(stop)

    def state(self) -> dict[str, object]:
        """Counts for the control."""
        return {
            "files": self.drops.files,
            "requests": self.services.door.requests,
            "messages": {kind: len(kept) for kind, kept in self.ledger.kept.items()},
            "work_files": len(self.work_files.shelf),
            "accounts": len(self.accounts.shelf),
        }
