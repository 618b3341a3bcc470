"""The roster: a table with a row for each indicator, and on it what a leader asks of a figure.

How it stands against its target and against the period before, which unit stands out, who answers for it and how old it is. The row
leads to the indicator, its unit that stands out to that unit.
"""

from grafana_foundation_sdk.builders import table

from dashboards import links
from dashboards.fields import Override, hidden, judged_columns, setting, table_panel, with_overrides
from dashboards.nature import NATURE
from dashboards.query import Sql
from dashboards.request import Request
from dashboards.sql import codes_of, level_of
from dashboards.vocabulary import movement_mapping, unit_mapping

MOVEMENT = "if(trend IN ('up', 'down') AND direction != 'none' AND trend != direction, concat('worse_', trend), toString(trend))"
"""Where the figure went since the period before, and whether that is for the worse, in SQL over `indicator_now`."""


_OF_PROVINCE = {
    "nature": NATURE,
    "unit": "unit",
    "name": "name_vi",
    "value": "value",
    "unit_of_measure": "unit_of_measure",
    "target": "target",
    "status": "toString(status)",
    "previous": "previous",
    "movement": MOVEMENT,
    "responsible": "responsible",
    "as_of": "as_of",
    "freshness": "toString(freshness)",
    "freshness_minutes": "freshness_minutes",
}
"""Columns of the province's figure: name, and how it follows from `indicator_now`."""


def roster(request: Request) -> str:
    """A row an indicator, in the order given: the province's figure, and of the units of a level the one that stands out.

    That is the unit with the worst value; of an indicator without a direction the one with the greatest.
    """
    codes, level = codes_of(request.indicators), level_of(request.row.level)
    columns = "".join(f"  province.{place} AS {name},\n" for place, name in enumerate(_OF_PROVINCE, start=1))
    return (
        "SELECT code,\n"
        f"{columns}"
        "  extreme.1 AS outlier_unit, extreme.2 AS outlier, extreme.3 AS outlier_value\n"
        "FROM (\n"
        f"  SELECT code, anyIf(({', '.join(_OF_PROVINCE.values())}), level = 'province') AS province,\n"
        "    if(any(direction) = 'up', argMinIf((unit, unit_name, value), value, counted),\n"
        "      argMaxIf((unit, unit_name, value), value, counted)) AS extreme\n"
        f"  FROM (SELECT *, level = {level} AND isNotNull(value) AS counted FROM indicator_now)\n"
        f"  WHERE code IN ({codes}) AND level IN ('province', {level})\n"
        "  GROUP BY code\n"
        ")\n"
        f"ORDER BY indexOf([{codes}], code)"
    )


def roster_panel(request: Request) -> table.Panel:
    """The table."""
    panel = table_panel(request.row.title or "Các chỉ tiêu")
    panel.with_target(Sql(roster(request)))
    return with_overrides(panel, [*_columns(), *judged_columns(None)])


def _columns() -> list[Override]:
    own = links.indicator_of_row(unit=links.cell("unit"))
    return [
        ("name", [setting("displayName", "Chỉ tiêu"), links.row_link("Chi tiết chỉ tiêu", own)]),
        ("value", [setting("displayName", "Giá trị")]),
        ("unit_of_measure", [setting("displayName", "Đơn vị tính"), setting("mappings", [unit_mapping()])]),
        ("previous", [setting("displayName", "Kỳ trước")]),
        ("movement", [setting("displayName", "Xu hướng"), setting("mappings", [movement_mapping()])]),
        ("responsible", [setting("displayName", "Đơn vị chịu trách nhiệm")]),
        (
            "outlier",
            [
                setting("displayName", "Đơn vị nổi bật"),
                links.row_link("Đơn vị này", links.unit(links.cell("outlier_unit"))),
            ],
        ),
        ("outlier_value", [setting("displayName", "Giá trị của đơn vị")]),
        *((name, hidden()) for name in ("code", "nature", "unit", "outlier_unit")),
    ]
