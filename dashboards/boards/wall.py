"""The wall: pages of a layout, each a row of the dashboard."""

from collections.abc import Iterator, Mapping

from grafana_foundation_sdk.builders.dashboard import CustomVariable, Dashboard, Row
from grafana_foundation_sdk.models.dashboard import GridPos, VariableHide, VariableOption

from dashboards.boards.world import UID, World, dashboard
from dashboards.fields import Aims
from dashboards.layout import COLUMNS, LAYOUTS, ROWS, Layout, drawing_of, load_layout
from dashboards.panels import Request, build_panel
from ioc.catalogue.indicator import Indicator


def boards(world: World) -> Iterator[Dashboard]:
    """The wall of the packaged layout.

    Raises:
        ConfigError: the layout is wrong or does not fit the catalogue.
    """
    yield lay_out(
        load_layout(LAYOUTS / "wall.toml", world.catalogue.indicators), world.catalogue.indicators, world.aims
    )


def lay_out(layout: Layout, indicators: Mapping[str, Indicator], aims: Aims) -> Dashboard:
    """A dashboard as a layout says."""
    days = str(layout.days)
    built = dashboard(layout.uid.removeprefix(UID), layout.title, ["wall"], layout.days).with_variable(
        CustomVariable("days")
        .label("Số ngày")
        .values(days)
        .current(VariableOption(selected=True, text=days, value=days))
        .hide(VariableHide.HIDE_VARIABLE)
    )
    panel_id, top = 1, 0
    for page in layout.page:
        built.with_row(Row(page.title).id(panel_id).grid_pos(GridPos(x=0, y=top, w=COLUMNS, h=1)))
        panel_id, top = panel_id + 1, top + 1
        for row in sorted(page.panel, key=lambda panel: (panel.at[1], panel.at[0])):
            request = Request(row, [indicators[code] for code in row.codes], aims)
            built.with_panel(build_panel(drawing_of(row, indicators), request, panel_id, top))
            panel_id += 1
        top += ROWS
    return built
