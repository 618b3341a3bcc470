"""What the security operations centre pushes: alerts, some alone, some in bursts when somebody scans the province."""

from collections.abc import Iterator
from typing import Any

from ingest.simulator.hub.push_timeline import Pushed, Timeline
from ingest.simulator.moments import DAY_MS, from_ms, iso_ms
from ingest.simulator.population import DEPARTMENTS, standing, units_on
from ingest.simulator.system import World
from ingest.simulator.world import ALWAYS, HOUR_MS, Event

PER_DAY = 60.0
LONGEST_MS = 3 * DAY_MS

SEVERITIES = ("critical", "high", "medium", "low")
SEVERITY_WEIGHTS = (3, 12, 35, 50)
CATEGORIES = ("attack", "malware", "leak", "availability", "other")
CATEGORY_WEIGHTS = (46, 30, 4, 12, 8)

_BURST_SHARE = 0.06
_BURST = (8, 24)
_MEAN_ALERTS = 1 + _BURST_SHARE * (sum(_BURST) / 2 - 1)
_BURST_MS = 10 * 60_000
_IN_A_BURST = 100


def timeline(world: World) -> Timeline:
    """All alerts of a world."""
    return Timeline(world.process("security", PER_DAY / _MEAN_ALERTS, ALWAYS), states, LONGEST_MS)


def states(event: Event) -> Iterator[Pushed]:
    """The alerts of one incident as they are raised and dealt with."""
    draws = event.draws("alert")
    size = draws.randint(*_BURST) if draws.random() < _BURST_SHARE else 1
    category = draws.choices(CATEGORIES, CATEGORY_WEIGHTS)[0] if size == 1 else "attack"
    for place in range(size):
        at_ms = event.at_ms + int(draws.random() * _BURST_MS * (size > 1))
        serial = event.number * _IN_A_BURST + place
        number = f"SOC-{serial}"
        record: dict[str, Any] = {
            "maCanhBao": number,
            "mucDo": draws.choices(SEVERITIES, SEVERITY_WEIGHTS)[0],
            "loai": category,
            "trangThai": "open",
            "phatHienLuc": iso_ms(at_ms),
            "xuLyLuc": None,
            "soMay": draws.randint(1, 6) if category == "malware" else 1,
            "donVi": draws.choice(DEPARTMENTS + units_on("district", from_ms(at_ms).date())),
            "capNhatLuc": iso_ms(at_ms),
            "diaChiIP": f"CANARY-IP-{serial}",
            "tenMay": f"CANARY-MAY-{serial}",
            "taiKhoan": f"CANARY-TK-{serial}",
            "moTa": f"CANARY-MOTA {serial}",
        }
        yield Pushed(at_ms, serial, record)
        mean_ms = {"critical": 0.5, "high": 2.0, "medium": 6.0, "low": 10.0}[record["mucDo"]] * HOUR_MS
        if category == "attack" and draws.random() < 0.8:
            end, mean_ms = "blocked", 60_000.0
        else:
            end = draws.choices(("handled", "false_alarm"), (85, 15))[0]
        ended_ms = at_ms + min(int(draws.expovariate(1 / mean_ms)) + 1000, LONGEST_MS - _BURST_MS)
        unit = standing(record["donVi"], from_ms(ended_ms).date())
        changes = {"donVi": unit, "trangThai": end, "xuLyLuc": iso_ms(ended_ms), "capNhatLuc": iso_ms(ended_ms)}
        yield Pushed(ended_ms, serial, {**record, **changes})
