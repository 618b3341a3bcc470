"""The wall: pages of a layout, each a row of the dashboard."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.boards.paged import lay_out
from dashboards.boards.world import World
from dashboards.layout import LAYOUTS, PanelRow, load_layout
from dashboards.variables import days_variable


def boards(world: World) -> Iterator[Dashboard]:
    """The wall of the packaged layout.

    Raises:
        ConfigError: the layout is wrong or does not fit the catalogue.
    """
    layout = load_layout(LAYOUTS / "wall.toml", world.catalogue.indicators)
    yield lay_out(layout, world, ["wall"], [days_variable(layout.days)], _sector_of, row_links=True)


def _sector_of(row: PanelRow, world: World) -> tuple[str, str] | None:
    """A panel leads to the sector of its indicators."""
    sector = row.sector or next((world.catalogue.indicators[code].sector for code in row.codes), "")
    return (world.sector_names[sector], links.sector(sector)) if sector else None
