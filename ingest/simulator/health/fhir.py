"""A FHIR R4 server: searches by update time over four resources, in pages that are linked."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ingest.simulator.answers import Answer
from ingest.simulator.door import Door
from ingest.simulator.errors import RequestError
from ingest.simulator.health import fhir_resources as r
from ingest.simulator.health import fhir_world as w
from ingest.simulator.health.changes import Changes, Version
from ingest.simulator.moments import read_iso
from ingest.simulator.records import RecordFormat, spoil_records
from ingest.simulator.system import World
from ingest.simulator.world import CITIZENS, HOSPITAL, Event

FAULTS = ("invalid_resource", "unknown_resource", "broken_next")
"""Faults of this server's own."""

INVALID: Sequence[dict[str, Any]] = ({"status": 7}, {"language": {}}, {"extension": "CANARY"}, {"implicitRules": 1})
"""What `invalid_resource` puts into a copy of a resource, by turns."""

COUNT_DEFAULT = 50
COUNT_MAX = 1000

Entry = dict[str, Any]

FORM: RecordFormat[Entry] = RecordFormat(
    without_identity=lambda entry: _with(entry, status=None),
    with_unknown=lambda entry: _with(entry, truongMoi={"moTa": "chưa từng có"}),
    with_note=lambda entry, text: _with(entry, text={"status": "generated", "div": f"<div>{text}</div>"}),
)
"""What the faults must know of an entry; every resource must have a status."""


@dataclass(frozen=True)
class Shelf:
    """One resource type: its current versions, and what writes one."""

    changes: Changes
    write: Callable[[Event, int, int], r.Resource]


class FhirServer:
    """`/fhir/…` of a world; a `HealthPart`."""

    name = "fhir"

    def __init__(self, world: World) -> None:
        world.faults.learn(*FAULTS)
        self._world = world
        self._door = Door(world)
        self.shelves = {
            "Encounter": Shelf(
                Changes(world.process(w.VISITS, w.VISITS_A_DAY, HOSPITAL), _keyed(lambda e: w.visit(e).steps_ms)),
                r.encounter,
            ),
            "Appointment": Shelf(
                Changes(world.process("fhir appointments", 300, CITIZENS), _keyed(w.booking_steps)), r.appointment
            ),
            "Immunization": Shelf(
                Changes(world.process("immunizations", 1_150, w.VACCINATION), _keyed(w.once)), r.immunization
            ),
            "Observation": Shelf(
                Changes(world.process("findings", 1_500, HOSPITAL), _keyed(w.finding_steps)), r.observation
            ),
        }

    def routes(self) -> list[web.RouteDef]:
        """The token and a search for each resource type."""
        return [
            self._door.token("/fhir/oauth/token"),
            *(self._door.get(f"/fhir/{name}", self._search(name)) for name in self.shelves),
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Nothing is dropped."""

    def state(self) -> dict[str, object]:
        """Resources by type, and requests so far."""
        self.advance()
        return {"requests": self._door.requests, **{name: len(shelf.changes) for name, shelf in self.shelves.items()}}

    def advance(self) -> None:
        """Lets in what has come to be up to now."""
        for shelf in self.shelves.values():
            shelf.changes.advance(self._world.now_ms())

    def entry(self, name: str, version: Version) -> Entry:
        """A version as it stands in a Bundle."""
        shelf = self.shelves[name]
        resource = shelf.write(shelf.changes.event(version), version.step, version.updated_ms)
        return {"fullUrl": f"urn:fhir:{name}:{resource['id']}", "resource": resource, "search": {"mode": "match"}}

    def _search(self, name: str) -> Callable[[web.Request], Any]:
        async def search(request: web.Request) -> Answer:
            changes = self.shelves[name].changes
            changes.advance(self._world.now_ms())
            query = request.query
            if query.get("_sort", "_lastUpdated") != "_lastUpdated":
                raise RequestError("_sort: only _lastUpdated is served")
            count = min(_number(query.get("_count"), COUNT_DEFAULT), COUNT_MAX)
            begin = _number(query.get("_begin"), changes.begin(_since(query.get("_lastUpdated"))))
            found = changes.find(begin, _number(query.get("_at"), begin), count)
            entries = self._spoiled(name, [self.entry(name, version) for version in found.versions])
            links = [{"relation": "self", "url": str(request.url)}]
            if found.end is not None:
                next_url = request.url.with_query({"_begin": begin, "_at": found.end, "_count": count})
                links += self._next(str(next_url))
            bundle = {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": found.total,
                "link": links,
                "entry": entries,
            }
            return Answer.json(bundle)

        return search

    def _next(self, url: str) -> list[dict[str, str]]:
        """The link to the next page; `broken_next`: to another host, none at all, or no address, by turns."""
        faults = self._world.faults
        if not faults.draw("broken_next"):
            return [{"relation": "next", "url": url}]
        broken = ("http://fhir.invalid/elsewhere?CANARY", "", "http://[")[faults.fired["broken_next"] % 3]
        return [{"relation": "next", "url": broken}] if broken else []

    def _spoiled(self, name: str, entries: list[Entry]) -> list[Entry]:
        faults = self._world.faults
        spoiled = spoil_records(entries, FORM, faults)
        if entries and faults.draw("invalid_resource"):
            number = faults.fired["invalid_resource"]
            wrong = INVALID[number % len(INVALID)]
            spoiled.append(_with(entries[0], id=f"loi-{number}", **wrong))
        if entries and faults.draw("unknown_resource"):
            number = faults.fired["unknown_resource"]
            spoiled.append(_with(entries[0], id=f"khac-{number}", resourceType=f"Khac{name}"))
        return spoiled


def _keyed(steps: Callable[[Event], Sequence[int]]) -> Callable[[Event], tuple[Hashable, Sequence[int]]]:
    return lambda event: (event.number, steps(event))


def _with(entry: Entry, **elements: Any) -> Entry:
    """A copy of an entry whose resource has these elements; None leaves one out."""
    resource = {name: value for name, value in {**entry["resource"], **elements}.items() if value is not None}
    return {**entry, "resource": resource}


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise RequestError("_count: a whole number from 0")
    return int(text)


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        if not text.startswith("ge"):
            raise ValueError("only ge is served")
        return read_iso(text[2:])
    except ValueError as error:
        raise RequestError(f"_lastUpdated: {error}") from error
