"""Codes of XML1: Decision 130/QĐ-BYT, with what 4750/QĐ-BYT and 3176/QĐ-BYT changed."""

from collections.abc import Mapping
from typing import Literal

Setting = Literal["outpatient", "day_care", "inpatient", "emergency", "other"]
Outcome = Literal["cured", "improved", "unchanged", "worse", "died", "unknown"]
Leaving = Literal["home", "transfer", "left", "asked", "other", "unknown"]
Sex = Literal["male", "female", "unknown"]

SETTING: Mapping[str, Setting] = {
    "01": "outpatient",  # khám bệnh
    "02": "outpatient",  # điều trị ngoại trú
    "03": "inpatient",  # điều trị nội trú
    "04": "day_care",  # điều trị nội trú ban ngày
    "05": "outpatient",  # ngoại trú bệnh mạn tính: khám và lĩnh thuốc
    "06": "inpatient",  # lưu tại trạm y tế xã, phòng khám đa khoa khu vực
    "07": "outpatient",  # nhận thuốc theo hẹn, không khám
    "08": "outpatient",  # ngoại trú bệnh mạn tính: khám, dịch vụ kỹ thuật, thuốc
    "09": "inpatient",  # nội trú dưới 4 giờ
    "10": "other",  # since 4750
}
"""MA_LOAI_KCB, with its leading zero: 130 has it as a number, 4750 as a text."""

EMERGENCY = "2"
"""MA_DOITUONG_KCB of an emergency (cấp cứu), and of its kinds `2.x`."""

NOT_INSURED = "9"
"""MA_DOITUONG_KCB of a patient who is not treated on insurance, and of its kinds `9.x`."""

OUTCOME: Mapping[str, Outcome] = {
    "1": "cured",  # khỏi
    "2": "improved",  # đỡ
    "3": "unchanged",  # không thay đổi
    "4": "worse",  # nặng hơn
    "5": "died",  # tử vong
    "6": "worse",  # tiên lượng nặng xin về
    "7": "unknown",  # chưa xác định
    "8": "died",  # tử vong ngoại viện, since 4750
    "": "unknown",
}
"""KET_QUA_DTRI; empty while the patient is treated."""

LEAVING: Mapping[str, Leaving] = {
    "1": "home",  # ra viện
    "2": "transfer",  # chuyển tuyến theo yêu cầu chuyên môn
    "3": "left",  # trốn viện
    "4": "asked",  # xin ra viện
    "5": "transfer",  # chuyển tuyến theo yêu cầu người bệnh
    "": "unknown",
}
"""MA_LOAI_RV; empty while the patient is treated."""

SEX: Mapping[str, Sex] = {"1": "male", "2": "female", "3": "unknown", "": "unknown"}
"""GIOI_TINH."""
