"""Who has not reported, since when, and whom to call; which streams are behind, and how old the figures of each sector are."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.boards import heard, owed
from dashboards.boards.rows import ages
from dashboards.boards.tiles import Page, Tile, behind, column, counts, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.fields import judged_columns
from dashboards.vocabulary import AGE_UNIT, texts


def by_sector() -> str:
    """A row a sector: how many figures of the province are fresh, late, stale, not there, and as of when the oldest is that is there."""
    return (
        "SELECT lower(sector) AS sector_key, sector, countIf(freshness = 'fresh') AS fresh, countIf(freshness = 'late') AS late,\n"
        "  countIf(freshness = 'stale') AS stale, countIf(freshness = 'no_data') AS no_data,\n"
        "  minIf(toNullable(heard), freshness != 'no_data') AS oldest, max(refreshed_at) AS as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM (SELECT sector, freshness, as_of AS heard, refreshed_at FROM indicator_now WHERE level = 'province')\n"
        "GROUP BY sector\n"
        "ORDER BY late + stale + no_data DESC, sector"
    )


def boards(world: World) -> Iterator[Dashboard]:
    """The board."""
    built = dashboard("freshness", "Độ mới của số liệu: ai chưa báo cáo", ["freshness"])
    yield lay_out(built, [_reports(), _streams(), _sectors(world)])


def _reports() -> Page:
    return Page(
        "Ai chưa báo cáo",
        [
            Tile(
                rows("Đơn vị còn thiếu báo cáo", owed.units(), owed.columns(), empty="Mọi đơn vị đã báo cáo"),
                (0, 0, 12, 12),
            ),
            Tile(
                rows("Chỉ tiêu chưa đủ báo cáo", owed.coverage(), owed.columns(), empty="Mọi chỉ tiêu đã đủ báo cáo"),
                (12, 0, 12, 12),
            ),
            Tile(
                rows(
                    "Từng báo cáo còn thiếu, quá hạn lâu nhất trước",
                    owed.reports(),
                    owed.columns(),
                    empty="Không thiếu báo cáo",
                ),
                (0, 12, 24, 12),
            ),
        ],
    )


def _streams() -> Page:
    return Page(
        "Nguồn dữ liệu",
        [
            Tile(rows("Luồng dữ liệu, cũ nhất trước", heard.streams(), heard.columns(), empty="Chưa đọc luồng nào"), (0, 0, 12, 24)),
            Tile(
                rows(
                    "Đơn vị tự gửi dữ liệu, cũ nhất trước", heard.reporting_units(), heard.columns(),
                    empty="Không có đơn vị tự gửi",
                ),
                (12, 0, 12, 24),
            ),
        ],
    )  # fmt: skip


def _sectors(world: World) -> Page:
    named = texts({code: (name, None) for code, name in world.sector_names.items()})
    columns = [
        column("sector", "Lĩnh vực", words=named, link=("Lĩnh vực này", links.sector(links.cell("sector_key")))),
        column("fresh", "Mới", decimals=0),
        column("late", "Trễ", decimals=0),
        column("stale", "Dữ liệu cũ", decimals=0),
        column("no_data", "Không có dữ liệu", decimals=0),
        column("oldest", "Cũ nhất từ", unit=AGE_UNIT),
        *behind("sector_key"),
        *judged_columns(None),
    ]
    return Page(
        "Theo lĩnh vực",
        [
            Tile(rows("Số liệu của tỉnh theo lĩnh vực", by_sector(), columns, empty="Chưa có số liệu"), (0, 0, 16, 24)),
            Tile(counts("Chỉ tiêu của tỉnh theo độ mới", ages("level = 'province'"), "chỉ tiêu"), (16, 0, 8, 24)),
        ],
    )
