"""Which indicators stand where: a TOML file beside the catalogue, checked against it.

A page is a row of the Grafana dashboard and a page of the wall: a grid of 24 columns and 24 rows. What a panel is drawn
as follows from its indicator (`drawing_of`) unless the layout says otherwise.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from dashboards.nature import nature_of
from ioc.catalogue.indicator import Indicator, Level
from ioc.catalogue.row import Row
from ioc.errors import ConfigError

LAYOUTS = Path(__file__).parent / "layouts"

COLUMNS = 24
"""Columns of Grafana's grid."""
ROWS = 24
"""Rows of a page: at 1080 lines about what one screen of Grafana holds."""
MOST_TILES = 12
"""More tiles than this on a page cannot be read from five metres."""

Drawing = Literal[
    "stat", "gauge", "units", "compare", "matrix", "attention", "lines", "columns", "findings", "forecasts", "roster",
    "periods", "ranking",
]  # fmt: skip
"""What a panel shows.

- `stat`: one indicator's figure; `gauge`: one share against its target.
- `units`: one indicator, a bar for each unit, worst first; `compare`: several indicators, a bar each.
- `matrix`: a table, a row for each unit and a column for each indicator; `attention`: a table of all indicators, worst first.
- `lines`: several indicators by day; `columns`: several indicators by month.
- `findings`: a table of what is wrong with reported figures, newest first; `forecasts`: a table of where indicators with a target will
  stand at the end of the year, those that will miss it first.
- `roster`: a table, a row for each indicator with all that is known of its figure; `periods`: one indicator by the chosen period;
  `ranking`: the units of a level by the points of one composite.
"""

SINGLE: frozenset[Drawing] = frozenset({"stat", "gauge", "units", "periods", "ranking"})
WITHOUT_CODES: frozenset[Drawing] = frozenset({"attention", "findings", "forecasts"})


class PanelRow(Row):
    """A panel: its indicators, its place (column, row, columns wide, rows high on the page), and how it is drawn."""

    codes: list[str] = []
    at: Annotated[list[int], Field(min_length=4, max_length=4)]
    draw: Drawing | None = None
    title: str = ""
    period: Literal["own", "day"] = "own"
    """`own`: the indicator's period so far; `day`: today alone."""
    level: Level | Literal["chosen"] = "department"
    """Level of the units in `units`, `matrix`, `roster` and `ranking`; `chosen`: by the dashboard's variable `level`."""
    sector: str = ""
    """Sector that `attention` lists; empty for all."""
    labels: list[str] = []
    """Short names of the indicators, for series and columns; empty takes the catalogue's."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        x, y, width, height = self.at
        if min(x, y) < 0 or min(width, height) < 1 or x + width > COLUMNS or y + height > ROWS:
            raise ValueError(f"at {self.at} leaves the page of {COLUMNS} columns and {ROWS} rows")
        if self.labels and len(self.labels) != len(self.codes):
            raise ValueError(f"{len(self.labels)} labels for {len(self.codes)} codes")
        return self


class PageRow(Row):
    """A page."""

    title: Annotated[str, Field(min_length=1)]
    panel: Annotated[list[PanelRow], Field(min_length=1, max_length=MOST_TILES)]

    @model_validator(mode="after")
    def _no_overlap(self) -> Self:
        taken: dict[tuple[int, int], PanelRow] = {}
        for panel in self.panel:
            x, y, width, height = panel.at
            for cell in ((column, row) for column in range(x, x + width) for row in range(y, y + height)):
                if cell in taken:
                    raise ValueError(f"page {self.title!r}: {panel.codes or panel.title} lies over {taken[cell].codes}")
                taken[cell] = panel
        return self


class Layout(Row):
    """A dashboard."""

    uid: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    title: str
    days: Annotated[int, Field(ge=2, le=92)]
    """Days that charts by day reach back, today included."""
    page: Annotated[list[PageRow], Field(min_length=1)]


def drawing_of(panel: PanelRow, indicators: Mapping[str, Indicator]) -> Drawing:
    """How a panel is drawn: as it says, else a share as a gauge, another single figure as a stat, several as bars."""
    if panel.draw is not None:
        return panel.draw
    if len(panel.codes) > 1:
        return "compare"
    if panel.codes and indicators[panel.codes[0]].unit == "percent":
        return "gauge"
    return "stat" if panel.codes else "attention"


def load_layout(file: Path, indicators: Mapping[str, Indicator]) -> Layout:
    """Reads a layout and checks it against the catalogue.

    Raises:
        ConfigError: the file is not TOML, a key is unknown or its value not allowed, panels overlap, a code is not in the
            catalogue, or an indicator cannot be drawn as asked.
    """
    try:
        layout = Layout.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from error
    except ValidationError as refused:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in refused.errors())
        raise ConfigError(f"{file}: {faults}") from refused
    for page in layout.page:
        for panel in page.panel:
            if fault := _fault(panel, indicators):
                raise ConfigError(f"{file}: page {page.title!r}, panel {panel.codes or panel.title!r}: {fault}")
    return layout


def _fault(panel: PanelRow, indicators: Mapping[str, Indicator]) -> str | None:
    unknown = [code for code in panel.codes if code not in indicators]
    if unknown:
        return f"{', '.join(unknown)} not in the catalogue"
    drawing = drawing_of(panel, indicators)
    drawn = [indicators[code] for code in panel.codes]
    if drawing in SINGLE and len(drawn) != 1:
        return f"{drawing} draws one indicator, not {len(drawn)}"
    if drawing not in SINGLE and (drawing in WITHOUT_CODES) == bool(drawn):
        return f"{drawing} takes no codes" if drawn else f"{drawing} needs codes"
    if panel.sector and drawing != "attention":
        return "`sector` is for attention"
    if drawing == "gauge" and drawn[0].unit != "percent":
        return f"a gauge draws a share in percent, {drawn[0].code} is in {drawn[0].unit}"
    if drawing == "compare" and len({indicator.unit for indicator in drawn}) > 1:
        return "bars side by side need one unit of measure"
    if drawing in ("units", "matrix") and panel.level != "chosen":
        lacking = [indicator.code for indicator in drawn if panel.level not in indicator.levels]
        if lacking:
            return f"{', '.join(lacking)} not computed for level {panel.level}"
    if panel.period == "day" and (drawing != "stat" or drawn[0].kind not in ("count", "sum")):
        return '`period = "day"` is for a stat of a count or sum'
    if drawing in ("lines", "columns") and (others := [i.code for i in drawn if nature_of(i) != "flow"]):
        return f"{', '.join(others)} has no history by event time"
    if drawing in ("periods", "ranking") and (nature_of(drawn[0]) == "composite") == (drawing == "periods"):
        return f"{drawn[0].code} has no periods" if drawing == "periods" else f"{drawn[0].code} earns no points"
    return None
