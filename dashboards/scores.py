"""Composites: the units of a level by the points that they earned, and what a unit's points consist of."""

from grafana_foundation_sdk.builders import table

from dashboards import links
from dashboards.fields import Override, hidden, judged_columns, setting, table_panel, with_overrides
from dashboards.nature import NATURE
from dashboards.query import Sql
from dashboards.request import Request
from dashboards.sql import level_of, text_of


def ranking(code: str, level: str) -> str:
    """A row a unit, best first; units of which nothing can be judged come last, with no rank. `code` and `level` are SQL."""
    return (
        "SELECT c.unit AS unit, if(c.rank = 0, NULL, c.rank) AS rank, n.unit_name AS name, c.tied AS tied, c.earned AS earned,\n"
        "  c.available AS available, c.points AS points, toUInt32(length(c.missing)) AS missing,\n"
        "  n.as_of AS as_of, toString(n.freshness) AS freshness, n.freshness_minutes AS freshness_minutes\n"
        f"FROM (SELECT * FROM composite_values WHERE code = {code} AND level = {level}) AS c\n"
        "INNER JOIN (\n"
        f"  SELECT unit, unit_name, as_of, freshness, freshness_minutes FROM indicator_now WHERE code = {code} AND level = {level}\n"
        ") AS n ON n.unit = c.unit\n"
        "ORDER BY rank ASC NULLS LAST, name\n"
        "LIMIT 400"
    )


def parts(code: str, unit: str) -> str:
    """A row a part of a composite in a unit, most points lost first. `code` and `unit` are SQL."""
    return (
        "SELECT s.part AS code, n.nature AS nature, s.unit AS unit, n.name AS name, s.value AS value,\n"
        "  n.unit_of_measure AS unit_of_measure, s.zero AS zero, s.full AS full, s.earned / 10000 AS earned, s.points / 10000 AS points,\n"
        "  n.as_of AS as_of, n.freshness AS freshness, n.freshness_minutes AS freshness_minutes\n"
        f"FROM (SELECT * FROM composite_scores WHERE code = {code} AND unit = {unit}) AS s\n"
        "INNER JOIN (\n"
        f"  SELECT code, {NATURE} AS nature, name_vi AS name, unit_of_measure, as_of, toString(freshness) AS freshness, freshness_minutes\n"
        f"  FROM indicator_now WHERE unit = {unit}\n"
        ") AS n ON n.code = s.part\n"
        "ORDER BY points - ifNull(earned, 0) DESC, code"
    )


def ranking_panel(request: Request) -> table.Panel:
    """The units of a level by one composite."""
    panel = table_panel(request.row.title or f"{request.first.name.vi}: xếp hạng")
    panel.with_target(Sql(ranking(text_of(request.first.code), level_of(request.row.level))))
    return with_overrides(panel, ranking_columns())


def ranking_columns() -> list[Override]:
    """Overrides of `ranking`."""
    return [
        ("name", [setting("displayName", "Đơn vị"), links.row_link("Đơn vị này", links.unit(links.cell("unit")))]),
        ("rank", [setting("displayName", "Hạng"), setting("decimals", 0), setting("noValue", "–")]),
        ("tied", [setting("displayName", "Số đơn vị cùng hạng"), setting("decimals", 0)]),
        *points_columns(),
        ("available", [setting("displayName", "Điểm chấm được"), setting("decimals", 2)]),
        ("missing", [setting("displayName", "Thành phần thiếu số liệu"), setting("decimals", 0)]),
        ("unit", hidden()),
        *judged_columns(None),
    ]


def points_columns() -> list[Override]:
    """Overrides of `earned` and `points`."""
    return [
        ("earned", [setting("displayName", "Điểm đạt"), setting("unit", "none"), setting("decimals", 2)]),
        ("points", [setting("displayName", "Điểm tối đa"), setting("unit", "none"), setting("decimals", 2)]),
    ]
