"""The units that values are shown in: a closed list."""

from typing import Literal, NamedTuple, get_args

UnitOfMeasure = Literal[
    "dossier", "document", "case", "visit", "account", "alert", "vessel", "vehicle", "times", "point", "percent", "day",
    "working_day", "hour", "vnd", "million_vnd", "billion_vnd", "million_usd", "person", "student", "household", "firm", "school",
    "facility", "station", "camera", "system", "service", "dataset", "product", "transaction", "invoice", "tonne", "hectare",
    "outbreak", "reading", "device", "attack", "place", "install", "km_per_hour",
    "bed_day", "signature", "organisation",
    "microgram_per_m3", "gram_per_litre", "metre", "millimetre", "parcel", "licence",
]  # fmt: skip


class Shown(NamedTuple):
    """How a unit is written, with how many decimals, and what a measured number is multiplied and divided by.

    Durations are measured in seconds, money in đồng, shares as a fraction, speed in thousandths of km/h, concentrations in
    thousandths of their unit, water levels in thousandths of a millimetre.
    """

    vi: str
    decimals: int = 0
    multiplier: int = 1
    divisor: int = 1


SHOWN: dict[UnitOfMeasure, Shown] = {
    "dossier": Shown("hồ sơ"),
    "document": Shown("văn bản"),
    "case": Shown("vụ việc"),
    "visit": Shown("lượt"),
    "account": Shown("tài khoản"),
    "alert": Shown("cảnh báo"),
    "vessel": Shown("tàu"),
    "vehicle": Shown("lượt xe"),
    "times": Shown("lần"),
    "point": Shown("điểm", 1),
    "percent": Shown("%", 1, multiplier=100),
    "day": Shown("ngày", 1, divisor=86_400),
    "working_day": Shown("ngày làm việc", 1),
    "hour": Shown("giờ", 1, divisor=3600),
    "vnd": Shown("đồng"),
    "million_vnd": Shown("triệu đồng", 1, divisor=1_000_000),
    "billion_vnd": Shown("tỷ đồng", 1, divisor=1_000_000_000),
    "million_usd": Shown("triệu USD", 1),
    "person": Shown("người"),
    "student": Shown("học sinh"),
    "household": Shown("hộ"),
    "firm": Shown("doanh nghiệp"),
    "school": Shown("trường"),
    "facility": Shown("cơ sở"),
    "station": Shown("trạm"),
    "camera": Shown("camera"),
    "system": Shown("hệ thống"),
    "service": Shown("dịch vụ"),
    "dataset": Shown("tập dữ liệu"),
    "product": Shown("sản phẩm"),
    "transaction": Shown("giao dịch"),
    "invoice": Shown("hóa đơn"),
    "tonne": Shown("tấn", 1),
    "hectare": Shown("ha", 1),
    "outbreak": Shown("ổ dịch"),
    "reading": Shown("lượt đo"),
    "device": Shown("máy"),
    "attack": Shown("lượt tấn công"),
    "place": Shown("địa điểm"),
    "install": Shown("lượt cài đặt"),
    "bed_day": Shown("ngày điều trị"),
    "signature": Shown("chữ ký số"),
    "organisation": Shown("đơn vị"),
    "km_per_hour": Shown("km/giờ", 1, divisor=1000),
    "microgram_per_m3": Shown("µg/m³", 1, divisor=1000),
    "gram_per_litre": Shown("g/l", 2, divisor=1000),
    "metre": Shown("m", 2, divisor=1_000_000),
    "millimetre": Shown("mm", 1),
    "parcel": Shown("thửa"),
    "licence": Shown("giấy phép"),
}

assert set(SHOWN) == set(get_args(UnitOfMeasure))


def scale(unit: UnitOfMeasure) -> tuple[int, int]:
    """Multiplier and divisor from a measured number to the unit."""
    return SHOWN[unit].multiplier, SHOWN[unit].divisor
