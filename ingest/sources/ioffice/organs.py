"""Level of an organisation, from its OrganId and its name.

OrganId (QCVN 102:2016/BTTTT): parts by dots, the body at the end, a letter and two digits, before it the units below it from right
to left, `000.00.00.H12`; all zeros are the body itself. By Decision 20/2020/QĐ-TTg the same from left to right, `H12.05.03`.
Bodies A … G are central (Party, President, National Assembly, courts, audit, Government and ministries), H are provinces. A
province's units have no level in their number: districts, communes and departments are told apart by the words that their
names begin with. What neither tells is `other`.
"""

import re
from functools import lru_cache
from typing import Final

from ioc.contracts.document import OrganLevel

_BODY = re.compile(r"([A-Z])\d{2}")
_CENTRAL: Final = frozenset("ABCDEFG")
_PROVINCE: Final = "H"

_PREFIX = r"(?:(?:ubnd|hđnd|ủy ban nhân dân|uỷ ban nhân dân|hội đồng nhân dân|văn phòng|đảng ủy|đảng uỷ)[ ,.-]*)*"
_COMMUNE = re.compile(_PREFIX + r"(?:xã|phường|thị trấn|đặc khu)\b")
_DISTRICT = re.compile(_PREFIX + r"(?:huyện|quận|thị xã|thành phố)\b")
_DEPARTMENT = re.compile(
    r"(?:sở|ban|thanh tra|chi cục|trung tâm|bệnh viện|trường|công an|bộ chỉ huy)\b|" + _PREFIX + r"tỉnh\b"
)


@lru_cache(maxsize=16_384)
def level_of(organ: str, name: str) -> OrganLevel:
    """The level of the organisation with this OrganId (as written) and this name (may be empty)."""
    parts = organ.upper().split(".")
    body = next((part for part in (parts[-1], parts[0]) if _BODY.fullmatch(part)), None)
    if body is None:
        return "other"
    if body[0] in _CENTRAL:
        return "central"
    if body[0] != _PROVINCE:
        return "other"
    below = [part for part in parts if part != body and part.strip("0")]
    if not below:
        return "province"
    return _by_name(name.lower())


def _by_name(name: str) -> OrganLevel:
    if _COMMUNE.match(name):
        return "commune"
    if _DISTRICT.match(name):
        return "district"
    if _DEPARTMENT.match(name):
        return "province"
    return "other"
