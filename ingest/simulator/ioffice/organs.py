"""The organisations that exchange documents: the province's units, ministries, other provinces."""

from dataclasses import dataclass
from typing import Final

from ingest.simulator.population import ODD_UNITS, UNITS


@dataclass(frozen=True, slots=True)
class Organ:
    """An organisation: its OrganId and its name."""

    code: str
    name: str


_DEPARTMENTS = (
    *("Văn phòng UBND tỉnh Cà Mau", "Sở Tài nguyên và Môi trường", "Sở Nông nghiệp và Phát triển nông thôn"),
    *("Sở Xây dựng", "Sở Thông tin và Truyền thông", "Sở Nội vụ", "Sở Kế hoạch và Đầu tư", "Sở Tài chính"),
)
_DISTRICTS = (
    *("UBND thành phố Cà Mau", "UBND huyện Thới Bình", "UBND huyện U Minh", "UBND huyện Trần Văn Thời"),
    *("UBND huyện Cái Nước", "UBND huyện Đầm Dơi", "UBND huyện Phú Tân", "UBND huyện Năm Căn", "UBND huyện Ngọc Hiển"),
)

PROVINCE: Final = Organ("000.00.00.H12", "UBND tỉnh Cà Mau")


def _inside() -> tuple[Organ, ...]:
    found = [PROVINCE]
    for place, code in enumerate(UNITS["department"]):
        found.append(
            Organ(code, _DEPARTMENTS[place] if place < len(_DEPARTMENTS) else f"Sở số {place + 1} tỉnh Cà Mau")
        )
    for place, code in enumerate(UNITS["district"]):
        found.append(Organ(code, _DISTRICTS[place % len(_DISTRICTS)]))
    for place, code in enumerate(UNITS["commune"]):
        found.append(Organ(code, f"UBND xã số {place + 1} - {_DISTRICTS[place % len(_DISTRICTS)]}"))
    return tuple(found)


INSIDE: Final = _inside()
WEIGHTS: Final = tuple(6.0 if o is PROVINCE else 3.0 if o.name.startswith(("Sở", "Văn")) else 1.5 for o in INSIDE)
"""How many documents an organisation writes, beside one another."""

ODD: Final = tuple(Organ(code, "Sở Tài nguyên và Môi trường") for code in ODD_UNITS)
"""A unit by its alias, and one that nobody knows."""

OUTSIDE: Final = (
    *(Organ(f"000.00.00.G{number:02d}", f"Bộ số {number}") for number in range(1, 23)),
    *(Organ(f"000.00.00.H{number:02d}", f"UBND tỉnh số {number}") for number in range(1, 64) if number != 12),
)
