"""One indicator in one unit: a dashboard for each nature, since each nature has views of its own.

Its figure with target, age and owner, its periods, its units compared, its forecast; of a composite what its points consist of.
"""

from collections.abc import Iterator, Mapping, Sequence

from grafana_foundation_sdk.builders import barchart, bargauge, stat, table
from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.builders.dashboard import CustomVariable, Dashboard, FieldColor, QueryVariable
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models.dashboard import FieldColorModeId, Threshold

from dashboards import links, one, scores
from dashboards.boards.tiles import Page, Tile, behind, column, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.fields import (
    Override,
    finding_columns,
    forecast_columns,
    hidden,
    judged_columns,
    setting,
    thresholds,
    with_overrides,
)
from dashboards.nature import Nature
from dashboards.palette import NEUTRAL, SERIES
from dashboards.query import Sql, datasource
from dashboards.variables import code_variable, kind_variable, level_variable, period_variable, unit_variable
from dashboards.vocabulary import MOMENTS, change_mapping, movement_mapping, provisional_mapping, unit_mapping
from ioc.catalogue.indicator import Level

_TITLES: Mapping[Nature, str] = {
    "flow": "Chỉ tiêu phát sinh trong kỳ",
    "state": "Chỉ tiêu hiện trạng",
    "report": "Chỉ tiêu báo cáo định kỳ",
    "composite": "Điểm đánh giá",
}
_LEVELS: Mapping[Nature, Level] = {
    "flow": "department",
    "state": "department",
    "report": "commune",
    "composite": "department",
}
"""Level whose units are compared at first."""

_NO_PERIODS = "Chưa có số liệu của kỳ nào"
_NO_UNITS = "Không có đơn vị nào ở cấp này có số liệu"


def boards(world: World) -> Iterator[Dashboard]:
    """A dashboard for each nature."""
    for nature, title in _TITLES.items():
        built = dashboard(f"indicator-{nature}", title, ["indicator"]).links(links.rooms())
        for variable in _variables(world, nature):
            built.with_variable(variable)
        yield lay_out(built, _pages(nature))


def _variables(world: World, nature: Nature) -> list[CustomVariable | QueryVariable]:
    chosen: list[CustomVariable | QueryVariable] = [
        code_variable(world.catalogue.indicators.values(), nature),
        unit_variable(world.province),
        level_variable(_LEVELS[nature], world.province),
    ]
    if nature == "composite":
        return chosen
    return [*chosen, period_variable("month"), kind_variable(world.catalogue.indicators.values(), nature)]


def _pages(nature: Nature) -> list[Page]:
    head = [Tile(_figure(), (0, 0, 6, 13)), Tile(_standing(nature), (6, 0, 18, 5)), Tile(_answerable(), (6, 5, 18, 8))]
    if nature == "composite":
        return [
            Page("Điểm ở đơn vị", [*head, Tile(_parts(), (0, 13, 24, 11))]),
            Page("Xếp hạng đơn vị", [Tile(_ranking(), (0, 0, 14, 24)), Tile(_bars(), (14, 0, 10, 24))]),
        ]
    left = [Tile(_periods(nature), (0, 0, 11, 24))]
    if nature == "report":
        left = [Tile(_periods(nature), (0, 0, 11, 14)), Tile(_findings(), (0, 14, 11, 10))]
    return [
        Page(
            "Chỉ tiêu ở đơn vị",
            [
                *head,
                Tile(_chart(nature), (0, 13, 14, 6)),
                Tile(_bars(), (14, 13, 10, 11)),
                Tile(_forecast(), (0, 19, 14, 5)),
            ],
        ),
        Page("Theo kỳ và theo đơn vị", [*left, Tile(_units(nature), (11, 0, 13, 24))]),
        Page("Đằng sau con số", [Tile(_items(nature), (0, 0, 12, 24)), Tile(_changes(nature), (12, 0, 12, 24))]),
    ]


