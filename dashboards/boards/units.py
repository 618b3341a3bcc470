"""The league table: the units of a level by the points of Decision 766/QĐ-TTg and of the emulation movement, and by their targets."""

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.boards.tiles import Page, Tile, behind, column, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.fields import Override, judged_columns
from dashboards.scores import ranking, ranking_columns
from dashboards.sql import text_of
from dashboards.variables import level_variable
from ioc.catalogue.indicator import Indicator

LEVEL = "${level:sqlstring}"
"""The level that is chosen, in SQL."""

_BESIDE = 6
"""Parts of a composite at most that half a page has room for."""

_TO_UNIT = ("Đơn vị này", links.unit(links.cell("unit")))


def totals(world: World) -> list[Indicator]:
    """The composites that are part of no other, in order of code."""
    composites = world.catalogue.composites.values()
    within = {part.code for one in composites for part in one.parts}
    return [one for one in composites if one.code not in within]


def parts_of(total: Indicator) -> list[str]:
    """The codes of the parts of a composite, each once, in the catalogue's order."""
    return list(dict.fromkeys(part.code for part in total.parts))


def points(total: Indicator, composites: set[str]) -> str:
    """A row a unit, a column a part: the points that it has earned there; null where the part has no figure."""
    parts = parts_of(total)
    if composites.issuperset(parts):
        columns = ", ".join(f"maxOrNullIf(value, code = {text_of(part)}) AS {_quoted(part)}" for part in parts)
        listed = ", ".join(text_of(part) for part in parts)
        return (
            f"SELECT unit, unit_name AS name, {columns},\n"
            "  min(as_of) AS as_of, min(freshness_minutes) AS freshness_minutes\n"
            "FROM indicator_now\n"
            f"WHERE level = {LEVEL} AND code IN ({listed})\n"
            "GROUP BY unit, unit_name\n"
            "ORDER BY name, unit"
        )
    columns = ", ".join(f"maxOrNullIf(s.earned, s.part = {text_of(part)}) / 10000 AS {_quoted(part)}" for part in parts)
    return (
        f"SELECT s.unit AS unit, u.name_vi AS name, {columns},\n"
        f"  (SELECT max(as_of) FROM figure_ages WHERE kind = {text_of(total.code)} AND unit = '') AS as_of\n"
        "FROM composite_scores AS s\n"
        "INNER JOIN (SELECT code, name_vi FROM units FINAL) AS u ON u.code = s.unit\n"
        f"WHERE s.level = {LEVEL} AND s.code = {text_of(total.code)}\n"
        "GROUP BY unit, name\n"
        "ORDER BY name, unit"
    )


def missing(totals: Sequence[Indicator]) -> str:
    """A row a part that some unit of the level has no figure of: of how many units, and the points at stake."""
    listed = ", ".join(text_of(one.code) for one in totals)
    return (
        "SELECT i.names[s.code] AS composite, s.part AS code, i.names[s.part] AS name, countIf(isNull(s.earned)) AS missing,\n"
        "  count() AS units, any(s.points) / 10000 AS points, i.owners[s.part] AS responsible\n"
        "FROM composite_scores AS s\n"
        "CROSS JOIN (\n"
        "  SELECT mapFromArrays(groupArray(code), groupArray(name_vi)) AS names, mapFromArrays(groupArray(code), groupArray(responsible)) AS owners\n"
        "  FROM indicators FINAL\n"
        ") AS i\n"
        f"WHERE s.level = {LEVEL} AND s.code IN ({listed})\n"
        "GROUP BY composite, code, name, responsible\n"
        "HAVING missing > 0\n"
        "ORDER BY missing * points DESC, composite, code"
    )


def standing() -> str:
    """A row a unit: how many of its targets it has reached, how many figures are not what they should be; most missed first."""
    return (
        "SELECT unit, unit_name AS name, countIf(status = 'bad') AS bad, countIf(status = 'warning') AS warning, countIf(status = 'good') AS good,\n"
        "  countIf(freshness IN ('late', 'stale')) AS late, countIf(freshness = 'no_data') AS no_data, count() AS indicators,\n"
        "  max(refreshed_at) AS as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM indicator_now\n"
        f"WHERE level IN ({LEVEL}, 'unknown')\n"
        "GROUP BY unit, unit_name\n"
        "ORDER BY bad DESC, warning DESC, late DESC, name"
    )


