"""A province as it might be on an ordinary day, for pictures: every source has figures, most units have reported, some have not.

All of it is drawn by chance from seeds: no person, no unit's real figure is in it.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import msgspec

from ioc.catalogue.series import Series
from ioc.clock import LOCAL
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from sinks.clickhouse.client import Client
from tests.naive_fold import NaiveFold
from tests.wall_world import CATALOGUE, PROVINCE, ROOT_UNIT, SOURCE, World

PERIODS = {"day": 20, "week": 8, "month": 5, "quarter": 4, "year": 2}
"""So many periods of each length were reported, the one that runs left out."""
_SILENT = 0.06
"""Share of the units that have not yet reported the last month, and of those that never have."""


def _starts(grain: str, today: date) -> Iterator[date]:
    """First days of the periods that have ended, the newest first."""
    start = today
    for _ in range(PERIODS[grain]):
        match grain:
            case "day":
                start -= timedelta(days=1)
            case "week":
                start -= timedelta(days=start.weekday() + 7)
            case "year":
                start = date(start.year - 1, 1, 1)
            case _:
                months = 3 if grain == "quarter" else 1
                first = start.year * 12 + (start.month - 1) // months * months - months
                start = date(first // 12, first % 12 + 1, 1)
        yield start


def _reporters(series: Series) -> list[str]:
    """Codes of the units that report a series."""
    if series.reporters == 1:
        owners = {unit.name.vi: unit.code for unit in PROVINCE.unit}
        answers = [one.responsible for one in CATALOGUE.indicators.values() if one.series == series.code]
        return [owners.get(name, ROOT_UNIT) for name in answers[:1]] or [ROOT_UNIT]
    level = "commune" if series.reporter == "local" else series.reporter
    return [unit.code for unit in PROVINCE.unit if unit.level == level and unit.valid_to is None]


def _reports(now: datetime, rng: random.Random) -> Iterator[dict[str, Any]]:
    """A report of each unit for each period, its value on its way to the target of the province."""
    aims = {target.code: float(target.value) for target in PROVINCE.target if target.level == "province"}
    goals = {one.series: aims[code] for code, one in CATALOGUE.indicators.items() if one.series and code in aims}
    for series in CATALOGUE.series.values():
        share = series.unit == "percent" and (series.low, series.high) == (0, 100)
        goal = goals.get(series.code, 88 if share else min(series.high, max(series.low, 0) + 60))
        for unit in _reporters(series):
            level, silent = rng.uniform(0.86, 1.04), rng.random() < _SILENT
            for back, start in enumerate(_starts(series.grain, now.astimezone(LOCAL).date())):
                if silent and back == 0:
                    continue
                value = max(series.low, min(series.high, goal * level * (1 - 0.02 * back) * rng.uniform(0.98, 1.02)))
                whole = rng.randint(200, 2000)
                counted = round(whole * value / 100) if series.additivity == "ratio" else None
                told = 100 * counted / whole if counted is not None else round(value, 1 if share else 0)
                yield _event(series, unit, start, now, told, counted, whole)


def _event(
    series: Series, unit: str, start: date, now: datetime, value: float, counted: int | None, whole: int
) -> dict[str, Any]:
    begin = datetime(start.year, start.month, start.day, tzinfo=LOCAL).astimezone(UTC)
    data = {
        "series": series.code, "period_grain": series.grain, "period_start": wire_time(begin),
        "value_milli": round(value * 1000), "numerator_milli": None if counted is None else counted * 1000,
        "denominator_milli": None if counted is None else whole * 1000, "contradictory": False,
    }  # fmt: skip
    return {
        "source": SOURCE, "kind": "statistic", "entity": f"{series.code}/{unit}/{start}", "facet": "figure",
        "version": version_of(1, data), "deleted": False, "unit": unit,
        "occurred_at": wire_time(now), "observed_at": wire_time(now - timedelta(hours=2)), "data": data,
    }  # fmt: skip


class RoomWorld(World):
    """A world whose reports are those of an ordinary day."""

    def fill(self, dossiers: int, seed: int = 1) -> Self:
        """As of any world, but for the reports."""
        super().fill(dossiers, seed)
        events = decoder("statistic")(msgspec.json.encode(list(_reports(datetime.now(UTC), random.Random(seed)))))
        rollups = [rollup for rollup in CATALOGUE.compiled.rollups.values() if rollup.kind == "statistic"]
        fold = NaiveFold("statistic", rollups)
        for event in events:
            fold.apply(event)
        columns = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
        rows = [
            (self.generation, *cell, 0, seed + 1, vector) for cell, vector in fold.cells().items() if cell[1] != "hour"
        ]
        listed = ", ".join(f"'{rollup.rollup_id}'" for rollup in rollups)
        with Client(self.settings, self.settings.admin) as client:
            client.execute(
                f"ALTER TABLE {self.database}.partials DELETE WHERE rollup_id IN ({listed}) SETTINGS mutations_sync = 1"
            )
            client.insert(f"{self.database}.partials", columns, list(zip(*rows, strict=True)))
        return self
