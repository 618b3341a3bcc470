"""A very small simulated system, as docs/simulator.md says how to write one."""

import asyncio
from typing import Any

from aiohttp import web

from ingest.simulator.answers import Answer
from ingest.simulator.door import Door
from ingest.simulator.drops import drop_spoiled
from ingest.simulator.errors import RequestError
from ingest.simulator.records import keyed, spoil_records
from ingest.simulator.system import World, ticks
from ingest.simulator.world import HOSPITAL, Event

FORM = keyed(("id",), "note")
DAY_CAP = 40


class Clinic:
    """Visits, listed as JSON or XML and dropped as files of text."""

    name = "clinic"

    def __init__(self, world: World) -> None:
        world.faults.learn("odd_code")
        self._world = world
        self._door = Door(world)
        self._visits = world.process("visits", 7_200, HOSPITAL)
        self.dropped = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            self._door.token("/clinic/token"),
            self._door.get("/clinic/visits", self._list),
            self._door.get("/clinic/visits.xml", self._xml),
            self._door.get("/clinic/scan", self._scan, login=False),
            self._door.post("/clinic/echo", self._echo),
        ]

    async def run(self, stop: asyncio.Event) -> None:
        if self._world.drop_dir is None:
            return
        mark = self._world.mark("visits")
        async for _ in ticks(stop, 0.01):
            now_ms = self._world.now_ms()
            for event in self._visits.events(mark.read() or self._world.begin_ms, now_ms):
                path = self._world.drop_dir / f"{event.number}.txt"
                drop_spoiled(path, f"lượt khám {event.number}".encode(), self._world.faults)
                self.dropped += 1
            mark.write(now_ms)

    def state(self) -> dict[str, object]:
        return {"requests": self._door.requests, "dropped": self.dropped}

    async def _list(self, request: web.Request) -> Answer:
        page = [self._record(event) for event in self._page(request)]
        return Answer.json(spoil_records(page, FORM, self._world.faults))

    async def _xml(self, request: web.Request) -> Answer:
        visits = "".join(f"<lượt>{event.number}</lượt>" for event in self._page(request))
        return Answer.xml(f'<?xml version="1.0" encoding="UTF-8"?><khám>{visits}</khám>'.encode())

    async def _scan(self, request: web.Request) -> Answer:
        del request
        return Answer(b"\xff\xd8" * 100, "image/jpeg", charset=None)

    async def _echo(self, request: web.Request) -> Answer:
        return Answer.json({"got": len(await request.read())}, 202)

    def _page(self, request: web.Request) -> list[Event]:
        try:
            since = int(request.query.get("since", self._world.begin_ms))
        except ValueError as error:
            raise RequestError(f"since: {error}") from error
        return list(self._visits.events(since, self._world.now_ms()))[:DAY_CAP]

    def _record(self, event: Event) -> dict[str, Any]:
        odd = self._world.faults.draw("odd_code")
        return {"id": event.number, "at": event.at_ms, "ward": "?" if odd else event.draws().choice(["A", "B"])}
