"""What the iOffice services are called: every path, parameter and member that a system may name otherwise."""

from collections.abc import Mapping
from typing import Final

RECEIVED: Final = "/getReceivedEdocList"
DOWNLOAD: Final = "/downloadEdoc"
"""The exchange, as the SDK of the national document axis (VXP/VPCP) asks it: everything in signed headers."""

HEADER: Final = "XroadVnpt-"
VERSION: Final = "3.0.201608"

LOGIN: Final = "/oauth/token"
WORK_FILES: Final = "/api/work-files"
ACCOUNTS: Final = "/api/accounts"
"""The REST: bearer token, slices `{"content": […], "last": false}` of what was updated from `updated-from` on."""

WORK_FILE: Final[Mapping[str, str]] = {
    "code": "code",
    "unit": "unitcode",
    "opened": "openedat",
    "due": "dueat",
    "finished": "finishedat",
    "online": "online",
    "state": "state",
    "documents": "documents",
    "updated": "updatedat",
}
WORK_FILE_UNREAD: Final = frozenset(("title", "summary", "handler", "handlerphone"))

ACCOUNT: Final[Mapping[str, str]] = {
    "name": "username",
    "unit": "unitcode",
    "holder": "holdertype",
    "active": "active",
    "created": "createdat",
    "seen": "lastloginat",
    "signature": "signaturetype",
    "signed_until": "signatureuntil",
    "vneid": "vneid",
    "updated": "updatedat",
}
ACCOUNT_UNREAD: Final = frozenset(("fullname", "email", "phone", "position", "signatureserial"))

ACCOUNT_COLUMNS: Final[Mapping[str, str]] = {
    "name": "tendangnhap",
    "unit": "madonvi",
    "holder": "loaitaikhoan",
    "active": "kichhoat",
    "created": "ngaytao",
    "seen": "landangnhapcuoi",
    "signature": "loaichukyso",
    "signed_until": "chukysodenngay",
    "vneid": "vneid",
    "updated": "ngaycapnhat",
}
"""Columns of the CSV export; case does not count."""
ACCOUNT_COLUMNS_UNREAD: Final = frozenset(("hoten", "thudientu", "dienthoai", "chucvu", "soserichukyso"))
