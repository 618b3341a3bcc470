"""Call counters of the shared services, simulated: `GET /lgsp/calls`, `GET /lgsp/services`."""

import asyncio
import heapq
import random
from bisect import bisect_left
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from ingest.simulator.answers import Answer
from ingest.simulator.door import Door
from ingest.simulator.errors import RequestError
from ingest.simulator.moments import from_ms, iso_ms, to_ms
from ingest.simulator.records import keyed, spoil_records
from ingest.simulator.system import World
from ingest.simulator.world import OFFICE

INTERVAL_MS = 5 * 60_000
CALLS_A_DAY = 26_000.0
"""Of all services: 19 million in two years."""

CORRECTED_SHARE = 0.01
_CORRECTED_AFTER_MS = 30 * 60_000
_MAX_SIZE = 1000
_OWNER = "000.00.05.H12"

SERVICES = (
    *("QLVB", "DVCQG", "VNEID", "CSDLDC", "BHXH", "DKDN", "HOTICH", "LLTP", "THUE", "KHOBAC", "DATDAI", "HAIQUAN"),
    *("CBCCVC", "GPLX", "KCB", "GIAODUC", "BUUCHINH", "THANHTOAN", "DMDC", "DINHDANH", "NGANSACH"),
    *("GIAPHEP", "VANTAI", "QUYHOACH"),
)
"""The shared services; the last three are not connected."""

CONNECTED = 21


class SimulatedLgsp:
    """The counters; a `HubPart`."""

    name = "lgsp"

    def __init__(self, world: World) -> None:
        self._world = world
        self._door = Door(world)
        self._calls_form = keyed(["service"], "ghiChu")
        self._services_form = keyed(["code"], "ghiChu")
        self._journal: list[tuple[int, int, dict[str, Any]]] = []
        self._waiting: list[tuple[int, int, dict[str, Any]]] = []
        self._interval = world.begin_ms // INTERVAL_MS

    def routes(self) -> list[web.RouteDef]:
        """Both lists."""
        return [self._door.get("/lgsp/calls", self._calls), self._door.get("/lgsp/services", self._services)]

    async def run(self, stop: asyncio.Event) -> None:
        """It only answers."""

    def state(self) -> dict[str, Any]:
        """What may be seen."""
        self._advance()
        return {"requests": self._door.requests, "calls": len(self._journal), "services": len(SERVICES)}

    def calls(self) -> list[dict[str, Any]]:
        """The counts that are told by now, in the order in which they were."""
        self._advance()
        return [record for *_, record in self._journal]

    def services(self) -> list[dict[str, Any]]:
        """All shared services."""
        begun = iso_ms(self._world.begin_ms)
        return [
            {
                "code": code,
                "name": f"Dịch vụ {code}",
                "level": "national",
                "connected": number < CONNECTED,
                "last_call": begun if number < CONNECTED else None,
                "unit": _OWNER,
                "contact": f"CANARY-LIENHE-{number:02}",
                "phone": f"CANARY-SDT-{number:02}",
                "updated": begun,
            }
            for number, code in enumerate(SERVICES)
        ]

    async def _calls(self, request: web.Request) -> Answer:
        self._advance()
        first = bisect_left(self._journal, (_moment(request, "from", 0),))
        end = bisect_left(self._journal, (_moment(request, "to", 1 << 60),))
        return self._page(request, [record for *_, record in self._journal[first:end]], self._calls_form)

    async def _services(self, request: web.Request) -> Answer:
        shown = self.services() if self._world.begin_ms >= _moment(request, "from", 0) else []
        return self._page(request, shown, self._services_form)

    def _page(self, request: web.Request, records: list[dict[str, Any]], form: Any) -> Answer:
        page, size = _whole(request, "page", 0), min(_whole(request, "size", 500), _MAX_SIZE)
        shown = spoil_records(records[page * size : (page + 1) * size], form, self._world.faults)
        return Answer.json({"total": len(records), "records": shown})

    def _advance(self) -> None:
        """Counts all intervals that have ended, and shows what was told by now."""
        now_ms = self._world.now_ms()
        while (self._interval + 1) * INTERVAL_MS <= now_ms:
            for number, code in enumerate(SERVICES[:CONNECTED]):
                for told in self._told(number, code):
                    heapq.heappush(self._waiting, told)
            self._interval += 1
        while self._waiting and self._waiting[0][0] <= now_ms:
            self._journal.append(heapq.heappop(self._waiting))

    def _told(self, number: int, code: str) -> list[tuple[int, int, dict[str, Any]]]:
        """What is told of one interval of one service: its count, and now and then a correction."""
        start_ms = self._interval * INTERVAL_MS
        draws = random.Random(f"{self._world.seed}:lgsp:{code}:{self._interval}")
        local = from_ms(start_ms)
        share = OFFICE.of_day(local.date()) * (0.3 + 0.7 * 24 * OFFICE.of_hour(local.hour))
        mean = CALLS_A_DAY * self._world.times / CONNECTED / 288 * share * 2 / (1 + number / 10)
        calls = max(0, round(draws.gauss(mean, mean**0.5)))
        failures = min(calls, int(draws.expovariate(1) * calls * 0.02))
        told = []
        for turn in range(2 if draws.random() < CORRECTED_SHARE else 1):
            updated_ms = start_ms + INTERVAL_MS + draws.randrange(1_000, 60_000) + turn * _CORRECTED_AFTER_MS
            record = {
                "service": code,
                "start": iso_ms(start_ms),
                "minutes": INTERVAL_MS // 60_000,
                "calls": calls + turn * draws.randrange(1, 5),
                "failures": failures,
                "unit": _OWNER,
                "updated": iso_ms(updated_ms),
            }
            told.append((updated_ms, (self._interval * 100 + number) * 2 + turn, record))
        return told


def _moment(request: web.Request, name: str, absent_ms: int) -> int:
    given = request.query.get(name)
    if not given:
        return absent_ms
    try:
        moment = datetime.fromisoformat(given)
        return to_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    except ValueError as error:
        raise RequestError(f"{name}: {error}") from error


def _whole(request: web.Request, name: str, absent: int) -> int:
    given = request.query.get(name, str(absent))
    if not given.isdigit():
        raise RequestError(f"{name}: give a whole number from 0")
    return int(given)
