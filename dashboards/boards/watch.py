"""The wall's lists over all sectors: who is worst off, what has changed, how many targets are reached, who is late, what contradicts.

Each is read from afar, without a head over its columns: a number's unit says what it counts.
"""

from collections.abc import Callable, Mapping, Sequence

from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Threshold

from dashboards import links
from dashboards.boards import findings, owed
from dashboards.boards.glance import WallLayout, Watch, WatchRow
from dashboards.boards.tiles import behind, column, rows
from dashboards.boards.vital import as_of_column, figures_panel
from dashboards.boards.world import World
from dashboards.fields import Override, judged_columns, setting
from dashboards.nature import NATURE
from dashboards.palette import BAD, GOOD, NEUTRAL, WARNING
from dashboards.query import Sql
from dashboards.sql import TODAY, text_of
from dashboards.vocabulary import AGE_UNIT, turn_mapping

MOST = 400
"""Rows at most: a list says how many it does not show, so it gets more than it can show."""

NO_DATA = "Không có dữ liệu"


def _without(prefix: str, name: str) -> str:
    """A name in SQL without the words it begins with, if it does, and with a capital again."""
    end = len(prefix)
    return f"if(startsWith({name}, '{prefix}'), concat(upperUTF8(substringUTF8({name}, {end + 1}, 1)), substringUTF8({name}, {end + 2})), {name})"


_NAME = _without("UBND ", "unit_name")
"""The name of a unit; of the committee of a commune that of the commune: Xã Phú Mỹ for UBND xã Phú Mỹ."""

_SHORT = _without("Tỷ lệ ", "name_vi")
"""The name of an indicator without the word for a share, which the sign behind its figure says."""


def worst(overdue: Sequence[str]) -> str:
    """A row a unit: how many of its targets are missed, how much is overdue in it (the sum of the indicators `overdue`); worst first."""
    counted = f"code IN ({', '.join(map(text_of, overdue))})"
    return (
        f"SELECT unit, {_NAME} AS name, countIf(status = 'bad') AS missed, toInt64(sumIf(value, "
        f"{counted})) AS overdue,\n"
        "  max(refreshed_at) AS as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM indicator_now\n"
        f"WHERE level != 'province' AND isNotNull(value) AND (isNotNull(target) OR {counted})\n"
        "GROUP BY unit, unit_name\n"
        "ORDER BY missed DESC, overdue DESC, name\n"
        f"LIMIT {MOST}"
    )


def changed(labels: Mapping[str, str]) -> str:
    """A row a figure of the province that has changed since the day began: targets newly missed or reached first, then the largest change.

    Looked at are targets, and the indicators of `labels` (code → short name). `change` is in percent of the figure before; of shares
    in percentage points. What began anew today, as the figures of a month on its first day, is compared with nothing.
    """
    codes, names = (", ".join(map(text_of, found)) for found in (labels.keys(), labels.values()))
    return (
        "WITH (\n"
        "  SELECT mapFromArrays(groupArray(code), groupArray((value, period_start)))\n"
        f"  FROM figures_at_dawn WHERE day = {TODAY}\n"
        ") AS dawn\n"
        "SELECT code, nature, unit, name, multiIf(turned != 'no', turned, went = better, went, concat('worse_', went)) AS movement,\n"
        "  abs(change) AS change, value, before, unit_of_measure, as_of, freshness_minutes\n"
        "FROM (\n"
        f"  SELECT code, {NATURE} AS nature, unit, transform(code, [{codes}], [{names}], {_SHORT}) AS name, dawn[code].1 AS before,\n"
        "    if(value > before, 'up', 'down') AS went, if(direction = 'none', went, direction) AS better,\n"
        "    value, unit_of_measure, refreshed_at AS as_of, toUInt32(5) AS freshness_minutes,\n"
        "    (value - before) * if(unit_of_measure = 'percent', 1, 100 / nullIf(abs(before), 0)) AS change,\n"
        "    if(direction = 'up', before >= target, before <= target) AS held,\n"
        "    multiIf(status = 'good' AND NOT held, 'new_reached', status IN ('warning', 'bad') AND held, 'new_missed', 'no') AS turned\n"
        "  FROM indicator_now\n"
        "  WHERE level = 'province' AND value != before AND (period_grain = 'now' OR period_start = dawn[code].2)\n"
        f"    AND (isNotNull(target) OR code IN ({codes}))\n"
        ")\n"
        "ORDER BY turned = 'no', abs(change) DESC NULLS LAST, code\n"
        f"LIMIT {MOST}"
    )


