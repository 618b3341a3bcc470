"""Which panels of indicators stand where on a dashboard of pages.

A page is a row of the Grafana dashboard and a page of the wall: a grid of 24 columns and 24 rows.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ioc.catalogue.indicator import Level
from ioc.catalogue.row import Row

COLUMNS = 24
"""Columns of Grafana's grid."""
ROWS = 24
"""Rows of a page: at 1080 lines about what one screen of Grafana holds."""
MOST_TILES = 12
"""More tiles than this on a page of charts and tables cannot be read from five metres."""

At = Annotated[list[int], Field(min_length=4, max_length=4)]
"""A place: column, row, columns wide, rows high on the page."""

Drawing = Literal["stat", "gauge", "units", "roster", "periods", "ranking"]
"""What a panel shows.

- `stat`: one indicator's figure; `gauge`: one share against its target.
- `units`: one indicator, a bar for each unit, worst first; `periods`: one indicator by the chosen period.
- `roster`: a table, a row for each indicator with all that is known of its figure.
- `ranking`: the units of a level by the points of one composite.
"""


def cells_of(at: At) -> Iterator[tuple[int, int]]:
    """The cells of the grid that a place covers.

    Raises:
        ValueError: it leaves the page.
    """
    x, y, width, height = at
    if min(x, y) < 0 or min(width, height) < 1 or x + width > COLUMNS or y + height > ROWS:
        raise ValueError(f"at {at} leaves the page of {COLUMNS} columns and {ROWS} rows")
    return ((column, row) for column in range(x, x + width) for row in range(y, y + height))


class PanelRow(Row):
    """A panel: its indicators, its place, and how it is drawn."""

    codes: Annotated[list[str], Field(min_length=1)]
    at: At
    draw: Drawing
    title: str = ""
    level: Level | Literal["chosen"] = "department"
    """Level of the units in `units`, `roster` and `ranking`; `chosen`: by the dashboard's variable `level`."""


class PageRow(Row):
    """A page."""

    title: Annotated[str, Field(min_length=1)]
    panel: Annotated[list[PanelRow], Field(min_length=1, max_length=MOST_TILES)]

    @model_validator(mode="after")
    def _no_overlap(self) -> Self:
        taken: dict[tuple[int, int], PanelRow] = {}
        for panel in self.panel:
            for cell in cells_of(panel.at):
                if cell in taken:
                    raise ValueError(f"page {self.title!r}: {panel.codes} lies over {taken[cell].codes}")
                taken[cell] = panel
        return self


class Layout(Row):
    """A dashboard."""

    uid: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    title: str
    days: Annotated[int, Field(ge=2, le=92)]
    """Days that charts by day reach back, today included."""
    page: Annotated[list[PageRow], Field(min_length=1)]
