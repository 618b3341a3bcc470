"""The tile of a sector: its vital figures, each with its status, and how many of the sector's targets are reached.

One row, so that Grafana draws it as a stat: a column for each figure, named by the indicator's code, and beside it what the figure is
told with, `<code>_status`, `<code>_target` and so on, which Grafana does not draw and the embedded wall does.
"""

from collections.abc import Iterable, Sequence

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.builders.common import ReduceDataOptions
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, FieldColorModeId

from dashboards import links
from dashboards.boards.glance import SectorRow
from dashboards.boards.world import World
from dashboards.fields import setting, steps
from dashboards.query import Sql, datasource
from dashboards.request import described
from dashboards.roster import MOVEMENT
from dashboards.sql import codes_of, text_of
from dashboards.vocabulary import (
    AGE_UNIT,
    DECIMALS,
    GRAFANA_UNIT,
    brief_freshness_mapping,
    movement_mapping,
    never_mapping,
    provisional_mapping,
    status_mapping,
)
from ioc.catalogue.indicator import Indicator

_REACHED, _AIMED, _UPDATED = "Đạt mục tiêu", "Số mục tiêu", "Cập nhật"

_TOLD = {
    "status": "toString(status)",
    "target": "target",
    "movement": MOVEMENT,
    "provisional": "provisional",
    "as_of": "n.as_of",
    "freshness": "toString(n.freshness)",
    "freshness_minutes": "n.freshness_minutes",
}
"""What a figure is told with: the end of the column's name, and how it follows from `indicator_now`."""

_OLDEST = (
    "WITH argMinIf(\n"
    "  (n.as_of, toString(n.freshness), n.freshness_minutes), (-indexOf(['fresh', 'late', 'stale'], toString(n.freshness)), n.as_of),\n"
    "  n.freshness != 'no_data' AND code IN ({codes})\n"
    ") AS oldest\n"
)
"""The figure of the worst freshness, and of these the oldest: the age of the tile. Figures that were never heard of have none."""


def vital(sector: str, indicators: Sequence[Indicator]) -> str:
    """One row: each figure with what it is told with; `reached` of `aimed` targets of the sector that have a figure; the oldest age."""
    columns, separator = [], ",\n  "
    for one in indicators:
        its = f"code = {text_of(one.code)}"
        columns.append(f'anyIf(value, {its}) AS "{one.code}"')
        columns += [f'anyIf({from_now}, {its}) AS "{one.code}_{name}"' for name, from_now in _TOLD.items()]
    return (
        f"{_OLDEST.format(codes=codes_of(indicators))}"
        f"SELECT {separator.join(columns)},\n"
        "  countIf(status = 'good') AS reached, countIf(isNotNull(target) AND isNotNull(value)) AS aimed,\n"
        "  tupleElement(oldest, 1) AS as_of, tupleElement(oldest, 2) AS freshness, tupleElement(oldest, 3) AS freshness_minutes\n"
        f"FROM indicator_now AS n\nWHERE level = 'province' AND sector = {text_of(sector)}"
    )


def vital_panel(row: SectorRow, world: World) -> stat.Panel:
    """The tile; each figure leads to its indicator, the tile to its sector."""
    indicators = [world.catalogue.indicators[one.code] for one in row.vital]
    name = world.sector_names[row.code]
    shown = [one.label for one in row.vital]
    panel = figures_panel(row.title, [*shown, _REACHED, _UPDATED]).with_target(Sql(vital(row.code, indicators)))
    panel.description(f"{name}.\n{described(indicators, world.aims)}")
    panel.links([links.panel_link(name, links.sector(row.code))])
    for label, indicator in zip(shown, indicators, strict=True):
        judged = {"mode": "absolute", "steps": steps(indicator, world.aims.get(indicator.code))}
        settings = [
            setting("displayName", label),
            setting("unit", GRAFANA_UNIT[indicator.unit]),
            setting("decimals", DECIMALS[indicator.unit]),
            setting("thresholds", judged),
            links.row_link("Chi tiết chỉ tiêu", links.indicator(indicator, world.root)),
        ]
        panel.override_by_name(indicator.code, settings)
    panel.override_by_name("reached", [setting("displayName", _REACHED), setting("decimals", 0)])
    panel.override_by_name("aimed", [setting("displayName", _AIMED), setting("decimals", 0)])
    for end, words in _words().items():
        panel.override_by_regexp(f"/(^|_){end}$/", words)
    return panel


def figures_panel(title: str, shown: Iterable[str]) -> stat.Panel:
    """A stat of several figures, each under its name; `shown` are the names of those that Grafana draws."""
    return (
        stat.Panel()
        .title(title)
        .datasource(datasource())
        .no_value("Không có dữ liệu")
        .reduce_options(ReduceDataOptions().fields(f"/^({'|'.join(shown)})$/").calcs(["lastNotNull"]))
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .graph_mode(kinds.BigValueGraphMode.NONE)
        .color_mode(kinds.BigValueColorMode.VALUE)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .text_mode(kinds.BigValueTextMode.VALUE_AND_NAME)
    )


def as_of_column() -> list[DynamicConfigValue]:
    """Settings of `as_of`."""
    return [setting("displayName", _UPDATED), setting("unit", AGE_UNIT), setting("mappings", [never_mapping()])]


def _words() -> dict[str, list[DynamicConfigValue]]:
    return {
        "status": [setting("displayName", "Trạng thái"), setting("mappings", [status_mapping()])],
        "target": [setting("displayName", "Mục tiêu")],
        "movement": [setting("displayName", "So với kỳ trước"), setting("mappings", [movement_mapping()])],
        "provisional": [setting("displayName", "Số liệu"), setting("mappings", [provisional_mapping()])],
        "as_of": as_of_column(),
        "freshness": [setting("displayName", "Độ mới"), setting("mappings", [brief_freshness_mapping()])],
        "freshness_minutes": [setting("displayName", "Hạn mới (phút)")],
    }
