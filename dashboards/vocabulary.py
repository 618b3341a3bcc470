"""What the dashboards call things in Vietnamese, as value mappings, and the units of measure as Grafana knows them."""

from grafana_foundation_sdk.models import dashboard as models

from dashboards.palette import BAD, GOOD, NEUTRAL, WARNING
from ioc.catalogue.indicator import UnitOfMeasure

GRAFANA_UNIT: dict[UnitOfMeasure, str] = {
    "dossier": "suffix: hồ sơ",
    "document": "suffix: văn bản",
    "case": "suffix: vụ việc",
    "visit": "suffix: lượt",
    "account": "suffix: tài khoản",
    "alert": "suffix: cảnh báo",
    "vessel": "suffix: tàu",
    "vehicle": "suffix: lượt xe",
    "times": "suffix: lần",
    "point": "suffix: điểm",
    "vnd": "suffix: đồng",
    "million_vnd": "suffix: triệu đồng",
    "percent": "percent",
    "hour": "suffix: giờ",
    "day": "suffix: ngày",
}
"""Grafana's unit of a field: `percent` is its own (0 to 100), the others are a text behind the number."""

DECIMALS: dict[UnitOfMeasure, int] = {
    "dossier": 0,
    "document": 0,
    "case": 0,
    "visit": 0,
    "account": 0,
    "alert": 0,
    "vessel": 0,
    "vehicle": 0,
    "times": 0,
    "point": 1,
    "vnd": 0,
    "million_vnd": 1,
    "percent": 1,
    "hour": 1,
    "day": 1,
}
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
