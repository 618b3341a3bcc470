"""Citizens' feedback (1022, CaMau-G: phản ánh hiện trường) as its systems push it.

One record is the full state of a report; who reported it, how to reach them, where they live and what they wrote is never read.
"""

import re

from ingest.source import Change, Record, Target
from ingest.sources.hub.payload import moment_ms, required_ms
from ingest.sources.values import coded, invalid, required, text, utc, whole
from ioc.errors import SkippableError

TARGETS = (Target("feedback_case", "case"),)

CHANNELS = {"1022": "hotline_1022", "camau-g": "camau_g", "web": "web", "khac": "other", "": "other"}
STATES = {
    "moi": "received",
    "da_phan_cong": "assigned",
    "da_tra_loi": "answered",
    "da_dong": "closed",
    "tu_choi": "refused",
}

READ = (
    "maphananh",
    "hethong",
    "kenh",
    "linhvuc",
    "trangthai",
    "ngaytiepnhan",
    "hanxuly",
    "ngaytraloi",
    "danhgia",
    "donvixuly",
    "capnhatluc",
)
NEVER_READ = (
    "nguoiphananh",
    "sdt",
    "email",
    "diachi",
    "vitri",
    "tieude",
    "noidung",
    "noidungtraloi",
    "hinhanh",
    "canboxuly",
)
KNOWN = frozenset(READ + NEVER_READ)

DEFAULT_SYSTEM = "1022"
_SYSTEM = re.compile(r"[A-Za-z0-9._-]{1,32}")


def read(record: Record) -> Change:
    """What a record says.

    Raises:
        SkippableError: a field is missing or wrong; the message names it.
    """
    fields = record.fields
    number = required(fields, "maphananh")
    system = text(fields, "hethong") or DEFAULT_SYSTEM
    if not _SYSTEM.fullmatch(system):
        raise invalid("hethong", system, "a name of letters, digits, dots and dashes")
    reported_ms = required_ms(fields, "ngaytiepnhan")
    answered_ms = moment_ms(fields, "ngaytraloi")
    if answered_ms is not None and answered_ms < reported_ms:
        raise SkippableError("contradiction", "ngaytraloi is before ngaytiepnhan")
    rating = text(fields, "danhgia")
    data = {
        "channel": coded("kenh", text(fields, "kenh").lower(), CHANNELS),
        "topic": required(fields, "linhvuc"),
        "state": coded("trangthai", required(fields, "trangthai").lower(), STATES),
        "reported_at": utc(reported_ms),
        "due_at": utc(moment_ms(fields, "hanxuly")),
        "answered_at": utc(answered_ms),
        "rating": whole("danhgia", rating) if rating else None,
    }
    return Change(f"{system}/{number}", text(fields, "donvixuly"), required_ms(fields, "capnhatluc"), data)
