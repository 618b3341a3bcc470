"""The open-data portal, simulated: the actions of CKAN that find packages and page through their tables."""

import asyncio
import re
import uuid
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

from ingest.simulator.answers import Answer
from ingest.simulator.door import Door
from ingest.simulator.errors import RequestError
from ingest.simulator.hub.portal_tables import Table, tables
from ingest.simulator.hub.registers import Row
from ingest.simulator.records import keyed, spoil_records
from ingest.simulator.system import World
from ingest.simulator.world import OFFICE

MAX_ROWS = 1_000
REVISIONS_A_DAY = 3.0
REPLACED = "replaced"
"""A table is replaced while it is read, before the page that is asked for."""

_ACTIONS = "/ckan/api/3/action"
_KIND = re.compile(r"extras_ioc_kind:(\w+)")


class SimulatedPortal:
    """The portal; a `HubPart`.

    Attributes:
        tables: by the id of their resource.
    """

    name = "ckan"

    def __init__(self, world: World) -> None:
        self._world = world
        self._door = Door(world)
        self.tables = {str(uuid.uuid5(uuid.NAMESPACE_URL, table.name)): table for table in tables(world)}
        self._forced: Counter[str] = Counter()
        self._forced_ms: dict[str, int] = {}
        world.faults.learn(REPLACED)

    def routes(self) -> list[web.RouteDef]:
        """What is open to everybody."""
        get = self._door.get
        return [
            get(f"{_ACTIONS}/package_search", self._search, login=False),
            get(f"{_ACTIONS}/resource_show", self._show, login=False),
            get(f"{_ACTIONS}/datastore_search", self._rows, login=False),
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """It only answers."""

    def state(self) -> dict[str, Any]:
        """Rows that are read, by kind."""
        rows: Counter[str] = Counter()
        for resource, table in self.tables.items():
            if table.kind:
                rows[table.kind] += len(self.rows(resource))
        return {"requests": self._door.requests, "rows": dict(rows)}

    def replace(self, resource: str) -> None:
        """Replaces a table now, as somebody does who uploads it anew."""
        self._forced[resource] += 1
        # Two changes of one millisecond would be one to whoever compares times.
        self._forced_ms[resource] = max(self._world.now_ms(), self._forced_ms.get(resource, 0) + 1)

    def resources(self, kind: str) -> list[str]:
        """Ids of the tables of a kind."""
        return [resource for resource, table in self.tables.items() if table.kind == kind]

    def rows(self, resource: str) -> list[Row]:
        """What a table holds now."""
        return self.tables[resource].rows_at(*self._revision(resource))

    def _revision(self, resource: str) -> tuple[int, int]:
        """A table's revision now, and when it came."""
        table, world = self.tables[resource], self._world
        process = world.process(f"revise:{table.name}", REVISIONS_A_DAY / world.times, OFFICE)
        moments = [event.at_ms for event in process.events(world.begin_ms, world.now_ms())]
        at_ms = moments[-1] if moments else world.begin_ms
        return len(moments) + self._forced[resource], max(at_ms, self._forced_ms.get(resource, 0))

    async def _search(self, request: web.Request) -> Answer:
        wanted = _KIND.search(request.query.get("fq", ""))
        packages = [
            self._package(resource, table)
            for resource, table in self.tables.items()
            if wanted is None or table.kind == wanted[1]
        ]
        start, rows = _whole(request, "start", 0), _whole(request, "rows", 10)
        packages.sort(key=lambda package: str(package["id"]))
        return _succeeded(request, {"count": len(packages), "results": packages[start : start + rows]})

    async def _show(self, request: web.Request) -> Answer:
        resource = request.query.get("id", "")
        if resource not in self.tables:
            return _not_found()
        return _succeeded(request, self._resource(resource))

    async def _rows(self, request: web.Request) -> Answer:
        resource = request.query.get("resource_id", "")
        table = self.tables.get(resource)
        if table is None:
            return _not_found()
        offset = _whole(request, "offset", 0)
        limit = min(_whole(request, "limit", 100), MAX_ROWS)
        if offset and self._world.faults.draw(REPLACED):
            self.replace(resource)
        rows = self.rows(resource)
        numbers = list(range(offset, min(offset + limit, len(rows))))
        if request.query.get("sort") != "_id":
            # Without an order a database gives rows as they come.
            numbers = self._world.faults.random.sample(range(len(rows)), len(numbers))
        form = keyed(table.identity, "ghi_chu")
        records = spoil_records([{"_id": number + 1, **rows[number]} for number in numbers], form, self._world.faults)
        result = {
            "include_total": True,
            "resource_id": resource,
            "fields": [{"id": "_id", "type": "int"}, *({"id": n, "type": t} for n, t in table.columns.items())],
            "records_format": "objects",
            "records": records,
            "limit": limit,
            "offset": offset,
            "_links": {"start": request.path, "next": f"{request.path}?offset={offset + limit}"},
            "total": len(rows),
            "total_was_estimated": False,
        }
        return _succeeded(request, result)

    def _package(self, resource: str, table: Table) -> dict[str, Any]:
        extras = dict(table.extras)
        if table.kind and not table.tagged:
            extras["ioc_kind"] = table.kind
        shown = self._resource(resource)
        return {
            "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, table.name)),
            "name": table.name,
            "title": table.title,
            "metadata_modified": shown["metadata_modified"],
            "extras": [{"key": key, "value": value} for key, value in extras.items()],
            "tags": [{"name": f"ioc-{table.kind}"}] if table.tagged else [],
            "resources": [shown],
        }

    def _resource(self, resource: str) -> dict[str, Any]:
        _, at_ms = self._revision(resource)
        # Times of the portal are UTC and do not say so.
        told = datetime.fromtimestamp(at_ms / 1000, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        return {
            "id": resource,
            "name": self.tables[resource].title,
            "format": "CSV",
            "datastore_active": True,
            "created": told,
            "last_modified": told,
            "metadata_modified": told,
        }


def _succeeded(request: web.Request, result: object) -> Answer:
    return Answer.json({"help": f"{_ACTIONS}/help_show?name={request.path}", "success": True, "result": result})


def _not_found() -> Answer:
    error = {"__type": "Not Found Error", "message": "Not found"}
    return Answer.json({"success": False, "error": error}, HTTPStatus.NOT_FOUND)


def _whole(request: web.Request, name: str, absent: int) -> int:
    given = request.query.get(name, str(absent))
    if not given.isdigit():
        raise RequestError(f"{name}: give a whole number from 0")
    return int(given)
