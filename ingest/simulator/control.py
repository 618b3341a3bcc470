"""`/control`: what the systems have shown, and their faults. For tests and demonstrations; no login."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import msgspec
from aiohttp import web

from ingest.simulator.answers import answer
from ingest.simulator.door import json_body
from ingest.simulator.errors import RequestError
from ingest.simulator.faults import Faults
from ingest.simulator.system import SimulatedSystem, World


class Control:
    """The control of all systems.

    Args:
        dossier: what the state tells about the dossier system.
        faults: the dossier system's.
        beside: the other systems, each with its world.
    """

    def __init__(
        self,
        dossier: Callable[[], dict[str, object]],
        faults: Faults,
        beside: Sequence[tuple[World, SimulatedSystem]],
    ) -> None:
        self._dossier = dossier
        self._faults = faults
        self._beside = beside

    def routes(self) -> list[web.RouteDef]:
        """State and faults."""
        return [
            web.get("/control/state", self._state),
            web.get("/control/faults", self._show_faults),
            web.post("/control/faults", self._set_faults),
        ]

    async def _state(self, request: web.Request) -> web.StreamResponse:
        del request
        systems = {
            system.name: {**system.state(), "faults": dict(world.faults.fired)} for world, system in self._beside
        }
        return answer({**self._dossier(), "faults": dict(self._faults.fired), "systems": systems})

    async def _show_faults(self, request: web.Request) -> web.StreamResponse:
        del request
        return answer(self._payload())

    async def _set_faults(self, request: web.Request) -> web.StreamResponse:
        try:
            configure(await json_body(request), self._faults, self._beside)
        except RequestError as error:
            return answer({"error": "invalid_request", "message": str(error)}, HTTPStatus.BAD_REQUEST)
        return answer(self._payload())

    def _payload(self) -> Mapping[str, object]:
        systems = {world.name: _told(world.faults) for world, _ in self._beside}
        return {**_told(self._faults), "systems": systems}


def configure(wanted: Mapping[str, object], dossier: Faults, beside: Sequence[tuple[World, SimulatedSystem]]) -> None:
    """Sets faults of all systems: `name` in each that knows it, `system.name` in one.

    Raises:
        RequestError: no system, or no fault of it, is called so, or a setting is wrong; then nothing is changed.
    """
    by_system = {"dossier": dossier} | {world.name: world.faults for world, _ in beside}
    chosen: dict[str, dict[str, object]] = {system: {} for system in by_system}
    for full_name, raw in wanted.items():
        system, dot, name = full_name.rpartition(".")
        if dot and system not in by_system:
            raise RequestError(f"no system {system!r}; there are {', '.join(by_system)}")
        knowing = [system] if dot else [one for one, faults in by_system.items() if name in faults.names]
        if not knowing:
            names = dict.fromkeys(known for faults in by_system.values() for known in faults.names)
            raise RequestError(f"no fault {name!r}; there are {', '.join(names)}")
        for one in knowing:
            chosen[one][name] = raw
    for system, settings in chosen.items():
        by_system[system].check(settings)
    for system, settings in chosen.items():
        by_system[system].configure(settings)


def _told(faults: Faults) -> dict[str, object]:
    return {
        "settings": {name: msgspec.to_builtins(setting) for name, setting in faults.settings.items()},
        "fired": dict(faults.fired),
        "names": faults.names,
    }
