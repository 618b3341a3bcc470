"""The tables of the simulated open-data portal: what they hold at each of their revisions."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

from ingest.simulator.hub.figures import last_ended, period_name, reported, span, vietnamese
from ingest.simulator.hub.series import SERIES, Series
from ingest.simulator.moments import from_ms
from ingest.simulator.population import ODD_UNITS, ODD_UNITS_SHARE, UNITS
from ingest.simulator.system import World

Row = dict[str, Any]
RowsAt = Callable[[int, int], list[Row]]
"""The rows of a table at a revision that came at a moment (milliseconds since the epoch)."""

_PERIODS = 12
_MAX_PERIODS = {"year": 40, "quarter": 160, "month": 480}
"""However large the portal is made, its figures do not begin before the epoch."""

_VESSELS = 4_300
_GONE_EVERY = 400


@dataclass(frozen=True)
class Table:
    """A package with one resource.

    Attributes:
        name: of the package; the resource's id follows from it.
        title: in Vietnamese.
        kind: what it carries; empty: nothing that the centre reads.
        columns: names and types.
        rows_at: what it holds.
        identity: columns that a row must have.
        extras: of the package, beside its kind.
        tagged: it bears its kind as a tag, and not among its extras.
    """

    name: str
    title: str
    kind: str
    columns: dict[str, str]
    rows_at: RowsAt
    identity: tuple[str, ...]
    extras: dict[str, str] = field(default_factory=dict)
    tagged: bool = False


FACILITIES: dict[str, tuple[str, ...]] = {
    "school": ("Mầm non", "Tiểu học", "THCS", "THPT"),
    "hospital": ("Trạm y tế", "Trung tâm y tế", "Bệnh viện"),
    "air_station": ("Cố định", "Di động"),
    "water_station": ("Mặn", "Mực nước", "Mưa"),
    "camera": ("Ngã tư", "Quốc lộ", "Cảng cá"),
    "bts": ("4G", "5G"),
}
"""Types of facilities that tables list, and the classes of each. Information systems have a table of their own."""


def tables(world: World) -> list[Table]:
    """Everything that the portal has."""
    shares = [series for series in SERIES if series.portal and series.share]
    figures = [series for series in SERIES if series.portal and not series.share]
    return [
        Table(
            "so-lieu-kinh-te-xa-hoi",
            "Số liệu kinh tế - xã hội",
            "statistic",
            {"ma_chi_tieu": "text", "ten_chi_tieu": "text", "ma_don_vi": "text", "ky": "text", "gia_tri": "text"},
            lru_cache(4)(partial(_figures, world, figures)),
            ("ma_chi_tieu",),
        ),
        Table(
            "ha-tang-so",
            "Hạ tầng số",
            "statistic",
            {
                "Mã": "text",
                "Đơn vị": "text",
                "Tháng": "text",
                "Số đạt": "int4",
                "Tổng số": "int4",
                "Tỷ lệ (%)": "numeric",
            },
            lru_cache(4)(partial(_shares, world, shares)),
            ("Mã",),
            {"ioc_columns": '{"Mã": "series", "Tháng": "period", "Số đạt": "numerator", "Tổng số": "denominator"}'},
        ),
        _facilities(world, "truong-hoc", "Trường học", "school", 501),
        _facilities(world, "co-so-y-te", "Cơ sở y tế", "hospital", 125),
        _facilities(world, "tram-khong-khi", "Trạm quan trắc không khí", "air_station", 12),
        _facilities(world, "tram-nuoc", "Trạm quan trắc nước", "water_station", 24),
        _facilities(world, "camera", "Camera giao thông", "camera", 320),
        _facilities(world, "tram-bts", "Trạm BTS", "bts", 1_240, tagged=True),
        Table(
            "he-thong-thong-tin",
            "Hệ thống thông tin",
            "facility",
            {"code": "text", "type": "text", "category": "text", "unit": "text", "online": "bool", "approved": "bool"}
            | {"complete": "bool", "contact": "text", "phone": "text"},
            lru_cache(4)(partial(_systems, world)),
            ("code",),
        ),
        Table(
            "tau-ca",
            "Tàu cá",
            "vessel",
            {"so_dang_ky": "text", "chieu_dai_m": "text", "han_giay_phep": "text", "giam_sat_hanh_trinh": "text"}
            | {"ma_don_vi": "text", "chu_tau": "text", "so_dien_thoai": "text"},
            lru_cache(4)(partial(_vessels, world)),
            ("so_dang_ky",),
        ),
        Table("thu-vien-anh", "Thư viện ảnh", "", {"tep": "text"}, lambda *_: [{"tep": "cot-co.jpg"}], ("tep",)),
    ]


def _figures(world: World, series: list[Series], revision: int, at_ms: int) -> list[Row]:
    rows = []
    for one, unit, number, turn in _cells(world, series, at_ms):
        figure = reported(world.seed, one, unit, number, turn and revision)
        period = period_name(one.grain, span(one.grain, number), number)
        row = {"ma_chi_tieu": one.code, "ten_chi_tieu": one.name, "ma_don_vi": unit, "ky": period}
        rows.append(row | {"gia_tri": vietnamese(figure.value)})
    return rows


def _shares(world: World, series: list[Series], revision: int, at_ms: int) -> list[Row]:
    rows: list[Row] = []
    for one, unit, number, turn in _cells(world, series, at_ms):
        figure = reported(world.seed, one, unit, number, turn and revision)
        row: Row = {"Mã": one.code, "Đơn vị": unit, "Tháng": period_name(one.grain, span(one.grain, number))}
        counts = {"Số đạt": figure.numerator, "Tổng số": figure.denominator, "Tỷ lệ (%)": float(figure.value)}
        rows.append(row | counts)
    return rows


def _cells(world: World, series: list[Series], at_ms: int) -> list[tuple[Series, str, int, bool]]:
    """Series, unit and period of each figure, and whether it is so young that revisions correct it."""
    cells = []
    for one in series:
        last = last_ended(one.grain, at_ms)
        periods = min(max(1, int(_PERIODS * world.times)), _MAX_PERIODS.get(one.grain, 2_000))
        for number in range(last - periods + 1, last + 1):
            cells += [(one, unit, number, number == last) for unit in one.units_on(span(one.grain, number).first)]
    return cells


def _facilities(world: World, name: str, title: str, kind: str, count: int, *, tagged: bool = False) -> Table:
    def rows(revision: int, at_ms: int) -> list[Row]:
        del at_ms
        found = []
        for number in range(1, max(3, int(count * min(1.0, world.times))) + 1):
            if revision and (number * 7919 + revision) % _GONE_EVERY == 0:
                continue
            fixed, now = _draws(world, name, number), _draws(world, name, number, revision)
            row = {
                "ma": f"{kind[:3].upper()}-{number:04}",
                "phan_loai": fixed.choice(FACILITIES[kind]),
                "ma_don_vi": _unit(fixed),
            }
            row |= {"ket_noi": "Có" if now.random() < 0.93 else "Không", "phe_duyet": ""}
            found.append(row | _contact(number))
        return found

    columns = dict.fromkeys(("ma", "phan_loai", "ma_don_vi", "ket_noi", "phe_duyet", *_contact(0)), "text")
    extras = {"ioc_type": kind}
    return Table(name, title, "facility", columns, lru_cache(4)(rows), ("ma",), extras, tagged)


def _systems(world: World, revision: int, at_ms: int) -> list[Row]:
    """69 systems, all with an approved level, 53 with the full plan in place."""
    del revision, at_ms
    return [
        {
            "code": f"HTTT-{number:03}",
            "type": "info_system",
            "category": str(_draws(world, "systems", number).choice((2, 3, 3, 4))),
            "unit": f"000.00.{number % 20 + 1:02}.H12",
            "online": True,
            "approved": True,
            "complete": number <= 53,
            "contact": f"CANARY-HOTEN-{number}",
            "phone": f"CANARY-SDT-{number}",
        }
        for number in range(1, 70)
    ]


def _vessels(world: World, revision: int, at_ms: int) -> list[Row]:
    rows = []
    today = from_ms(at_ms).date()
    for number in range(1, int(_VESSELS * world.times) + 1):
        fixed = _draws(world, "vessels", number)
        until: date = today.replace(day=1) + timedelta(days=fixed.randrange(-60, 1_400))
        rows.append(
            {
                "so_dang_ky": f"CM-{90_000 + number}-TS",
                "chieu_dai_m": vietnamese(reported(world.seed, _LENGTH, str(number), 0).value),
                "han_giay_phep": f"{until:%d/%m/%Y}",
                "giam_sat_hanh_trinh": "Có" if fixed.random() < 0.98 + 0.001 * (revision % 10) else "Không",
                "ma_don_vi": _unit(fixed),
                "chu_tau": f"CANARY-HOTEN-{number}",
                "so_dien_thoai": f"CANARY-SDT-{number}",
            }
        )
    return rows


_LENGTH = Series("LENGTH", "Chiều dài", "m", "year", 6, 32, 2, ())


def _contact(number: int) -> Row:
    """Public lists do name persons now and then."""
    return {
        "nguoi_lien_he": f"CANARY-HOTEN-{number}",
        "dien_thoai": f"CANARY-SDT-{number}",
        "dia_chi": f"CANARY-DC-{number}",
    }


def _unit(draws: random.Random) -> str:
    return draws.choice(ODD_UNITS) if draws.random() < ODD_UNITS_SHARE else draws.choice(UNITS["district"])


def _draws(world: World, *what: object) -> random.Random:
    return random.Random(":".join(map(str, (world.seed, *what))))
