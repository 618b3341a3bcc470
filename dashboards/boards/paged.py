"""A dashboard of pages: each a row of Grafana, and a page of the embedded wall."""

from collections.abc import Callable, Iterable

from grafana_foundation_sdk.builders.dashboard import CustomVariable, Dashboard, QueryVariable, Row
from grafana_foundation_sdk.models.dashboard import GridPos

from dashboards.boards.world import UID, World, dashboard
from dashboards.layout import COLUMNS, ROWS, Layout, PanelRow
from dashboards.panels import build_panel
from dashboards.request import Request


def lay_out(
    layout: Layout,
    world: World,
    tags: Iterable[str] = (),
    variables: Iterable[CustomVariable | QueryVariable] = (),
    leads_to: Callable[[PanelRow, World], tuple[str, str] | None] | None = None,
    row_links: bool = False,
) -> Dashboard:
    """A dashboard as a layout says; `leads_to` gives the title and address of a panel's link."""
    indicators = world.catalogue.indicators
    built = dashboard(layout.uid.removeprefix(UID), layout.title, tags, layout.days)
    for variable in variables:
        built.with_variable(variable)
    panel_id, top = 1, 0
    for page in layout.page:
        built.with_row(Row(page.title).id(panel_id).grid_pos(GridPos(x=0, y=top, w=COLUMNS, h=1)))
        panel_id, top = panel_id + 1, top + 1
        for row in sorted(page.panel, key=lambda panel: (panel.at[1], panel.at[0])):
            link = leads_to(row, world) if leads_to else None
            drawn = [indicators[code] for code in row.codes]
            grain = world.catalogue.series[drawn[0].series].grain if len(drawn) == 1 and drawn[0].series else ""
            request = Request(row, drawn, world.aims, world.root, grain, row_links, link)
            built.with_panel(build_panel(request, panel_id, top))
            panel_id += 1
        top += ROWS
    return built
