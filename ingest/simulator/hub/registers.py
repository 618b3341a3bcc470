"""What stands in the registers of the simulated portal: facilities, information systems, fishing vessels."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from ingest.simulator.hub.figures import vietnamese
from ingest.simulator.moments import from_ms
from ingest.simulator.population import ODD_UNITS, ODD_UNITS_SHARE, units_on
from ingest.simulator.system import World

Row = dict[str, Any]

_VESSELS = 4_300
_GONE_EVERY = 400
_ONLINE_SHARE = 0.93
_UNLICENSED_SHARE = 0.02
_LEVELS = (("3", 14), ("2", 43), ("1", 12))
"""Information systems by security level, and how many of them have the full plan in place (Plan 267/KH-UBND, part I, II.6)."""
_COMPLETE = 53


@dataclass(frozen=True)
class Register:
    """Facilities of one type.

    Attributes:
        name: of the package.
        title: in Vietnamese.
        kind: the type.
        classes: the classes within it, as the register writes them, and how many there are of each.
        seen: it says when each was last heard of.
        tagged: see `Table`.
    """

    name: str
    title: str
    kind: str
    classes: tuple[tuple[str, int], ...]
    seen: bool = False
    tagged: bool = False

    @property
    def count(self) -> int:
        """How many there are at times 1."""
        return sum(count for _, count in self.classes)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its table."""
        seen = ("ket_noi_cuoi",) if self.seen else ()
        return ("ma", "phan_loai", "ma_don_vi", "ket_noi", *seen, "phe_duyet", *_contact(0))

    def class_of(self, place: int, count: int) -> str:
        """The class of the facility at a place, from 0, of a register cut to `count`: classes come one after the other."""
        ends = accumulate(number for _, number in self.classes)
        return next(name for (name, _), end in zip(self.classes, ends, strict=True) if place * self.count < end * count)


REGISTERS = (
    Register("truong-hoc", "Trường học", "school", (("Mầm non", 129), ("Tiểu học", 214), ("THCS", 120), ("THPT", 38))),
    Register("co-so-y-te", "Cơ sở y tế", "hospital", (("Trạm y tế", 101), ("Trung tâm y tế", 9), ("Bệnh viện", 15))),
    Register("tram-khong-khi", "Trạm quan trắc không khí", "air_station", (("Cố định", 9), ("Di động", 3)), seen=True),
    Register(
        "tram-nuoc", "Trạm quan trắc nước", "water_station", (("Mặn", 11), ("Mực nước", 7), ("Mưa", 6)), seen=True
    ),
    Register("camera", "Camera giao thông", "camera", (("Ngã tư", 180), ("Quốc lộ", 110), ("Cảng cá", 30)), seen=True),
    Register("tram-bts", "Trạm BTS", "bts", (("2G", 948), ("3G", 1_906), ("4G", 2_103), ("5G", 13)), tagged=True),
    Register("cot-ang-ten", "Cột ăng ten thông tin di động", "mast", (("Dùng chung", 297), ("Riêng", 1_489))),
)
"""Numbers of stations and masts are those of Plan 267/KH-UBND (part I, II.3), that of schools and hospitals too."""


def facilities(world: World, register: Register, revision: int, at_ms: int) -> list[Row]:
    """The rows of a register at a revision: now and then one has gone."""
    here, count = units_on("district", from_ms(at_ms).date()), max(3, int(register.count * min(1.0, world.times)))
    found = []
    for number in range(1, count + 1):
        if revision and (number * 7919 + revision) % _GONE_EVERY == 0:
            continue
        fixed, now = _draws(world, register.name, number), _draws(world, register.name, number, revision)
        online = now.random() < _ONLINE_SHARE
        row = {
            "ma": f"{register.kind[:3].upper()}-{number:04}",
            "phan_loai": register.class_of(number - 1, count),
            "ma_don_vi": _unit(fixed, here),
            "ket_noi": "Có" if online else "Không",
        }
        if register.seen:
            away = timedelta(minutes=now.randrange(1, 10)) if online else timedelta(hours=now.randrange(2, 240))
            row["ket_noi_cuoi"] = (from_ms(at_ms) - away).isoformat(timespec="seconds")
        found.append(row | {"phe_duyet": ""} | _contact(number))
    return found


def systems(world: World, revision: int, at_ms: int) -> list[Row]:
    """69 systems, all with an approved level, 53 with the full plan in place."""
    del world, revision, at_ms
    levels = [level for level, count in _LEVELS for _ in range(count)]
    return [
        {
            "code": f"HTTT-{number:03}",
            "type": "info_system",
            "category": level,
            "unit": f"000.00.{number % 20 + 1:02}.H12",
            "online": True,
            "approved": True,
            "complete": number <= _COMPLETE,
            "contact": f"CANARY-HOTEN-{number}",
            "phone": f"CANARY-SDT-{number}",
        }
        for number, level in enumerate(levels, 1)
    ]


def vessels(world: World, revision: int, at_ms: int) -> list[Row]:
    """The register of fishing vessels: from 6 to 32 metres, some with a licence that has run out, some without one."""
    today = from_ms(at_ms).date()
    here, rows = units_on("district", today), []
    for number in range(1, int(_VESSELS * world.times) + 1):
        fixed = _draws(world, "vessels", number)
        until: date = today.replace(day=1) + timedelta(days=fixed.randrange(-60, 1_400))
        rows.append(
            {
                "so_dang_ky": f"CM-{90_000 + number}-TS",
                "chieu_dai_m": vietnamese(Decimal(round(fixed.triangular(600, 3_200, 1_100))) / 100),
                "han_giay_phep": "" if fixed.random() < _UNLICENSED_SHARE else f"{until:%d/%m/%Y}",
                "giam_sat_hanh_trinh": "Có" if fixed.random() < 0.98 + 0.001 * (revision % 10) else "Không",
                "ma_don_vi": _unit(fixed, here),
                "chu_tau": f"CANARY-HOTEN-{number}",
                "so_dien_thoai": f"CANARY-SDT-{number}",
            }
        )
    return rows


def _contact(number: int) -> Row:
    """Public lists do name persons now and then."""
    return {
        "nguoi_lien_he": f"CANARY-HOTEN-{number}",
        "dien_thoai": f"CANARY-SDT-{number}",
        "dia_chi": f"CANARY-DC-{number}",
    }


def _unit(draws: random.Random, here: tuple[str, ...]) -> str:
    return draws.choice(ODD_UNITS) if draws.random() < ODD_UNITS_SHARE else draws.choice(here)


def _draws(world: World, *what: object) -> random.Random:
    return random.Random(":".join(map(str, (world.seed, *what))))
