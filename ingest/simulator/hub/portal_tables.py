"""The tables of the simulated open-data portal: what they hold at each of their revisions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial

from ingest.simulator.hub.figures import last_ended, period_name, reported, span, vietnamese
from ingest.simulator.hub.registers import REGISTERS, Register, Row, facilities, systems, vessels
from ingest.simulator.hub.series import SERIES, Series
from ingest.simulator.system import World

RowsAt = Callable[[int, int], list[Row]]
"""The rows of a table at a revision that came at a moment (milliseconds since the epoch)."""

_PERIODS = 12
_MAX_PERIODS = {"year": 40, "quarter": 160, "month": 480}
"""However large the portal is made, its figures do not begin before the epoch."""


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
        *(_facilities(world, register) for register in REGISTERS),
        Table(
            "he-thong-thong-tin",
            "Hệ thống thông tin",
            "facility",
            {"code": "text", "type": "text", "category": "text", "unit": "text", "online": "bool", "approved": "bool"}
            | {"complete": "bool", "contact": "text", "phone": "text"},
            lru_cache(4)(partial(systems, world)),
            ("code",),
        ),
        Table(
            "tau-ca",
            "Tàu cá",
            "vessel",
            {"so_dang_ky": "text", "chieu_dai_m": "text", "han_giay_phep": "text", "giam_sat_hanh_trinh": "text"}
            | {"ma_don_vi": "text", "chu_tau": "text", "so_dien_thoai": "text"},
            lru_cache(4)(partial(vessels, world)),
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


def _facilities(world: World, register: Register) -> Table:
    columns = dict.fromkeys(register.columns, "text")
    rows_at = lru_cache(4)(partial(facilities, world, register))
    extras = {"ioc_type": register.kind}
    return Table(register.name, register.title, "facility", columns, rows_at, ("ma",), extras, register.tagged)
