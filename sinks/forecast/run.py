"""One round of forecasts: every indicator with a target, for every unit that the target is set for."""

import time
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from ioc.settings import ClickHouseSettings
from sinks.clickhouse.client import Database
from sinks.clickhouse.render import TODAY
from sinks.forecast.history import Aim, aims, history, natures, periods
from sinks.forecast.project import CONFIDENCE, Projection, project

OnTrack = Literal["yes", "likely", "unlikely", "no", "unknown"]


@dataclass(frozen=True)
class Forecast:
    """A row of `forecasts`; value, low and high are null where the history is too short."""

    code: str
    unit: str
    level: str
    year: int
    made_on: date
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    target: float
    on_track: OnTrack
    method: str
    periods: int


TOO_SHORT = "too little history"


def on_track(aim: Aim, projection: Projection) -> OnTrack:
    """Whether the target will be met: surely when the whole interval says so."""
    if aim.direction == "none":
        return "unknown"
    sign = 1 if aim.direction == "up" else -1
    worst, best = sorted((sign * projection.low, sign * projection.high))
    target = sign * aim.target
    if worst >= target:
        return "yes"
    if best < target:
        return "no"
    return "likely" if sign * projection.value >= target else "unlikely"


def forecasts(client: Database, database: str, code: str = "", unit: str = "") -> list[Forecast]:
    """Projects what has a target to the end of the running year.

    Raises:
        RetriableError: ClickHouse is away.
        FatalError: a table is missing.
    """
    listed = aims(client, database, code, unit)
    if not listed:
        return []
    ((today,),) = client.query(f"SELECT toDate({TODAY})")
    of = natures(client, database)
    known = periods(client, database, of, sorted({aim.code for aim in listed}))
    made = []
    for aim in listed:
        past = history(of[aim.code], known.get((aim.code, aim.unit), []), today)
        made.append(_forecast(aim, None if past is None else project(of[aim.code].shape, past), today))
    return made


def _forecast(aim: Aim, projection: Projection | None, today: date) -> Forecast:
    head = (aim.code, aim.unit, aim.level, today.year, today)
    if projection is None:
        return Forecast(*head, None, None, None, CONFIDENCE, aim.target, "unknown", TOO_SHORT, 0)
    return Forecast(
        *head, projection.value, projection.low, projection.high, CONFIDENCE, aim.target, on_track(aim, projection),
        projection.method, projection.periods,
    )  # fmt: skip


def store(client: Database, clickhouse: ClickHouseSettings, made: list[Forecast]) -> None:
    """Writes forecasts; those of the same day are replaced."""
    if not made:
        return
    names = [field.name for field in fields(Forecast)]
    columns: list[list[Any]] = [[getattr(row, name) for row in made] for name in names]
    columns.append([time.time_ns() // 1000] * len(made))
    client.insert(f"{clickhouse.database}.forecasts", (*names, "revision"), columns)
