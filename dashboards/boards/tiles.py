"""What boards are laid out of: tables, bars and texts, each over one query, on pages of the grid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import bargauge, table, text
from grafana_foundation_sdk.builders.common import ReduceDataOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard, FieldColor, Row
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import FieldColorModeId, GridPos, ValueMap
from grafana_foundation_sdk.models.text import TextMode

from dashboards.fields import AnyPanel, Override, hidden, setting, table_panel, with_overrides
from dashboards.layout import COLUMNS, ROWS
from dashboards.links import row_link
from dashboards.palette import SERIES
from dashboards.query import Sql, datasource

At = tuple[int, int, int, int]
"""Column, row, columns wide and rows high on a page of 24 by 24."""

AnyTile = AnyPanel | text.Panel


@dataclass(frozen=True)
class Tile:
    """A panel and its place on its page."""

    panel: AnyTile
    at: At


@dataclass(frozen=True)
class Page:
    """A row of the dashboard and a page of the wall."""

    title: str
    tiles: Sequence[Tile]


def lay_out(built: Dashboard, pages: Iterable[Page]) -> Dashboard:
    """Puts pages under one another."""
    panel_id, top = 1, 0
    for page in pages:
        built.with_row(Row(page.title).id(panel_id).grid_pos(GridPos(x=0, y=top, w=COLUMNS, h=1)))
        panel_id, top = panel_id + 1, top + 1
        for tile in page.tiles:
            x, y, width, height = tile.at
            tile.panel.id(panel_id)
            tile.panel.grid_pos(GridPos(x=x, y=top + y, w=width, h=height))
            built.with_panel(tile.panel)
            panel_id += 1
        top += ROWS
    return built


def column(
    name: str,
    shown: str,
    *,
    unit: str | None = None,
    decimals: int | None = None,
    words: ValueMap | None = None,
    link: tuple[str, str] | None = None,
) -> Override:
    """A column of a table: the head that is shown, and how its cells are written; `link` is a title and an address.

    A number whose decimals are set and whose unit is not is a plain one: the row's `unit_of_measure` is not its own.
    """
    # Grafana writes the panel's own `noValue`, which says what no row means, into every empty cell that has none.
    settings = [setting("displayName", shown), setting("noValue", "–")]
    if unit is not None or decimals is not None:
        settings.append(setting("unit", unit or "none"))
    if decimals is not None:
        settings.append(setting("decimals", decimals))
    if words is not None:
        settings.append(setting("mappings", [words]))
    if link is not None:
        settings.append(row_link(*link))
    return name, settings


def behind(*names: str) -> list[Override]:
    """Columns that links and ages are made of, and that are not shown."""
    return [(name, hidden()) for name in names]


def rows(title: str, sql: str, columns: Iterable[Override], *, empty: str, description: str = "") -> table.Panel:
    """A table over one query. `empty` says what it means that there is no row."""
    panel = table_panel(title).datasource(datasource()).with_target(Sql(sql)).no_value(empty).filterable(True)
    return with_overrides(panel.description(description) if description else panel, columns)


def counts(title: str, sql: str, unit: str) -> bargauge.Panel:
    """Bars over a query with the columns `name` and `value`, a bar a row in the order of the rows; `unit` is what is counted."""
    return (
        bargauge.Panel()
        .title(title)
        .datasource(datasource())
        .with_target(Sql(sql))
        .no_value("Không có dữ liệu")
        .unit(f"suffix: {unit}")
        .decimals(0)
        .min(0)
        .color_scheme(FieldColor().mode(FieldColorModeId.FIXED).fixed_color(SERIES[0]))
        .display_name("${__data.fields.name}")
        .reduce_options(ReduceDataOptions().values(True).fields("/value$|^\\$\\{__data/").calcs(["lastNotNull"]))
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .value_mode(kinds.BarGaugeValueMode.TEXT)
        .show_unfilled(True)
    )


def note(title: str, content: str) -> text.Panel:
    """A text in Markdown."""
    return text.Panel().title(title).mode(TextMode.MARKDOWN).content(content)
