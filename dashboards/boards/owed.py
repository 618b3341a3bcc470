"""The reports that are due and not there, and the unit that owes each, as `reports_owed` has them: what reminders go by too."""

from dashboards import links
from dashboards.boards.tiles import behind, column
from dashboards.fields import Override, judged_columns
from dashboards.sql import period_words
from dashboards.vocabulary import AGE_UNIT

MOST = 500
"""Rows at most: a table says how many it does not show, so it gets more than it can show."""

_AGED = (
    "LEFT JOIN (SELECT code, contact FROM units FINAL) AS u ON u.code = o.unit\n"
    "CROSS JOIN (SELECT min(as_of) AS as_of, toUInt32(60) AS freshness_minutes FROM figure_ages WHERE kind = 'statistic' AND unit = '') AS a\n"
)
"""With whom to call, and as of when reports were read."""

_SINCE = "toNullable(toDateTime(o.due + 1, 'Asia/Ho_Chi_Minh'))"
"""The moment from which it was late."""


def reports() -> str:
    """A row a missing report, or a run of daily or weekly ones: the longest overdue first."""
    return (
        "SELECT o.unit AS unit, o.unit_name AS unit_name, i.code AS code, s.name_vi AS name,\n"
        f"  {period_words('o.period_grain', 'o.period_start')} AS period, o.periods AS periods,\n"
        f"  {_SINCE} AS overdue_since, multiIf(o.never, 'no_data', o.stale, 'stale', 'late') AS freshness, i.responsible AS responsible,\n"
        "  u.contact AS contact, a.as_of AS as_of, a.freshness_minutes AS freshness_minutes\n"
        "FROM reports_owed AS o\n"
        "INNER JOIN (SELECT code, name_vi FROM series FINAL) AS s ON s.code = o.series\n"
        "INNER JOIN (\n"
        "  SELECT series, code, responsible FROM indicators FINAL WHERE series != '' ORDER BY code LIMIT 1 BY series\n"
        ") AS i ON i.series = o.series\n"
        f"{_AGED}"
        "ORDER BY o.due, unit_name, code\n"
        f"LIMIT {MOST}"
    )


def units() -> str:
    """A row a unit that owes reports: how many, how many of them never came, since when the first; most first."""
    return (
        "SELECT o.unit AS unit, o.unit_name AS unit_name, sum(o.periods) AS owed, countIf(o.never) AS never,\n"
        f"  min({_SINCE}) AS overdue_since, any(u.contact) AS contact, any(a.as_of) AS as_of, any(a.freshness_minutes) AS freshness_minutes\n"
        "FROM reports_owed AS o\n"
        f"{_AGED}"
        "GROUP BY unit, unit_name\n"
        "ORDER BY owed DESC, unit_name"
    )


def coverage() -> str:
    """A row an indicator of which not all reports are there: how many of how many, fewest first."""
    return (
        "SELECT code, 'report' AS nature, unit, name_vi AS name, reported, expected, 100 * reported / expected AS share,\n"
        "  responsible, as_of, toString(freshness) AS freshness, freshness_minutes\n"
        "FROM indicator_now\n"
        "WHERE kind = 'latest' AND level = 'province' AND reported < expected\n"
        "ORDER BY share, expected DESC, code"
    )


def columns() -> list[Override]:
    """Overrides of the three."""
    return [
        column("unit_name", "Đơn vị phải báo cáo", link=("Đơn vị này", links.unit(links.cell("unit")))),
        column("owed", "Báo cáo còn thiếu", decimals=0),
        column("never", "Chưa báo cáo lần nào", decimals=0),
        column("period", "Kỳ báo cáo"),
        column("periods", "Số kỳ", decimals=0),
        column("overdue_since", "Quá hạn từ", unit=AGE_UNIT),
        column("contact", "Liên hệ"),
        column(
            "name",
            "Chỉ tiêu",
            link=("Chi tiết chỉ tiêu", links.indicators("report", links.cell("code"), links.cell("unit"))),
        ),
        column("reported", "Đã có", decimals=0),
        column("expected", "Phải có", decimals=0),
        column("share", "Tỷ lệ", unit="percent", decimals=1),
        column("responsible", "Đơn vị chịu trách nhiệm"),
        *behind("code", "nature", "unit"),
        *judged_columns(None),
    ]
