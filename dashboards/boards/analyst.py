"""Examples of SQL to start from: beside each statement stands the table that it gives. docs/analysts.md has more, and how to connect."""

from collections.abc import Iterator
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.boards.tiles import Page, Tile, lay_out, note, rows
from dashboards.boards.world import World, dashboard


@dataclass(frozen=True)
class Example:
    """A question, what the statement shows of the views, and the statement, which can be copied as it stands."""

    question: str
    teaches: str
    sql: str


EXAMPLES: tuple[Example, ...] = (
    Example(
        "Chỉ tiêu nào của tỉnh xa mục tiêu nhất?",
        "`indicator_now` có một dòng cho mỗi chỉ tiêu và đơn vị: giá trị, mục tiêu, trạng thái, độ mới, đơn vị chịu trách nhiệm.",
        "SELECT code, name_vi, value, target, unit_of_measure, status, responsible\n"
        "FROM indicator_now\n"
        "WHERE level = 'province' AND status IN ('bad', 'warning')\n"
        "ORDER BY abs(value - target) / greatest(abs(target), 1) DESC, code",
    ),
    Example(
        "Tỷ lệ đúng hạn của các xã, cộng cả tỉnh",
        "Không lấy trung bình của các tỷ lệ: cộng tử số và mẫu số rồi mới chia.",
        "SELECT unit_name, sum(numerator) AS on_time, sum(denominator) AS finished, round(100 * on_time / finished, 1) AS share\n"
        "FROM indicator_now\n"
        "WHERE code = 'DVC-002' AND level = 'commune' AND denominator > 0\n"
        "GROUP BY unit_name WITH ROLLUP\n"
        "ORDER BY unit_name = '', share, unit_name",
    ),
    Example(
        "Hồ sơ tiếp nhận theo tháng của một đơn vị",
        "`flow_period` cho một chỉ tiêu đếm sự kiện theo `day`, `week`, `month`, `quarter`, `year`; `tree = 'then'` là cây đơn vị của ngày đó, "
        "`'today'` là cây hôm nay.",
        "SELECT period_start, value, provisional\n"
        "FROM flow_period(code = 'DVC-001', grain = 'month', tree = 'today')\n"
        "WHERE level = 'province'\n"
        "ORDER BY period_start DESC",
    ),
    Example(
        "Hồ sơ đang giải quyết ở cuối mỗi ngày",
        "`state_period` cho một trạng thái ở cuối các ngày đã qua, tính từ lịch sử các phiên bản.",
        "SELECT period_start, value\n"
        "FROM state_period(code = 'DVC-004', grain = 'day', tree = 'today')\n"
        "WHERE level = 'province'\n"
        "ORDER BY period_start DESC\n"
        "LIMIT 30",
    ),
    Example(
        "Một số liệu báo cáo qua các quý, và bao nhiêu đơn vị đã báo cáo",
        "`report_period` cho một chỉ tiêu được báo cáo: `reported` trên `expected`; thiếu báo cáo thì còn tạm tính.",
        "SELECT period_start, value, reported, expected, provisional\n"
        "FROM report_period(code = 'KT-002', grain = 'quarter', tree = 'today')\n"
        "WHERE level = 'province'\n"
        "ORDER BY period_start DESC",
    ),
    Example(
        "Vì sao một xã được chừng ấy điểm?",
        "`composite_scores` có từng thành phần của điểm: giá trị, mức không điểm, mức tròn điểm. Phần chưa có số liệu là NULL.",
        "SELECT unit, part, value, zero, full, earned / 10000 AS earned, points / 10000 AS points\n"
        "FROM composite_scores\n"
        "WHERE code = 'DVC-064' AND level = 'commune'\n"
        "ORDER BY unit, points DESC, part\n"
        "LIMIT 200",
    ),
    Example(
        "Cuối năm có đạt không?",
        "`forecast_now` có dự báo mới nhất với khoảng tin cậy, cách tính và số kỳ đã dựa vào.",
        "SELECT code, name_vi, value, low, high, target, on_track, method, periods\n"
        "FROM forecast_now\n"
        "WHERE level = 'province'\n"
        "ORDER BY on_track, code",
    ),
    Example(
        "Một chỉ tiêu được tính thế nào?",
        "`indicators` là danh mục. Bảng điều mục được đọc với `FINAL`; `DESCRIBE` và `system.columns` cho biết nghĩa của từng cột.",
        "SELECT code, name_vi, kind, event, mode, period, direction, freshness_minutes, document, reference\n"
        "FROM indicators FINAL\n"
        "WHERE sector = 'DVC'\n"
        "ORDER BY code",
    ),
)

_A_PAGE = 2


def boards(world: World) -> Iterator[Dashboard]:
    """The analysts' board."""
    del world  # the statements are the same whatever the catalogue
    built = dashboard("analyst", "Dành cho người phân tích: bắt đầu từ SQL", ["analyst"]).refresh("1m")
    yield lay_out(built, [_page(EXAMPLES[first : first + _A_PAGE]) for first in range(0, len(EXAMPLES), _A_PAGE)])


def _page(examples: tuple[Example, ...]) -> Page:
    height = 24 // _A_PAGE
    tiles = []
    for place, example in enumerate(examples):
        tiles += [
            Tile(note(example.question, shown(example)), (0, place * height, 10, height)),
            Tile(rows("Kết quả", example.sql, [], empty="Không có dòng nào"), (10, place * height, 14, height)),
        ]
    return Page("; ".join(example.question.rstrip("?") for example in examples), tiles)


def shown(example: Example) -> str:
    """The text beside the table."""
    return f"{example.teaches}\n\n```sql\n{example.sql}\n```\n"
