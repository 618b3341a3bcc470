"""The REST of citizens' health records, VnCare bookings and check-ins: slices by update time, and a list of all citizens' numbers."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ingest.simulator.answers import Answer
from ingest.simulator.door import Door
from ingest.simulator.errors import RequestError
from ingest.simulator.health.changes import Changes, Version
from ingest.simulator.health.fhir_world import VISITS, VISITS_A_DAY
from ingest.simulator.health.records_write import Write, booking, booking_steps, check_in, check_in_steps, health_record
from ingest.simulator.moments import read_iso
from ingest.simulator.records import keyed, spoil_records
from ingest.simulator.system import World
from ingest.simulator.world import CITIZENS, HOSPITAL, Event

CITIZENS_WITH_RECORD = 800_000
SIZE_DEFAULT = 20
SIZE_MAX = 1000
LIST_MAX = 10_000

FORM = keyed(("citizenId", "number", "linkKey"), "note")


@dataclass(frozen=True)
class Shelf:
    """One list: its current versions, and what writes one."""

    changes: Changes
    write: Write


class RecordServer:
    """`/health/…` of a world; a `HealthPart`."""

    name = "records"

    def __init__(self, world: World) -> None:
        self._world = world
        self._door = Door(world)
        self.citizens = max(1_000, int(CITIZENS_WITH_RECORD * world.times))
        self.shelves = {
            "records": Shelf(Changes(world.process("records", 9_500, HOSPITAL), self._record_changed), health_record),
            "bookings": Shelf(Changes(world.process("bookings", 900, CITIZENS), _numbered(booking_steps)), booking),
            "check-ins": Shelf(
                Changes(world.process(VISITS, VISITS_A_DAY, HOSPITAL), _numbered(check_in_steps)), check_in
            ),
        }

    def routes(self) -> list[web.RouteDef]:
        """The token, a slice for each list, and the numbers of all records."""
        return [
            self._door.token("/health/oauth/token"),
            *(self._door.get(f"/health/{name}", self._slice(name)) for name in self.shelves),
            self._door.get("/health/records/ids", self._ids),
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Nothing is dropped."""

    def state(self) -> dict[str, object]:
        """What each list holds, and requests so far."""
        self.advance()
        counts = {name: len(shelf.changes) for name, shelf in self.shelves.items()}
        return {"requests": self._door.requests, "citizens": self.citizens, **counts}

    def advance(self) -> None:
        """Lets in what has come to be up to now."""
        for shelf in self.shelves.values():
            shelf.changes.advance(self._world.now_ms())

    def record(self, name: str, version: Version) -> dict[str, Any]:
        """A version as it stands in a slice."""
        shelf = self.shelves[name]
        event = shelf.changes.event(version)
        return shelf.write(event, self._citizen(event), version)

    def _citizen(self, event: Event) -> int:
        return event.draws("citizen").randrange(self.citizens)

    def _record_changed(self, event: Event) -> tuple[Hashable, Sequence[int]]:
        return self._citizen(event), (event.at_ms,)

    def _slice(self, name: str) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> Answer:
            changes = self.shelves[name].changes
            changes.advance(self._world.now_ms())
            number, size = _number(request, "page", 0), min(_number(request, "size", SIZE_DEFAULT), SIZE_MAX)
            begin = changes.begin(_since(request.query.get("updated-from")))
            found = changes.find(begin, begin, size, skip=number * size)
            content = [self.record(name, version) for version in found.versions]
            spoiled = spoil_records(content, FORM, self._world.faults)
            slice_ = {"content": spoiled, "number": number, "size": size, "last": found.end is None}
            return Answer.json({**slice_, "totalElements": found.total})

        return answer

    async def _ids(self, request: web.Request) -> Answer:
        """All citizens' numbers, in their order, behind `after`."""
        size = min(_number(request, "size", SIZE_DEFAULT), LIST_MAX)
        after = request.query.get("after", "")
        first = int(digits) + 1 if (digits := after.rpartition("-")[2]).isdigit() else 0
        end = min(first + size, self.citizens)
        ids = [f"CANARY-CCCD-{number:06}" for number in range(first, end)]
        return Answer.json({"content": ids, "last": end >= self.citizens})


def _numbered(steps: Callable[[Event], Sequence[int]]) -> Callable[[Event], tuple[Hashable, Sequence[int]]]:
    return lambda event: (event.number, steps(event))


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise RequestError(f"{name}: a whole number from 0")
    return int(text)


def _since(text: str | None) -> int | None:
    try:
        return None if text is None else read_iso(text)
    except ValueError as error:
        raise RequestError(f"updated-from: {error}") from error
