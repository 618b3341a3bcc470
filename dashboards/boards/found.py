"""What is wrong with reported figures (docs/findings.md), as the boards list it."""

from dashboards import links
from dashboards.boards.tiles import behind, column
from dashboards.fields import Override, finding_columns, judged_columns
from dashboards.sql import period_words
from dashboards.vocabulary import AGE_UNIT

MOST = 500
"""Rows at most: a table says how many it does not show, so it gets more than it can show."""


OWNERS = (
    "\n  SELECT o.raw_code AS raw_code, o.unit AS unit, u.name_vi AS name, u.contact AS contact\n"
    "  FROM unit_owners AS o\n"
    "  INNER JOIN (SELECT code, name_vi, contact FROM units FINAL) AS u ON u.code = o.unit\n"
)
"""The codes of sources, the unit that each is of, and whom to call there."""


OWNER = "if(o.unit = '', 'unknown', o.unit)"
"""The unit that a code of `OWNERS` (as `o`) stands for; `unknown`, as in `indicator_now`, where no unit has it."""


def findings(where: str, order: str = "f.found_at DESC") -> str:
    """A row a finding: `where` is a condition on `f` (findings) and `OWNER`, the unit whose code the report carries; both in SQL.

    `as_of` is the moment up to which reports were read; `code` and `indicator` name an indicator that the series feeds.
    """
    return (
        f"SELECT {OWNER} AS unit, if(o.name = '', f.unit, o.name) AS unit_name, i.code AS code, if(i.name = '', f.series, i.name) AS name,\n"
        f"  {period_words('f.period_grain', 'f.period_start')} AS period,\n"
        "  toString(f.reason) AS reason, f.stated AS stated, f.expected AS expected,\n"
        "  toNullable(f.found_at) AS found_at, f.resolved_at AS resolved_at, o.contact AS contact, i.responsible AS responsible,\n"
        "  (SELECT max(as_of) FROM figure_ages WHERE kind = 'statistic' AND unit = '') AS as_of\n"
        "FROM findings AS f FINAL\n"
        f"LEFT JOIN ({OWNERS}) AS o ON o.raw_code = f.unit\n"
        "ANY LEFT JOIN (\n"
        "  SELECT series, code, name_vi AS name, responsible FROM indicators FINAL WHERE series != ''\n"
        ") AS i ON i.series = f.series\n"
        f"WHERE {where}\n"
        f"ORDER BY {order}, f.entity, f.reason\n"
        f"LIMIT {MOST}"
    )


def columns(*without: str) -> list[Override]:
    """Overrides of `findings`; the figure leads to its indicator, the unit to the unit. Columns of `without` are not shown."""
    report = links.indicators("report", links.cell("code"), links.cell("unit"))
    shown = {
        **dict(finding_columns()),
        **dict(
            [
                column("unit_name", "Đơn vị", link=("Đơn vị này", links.unit(links.cell("unit")))),
                column("name", "Số liệu", link=("Chi tiết chỉ tiêu", report)),
                column("stated", "Báo cáo", decimals=2),
                column("expected", "Đối chiếu", decimals=2),
                column("resolved_at", "Hết sai lệch", unit=AGE_UNIT),
                column("contact", "Liên hệ"),
                column("responsible", "Đơn vị chịu trách nhiệm"),
            ]
        ),
        **dict(behind("code", "unit", *without)),
    }
    return [*shown.items(), *judged_columns(None)]
