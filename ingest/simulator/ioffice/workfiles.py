"""Work files (hồ sơ công việc): opened, worked on, finished."""

import heapq

from ingest.simulator.ioffice.organs import ODD, inside, weights
from ingest.simulator.ioffice.shelf import Row, Shelf
from ingest.simulator.moments import DAY_MS, from_ms, iso_ms
from ingest.simulator.population import ODD_UNITS_SHARE
from ingest.simulator.system import World
from ingest.simulator.world import OFFICE, Event

FILES_A_DAY = 700
_ONLINE_SHARE = 0.93


class WorkFiles:
    """The work files as they are now."""

    name = "work_files"

    def __init__(self, world: World) -> None:
        self._world = world
        self._process = world.process("work_files", FILES_A_DAY, OFFICE)
        self._read_ms = world.begin_ms
        self._ahead: list[tuple[int, str, Row]] = []
        self.shelf = Shelf()

    def advance(self) -> None:
        """Takes in what happened up to now."""
        now_ms = self._world.now_ms()
        for event in self._process.events(self._read_ms, now_ms):
            for at_ms, row in _course(event):
                heapq.heappush(self._ahead, (at_ms, row["code"], row))
        self._read_ms = max(self._read_ms, now_ms)
        while self._ahead and self._ahead[0][0] <= now_ms:
            at_ms, code, row = heapq.heappop(self._ahead)
            self.shelf.put(code, at_ms, row)


def _course(event: Event) -> list[tuple[int, Row]]:
    """The states of a work file and when each begins."""
    draws = event.draws()
    opened_ms = event.at_ms
    day = from_ms(opened_ms).date()
    unit = draws.choices(inside(day), weights(day))[0] if draws.random() >= ODD_UNITS_SHARE else draws.choice(ODD)
    due_ms = opened_ms + draws.randint(2, 15) * DAY_MS
    row: Row = {
        "code": f"HSCV-{event.number}",
        "title": f"CANARY-TENHOSO {event.number}",
        "handler": f"CANARY-XULY {event.number}",
        "unitCode": unit.code,
        "openedAt": iso_ms(opened_ms),
        "dueAt": f"{from_ms(due_ms):%Y-%m-%d}",
        "finishedAt": None,
        "online": draws.random() < _ONLINE_SHARE,
        "state": "0",
        "documents": 1,
        "updatedAt": iso_ms(opened_ms),
    }
    course = [(opened_ms, row)]
    at_ms = opened_ms + int(draws.expovariate(1 / (0.3 * DAY_MS))) + 1
    row = {**row, "state": "1", "documents": draws.randint(1, 9), "updatedAt": iso_ms(at_ms)}
    course.append((at_ms, row))
    end_ms = at_ms + int(draws.expovariate(1 / (2.5 * DAY_MS))) + 1
    state = "3" if draws.random() < 0.02 else "2"
    finished = iso_ms(end_ms) if state == "2" else None
    course.append((end_ms, {**row, "state": state, "finishedAt": finished, "updatedAt": iso_ms(end_ms)}))
    return course
