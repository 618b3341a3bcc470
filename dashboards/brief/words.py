"""How Vietnamese write numbers, dates, periods and ages."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from ioc.catalogue.unit_of_measure import SHOWN, UnitOfMeasure
from ioc.clock import LOCAL

FRESHNESS = {"fresh": "Mới", "late": "Trễ", "stale": "Dữ liệu cũ", "no_data": "Không có dữ liệu"}
STATUS = {"good": "Đạt", "warning": "Cần chú ý", "bad": "Chưa đạt", "none": "Theo dõi"}
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_AGES = ((86_400, "ngày"), (3600, "giờ"), (60, "phút"))


def number(value: float, decimals: int, signed: bool = False) -> str:
    """1234.5 → `1.234,5`; halves away from zero; `signed`: + before what is above zero."""
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text


def quantity(value: float | None, unit: UnitOfMeasure, signed: bool = False) -> str:
    """A value in its unit of measure: `85,2%`, `1.204 hồ sơ`; `—` where there is none."""
    if value is None:
        return "—"
    shown = SHOWN[unit]
    text = number(value, shown.decimals, signed)
    return f"{text}%" if unit == "percent" else f"{text} {shown.vi}"


def difference(value: float, unit: UnitOfMeasure) -> str:
    """A change: `+1,2 điểm %`, `−14 hồ sơ`."""
    return f"{number(value, SHOWN[unit].decimals, signed=True)} {'điểm %' if unit == 'percent' else SHOWN[unit].vi}"


def day(value: date) -> str:
    """`23/11/2026`."""
    return f"{value:%d/%m/%Y}"


def weekday(value: date) -> str:
    """`Thứ Hai`."""
    return _WEEKDAYS[value.weekday()]


def moment(value: datetime) -> str:
    """`06:30 ngày 23/11/2026`, local time."""
    return f"{value.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}"


def period(grain: str, start: date) -> str:
    """What a figure or a report is of: `tháng 10/2026`."""
    names = {
        "day": f"ngày {day(start)}",
        "week": f"tuần từ {day(start)}",
        "month": f"tháng {start.month}/{start.year}",
        "quarter": f"quý {(start.month + 2) // 3}/{start.year}",
        "year": f"năm {start.year}",
        "to_date": "từ trước đến nay",
        "now": "hiện tại",
    }
    return names[grain]


def age(seconds: int) -> str:
    """`dưới 1 phút`, `5 phút`, `3 giờ`, `12 ngày`; whole units, none of them rounded up."""
    for size, name in _AGES:
        if seconds >= size:
            return f"{seconds // size} {name}"
    return "dưới 1 phút"
