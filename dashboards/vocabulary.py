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


def unit_mapping() -> models.ValueMap:
    """Words of `unit_of_measure`, for tables whose rows differ in unit."""
    texts: dict[str, tuple[str, str | None]] = {
        str(unit): (name.removeprefix("suffix: "), None) for unit, name in GRAFANA_UNIT.items()
    }
    return _texts(texts | {"percent": ("%", None)})