def reached() -> str:
    """One row: how many targets of the province are reached, near, missed, without a figure; how many will be reached at the year's end."""
    return (
        "SELECT nullIf(countIf(isNotNull(value)), 0) AS known,\n"
        "  if(isNull(known), NULL, countIf(status = 'good')) AS reached, if(isNull(known), NULL, countIf(status = 'warning')) AS near,\n"
        "  if(isNull(known), NULL, countIf(status = 'bad')) AS missed, if(isNull(known), NULL, countIf(status = 'none')) AS unjudged,\n"
        "  if(isNull(known), NULL, countIf(isNotNull(target))) AS aimed,\n"
        "  if(isNull(known), NULL, (\n"
        "    SELECT countIf(on_track IN ('yes', 'likely'))\n"
        "    FROM (SELECT on_track FROM forecasts FINAL WHERE level = 'province' ORDER BY code, year DESC, made_on DESC LIMIT 1 BY code)\n"
        "  )) AS expected,\n"
        "  max(refreshed_at) AS as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM indicator_now\n"
        "WHERE level = 'province' AND isNotNull(target)"
    )


def late() -> str:
    """A row a unit that owes reports, or answers for figures of systems that have stopped: how many, since when; longest first.

    Last come those of which nothing was ever heard: there nothing says since when it should have been.
    """
    return (
        f"SELECT nullIf(unit, '') AS unit, {_NAME} AS name, sum(owed) AS owed, min(overdue_since) AS overdue_since,\n"
        "  max(asked_at) AS as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM (\n"
        "SELECT unit, unit_name, owed, overdue_since, as_of AS asked_at FROM (\n"
        f"{owed.units()}\n"
        ")\n"
        "UNION ALL\n"
        "SELECT (SELECT mapFromArrays(groupArray(name_vi), groupArray(code)) FROM units FINAL WHERE level IN ('province', 'department'))[responsible]\n"
        "    AS unit, responsible AS unit_name, count() AS owed,\n"
        "  minIf(toNullable(as_of + toIntervalMinute(freshness_minutes)), freshness != 'no_data') AS overdue_since, max(refreshed_at) AS asked_at\n"
        "FROM indicator_now\n"
        "WHERE level = 'province' AND kind NOT IN ('latest', 'composite') AND freshness IN ('late', 'stale', 'no_data')\n"
        "GROUP BY responsible\n"
        ")\n"
        "GROUP BY unit, name\n"
        "ORDER BY overdue_since ASC NULLS LAST, owed DESC, name\n"
        f"LIMIT {MOST}"
    )


def contradictions() -> str:
    """A row a unit whose reports have open findings, most first; one row without a unit where there are reports and nothing is wrong."""
    return (
        "WITH (\n"
        "  SELECT (max(as_of), max(freshness_minutes), countIf(isNotNull(value))) FROM indicator_now\n"
        "  WHERE level = 'province' AND kind = 'latest'\n"
        ") AS source\n"
        f"SELECT toNullable(unit) AS unit, {_NAME} AS name, toNullable(findings) AS findings, found_at, source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM (\n{findings.by_unit()}\n)\n"
        "UNION ALL\n"
        "SELECT NULL, 'Chưa phát hiện sai lệch', NULL, NULL, source.1, source.2\n"
        "WHERE source.3 > 0 AND (SELECT count() FROM findings FINAL WHERE isNull(resolved_at)) = 0"
    )


def watch_panel(row: WatchRow, layout: WallLayout, world: World) -> stat.Panel | table.Panel:
    """The panel of a list, as the layout places it."""
    return _PANELS[row.draw](row.title, layout, world)


def _worst(title: str, layout: WallLayout, world: World) -> table.Panel:
    names = [f"{code}: {world.catalogue.indicators[code].name.vi}" for code in layout.overdue]
    told = (
        "Đơn vị có nhiều chỉ tiêu chưa đạt mục tiêu nhất; bằng nhau thì nhiều việc quá hạn nhất. Quá hạn là tổng của:\n"
        + "\n".join(names)
    )
    counted = [_counted("missed", "Chỉ tiêu chưa đạt", "chưa đạt", BAD), _counted("overdue", "Việc quá hạn", "trễ")]
    return _listed(title, worst(layout.overdue), [_unit(), *counted], told, ("Các đơn vị", links.board("units")))


