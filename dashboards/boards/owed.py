"""The reports that are due and not there, and the unit that owes each.

A series that one unit reports is owed by the unit that answers for its indicator; one that every unit of a level reports is owed by
each of them, and the sums above them say how many of how many have reported.
"""

from dashboards import links
from dashboards.boards.tiles import behind, column
from dashboards.fields import Override, judged_columns
from dashboards.vocabulary import AGE_UNIT

MOST = 500
"""Rows at most: a table says how many it does not show, so it gets more than it can show."""

_OWED = (
    "WITH (\n"
    "  SELECT (\n"
    "    mapFromArrays(groupArrayIf(name_vi, level IN ('province', 'department')), groupArrayIf(code, level IN ('province', 'department'))),\n"
    "    mapFromArrays(groupArray(code), groupArray(contact))\n"
    "  ) FROM units FINAL\n"
    ") AS units,\n"
    "  level = 'province' AS single,\n"
    "  if(single, units.1[responsible], unit) AS owner,\n"
    "  if(single, responsible, unit_name) AS owner_name\n"
)

_DUE = (
    "FROM indicator_now\n"
    "WHERE kind = 'latest' AND expected > 0 AND freshness IN ('late', 'stale', 'no_data')\n"
    "  AND single = (code IN (SELECT code FROM indicators FINAL WHERE series IN (SELECT code FROM series FINAL WHERE reporters = 1)))\n"
)

_SINCE = "if(freshness = 'no_data', NULL, as_of + toIntervalMinute(freshness_minutes))"
"""When the first missing report was due; null where the unit has never reported: then nothing says since when it should have."""


def reports() -> str:
    """A row a missing report, the longest overdue first, those that never came last."""
    return (
        f"{_OWED}"
        "SELECT owner AS unit, owner_name AS unit_name, code, name_vi AS name,\n"
        f"  {_SINCE} AS overdue_since, as_of, toString(freshness) AS freshness, freshness_minutes, responsible, units.2[owner] AS contact\n"
        f"{_DUE}"
        "ORDER BY overdue_since ASC NULLS LAST, unit_name, code\n"
        f"LIMIT {MOST}"
    )


def units() -> str:
    """A row a unit that owes reports: how many, how many of them never came, since when the first; most first."""
    return (
        "SELECT unit, unit_name, count() AS owed, countIf(freshness = 'no_data') AS never, min(due_at) AS overdue_since, contact,\n"
        "  max(refreshed_at) AS as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM (\n"
        f"{_OWED}"
        f"SELECT owner AS unit, owner_name AS unit_name, freshness, {_SINCE} AS due_at, refreshed_at, units.2[owner] AS contact\n"
        f"{_DUE}"
        ")\n"
        "GROUP BY unit, unit_name, contact\n"
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
