"""All findings: what is wrong with reported figures, whose they are, and what has been put right since."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.boards import found
from dashboards.boards.tiles import Page, Tile, behind, column, counts, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.fields import judged_columns
from dashboards.sql import TODAY, text_of
from dashboards.vocabulary import AGE_UNIT, reason_mapping

RESOLVED_DAYS = 30
"""Findings that ended so many days ago at most are listed beside the open ones."""


def by_reason() -> str:
    """A row a reason: how many findings stand open."""
    options = [(key, result.text) for key, result in reason_mapping().options.items() if key != "none"]
    names = ", ".join(text_of(str(text)) for _, text in options)
    found_by = ", ".join(f"countIf(reason = {text_of(key)})" for key, _ in options)
    return (
        "SELECT name, value, (SELECT max(as_of) FROM figure_ages WHERE kind = 'statistic' AND unit = '') AS as_of\n"
        f"FROM (SELECT [{names}] AS name, [{found_by}] AS value FROM findings FINAL WHERE isNull(resolved_at))\n"
        "ARRAY JOIN name, value\n"
        "ORDER BY value DESC, name"
    )


def by_unit() -> str:
    """A row a unit whose reports have open findings, most first, and since when the oldest stands."""
    return (
        f"SELECT {found.OWNER} AS unit, if(o.name = '', f.unit, o.name) AS unit_name, count() AS findings, uniqExact(f.entity) AS reports,\n"
        "  toNullable(min(f.found_at)) AS found_at, o.contact AS contact,\n"
        "  (SELECT max(as_of) FROM figure_ages WHERE kind = 'statistic' AND unit = '') AS as_of\n"
        "FROM findings AS f FINAL\n"
        f"LEFT JOIN ({found.OWNERS}) AS o ON o.raw_code = f.unit\n"
        "WHERE isNull(f.resolved_at)\n"
        "GROUP BY unit, unit_name, contact\n"
        "ORDER BY findings DESC, unit_name"
    )


def boards(world: World) -> Iterator[Dashboard]:
    """The board of findings."""
    del world  # what it shows stands in the tables alone
    owners = [
        column("unit_name", "Đơn vị", link=("Đơn vị này", links.unit(links.cell("unit")))),
        column("findings", "Sai lệch", decimals=0),
        column("reports", "Báo cáo", decimals=0),
        column("found_at", "Lâu nhất từ", unit=AGE_UNIT),
        column("contact", "Liên hệ"),
        *behind("unit"),
        *judged_columns(None),
    ]
    stands = found.findings("isNull(f.resolved_at)")
    ended = found.findings(
        f"toDate(f.resolved_at, 'Asia/Ho_Chi_Minh') > {TODAY} - {RESOLVED_DAYS}", "f.resolved_at DESC"
    )
    yield lay_out(
        dashboard("findings", "Số liệu báo cáo cần kiểm tra", ["findings"]),
        [
            Page(
                "Đang tồn tại",
                [
                    Tile(counts("Số sai lệch theo lý do", by_reason(), "sai lệch"), (0, 0, 12, 10)),
                    Tile(
                        rows("Theo đơn vị báo cáo", by_unit(), owners, empty="Chưa phát hiện sai lệch"), (12, 0, 12, 10)
                    ),
                    Tile(
                        rows(
                            "Tất cả, mới nhất trước",
                            stands,
                            found.columns("resolved_at"),
                            empty="Chưa phát hiện sai lệch",
                        ),
                        (0, 10, 24, 14),
                    ),
                ],
            ),
            Page(
                f"Đã hết sai lệch trong {RESOLVED_DAYS} ngày",
                [Tile(rows("Đã hết sai lệch", ended, found.columns(), empty="Không có"), (0, 0, 24, 24))],
            ),
        ],
    )