def _changed(title: str, layout: WallLayout, world: World) -> table.Panel:
    labels = {vital.code: f"{tile.title}: {_lower(vital.label)}" for tile in layout.sector for vital in tile.vital}
    columns = [
        column("name", "Chỉ tiêu", link=("Chi tiết chỉ tiêu", links.indicator_of_row(unit=world.root))),
        column("movement", "Thay đổi", words=turn_mapping()),
        column("change", "So với đầu ngày", unit="percent", decimals=1),
        *behind("code", "nature", "unit", "value", "before", "unit_of_measure"),
    ]
    told = (
        "So với đầu ngày hôm nay: chỉ tiêu vừa đạt, vừa không còn đạt mục tiêu đứng trước, rồi đến thay đổi lớn nhất. "
        "Số lượng: phần trăm của số đầu ngày; tỷ lệ: điểm phần trăm."
    )
    onward = ("Mục tiêu", links.board("targets"))
    return _listed(title, changed(labels), columns, told, onward, empty="Hôm nay chưa ghi nhận thay đổi")


def _late(title: str, layout: WallLayout, world: World) -> table.Panel:
    del layout, world  # who owes what stands in the tables alone
    since = (
        "overdue_since",
        [setting("displayName", "Quá hạn từ"), setting("unit", AGE_UNIT), setting("noValue", "chưa từng")],
    )
    told = "Đơn vị còn nợ báo cáo, hoặc chịu trách nhiệm về chỉ tiêu mà hệ thống nguồn đã ngừng gửi; quá hạn lâu nhất trước."
    columns = [_unit(), column("owed", "Báo cáo, chỉ tiêu thiếu", decimals=0), since]
    panel = _listed(title, late(), columns, told, ("Độ mới số liệu", links.board("freshness")))
    return panel.no_value("Mọi đơn vị đã báo cáo")


def _findings(title: str, layout: WallLayout, world: World) -> table.Panel:
    del layout, world  # what is wrong stands in the tables alone
    columns = [_unit(), _counted("findings", "Sai lệch", "lỗi"), column("found_at", "Lâu nhất từ", unit=AGE_UNIT)]
    told = "Báo cáo mâu thuẫn với tử số, mẫu số, kỳ trước hoặc danh mục, còn tồn tại; theo đơn vị báo cáo."
    return _listed(title, contradictions(), columns, told, ("Số liệu cần kiểm tra", links.board("findings")))


def _targets(title: str, layout: WallLayout, world: World) -> stat.Panel:
    del layout, world  # the tables know the targets
    shown = {
        "reached": ("Đạt", GOOD),
        "near": ("Cần chú ý", WARNING),
        "missed": ("Chưa đạt", BAD),
        "unjudged": ("Thiếu số liệu", NEUTRAL),
        "expected": ("Dự báo sẽ đạt", NEUTRAL),
    }
    panel = figures_panel(title, [*(name for name, _ in shown.values()), "Cập nhật"]).with_target(Sql(reached()))
    panel.description(
        "Mục tiêu của tỉnh: kết quả đến nay, và số mục tiêu được dự báo sẽ đạt hoặc có thể đạt khi hết năm."
    )
    panel.links([links.panel_link("Mục tiêu", links.board("targets"))])
    for name, (label, color) in shown.items():
        panel.override_by_name(name, [setting("displayName", label), setting("decimals", 0), _from_one(color)])
    panel.override_by_name("aimed", [setting("displayName", "Số mục tiêu"), setting("decimals", 0)])
    panel.override_by_name("known", [setting("displayName", "Có số liệu"), setting("decimals", 0)])
    panel.override_by_name("as_of", as_of_column())
    return panel


_PANELS: dict[Watch, Callable[[str, WallLayout, World], stat.Panel | table.Panel]] = {
    "worst": _worst,
    "changed": _changed,
    "targets": _targets,
    "late": _late,
    "findings": _findings,
}


def _listed(
    title: str, sql: str, columns: Sequence[Override], told: str, onward: tuple[str, str], empty: str = NO_DATA
) -> table.Panel:
    panel = rows(title, sql, [*columns, *behind("unit"), *judged_columns(None)], empty=empty, description=told)
    return panel.show_header(False).filterable(False).links([links.panel_link(*onward)])


def _unit() -> Override:
    return column("name", "Đơn vị", link=("Đơn vị này", links.unit(links.cell("unit"))))


def _counted(name: str, shown: str, unit: str, color: str = NEUTRAL) -> Override:
    """A column of a number: its head, the word behind the number, and the colour from 1 on."""
    of, settings = column(name, shown, unit=f"suffix: {unit}", decimals=0)
    return of, [*settings, _from_one(color)]


def _from_one(color: str) -> DynamicConfigValue:
    """Neutral at none, coloured from 1 on."""
    return setting("thresholds", {"mode": "absolute", "steps": [Threshold(None, NEUTRAL), Threshold(1, color)]})


def _lower(label: str) -> str:
    """A label within a sentence: abbreviations and names keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
