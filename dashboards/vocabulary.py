"""What the dashboards call things in Vietnamese, as value mappings, and the units of measure as Grafana knows them."""

from collections.abc import Mapping

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


def texts(texts: dict[str, tuple[str, str | None]]) -> models.ValueMap:
    """A mapping of texts: what a column holds → the words for it, and their colour or none."""
    results = {
        key: models.ValueMappingResult(text=text, color=color, index=index)
        for index, (key, (text, color)) in enumerate(texts.items())
    }
    return models.ValueMap(options=results)


def status_mapping() -> models.ValueMap:
    """Words and colours of `status`."""
    return texts(
        {
            "good": ("Đạt", GOOD),
            "warning": ("Cần chú ý", WARNING),
            "bad": ("Chưa đạt", BAD),
            "none": ("Theo dõi", NEUTRAL),
        }
    )


def never_mapping() -> models.RangeMap:
    """Words of an `as_of` that lies at the beginning of time: nothing was ever heard."""
    result = models.ValueMappingResult(text="Không có dữ liệu", color=BAD, index=0)
    return models.RangeMap(options=models.DashboardRangeMapOptions(to=0, result=result))


def freshness_mapping() -> models.ValueMap:
    """Words and colours of `freshness`."""
    return texts(
        {
            "fresh": ("Mới", NEUTRAL),
            "late": ("Trễ", WARNING),
            "stale": ("Dữ liệu cũ", BAD),
            "no_data": ("Không có dữ liệu", BAD),
        }
    )


def brief_freshness_mapping() -> models.ValueMap:
    """Words of `freshness` where a tile has a line of eighteen letters for its age."""
    words = {"fresh": "Mới", "late": "Trễ", "stale": "Cũ", "no_data": "Chưa có"}
    return texts({key: (words[key], result.color) for key, result in freshness_mapping().options.items()})


def reason_mapping() -> models.ValueMap:
    """Words of a finding's `reason`: docs/findings.md has the rules."""
    return texts(
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
    return texts(
        {
            "yes": ("Sẽ đạt", GOOD),
            "likely": ("Có thể đạt", WARNING),
            "unlikely": ("Khó đạt", BAD),
            "no": ("Sẽ không đạt", BAD),
            "unknown": ("Chưa đủ số liệu", NEUTRAL),
        }
    )


_MOVEMENTS: dict[str, tuple[str, str | None]] = {
    "up": ("↑ Tăng", None),
    "down": ("↓ Giảm", None),
    "worse_up": ("↑ Tăng", WARNING),
    "worse_down": ("↓ Giảm", WARNING),
    "flat": ("→ Không đổi", None),
    "none": ("–", None),
}


def movement_mapping() -> models.ValueMap:
    """Words of `movement`: where a figure went since the period before; `worse_`: away from what is better."""
    return texts(_MOVEMENTS)


def turn_mapping() -> models.ValueMap:
    """Words of `movement` before the size of a change: a target that is newly reached or missed, else the direction alone."""
    arrows = {key: (words[:1], color) for key, (words, color) in _MOVEMENTS.items()}
    return texts({"new_reached": ("Vừa đạt", GOOD), "new_missed": ("Vừa hụt", BAD), **arrows})


def provisional_mapping() -> models.ValueMap:
    """Words of `provisional`."""
    return texts({"true": ("Tạm tính", None), "false": ("Đã chốt", None)})


def unit_mapping() -> models.ValueMap:
    """Words of `unit_of_measure`, for tables whose rows differ in unit."""
    words: dict[str, tuple[str, str | None]] = {
        str(unit): (name.removeprefix("suffix: "), None) for unit, name in GRAFANA_UNIT.items()
    }
    return texts(words | {"percent": ("%", None)})


def change_mapping() -> models.ValueMap:
    """Words of `reason` in `<kind>_changes`: docs/figures.md has the rules."""
    return texts(
        {
            "new": ("Mới ghi nhận", None),
            "entered": ("Bắt đầu được tính", None),
            "left": ("Không còn được tính", None),
            "moved": ("Chuyển đơn vị hoặc ngày", None),
            "corrected": ("Sửa số liệu", None),
            "deleted": ("Đã xóa", None),
            "day passed": ("Đến ngày", None),
        }
    )


MOMENTS: Mapping[str, str] = {
    "accepted_at": "Chấp nhận", "admitted_at": "Vào viện", "answered_at": "Trả lời", "arrived_at": "Đến", "assigned_at": "Giao việc",
    "booked_at": "Đặt lịch", "checked_in_at": "Đón tiếp", "closed_at": "Đóng", "created_at": "Lập", "detected_at": "Phát hiện",
    "discharged_at": "Ra viện", "due_at": "Hạn", "finished_at": "Xong", "found_at": "Xác định", "given_at": "Tiêm",
    "handled_at": "Xử lý", "inpatient_at": "Nhập viện nội trú", "last_seen_at": "Thấy lần cuối", "licensed_until": "Giấy phép đến",
    "measured_at": "Đo", "opened_at": "Mở", "period_start": "Đầu kỳ", "planned_at": "Kế hoạch", "promulgated_at": "Ban hành",
    "rated_at": "Đánh giá", "recalled_at": "Thu hồi", "received_at": "Tiếp nhận", "rejected_at": "Từ chối", "reported_at": "Phản ánh",
    "returned_at": "Trả kết quả", "sent_at": "Gửi", "settled_at": "Quyết toán", "signature_until": "Chữ ký số đến",
    "started_at": "Bắt đầu", "stated_at": "Ghi nhận", "submitted_at": "Nộp", "updated_at": "Cập nhật",
}  # fmt: skip
"""Every time field of the kinds, as a list of an entity's moments names it."""
