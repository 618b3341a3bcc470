"""Field settings that panels share: units, thresholds from targets, and what the columns of the SQL mean."""

from collections.abc import Iterable, Mapping, Sequence

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold, ThresholdsMode

from dashboards.palette import BAD, GOOD, NEUTRAL, SERIES, WARNING
from dashboards.vocabulary import (
    AGE_UNIT,
    DECIMALS,
    GRAFANA_UNIT,
    freshness_mapping,
    on_track_mapping,
    reason_mapping,
    status_mapping,
    unit_mapping,
)
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Target

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


def _value(setting: str, value: object) -> DynamicConfigValue:
    return DynamicConfigValue(setting, value)


def judged_columns(indicator: Indicator | None) -> list[Override]:
    """Overrides of `target`, `status`, `as_of`, `freshness` and the columns that only the wall reads."""
    target = [_value("displayName", "Mục tiêu")]
    if indicator is not None:
        target += [_value("unit", GRAFANA_UNIT[indicator.unit]), _value("decimals", DECIMALS[indicator.unit])]
    return [
        ("target", [*target, _value("color", {"mode": "fixed", "fixedColor": NEUTRAL}), _value("noValue", "Chưa đặt")]),
        ("status", [_value("displayName", "Trạng thái"), _value("mappings", [status_mapping()])]),
        ("as_of", [_value("displayName", "Cập nhật"), _value("unit", AGE_UNIT)]),
        ("freshness", [_value("displayName", "Độ mới"), _value("mappings", [freshness_mapping()])]),
        ("freshness_minutes", [_value("displayName", "Hạn mới (phút)"), *hidden()]),
    ]


def hidden() -> list[DynamicConfigValue]:
    """Keeps a column out of a chart and a table."""
    return [_value("custom.hideFrom", _HIDDEN), _value("custom.hidden", True)]


def indicator_columns(
    indicators: Sequence[Indicator], labels: Sequence[str], aims: Aims, colored: bool
) -> list[Override]:
    """Overrides of columns that are named by an indicator's code: name, unit, decimals, and colour or thresholds."""
    overrides: list[Override] = []
    for position, (indicator, label) in enumerate(zip(indicators, labels, strict=True)):
        settings = [
            _value("displayName", label),
            _value("unit", GRAFANA_UNIT[indicator.unit]),
            _value("decimals", DECIMALS[indicator.unit]),
        ]
        if colored:
            settings.append(_value("color", {"mode": "fixed", "fixedColor": SERIES[position % len(SERIES)]}))
        else:
            judged = {"mode": "absolute", "steps": steps(indicator, aims.get(indicator.code))}
            settings += [_value("thresholds", judged), _value("color", {"mode": "thresholds"})]
        overrides.append((indicator.code, settings))
    return overrides


def table_columns() -> list[Override]:
    """Overrides of a table's own columns."""
    return [
        ("name", [_value("displayName", "Chỉ tiêu")]),
        ("value", [_value("displayName", "Giá trị"), _value("decimals", 1)]),
        ("unit_of_measure", [_value("displayName", "Đơn vị"), _value("mappings", [unit_mapping()])]),
    ]


def finding_columns() -> list[Override]:
    """Overrides of the table of findings."""
    return [
        ("unit_name", [_value("displayName", "Đơn vị")]),
        ("name", [_value("displayName", "Số liệu")]),
        ("period", [_value("displayName", "Kỳ")]),
        ("reason", [_value("displayName", "Lý do"), _value("mappings", [reason_mapping()])]),
        ("stated", [_value("displayName", "Báo cáo"), _value("decimals", 2)]),
        ("expected", [_value("displayName", "Đối chiếu"), _value("decimals", 2)]),
        ("found_at", [_value("displayName", "Từ"), _value("unit", AGE_UNIT)]),
    ]


def forecast_columns() -> list[Override]:
    """Overrides of the table of forecasts."""
    return [
        ("name", [_value("displayName", "Chỉ tiêu")]),
        ("value", [_value("displayName", "Cuối năm"), _value("decimals", 1)]),
        ("low", [_value("displayName", "Thấp nhất"), _value("decimals", 1)]),
        ("high", [_value("displayName", "Cao nhất"), _value("decimals", 1)]),
        ("unit_of_measure", [_value("displayName", "Đơn vị"), _value("mappings", [unit_mapping()])]),
        ("on_track", [_value("displayName", "Khả năng"), _value("mappings", [on_track_mapping()])]),
    ]
