"""Accounts of iOffice: 10,966 of them, of which some change every day and a few vanish."""

import csv
import io
import random
from collections.abc import Iterable

from ingest.simulator.ioffice.organs import inside
from ingest.simulator.ioffice.shelf import Row, Shelf
from ingest.simulator.moments import DAY_MS, from_ms, iso_ms
from ingest.simulator.system import World
from ingest.simulator.world import OFFICE, Event

ACCOUNTS = 10_966
CHANGES_A_DAY = 260
_GONE_SHARE = 0.01
_YEARS_MS = 4 * 365 * DAY_MS

COLUMNS = {
    "TenDangNhap": "userName",
    "HoTen": "fullName",
    "ThuDienTu": "email",
    "DienThoai": "phone",
    "MaDonVi": "unitCode",
    "LoaiTaiKhoan": "holderType",
    "KichHoat": "active",
    "NgayTao": "createdAt",
    "LanDangNhapCuoi": "lastLoginAt",
    "LoaiChuKySo": "signatureType",
    "ChuKySoDenNgay": "signatureUntil",
    "VNeID": "vneid",
    "NgayCapNhat": "updatedAt",
}
"""Columns of the export, and the members of the REST that they are."""


class Accounts:
    """The accounts as they are now."""

    name = "accounts"

    def __init__(self, world: World) -> None:
        self._world = world
        self._process = world.process("accounts", CHANGES_A_DAY, OFFICE)
        self._read_ms = world.begin_ms
        self._made = False
        self._count = max(1, round(ACCOUNTS * min(1.0, world.times)))
        self.shelf = Shelf()

    def advance(self) -> None:
        """Takes in the changes up to now; the first time makes the accounts."""
        now_ms = self._world.now_ms()
        if not self._made:
            self._made = True
            for number in range(self._count):
                row, updated_ms = _account(self._world, number)
                self.shelf.put(row["userName"], updated_ms, row)
        for event in self._process.events(self._read_ms, now_ms):
            self._change(event)
        self._read_ms = max(self._read_ms, now_ms)

    def rows(self) -> list[Row]:
        """All accounts."""
        self.advance()
        return self.shelf.rows()

    def _change(self, event: Event) -> None:
        draws = event.draws()
        name = _name(draws.randrange(self._count))
        row = self.shelf.get(name)
        if row is None:
            return
        if draws.random() < _GONE_SHARE:
            self.shelf.drop(name)
            return
        at_ms = event.at_ms - event.at_ms % 1000
        changed = {**row, "updatedAt": iso_ms(at_ms), "lastLoginAt": iso_ms(at_ms)}
        if draws.random() < 0.1:
            changed |= {
                "signatureType": draws.choice(("1", "2", "3")),
                "signatureUntil": f"{from_ms(at_ms + _YEARS_MS):%Y-%m-%d}",
            }
        ours = inside(from_ms(at_ms).date())
        if changed["unitCode"] not in {organ.code for organ in ours}:
            changed["unitCode"] = draws.choice(ours).code
        self.shelf.put(name, at_ms, changed)


def _account(world: World, number: int) -> tuple[Row, int]:
    draws = random.Random(f"{world.seed}:account:{number}")
    created_ms = _second(world.begin_ms - int(draws.uniform(0.1, 1) * _YEARS_MS))
    seen = draws.random() < 0.9
    updated_ms = _second(world.begin_ms - int(draws.expovariate(1 / (20 * DAY_MS)))) if seen else created_ms
    updated_ms = max(created_ms, updated_ms)
    signature = draws.choices(("0", "1", "2", "3"), (20, 45, 25, 10))[0]
    row = {
        "userName": _name(number),
        "fullName": f"CANARY-HOTEN {number}",
        "email": f"canary.{number}@example.invalid",
        "phone": f"CANARY-SDT-{number}",
        "unitCode": draws.choice(inside(from_ms(world.begin_ms).date())).code,
        "holderType": "1" if number % 17 == 0 else "2",
        "active": draws.random() < 0.96,
        "createdAt": iso_ms(created_ms),
        "lastLoginAt": iso_ms(updated_ms) if seen else None,
        "signatureType": signature,
        "signatureUntil": None if signature == "0" else f"{from_ms(created_ms + _YEARS_MS):%Y-%m-%d}",
        "vneid": draws.choice((True, False, None)),
        "updatedAt": iso_ms(updated_ms),
    }
    return row, updated_ms


def export(rows: Iterable[Row]) -> bytes:
    """The CSV export: semicolons, with BOM, as spreadsheets like it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(COLUMNS)
    writer.writerows([[_cell(row[member]) for member in COLUMNS.values()] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def _name(number: int) -> str:
    return f"canary.user{number:05d}.h12"


def _second(at_ms: int) -> int:
    return at_ms - at_ms % 1000
