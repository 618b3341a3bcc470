"""Field settings that panels share: units, thresholds from targets, and what the columns of the SQL mean."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from grafana_foundation_sdk.builders import barchart, bargauge, gauge, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.common import TableColorTextCellOptions
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, FieldColorModeId, Threshold, ThresholdsMode

from dashboards.palette import BAD, GOOD, NEUTRAL, WARNING
from dashboards.vocabulary import (
    AGE_UNIT,
    DECIMALS,
    GRAFANA_UNIT,
    freshness_mapping,
    never_mapping,
    on_track_mapping,
    reason_mapping,
    status_mapping,
    unit_mapping,
)
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Target

AnyPanel = stat.Panel | gauge.Panel | bargauge.Panel | barchart.Panel | timeseries.Panel | table.Panel
PanelT = TypeVar("PanelT", stat.Panel, gauge.Panel, bargauge.Panel, barchart.Panel, timeseries.Panel, table.Panel)

Override = tuple[str, list[DynamicConfigValue]]
"""A column's name and what is set for it."""

_ABOVE = 1e-6
"""A step begins at its value; where lower is better the target itself is still good, so the step begins just above."""

_HIDDEN = {"viz": True, "legend": True, "tooltip": True}


Aims = Mapping[str, Target]
"""The province's target of an indicator that holds in the layout's year, by code."""


def aims_of(targets: Iterable[Target], year: int) -> dict[str, Target]:
    """The province's targets that hold in `year`: of each indicator the newest of that year or before."""
    held = [target for target in targets if target.level == "province" and target.year <= year]
    return {target.code: target for target in sorted(held, key=lambda target: target.year)}


def steps(indicator: Indicator, target: Target | None) -> list[Threshold]:
    """Thresholds of an indicator's value: missed, within the warning margin, reached; one neutral step without a target."""
    if target is None or indicator.direction == "none":
        return [Threshold(None, NEUTRAL)]
    goal, margin = float(target.value), float(indicator.warning_margin)
    if indicator.direction == "up":
        return [Threshold(None, BAD), Threshold(goal - margin, WARNING), Threshold(goal, GOOD)]
    return [Threshold(None, GOOD), Threshold(goal + _ABOVE, WARNING), Threshold(goal + margin + _ABOVE, BAD)]


def thresholds(found: list[Threshold]) -> ThresholdsConfig:
    """The builder of absolute thresholds."""
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def setting(name: str, value: object) -> DynamicConfigValue:
    """A setting of a column's override."""
    return DynamicConfigValue(name, value)


def with_overrides(panel: PanelT, overrides: Iterable[Override]) -> PanelT:
    """Adds overrides to a panel's columns."""
    for name, settings in overrides:
        panel.override_by_name(name, settings)
    return panel


def table_panel(title: str) -> table.Panel:
    """A table whose texts are whole, and coloured where a mapping or a threshold has a colour."""
    return (
        table.Panel()
        .title(title)
        .cell_options(TableColorTextCellOptions(wrap_text=True))
        .thresholds(thresholds([Threshold(None, "text")]))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    )


def judged_columns(indicator: Indicator | None) -> list[Override]:
    """Overrides of `target`, `status`, `as_of`, `freshness` and the columns that only the wall reads."""
    target = [setting("displayName", "Mục tiêu")]
    if indicator is not None:
        target += [setting("unit", GRAFANA_UNIT[indicator.unit]), setting("decimals", DECIMALS[indicator.unit])]
    return [
        (
            "target",
            [*target, setting("color", {"mode": "fixed", "fixedColor": NEUTRAL}), setting("noValue", "Chưa đặt")],
        ),
        ("status", [setting("displayName", "Trạng thái"), setting("mappings", [status_mapping()])]),
        (
            "as_of",
            [
                setting("displayName", "Cập nhật"),
                setting("unit", AGE_UNIT),
                setting("mappings", [never_mapping()]),
            ],
        ),
        ("freshness", [setting("displayName", "Độ mới"), setting("mappings", [freshness_mapping()])]),
        ("freshness_minutes", [setting("displayName", "Hạn mới (phút)"), *hidden()]),
    ]


def hidden() -> list[DynamicConfigValue]:
    """Keeps a column out of a chart and a table."""
    return [setting("custom.hideFrom", _HIDDEN), setting("custom.hidden", True)]


def finding_columns() -> list[Override]:
    """Overrides of the table of findings."""
    return [
        ("unit_name", [setting("displayName", "Đơn vị")]),
        ("name", [setting("displayName", "Số liệu")]),
        ("period", [setting("displayName", "Kỳ")]),
        ("reason", [setting("displayName", "Lý do"), setting("mappings", [reason_mapping()])]),
        ("stated", [setting("displayName", "Báo cáo"), setting("decimals", 2)]),
        ("expected", [setting("displayName", "Đối chiếu"), setting("decimals", 2)]),
        ("found_at", [setting("displayName", "Từ"), setting("unit", AGE_UNIT)]),
    ]


def forecast_columns() -> list[Override]:
    """Overrides of the table of forecasts."""
    return [
        ("name", [setting("displayName", "Chỉ tiêu")]),
        ("value", [setting("displayName", "Cuối năm"), setting("decimals", 1)]),
        ("low", [setting("displayName", "Thấp nhất"), setting("decimals", 1)]),
        ("high", [setting("displayName", "Cao nhất"), setting("decimals", 1)]),
        ("unit_of_measure", [setting("displayName", "Đơn vị"), setting("mappings", [unit_mapping()])]),
        ("on_track", [setting("displayName", "Khả năng"), setting("mappings", [on_track_mapping()])]),
    ]