def _value(shown: str = "Giá trị") -> list[Override]:
    """The figure with its unit of measure, and what judges it."""
    return [
        column("value", shown),
        column("unit_of_measure", "Đơn vị tính", words=unit_mapping()),
        column("previous", "Kỳ trước"),
        column("movement", "Xu hướng", words=movement_mapping()),
        column("provisional", "Tình trạng số liệu", words=provisional_mapping()),
        *judged_columns(None),
    ]


def _figure() -> stat.Panel:
    panel = stat.Panel().title("Giá trị hiện nay").datasource(datasource()).with_target(Sql(one.figure()))
    panel.thresholds(thresholds([Threshold(None, NEUTRAL)]))
    panel.color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.reduce_options(
        ReduceDataOptions().fields("/^(Giá trị|Đơn vị tính|Mục tiêu|Trạng thái|Cập nhật)$/").calcs(["lastNotNull"])
    )
    panel.graph_mode(kinds.BigValueGraphMode.NONE).color_mode(kinds.BigValueColorMode.VALUE)
    panel.text_mode(kinds.BigValueTextMode.VALUE_AND_NAME).no_value("Không có dữ liệu")
    return with_overrides(panel, _value())


def _standing(nature: Nature) -> table.Panel:
    # The figure itself stands beside.
    unused = ("value", "target", "status") + (() if nature == "report" else ("reported", "expected"))
    columns = [
        column("name", "Chỉ tiêu"),
        column("unit_name", "Đơn vị", link=("Đơn vị này", links.unit(links.variable("unit")))),
        column("period", "Kỳ số liệu"),
        column("reported", "Đã có", decimals=0),
        column("expected", "Phải có", decimals=0),
    ]
    return rows(
        "Tình hình", one.standing(), [*columns, *_value(), *behind(*unused)], empty="Đơn vị này không có chỉ tiêu này"
    )


def _answerable() -> table.Panel:
    columns = [
        column("sector", "Lĩnh vực", link=("Lĩnh vực này", links.sector(links.cell("sector_key")))),
        column("responsible", "Đơn vị chịu trách nhiệm"),
        column("contact", "Liên hệ"),
        column("document", "Văn bản giao mục tiêu"),
        column("origin", "Văn bản quy định chỉ tiêu"),
        *behind("sector_key"),
    ]
    return rows("Trách nhiệm và căn cứ", one.answerable(), columns, empty="Đơn vị này không có chỉ tiêu này")


def _chart(nature: Nature) -> barchart.Panel:
    panel = barchart.Panel().title("Diễn biến theo kỳ").datasource(datasource())
    panel.with_target(Sql(one.periods(nature, "ASC"))).no_value(_NO_PERIODS)
    panel.x_field("period").orientation(kinds.VizOrientation.VERTICAL).show_value(kinds.VisibilityMode.NEVER)
    panel.axis_soft_min(0).fill_opacity(90)
    panel.legend(VizLegendOptions().show_legend(False).display_mode(kinds.LegendDisplayMode.LIST))
    panel.tooltip(VizTooltipOptions().mode(kinds.TooltipDisplayMode.SINGLE))
    color = setting("color", {"mode": "fixed", "fixedColor": SERIES[0]})
    panel.override_by_name("period", [setting("displayName", "Kỳ")])
    panel.override_by_name("value", [setting("displayName", "Giá trị"), color])
    unused = ("period_start", "numerator", "denominator", "reported", "expected", "provisional")
    return with_overrides(panel, [*behind(*unused), _measure(), *judged_columns(None)])


def _periods(nature: Nature) -> table.Panel:
    unused = ("reported", "expected") if nature != "report" else ("numerator", "denominator")
    columns = [
        column("period", "Kỳ"),
        column("numerator", "Tử số", decimals=0),
        column("denominator", "Mẫu số", decimals=0),
        column("reported", "Đã báo cáo", decimals=0),
        column("expected", "Phải báo cáo", decimals=0),
        *behind("period_start", *unused),
    ]
    return rows("Số liệu từng kỳ", one.periods(nature, "DESC"), [*_value(), *columns], empty=_NO_PERIODS)


