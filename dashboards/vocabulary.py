"""What the dashboards call things in Vietnamese, as value mappings, and the units of measure as Grafana knows them."""

from grafana_foundation_sdk.models import dashboard as models

from dashboards.palette import BAD, GOOD, NEUTRAL, WARNING
from ioc.catalogue.unit_of_measure import SHOWN, UnitOfMeasure

GRAFANA_UNIT: dict[UnitOfMeasure, str] = {
    unit: "percent" if unit == "percent" else f"suffix: {shown.vi}" for unit, shown in SHOWN.items()
}
"""Grafana's unit of a field: `percent` is its own (0 to 100), the others are a text behind the number."""

DECIMALS: dict[UnitOfMeasure, int] = {unit: shown.decimals for unit, shown in SHOWN.items()}
"""Decimals that a value of the unit is shown with."""

AGE_UNIT = "dateTimeFromNow"
"""Grafana's unit that shows a moment as its distance from now."""


def _texts(texts: dict[str, tuple[str, str | None]]) -> models.ValueMap:
    results = {
        key: models.ValueMappingResult(text=text, color=color, index=index)
        for index, (key, (text, color)) in enumerate(texts.items())
    }
    return models.ValueMap(options=results)


def status_mapping() -> models.ValueMap:
    """Words and colours of `status`."""
    return _texts(
        {
            "good": ("Đạt", GOOD),
            "warning": ("Cần chú ý", WARNING),
            "bad": ("Chưa đạt", BAD),
            "none": ("Theo dõi", NEUTRAL),
        }
    )


def freshness_mapping() -> models.ValueMap:
    """Words and colours of `freshness`."""
    return _texts(
        {
            "fresh": ("Mới", NEUTRAL),
            "late": ("Trễ", WARNING),
            "stale": ("Dữ liệu cũ", BAD),
            "no_data": ("Không có dữ liệu", BAD),
        }
    )


def reason_mapping() -> models.ValueMap:
    """Words of a finding's `reason`: docs/findings.md has the rules."""
    return _texts(
        {
            "contradictory": ("Không khớp tử số, mẫu số", None),
            "part_over_whole": ("Tử số lớn hơn mẫu số", None),
            "out_of_domain": ("Ngoài miền giá trị", None),
            "jump": ("Thay đổi đột biến", None),
            "repeated": ("Gửi lại nguyên số kỳ trước", None),
            "several_reports": ("Nhiều đơn vị cùng báo cáo", None),
            "unknown_series": ("Mã không có trong danh mục", None),
            "wrong_period": ("Sai kỳ báo cáo", None),
            "none": ("Chưa phát hiện sai lệch", GOOD),
        }
    )


def on_track_mapping() -> models.ValueMap:
    """Words and colours of a forecast's `on_track`."""
    return _texts(
        {
            "yes": ("Sẽ đạt", GOOD),
            "likely": ("Có thể đạt", WARNING),
            "unlikely": ("Khó đạt", BAD),
            "no": ("Sẽ không đạt", BAD),
            "unknown": ("Chưa đủ số liệu", NEUTRAL),
        }
    )


def unit_mapping() -> models.ValueMap:
    """Words of `unit_of_measure`, for tables whose rows differ in unit."""
    texts: dict[str, tuple[str, str | None]] = {
        str(unit): (name.removeprefix("suffix: "), None) for unit, name in GRAFANA_UNIT.items()
    }
    return _texts(texts | {"percent": ("%", None)})
