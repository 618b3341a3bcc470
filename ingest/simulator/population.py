"""The made-up province of the generator: units, procedures, shares. Codes are in the sources' form; names are of no real dossier."""

from datetime import date, datetime, timedelta
from functools import cache

from ingest.simulator.model import Applicant, Channel, Field, Procedure
from ioc.calendar import is_working
from ioc.catalogue.profile import load_province
from ioc.catalogue.tree import Tree
from ioc.clock import LOCAL

TREE = Tree(load_province("ca_mau"))
"""The units that write and are written to."""

DEPARTMENTS = tuple(f"000.00.{number:02d}.H12" for number in range(1, 21))
"""Those that handle dossiers and documents."""


@cache
def units_on(level: str, day: date) -> tuple[str, ...]:
    """Handling units of a level on a local day; where there is no district the communes do its work."""
    if level == "department":
        return DEPARTMENTS
    return tuple(TREE.of_level(level, day) or TREE.of_level("commune", day))


ODD_UNITS = ("H12.02", "000.00.99.H12")
"""What a source writes now and then instead of a unit's code: an alias of it, and a code that nobody knows."""
ODD_UNITS_SHARE = 0.01


def standing(code: str, day: date) -> str:
    """What is written for a unit on a local day: its code while it exists, then that of the unit which took it over."""
    return TREE.stands_for(code, day) if code in TREE.units else code


_FIELDS = {
    "HT": Field("HT01", "Hộ tịch"),
    "CT": Field("CT01", "Chứng thực"),
    "DD": Field("DD01", "Đất đai"),
    "DN": Field("DN01", "Thành lập và hoạt động của doanh nghiệp"),
    "XD": Field("XD01", "Hoạt động xây dựng"),
    "GT": Field("GT01", "Đường bộ"),
    "LD": Field("LD01", "Lao động, việc làm"),
    "BT": Field("BT01", "Bảo trợ xã hội"),
    "TS": Field("TS01", "Thủy sản"),
    "YT": Field("YT01", "Khám bệnh, chữa bệnh"),
    "MT": Field("MT01", "Môi trường: tổng hợp"),
}

PROCEDURES = (
    Procedure("1.001193", "Đăng ký khai sinh", _FIELDS["HT"], 1, 0, 3, "commune"),
    Procedure("1.000894", "Đăng ký kết hôn", _FIELDS["HT"], 3, 0, 3, "commune"),
    Procedure("2.000635", "Cấp bản sao trích lục hộ tịch", _FIELDS["HT"], 1, 8_000, 1, "commune"),
    Procedure("2.000815", "Chứng thực bản sao từ bản chính", _FIELDS["CT"], 1, 4_000, 2, "commune"),
    Procedure("2.000884", "Chứng thực chữ ký", _FIELDS["CT"], 1, 10_000, 2, "commune"),
    Procedure("1.012753", "Đăng ký biến động quyền sử dụng đất", _FIELDS["DD"], 10, 100_000, 5, "district"),
    Procedure("1.012766", "Cấp đổi giấy chứng nhận quyền sử dụng đất", _FIELDS["DD"], 7, 100_000, 4, "district"),
    Procedure("2.001610", "Đăng ký thành lập doanh nghiệp tư nhân", _FIELDS["DN"], 3, 50_000, 4),
    Procedure("1.001612", "Đăng ký thành lập hộ kinh doanh", _FIELDS["DN"], 3, 100_000, 3, "district"),
    Procedure("1.009974", "Cấp giấy phép xây dựng mới", _FIELDS["XD"], 20, 150_000, 6),
    Procedure("1.002835", "Cấp mới giấy phép lái xe", _FIELDS["GT"], 5, 135_000, 4),
    Procedure("1.000105", "Báo cáo thay đổi nhu cầu sử dụng lao động nước ngoài", _FIELDS["LD"], 10, 0, 3),
    Procedure("1.001776", "Trợ cấp xã hội hằng tháng", _FIELDS["BT"], 15, 0, 4, "commune"),
    Procedure("1.003650", "Cấp giấy chứng nhận đăng ký tàu cá", _FIELDS["TS"], 3, 0, 5),
    Procedure("1.004344", "Cấp văn bản chấp thuận đóng mới tàu cá", _FIELDS["TS"], 3, 0, 3),
    Procedure("1.012279", "Cấp giấy phép hoạt động khám bệnh, chữa bệnh", _FIELDS["YT"], 30, 5_700_000, 8),
    Procedure("1.010733", "Thẩm định báo cáo đánh giá tác động môi trường", _FIELDS["MT"], 35, 6_000_000, 7),
)

WEIGHTS = (14, 6, 8, 18, 8, 10, 6, 4, 6, 3, 7, 1, 4, 3, 1, 1, 0.5)
"""How often each procedure is applied for, beside one another."""

CHANNELS = (Channel.ONLINE_FULL, Channel.ONLINE_PARTIAL, Channel.IN_PERSON, Channel.POST, Channel.INTERNAL)
CHANNEL_WEIGHTS = (46, 18, 30, 4, 2)
APPLICANTS = (Applicant.PERSON, Applicant.BUSINESS, Applicant.AGENCY)
APPLICANT_WEIGHTS = (80, 17, 3)
SCORES = (5, 4, 3, 2, 1)
SCORE_WEIGHTS = (70, 20, 6, 2, 2)
STEPS = ("Tiếp nhận hồ sơ", "Thẩm định hồ sơ", "Lấy ý kiến đơn vị phối hợp", "Trình lãnh đạo", "Phê duyệt kết quả")

_SHIFTS = (
    (timedelta(hours=7, minutes=30), timedelta(hours=11, minutes=30)),
    (timedelta(hours=13), timedelta(hours=17)),
)


def working_hours(first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """The spans of working time between two moments: on working days, 7:30 to 11:30 and 13:00 to 17:00 local."""
    spans = []
    day = first.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < last:
        if is_working(day.date()):
            for begin, end in _SHIFTS:
                span = max(day + begin, first), min(day + end, last)
                if span[0] < span[1]:
                    spans.append(span)
        day += timedelta(days=1)
    return spans


def due_s(received_s: int, working_days: int) -> int:
    """The promised moment: so many working days on, at the same hour, drawn into working hours."""
    moment = datetime.fromtimestamp(received_s, LOCAL)
    left = working_days
    while left > 0 or not is_working(moment.date()):
        moment += timedelta(days=1)
        if is_working(moment.date()):
            left -= 1
    early, late = moment.replace(hour=7, minute=30, second=0), moment.replace(hour=17, minute=0, second=0)
    return int(min(max(moment, early), late).timestamp())
