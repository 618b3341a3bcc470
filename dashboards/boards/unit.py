"""One unit, everything: how it stands, what is late, its scores, what is wrong with its reports, all its indicators by sector."""

import math
from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.boards import found, heard
from dashboards.boards.rows import AGED, INDICATOR, OWNED, STALE, WORST, ages, indicator_columns, statuses
from dashboards.boards.tiles import Page, Tile, behind, column, counts, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.scores import points_columns
from dashboards.variables import unit_variable
from ioc.catalogue.indicator import Sector

UNIT = "${unit:sqlstring}"
"""The unit that is chosen, in SQL."""

_A_PAGE = 4
"""Tables of sectors on a page at most."""

_PLACES = {
    3: ((0, 0, 12, 12), (12, 0, 12, 12), (0, 12, 24, 12)),
    4: ((0, 0, 12, 12), (12, 0, 12, 12), (0, 12, 12, 12), (12, 12, 12, 12)),
}
"""Where so many tables stand, so that they fill a page."""


def attention() -> str:
    """A row an indicator that has missed its target or nearly so, worst first."""
    return (
        f"SELECT {INDICATOR}, previous, {OWNED}, {AGED}\n"
        "FROM indicator_now\n"
        f"WHERE unit = {UNIT} AND status IN ('bad', 'warning')\n"
        f"ORDER BY {WORST}"
    )


def late() -> str:
    """A row an indicator whose figure is late, stale or not there, oldest first; those without a figure last."""
    return (
        f"SELECT {INDICATOR}, responsible, {AGED}\n"
        "FROM indicator_now\n"
        f"WHERE unit = {UNIT} AND {STALE}\n"
        "ORDER BY freshness = 'no_data', unplanned_age_s DESC, code"
    )


def sector(code: str) -> str:
    """A row an indicator of a sector, worst first."""
    return (
        f"SELECT {INDICATOR}, {AGED}\nFROM indicator_now\nWHERE unit = {UNIT} AND sector = '{code}'\nORDER BY {WORST}"
    )


def scores() -> str:
    """A row a composite: points, rank within the level, and how many parts have no figure; its own dashboard names them."""
    return (
        "SELECT v.code AS code, 'composite' AS nature, v.unit AS unit, i.names[v.code] AS name, if(v.rank = 0, NULL, v.rank) AS rank,\n"
        "  v.tied AS tied, v.earned AS earned, v.available AS available, v.points AS points,\n"
        "  toUInt32(length(v.missing)) AS missing\n"
        "FROM composite_values AS v\n"
        "CROSS JOIN (SELECT mapFromArrays(groupArray(code), groupArray(name_vi)) AS names FROM indicators FINAL) AS i\n"
        f"WHERE v.unit = {UNIT}\n"
        "ORDER BY points DESC, code"
    )


def boards(world: World) -> Iterator[Dashboard]:
    """The board of a unit."""
    built = dashboard("unit", "Toàn cảnh một đơn vị", ["unit"]).with_variable(unit_variable(world.province))
    sectors = world.catalogue.sectors
    pages = [_standing(), _open()]
    count = math.ceil(len(sectors) / _A_PAGE)
    pages += [_sectors(sectors[n * len(sectors) // count : (n + 1) * len(sectors) // count]) for n in range(count)]
    yield lay_out(built, pages)


def _standing() -> Page:
    ranked = [
        column("name", "Bộ chỉ số", link=("Chi tiết", links.indicator_of_row(unit=links.cell("unit")))),
        column("rank", "Hạng", decimals=0),
        *points_columns(),
        column("available", "Điểm chấm được", decimals=2),
        column("missing", "Thành phần thiếu số liệu", decimals=0),
        *behind("code", "nature", "unit", "tied", "points"),
    ]
    owned = [*indicator_columns(), column("previous", "Kỳ trước"), *behind("document")]
    return Page(
        "${unit}: tổng quan",
        [
            Tile(counts("Chỉ tiêu theo kết quả", statuses(f"unit = {UNIT}"), "chỉ tiêu"), (0, 0, 5, 10)),
            Tile(counts("Theo độ mới của số liệu", ages(f"unit = {UNIT}"), "chỉ tiêu"), (5, 0, 5, 10)),
            Tile(rows("Điểm và xếp hạng", scores(), ranked, empty="Cấp này không chấm điểm"), (10, 0, 14, 10)),
            Tile(
                rows("Chưa đạt và cần chú ý, nặng nhất trước", attention(), owned, empty="Không có chỉ tiêu chưa đạt"),
                (0, 10, 24, 14),
            ),
        ],
    )


def _open() -> Page:
    stands = found.findings(f"isNull(f.resolved_at) AND {found.OWNER} = {UNIT}")
    overdue = [*indicator_columns(), *behind("target", "status", "provisional")]
    return Page(
        "${unit}: số liệu trễ và cần kiểm tra",
        [
            Tile(
                rows("Số liệu trễ, cũ hoặc chưa có", late(), overdue, empty="Mọi số liệu đều mới"),
                (0, 0, 12, 24),
            ),
            Tile(
                rows(
                    "Số liệu báo cáo cần kiểm tra",
                    stands,
                    found.columns("unit_name", "contact", "resolved_at"),
                    empty="Chưa phát hiện sai lệch",
                ),
                (12, 0, 12, 12),
            ),
            Tile(
                rows("Luồng dữ liệu", heard.streams_of(UNIT), heard.columns(), empty="Chưa đọc luồng nào"),
                (12, 12, 12, 12),
            ),
        ],
    )


def _sectors(sectors: Sequence[Sector]) -> Page:
    tiles = [
        Tile(
            rows(one.name.vi, sector(one.code), indicator_columns(), empty="Cấp này không có chỉ tiêu của lĩnh vực"),
            place,
        )
        for one, place in zip(sectors, _PLACES[len(sectors)], strict=True)
    ]
    return Page("${unit}: " + ", ".join(one.name.vi.lower() for one in sectors), tiles)
