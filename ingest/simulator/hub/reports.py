"""Units that drop their reports, simulated: each its own file a period, some late, some not at all, now and then one twice."""

import asyncio
import random
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from aiohttp import web

from ingest.simulator.drops import drop_spoiled
from ingest.simulator.hub.figures import last_ended, period_name, reported, span
from ingest.simulator.hub.report_files import ENCODINGS, FORM, SEPARATORS, Line, as_csv, as_xlsx
from ingest.simulator.hub.series import SERIES, Grain, Series
from ingest.simulator.moments import DAY_MS
from ingest.simulator.records import spoil_records
from ingest.simulator.system import World, ticks

GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter")
AGAIN_SHARE = 0.06
"""Reports that are sent a second time with the same figures."""

_TICK_S = 1.0
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_AGAIN_AFTER_MS = 6 * 3_600_000
_LATEST_MS = 20 * DAY_MS
_XLSX_SHARE = 0.4


class Report(NamedTuple):
    """A file that is due: when, from whom, for which period; `turn` 1 is the same once more."""

    at_ms: int
    unit: str
    grain: Grain
    number: int
    turn: int

    @property
    def stem(self) -> str:
        """Its file's name without suffix."""
        again = "-gui-lai" if self.turn else ""
        return f"bao-cao-{self.unit}-{period_name(self.grain, span(self.grain, self.number))}{again}"


class SimulatedReports:
    """The reports; a `HubPart`."""

    name = "reports"

    def __init__(self, world: World) -> None:
        self._world = world
        self._habits = world.reporting("reports", prompt_ms=3 * 3_600_000, late_ms=2 * DAY_MS)
        self._mark = world.mark("reports")
        self.dropped = 0

    def routes(self) -> list[web.RouteDef]:
        """It answers nothing."""
        return []

    def state(self) -> dict[str, Any]:
        """Files that were dropped since the start."""
        return {"dropped": self.dropped}

    async def run(self, stop: asyncio.Event) -> None:
        """Drops whatever is due until `stop` is set; goes on after a restart where it was."""
        async for _ in ticks(stop, _TICK_S):
            await self.drop_due(stop)

    async def drop_due(self, stop: asyncio.Event) -> None:
        """Drops what is due now, unless `stop` is set meanwhile."""
        if self._world.drop_dir is None:
            return
        saved_ms, now_ms = self._mark.read(), self._world.now_ms()
        for report in self.due(saved_ms, now_ms):
            name, body = self.file(report)
            text = name.endswith(".csv") and body[:2] not in _UTF_16
            await asyncio.to_thread(drop_spoiled, self._world.drop_dir / name, body, self._world.faults, text=text)
            self.dropped += 1
            if stop.is_set():
                return
        self._mark.write(now_ms)

    def due(self, after_ms: int | None, until_ms: int) -> list[Report]:
        """What is dropped after a moment and until another; None: at a first start, with the last report of each."""
        found = sorted(report for report in self._reports(until_ms) if report.at_ms <= until_ms)
        if after_ms is not None:
            return [report for report in found if report.at_ms > after_ms]
        latest = {(report.unit, report.grain): report for report in found}
        return [r for r in found if r.at_ms > self._world.begin_ms or r == latest[r.unit, r.grain]]

    def file(self, report: Report) -> tuple[str, bytes]:
        """Name and bytes of a report, with the faults of records that fire."""
        world, unit, of = self._world, report.unit, span(report.grain, report.number)
        draws = random.Random(f"{world.seed}:report:{unit}")
        workbook = draws.random() < _XLSX_SHARE
        encoding, separator, way = draws.choice(ENCODINGS), draws.choice(SEPARATORS), draws.randrange(6)
        period = period_name(report.grain, of, way)
        lines = [
            Line(series, unit, period, reported(world.seed, series, unit, report.number))
            for series in _reported_by(report.grain, of.first)[unit]
        ]
        lines = spoil_records(lines, FORM, world.faults)
        title = f"BÁO CÁO SỐ LIỆU KỲ {period.upper()}"
        if workbook:
            return f"{report.stem}.xlsx", as_xlsx(title, lines)
        return f"{report.stem}.csv", as_csv(title, lines, encoding=encoding, separator=separator)

    def _reports(self, until_ms: int) -> Iterator[Report]:
        """Everything that may have been sent not too long ago."""
        for grain in GRAINS:
            last = last_ended(grain, until_ms)
            oldest = last_ended(grain, self._world.begin_ms - _LATEST_MS)
            for number in range(oldest, last + 1):
                of = span(grain, number)
                for unit in _reported_by(grain, of.first):
                    yield from self._sent(unit, grain, number, of.end_ms)

    def _sent(self, unit: str, grain: Grain, number: int, end_ms: int) -> Iterator[Report]:
        """The report of a unit for a period, and the same once more if that is sent."""
        at_ms = self._habits.at_ms(unit, number, end_ms)
        if at_ms is None:
            return
        yield Report(at_ms, unit, grain, number, 0)
        if random.Random(f"{self._world.seed}:again:{unit}:{grain}:{number}").random() < AGAIN_SHARE:
            yield Report(at_ms + _AGAIN_AFTER_MS, unit, grain, number, 1)


@lru_cache(256)
def _reported_by(grain: Grain, first: date) -> dict[str, list[Series]]:
    """The units that drop a report of a period that begins on this day, and the series that stand in it."""
    found: dict[str, list[Series]] = {}
    for series in SERIES:
        if series.grain == grain and not series.portal:
            for unit in series.units_on(first):
                found.setdefault(unit, []).append(series)
    return dict(sorted(found.items()))
