"""The wall: one screen with a tile for each sector and five lists over all of them."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.dashboard import GridPos

from dashboards.boards.glance import WALL, SectorRow, load_wall
from dashboards.boards.vital import vital_panel
from dashboards.boards.watch import watch_panel
from dashboards.boards.world import UID, World, dashboard


def boards(world: World) -> Iterator[Dashboard]:
    """The wall of the packaged layout.

    Raises:
        ConfigError: the layout is wrong or does not fit the catalogue.
    """
    layout = load_wall(WALL, world.catalogue)
    built = dashboard(layout.uid.removeprefix(UID), layout.title, ["wall"])
    for number, tile in enumerate(layout.tiles, start=1):
        panel = vital_panel(tile, world) if isinstance(tile, SectorRow) else watch_panel(tile, layout, world)
        x, y, width, height = tile.at
        built.with_panel(panel.id(number).grid_pos(GridPos(x=x, y=y, w=width, h=height)))
    yield built