def boards(world: World) -> Iterator[Dashboard]:
    """The league table."""
    built = dashboard("units", "Xếp hạng các đơn vị", ["units"]).with_variable(
        level_variable("commune", world.province)
    )
    ranked = totals(world)
    composites = set(world.catalogue.composites)
    pages = [page for total in ranked for page in _ranked(total, world.catalogue.indicators, composites)]
    yield lay_out(built, [*pages, _compared(ranked)])


def _ranked(total: Indicator, indicators: dict[str, Indicator], composites: set[str]) -> Iterator[Page]:
    """The ranking and the points of the parts: side by side, where these are few enough to be read so."""
    names = [indicators[part] for part in parts_of(total)]
    worth = {part.code: part.points for part in total.parts}
    heads: list[Override] = [column("name", "Đơn vị", link=_TO_UNIT)]
    heads += [column(one.code, _head(one, composites), decimals=2) for one in names]
    legend = "\n".join(f"{one.code}: {one.name.vi} ({worth[one.code]:g} điểm)" for one in names)
    ranks = rows(
        f"{total.name.vi}: xếp hạng", ranking(text_of(total.code), LEVEL), [*ranking_columns(), *behind("points")],
        empty="Cấp này không chấm điểm",
        description=f"{total.provenance.document}. Tối đa {sum(part.points for part in total.parts):g} điểm. Hạng theo điểm đạt trên điểm chấm được; đơn vị bằng nhau cùng hạng. "
        "Thành phần thiếu số liệu không tính là 0 và không bỏ qua: xem cột cuối.",
    )  # fmt: skip
    parts = rows(
        f"{total.name.vi}: điểm từng thành phần", points(total, composites), [*heads, *behind("unit"), *judged_columns(None)],
        empty="Cấp này không chấm điểm", description=f"{legend}\nÔ trống: chưa có số liệu.",
    )  # fmt: skip
    if len(names) <= _BESIDE:
        yield Page(total.name.vi, [Tile(ranks, (0, 0, 12, 24)), Tile(parts, (12, 0, 12, 24))])
    else:
        yield Page(total.name.vi, [Tile(ranks, (0, 0, 24, 24))])
        yield Page(f"{total.name.vi}: thành phần", [Tile(parts, (0, 0, 24, 24))])


def _compared(ranked: Sequence[Indicator]) -> Page:
    stands = [
        column("name", "Đơn vị", link=_TO_UNIT),
        column("bad", "Chưa đạt", decimals=0),
        column("warning", "Cần chú ý", decimals=0),
        column("good", "Đạt", decimals=0),
        column("late", "Số liệu trễ, cũ", decimals=0),
        column("no_data", "Chưa có số liệu", decimals=0),
        column("indicators", "Số chỉ tiêu", decimals=0),
        *behind("unit"),
        *judged_columns(None),
    ]
    lacking = [
        column("composite", "Bộ chỉ số"),
        column("name", "Thành phần"),
        column("missing", "Đơn vị thiếu số liệu", decimals=0),
        column("units", "Trên tổng số", decimals=0),
        column("points", "Điểm tối đa", decimals=2),
        column("responsible", "Đơn vị chịu trách nhiệm"),
        *behind("code"),
    ]
    return Page(
        "So sánh các đơn vị",
        [
            Tile(rows("Kết quả theo đơn vị, nhiều chỉ tiêu chưa đạt trước", standing(), stands, empty="Không có đơn vị"), (0, 0, 13, 24)),
            Tile(rows("Thành phần chấm điểm chưa có số liệu", missing(ranked), lacking, empty="Đủ số liệu"), (13, 0, 11, 24)),
        ],
    )  # fmt: skip


def _head(part: Indicator, composites: set[str]) -> str:
    # Names of composites are short; those of other indicators make a table of a dozen columns unreadable, so the legend has them.
    words = part.name.vi.removeprefix("Điểm ")
    return words[0].upper() + words[1:] if part.code in composites else part.code


def _quoted(column: str) -> str:
    return f'"{column}"'
