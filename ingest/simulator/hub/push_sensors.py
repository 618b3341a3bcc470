"""What stations, traffic cameras and vessels' devices publish, minute by minute: a function of the seed, the device and the moment."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.simulator.moments import from_ms, iso_ms
from ingest.simulator.system import World
from ingest.simulator.world import HOUR_MS

MINUTE_MS = 60_000
EVERY_MS = 5 * MINUTE_MS
VESSEL_EVERY_MS = 2 * HOUR_MS

CAMERAS, VESSELS = 60, 1500
TIDE_MS = 12.42 * HOUR_MS
"""From high water to high water."""

_MISSED_SHARE = 0.01
_SILENT_VESSELS, _BORDER_SHARE = 0.01, 0.002
_LOST_VESSELS = 0.006
_LOST_MS = 30 * 24 * HOUR_MS
_HEARD_SHARE = 0.35
"""Some vessels are lost for long: of each month they are heard of in its first third. Who tracks them repeats where they were last."""
_ENVIRONMENT, _AGRICULTURE, _TRANSPORT = "000.00.02.H12", "000.00.03.H12", "000.00.13.H12"

_TRAFFIC_HOURS = (2, 1, 1, 1, 2, 6, 14, 20, 15, 12, 12, 14, 12, 11, 12, 13, 17, 20, 16, 12, 9, 7, 5, 3)


@dataclass(frozen=True, slots=True)
class Message:
    """What is published, and where."""

    topic: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Sort:
    """Stations of one sort.

    Attributes:
        prefix: of their codes.
        number: of them, at times 1.
        unit: that answers for them.
        quantities: what each measures, its shape over time, and from which value on it is a breach.
    """

    prefix: str
    number: int
    unit: str
    quantities: tuple[tuple[str, Callable[[random.Random, int], float], float], ...]


def _daily(draws: random.Random, at_ms: int, mean: float, spread: float) -> float:
    """Two peaks a day, when people go to work and come home."""
    hour = from_ms(at_ms).hour + from_ms(at_ms).minute / 60
    peaks = math.exp(-((hour - 7.2) ** 2) / 4) + math.exp(-((hour - 18) ** 2) / 5)
    return max(0.0, mean * (0.7 + 0.9 * peaks) + draws.gauss(0, spread))


def _tidal(draws: random.Random, at_ms: int, mean: float, range_: float, spread: float) -> float:
    """Rises and falls with the tide."""
    return mean + range_ / 2 * math.sin(2 * math.pi * at_ms / TIDE_MS) + draws.gauss(0, spread)


def _rain(draws: random.Random, at_ms: int) -> float:
    """Micrometres within five minutes: dry at most times, wet hours more often from May to November, in the afternoon."""
    local = from_ms(at_ms)
    wet = (0.10 if 5 <= local.month <= 11 else 0.02) * (2.0 if 13 <= local.hour <= 18 else 0.7)
    hour = random.Random(f"rain:{at_ms // HOUR_MS}")
    return round(draws.expovariate(1 / 900)) if hour.random() < wet and draws.random() < 0.8 else 0


SORTS = (
    Sort(
        "KK",
        10,
        _ENVIRONMENT,
        (
            ("pm25_ugm3", lambda draws, at_ms: _daily(draws, at_ms, 22, 4), 50.0),
            ("pm10_ugm3", lambda draws, at_ms: _daily(draws, at_ms, 42, 8), 100.0),
            ("no2_ugm3", lambda draws, at_ms: _daily(draws, at_ms, 18, 4), 100.0),
        ),
    ),
    Sort("DM", 14, _AGRICULTURE, (("salinity_gl", lambda draws, at_ms: _tidal(draws, at_ms, 3.2, 2.2, 0.2), 4.0),)),
    Sort("MN", 8, _AGRICULTURE, (("level_mm", lambda draws, at_ms: _tidal(draws, at_ms, 620, 1500, 25), 1350.0),)),
    Sort("LM", 8, _ENVIRONMENT, (("rain_um", _rain, 4000.0),)),
)


class Sensors:
    """All devices of a world."""

    def __init__(self, world: World) -> None:
        self._seed = world.seed
        self._times = world.times

    def minute(self, at_ms: int) -> Iterator[Message]:
        """What is published in the minute that begins at `at_ms`."""
        if at_ms % EVERY_MS == 0:
            yield from self._readings(at_ms)
            yield from self._traffic(at_ms)
        minutes = VESSEL_EVERY_MS // MINUTE_MS
        for number in range(at_ms // MINUTE_MS % minutes, self._number(VESSELS), minutes):
            if (message := self._vessel(number, at_ms)) is not None:
                yield message

    def _readings(self, at_ms: int) -> Iterator[Message]:
        for sort in SORTS:
            for number in range(self._number(sort.number)):
                station = f"{sort.prefix}-{number + 1:02d}"
                draws = self._draws(station, at_ms)
                if draws.random() < _MISSED_SHARE:
                    continue
                for quantity, shape, most in sort.quantities:
                    value = round(shape(draws, at_ms) * self._draws(station, 0).uniform(0.85, 1.2), 2)
                    record = {
                        "tram": station,
                        "daiLuong": quantity,
                        "thoiDiem": iso_ms(at_ms),
                        "giaTri": value,
                        "vuotNguong": value > most,
                        "donVi": sort.unit,
                    }
                    yield Message(f"sensors/reading/{station}", record)

    def _traffic(self, at_ms: int) -> Iterator[Message]:
        hour = from_ms(at_ms).hour
        for number in range(self._number(CAMERAS)):
            camera = f"CAM-{number + 1:03d}"
            draws = self._draws(camera, at_ms)
            if draws.random() < _MISSED_SHARE:
                continue
            usual = _TRAFFIC_HOURS[hour] * self._draws(camera, 0).uniform(0.4, 3)
            vehicles = max(0, round(draws.gauss(usual, usual**0.5)))
            record = {
                "camera": camera,
                "batDau": iso_ms(at_ms - EVERY_MS),
                "soXe": vehicles,
                "tocDoTB": round(draws.uniform(24, 48) - usual / 6, 1) if vehicles else None,
                "suCo": int(draws.random() < 0.0015),
                "donVi": _TRANSPORT,
            }
            yield Message(f"sensors/traffic/{camera}", record)

    def _vessel(self, number: int, at_ms: int) -> Message | None:
        registration = f"CM-{90000 + number}-TS"
        at_ms = self._heard_ms(registration, at_ms)
        trait = self._draws(registration, 0)
        if trait.random() < _SILENT_VESSELS and self._draws(registration, at_ms // (12 * HOUR_MS)).random() < 0.7:
            return None
        draws = self._draws(registration, at_ms)
        trip_ms, bearing = trait.uniform(5, 15) * 24 * HOUR_MS, trait.uniform(math.pi * 0.6, math.pi * 1.4)
        phase = (at_ms / trip_ms + trait.random()) % 1.0
        at_sea = phase < 0.75
        away = math.sin(math.pi * phase / 0.75) * trait.uniform(0.3, 1.8) if at_sea else 0.0
        beyond = at_sea and self._draws(registration, at_ms // (24 * HOUR_MS) + 1).random() < _BORDER_SHARE
        record = {
            "soDangKy": registration,
            "thoiDiem": iso_ms(at_ms + draws.randrange(MINUTE_MS)),
            "viDo": round(8.75 + away * math.sin(bearing) * (2.5 if beyond else 1), 6),
            "kinhDo": round(104.85 + away * math.cos(bearing) * (2.5 if beyond else 1), 6),
            "trenBien": at_sea,
            "vuotRanhGioi": beyond,
            "donVi": _AGRICULTURE,
            "chuTau": f"CANARY-CHUTAU {number}",
            "sdtChuTau": f"CANARY-SDT-{number}",
        }
        return Message(f"sensors/vessel/{registration}", record)

    def _heard_ms(self, registration: str, at_ms: int) -> int:
        """When a vessel's device last had contact, of the moments at which it sends."""
        trait = self._draws(registration, -1)
        if trait.random() >= _LOST_VESSELS:
            return at_ms
        since_ms = (at_ms + trait.randrange(_LOST_MS)) % _LOST_MS
        over_ms = since_ms - int(_LOST_MS * _HEARD_SHARE)
        return at_ms - max(0, over_ms + -over_ms % VESSEL_EVERY_MS)

    def _number(self, at_times_1: int) -> int:
        return max(1, round(at_times_1 * self._times))

    def _draws(self, device: str, at_ms: int) -> random.Random:
        return random.Random(f"{self._seed}:{device}:{at_ms}")
