"""The dashboards: each module builds one or several from the catalogue; `BOARDS` are all of them."""

from collections.abc import Callable, Iterable

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.boards import analyst, findings, freshness, indicator, pipeline, sector, targets, unit, units, wall
from dashboards.boards.world import World

BOARDS: tuple[Callable[[World], Iterable[Dashboard]], ...] = (
    wall.boards,
    sector.boards,
    indicator.boards,
    units.boards,
    unit.boards,
    freshness.boards,
    targets.boards,
    findings.boards,
    pipeline.boards,
    analyst.boards,
)