def _bars() -> bargauge.Panel:
    panel = (
        bargauge.Panel()
        .title("So sánh đơn vị")
        .datasource(datasource())
        .with_target(Sql(one.units()))
        .no_value(_NO_UNITS)
    )
    panel.color_scheme(FieldColor().mode(FieldColorModeId.FIXED).fixed_color(SERIES[0]))
    panel.display_name("${__data.fields.name}")
    panel.reduce_options(ReduceDataOptions().values(True).fields("/value$|^\\$\\{__data/").calcs(["lastNotNull"]))
    panel.orientation(kinds.VizOrientation.HORIZONTAL).display_mode(kinds.BarGaugeDisplayMode.BASIC)
    panel.value_mode(kinds.BarGaugeValueMode.TEXT).show_unfilled(True)
    panel.override_by_name("value", [links.row_link("Đơn vị này", links.unit(links.cell("unit")))])
    return with_overrides(panel, [_measure(), *judged_columns(None)])


def _measure() -> Override:
    """The unit of measure of what a chart draws: the embedded wall writes it with the figures."""
    name, words = column("unit_of_measure", "Đơn vị tính", words=unit_mapping())
    return name, [*words, *hidden()]


def _units(nature: Nature) -> table.Panel:
    own = links.indicators(nature, links.variable("code"), links.cell("unit"))
    columns = [column("name", "Đơn vị", link=("Chỉ tiêu ở đơn vị này", own)), *_value(), *behind("unit")]
    return rows("Các đơn vị", one.units(), columns, empty=_NO_UNITS)


def _forecast() -> table.Panel:
    columns: Sequence[Override] = [*forecast_columns(), column("periods", "Dựa trên số kỳ", decimals=0)]
    return rows(
        "Dự báo đến cuối năm",
        one.forecast(),
        [*columns, *judged_columns(None)],
        empty="Chưa có dự báo: chưa đủ số liệu, hoặc đơn vị này không có mục tiêu",
    )


def _findings() -> table.Panel:
    return rows("Báo cáo cần kiểm tra", one.findings(), finding_columns(), empty="Chưa phát hiện sai lệch")


def _parts() -> table.Panel:
    columns = [
        column("name", "Thành phần", link=("Chi tiết chỉ tiêu", links.indicator_of_row(links.cell("unit")))),
        column("zero", "Mức 0 điểm"),
        column("full", "Mức điểm tối đa"),
        *scores.points_columns(),
        *_value(),
        *behind("code", "nature", "unit"),
    ]
    return rows(
        "Điểm gồm những gì",
        scores.parts(one.CODE, one.UNIT),
        columns,
        empty="Điểm này không được chấm ở cấp của đơn vị",
    )


def _ranking() -> table.Panel:
    return rows("Xếp hạng", scores.ranking(one.CODE, one.LEVEL_OR_OWN), scores.ranking_columns(), empty=_NO_UNITS)


_COUNTED: Sequence[Override] = (
    column("entity", "Mã"),
    column("source_unit", "Mã đơn vị"),
    column("day", "Tính vào ngày"),
    column("changed_at", "Cập nhật lúc"),
)


def _items(nature: Nature) -> table.Panel:
    columns = [
        *_COUNTED,
        column("moments", "Các mốc thời gian"),
        column("numerator", "Tử số", decimals=0),
        column("denominator", "Mẫu số", decimals=0),
        *judged_columns(None),
    ]
    return rows("Con số này gồm những gì", one.items(nature, MOMENTS), columns, empty="Không có gì được tính")


def _changes(nature: Nature) -> table.Panel:
    columns = [
        *_COUNTED,
        column("reason", "Lý do", words=change_mapping()),
        column("numerator_then", "Tử số đầu ngày", decimals=0),
        column("numerator_now", "Tử số", decimals=0),
        column("denominator_then", "Mẫu số đầu ngày", decimals=0),
        column("denominator_now", "Mẫu số", decimals=0),
        *judged_columns(None),
    ]
    return rows("Thay đổi từ đầu ngày", one.changes(nature), columns, empty="Chưa có thay đổi nào hôm nay")
