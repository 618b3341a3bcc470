"""The dashboards: each module builds one or several from the catalogue; `BOARDS` are all of them."""

from collections.abc import Callable, Iterable

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.boards import sector, wall
from dashboards.boards.world import World

BOARDS: tuple[Callable[[World], Iterable[Dashboard]], ...] = (
    wall.boards,
    sector.boards,
)
