"""The simulated drop of insurance files: a part of the healthcare records."""

import asyncio

from aiohttp import web

from ingest.simulator.drops import drop
from ingest.simulator.health import insurance_spoil
from ingest.simulator.health.insurance_plan import FilePlan, Plan
from ingest.simulator.health.insurance_xml import document, hoso
from ingest.simulator.moments import DAY_MS
from ingest.simulator.system import World, ticks
from ingest.simulator.world import HOSPITAL, HOUR_MS

VISITS = "fhir visits"
VISITS_A_DAY = 9_000
"""The visits are those that the FHIR server shows: the same process, so that both tell of the same ones."""

_TICK_S = 5.0
_DAY_LAG_MS = {"prompt_ms": 2 * HOUR_MS, "late_ms": 3 * DAY_MS}
_HOUR_LAG_MS = {"prompt_ms": HOUR_MS // 4, "late_ms": 9 * HOUR_MS}


class InsuranceDrops:
    """Drops each file when it is due on the simulated clock; after a restart it goes on where it was."""

    name = "insurance_files"

    def __init__(self, world: World) -> None:
        world.faults.learn(*insurance_spoil.NAMES)
        self._world = world
        self._plan = Plan(
            world.process(VISITS, VISITS_A_DAY, HOSPITAL),
            world.reporting("insurance", **_DAY_LAG_MS),
            world.reporting("insurance by the hour", **_HOUR_LAG_MS),
        )
        self._counts = {"files": 0, "visits": 0, "spoiled": 0}

    def routes(self) -> list[web.RouteDef]:
        """None: it only drops."""
        return []

    async def run(self, stop: asyncio.Event) -> None:
        """See `SimulatedSystem.run`; files are made in a thread, so that the servers answer meanwhile."""
        if self._world.drop_dir is None:
            return
        async for _ in ticks(stop, _TICK_S):
            await self.drop_due(stop)

    async def drop_due(self, stop: asyncio.Event) -> None:
        """Drops what is due and was not dropped yet, unless `stop` is set meanwhile."""
        mark = self._world.mark("insurance_files")
        first_ms, now_ms = mark.read() or self._world.begin_ms, self._world.now_ms()
        for plan in await asyncio.to_thread(self._plan.files, first_ms, now_ms):
            if stop.is_set():
                return
            await asyncio.to_thread(self._drop, plan)
            # Two files of one millisecond: the second must not be passed over when the process ends between them.
            mark.write(plan.at_ms)
        mark.write(now_ms)

    def state(self) -> dict[str, object]:
        """Files and visits that were dropped, and files that faults dropped beside them."""
        return dict(self._counts)

    def _drop(self, plan: FilePlan) -> None:
        assert self._world.drop_dir is not None
        visits = plan.visits()
        path, faults = self._world.drop_dir / plan.name, self._world.faults
        for name in insurance_spoil.NAMES:
            if faults.settings and faults.draw(name):
                body = insurance_spoil.spoiled(name, plan.facility, plan.compiled, visits, faults)
                drop(path.with_name(f"{path.stem}-{name}-{faults.fired[name]}.xml"), body)
                self._counts["spoiled"] += 1
        drop(path, document(plan.facility, plan.compiled, [hoso(visit, plan.style) for visit in visits], plan.style))
        self._counts["files"] += 1
        self._counts["visits"] += len(visits)
