"""One panel of the layout → one Grafana panel."""

from collections.abc import Callable

from grafana_foundation_sdk.builders import barchart, bargauge, gauge, stat
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, FieldColorModeId, GridPos, Panel

from dashboards import links, sql
from dashboards.fields import (
    AnyPanel,
    PanelT,
    hidden,
    judged_columns,
    setting,
    steps,
    thresholds,
    with_overrides,
)
from dashboards.layout import Drawing
from dashboards.palette import SERIES
from dashboards.query import Sql, datasource
from dashboards.request import Request
from dashboards.roster import roster_panel
from dashboards.scores import ranking_panel
from dashboards.vocabulary import DECIMALS, GRAFANA_UNIT
from ioc.catalogue.indicator import Indicator

_LEVEL_NAMES = {
    "province": "tỉnh",
    "department": "sở, ngành",
    "district": "huyện, thành phố",
    "commune": "xã, phường",
    "facility": "cơ sở",
    "chosen": "đơn vị",
}


def build_panel(request: Request, panel_id: int, top: int) -> Builder[Panel]:
    """Builds a panel; `top` is the row of Grafana's grid at which its page begins."""
    x, y, width, height = request.row.at
    panel = _DRAWINGS[request.row.draw](request)
    panel.id(panel_id)
    panel.datasource(datasource())
    panel.grid_pos(GridPos(x=x, y=top + y, w=width, h=height))
    panel.no_value("Không có dữ liệu")
    panel.description(request.description)
    if request.link:
        panel.links([links.panel_link(*request.link)])
    return panel


def _measured(panel: PanelT, indicator: Indicator) -> PanelT:
    panel.unit(GRAFANA_UNIT[indicator.unit])
    panel.decimals(DECIMALS[indicator.unit])
    if indicator.unit == "percent":
        panel.min(0)
        panel.max(100)
    return panel


def _judged(panel: PanelT, request: Request) -> PanelT:
    _measured(panel, request.first)
    panel.thresholds(thresholds(steps(request.first, request.aim)))
    panel.color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    return with_overrides(panel, judged_columns(request.first))


def _rows(fields: str = "/^value$/") -> ReduceDataOptions:
    return ReduceDataOptions().values(True).fields(fields).calcs(["lastNotNull"])


def _stat(request: Request) -> AnyPanel:
    panel = stat.Panel().title(request.row.title or request.first.name.vi)
    panel.with_target(Sql(sql.current(request.first)))
    flow = request.first.time is not None and request.first.window is None
    if flow:
        panel.with_target(Sql(sql.trend(request.first), "B"))
    _judged(panel, request)
    panel.override_by_name("value", _named("Giá trị"))
    panel.reduce_options(
        ReduceDataOptions().fields("/^(Giá trị|Mục tiêu|Trạng thái|Cập nhật)$/").calcs(["lastNotNull"])
    )
    panel.graph_mode(kinds.BigValueGraphMode.AREA if flow else kinds.BigValueGraphMode.NONE)
    panel.color_mode(kinds.BigValueColorMode.VALUE)
    panel.text_mode(kinds.BigValueTextMode.VALUE_AND_NAME)
    return panel


def _gauge(request: Request) -> AnyPanel:
    panel = gauge.Panel().title(request.row.title or request.first.name.vi)
    panel.with_target(Sql(sql.current(request.first)))
    _judged(panel, request)
    panel.reduce_options(_rows())
    panel.show_threshold_markers(True)
    panel.show_threshold_labels(False)
    return panel


def _bars(panel: bargauge.Panel) -> bargauge.Panel:
    panel.display_name("${__data.fields.name}")
    panel.reduce_options(_rows("/value$|^\\$\\{__data/"))
    panel.orientation(kinds.VizOrientation.HORIZONTAL)
    panel.display_mode(kinds.BarGaugeDisplayMode.BASIC)
    panel.value_mode(kinds.BarGaugeValueMode.TEXT)
    panel.show_unfilled(True)
    return panel


def _units(request: Request) -> AnyPanel:
    level = _LEVEL_NAMES[request.row.level]
    panel = bargauge.Panel().title(request.row.title or f"{request.first.name.vi} theo {level}")
    panel.with_target(Sql(sql.by_unit(request.first, request.row.level)))
    if request.row_links:
        panel.override_by_name("value", [links.row_link("Đơn vị này", links.unit(links.cell("unit")))])
    return _bars(_judged(panel, request))


def _periods(request: Request) -> AnyPanel:
    panel = barchart.Panel().title(request.row.title or request.first.name.vi)
    panel.with_target(Sql(sql.by_period(request.first, request.grain, request.root)))
    panel.unit(GRAFANA_UNIT[request.first.unit])
    panel.decimals(DECIMALS[request.first.unit])
    panel.override_by_name("period", _named("Kỳ"))
    panel.override_by_name(
        "value", [setting("displayName", "Giá trị"), setting("color", {"mode": "fixed", "fixedColor": SERIES[0]})]
    )
    panel.override_by_name("period_start", hidden())
    panel.override_by_name("provisional", hidden())
    _upright(panel, "period")
    return with_overrides(panel, judged_columns(None))


def _upright(panel: barchart.Panel, across: str) -> None:
    panel.x_field(across)
    panel.orientation(kinds.VizOrientation.VERTICAL)
    panel.show_value(kinds.VisibilityMode.NEVER)
    panel.axis_soft_min(0)
    panel.fill_opacity(90)
    panel.legend(_legend())
    panel.tooltip(VizTooltipOptions().mode(kinds.TooltipDisplayMode.NONE))


def _legend() -> VizLegendOptions:
    return (
        VizLegendOptions()
        .display_mode(kinds.LegendDisplayMode.LIST)
        .placement(kinds.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["lastNotNull"])
    )


def _named(name: str) -> list[DynamicConfigValue]:
    return [DynamicConfigValue("displayName", name)]


_DRAWINGS: dict[Drawing, Callable[[Request], AnyPanel]] = {
    "stat": _stat,
    "gauge": _gauge,
    "units": _units,
    "roster": roster_panel,
    "periods": _periods,
    "ranking": ranking_panel,
}
