"""All targets: the result so far, whether it is reached, the document that sets it, and where the year will end."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.dashboard import ValueMap

from dashboards import links
from dashboards.boards.rows import AGED, INDICATOR, OWNED, WORST, indicator_columns, tally
from dashboards.boards.tiles import Page, Tile, behind, column, counts, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.fields import Override, forecast_columns
from dashboards.sql import text_of
from dashboards.variables import LEVELS
from dashboards.vocabulary import on_track_mapping, status_mapping, texts, unit_mapping


def of_units() -> str:
    """A row a target that units below the province have: how many of them have reached it, fewest first."""
    return (
        "SELECT code, nature, name, level, target, unit_of_measure, countIf(status = 'good') AS good, countIf(status = 'warning') AS warning,\n"
        "  countIf(status = 'bad') AS bad, countIf(status = 'none') AS unjudged, responsible, document,\n"
        "  min(as_of) AS as_of, min(freshness_minutes) AS freshness_minutes\n"
        "FROM (\n"
        f"  SELECT {INDICATOR}, level, {OWNED}, {AGED}\n"
        "  FROM indicator_now WHERE level != 'province' AND target IS NOT NULL\n"
        ")\n"
        "GROUP BY code, nature, name, level, target, unit_of_measure, responsible, document\n"
        "ORDER BY good / count(), code, level"
    )


_PROJECTED = (
    "(\n"
    "  SELECT code, value, low, high, toString(on_track) AS on_track, made_on FROM forecasts FINAL\n"
    "  WHERE level = 'province' ORDER BY code, year DESC, made_on DESC LIMIT 1 BY code\n"
    ") AS f ON f.code = n.code\n"
)
"""The newest projection of each target of the province, as `forecast_now` has it without the names."""

_OUTLOOK = "if(f.on_track = '', 'unknown', f.on_track)"
"""Where the year will end; a target without a projection has too little history for one."""


def of_province() -> str:
    """A row a target of the province, worst first, with the projection to the end of the year where there is one."""
    return (
        f"SELECT n.*, f.value AS ends, f.low AS low, f.high AS high, {_OUTLOOK} AS on_track\n"
        "FROM (\n"
        f"  SELECT {INDICATOR}, {OWNED}, {AGED}, row_number() OVER (ORDER BY {WORST}) AS place\n"
        "  FROM indicator_now WHERE level = 'province' AND target IS NOT NULL\n"
        ") AS n\n"
        f"LEFT JOIN {_PROJECTED}"
        "ORDER BY place"
    )


def outlook() -> str:
    """A row an outlook: of how many targets of the province."""
    options = [(key, result.text) for key, result in on_track_mapping().options.items()]
    names = ", ".join(text_of(str(text)) for _, text in options)
    found = ", ".join(f"countIf(on_track = {text_of(key)})" for key, _ in options)
    return (
        "SELECT name, value, as_of, toUInt32(2 * 24 * 60) AS freshness_minutes\n"
        "FROM (\n"
        f"  SELECT [{names}] AS name, [{found}] AS value, max(made_on) AS as_of\n"
        "  FROM (\n"
        f"    SELECT {_OUTLOOK} AS on_track, f.made_on AS made_on\n"
        "    FROM (SELECT code FROM indicator_now WHERE level = 'province' AND target IS NOT NULL) AS n\n"
        f"    LEFT JOIN {_PROJECTED}"
        "  )\n"
        ")\n"
        "ARRAY JOIN name, value"
    )


def ever_set() -> str:
    """A row a target of any year and level, newest year first, with its document."""
    return (
        "SELECT t.code AS code, i.nature AS nature, i.name AS name, toString(t.year) AS year, t.level AS level, t.value AS target,\n"
        "  i.unit_of_measure AS unit_of_measure, i.responsible AS responsible, concat(t.document, ', ', t.reference) AS document\n"
        "FROM (SELECT * FROM targets FINAL) AS t\n"
        "INNER JOIN (\n"
        "  SELECT code, multiIf(kind = 'composite', 'composite', kind = 'latest', 'report', mode = 'flow', 'flow', 'state') AS nature,\n"
        "    name_vi AS name, unit_of_measure, responsible\n"
        "  FROM indicators FINAL\n"
        ") AS i ON i.code = t.code\n"
        "ORDER BY year DESC, code, level"
    )


def boards(world: World) -> Iterator[Dashboard]:
    """The board of targets."""
    of_root = indicator_columns()
    ends = [one for one in forecast_columns() if one[0] in ("low", "high", "on_track")]
    province = [
        *of_root,
        column("ends", "Dự báo cuối năm"),
        *ends,
        column("status", "Trạng thái", words=_results()),
        *behind("place", "document", "provisional"),
    ]
    counted = "level = 'province' AND target IS NOT NULL"
    yield lay_out(
        dashboard("targets", "Mục tiêu và kết quả", ["targets"]),
        [
            Page(
                "Mục tiêu của tỉnh",
                [
                    Tile(counts("Theo kết quả", tally("status", _results(), counted), "mục tiêu"), (0, 0, 12, 7)),
                    Tile(counts("Theo dự báo đến cuối năm", outlook(), "mục tiêu"), (12, 0, 12, 7)),
                    Tile(
                        rows("Mục tiêu, kết quả và dự báo", of_province(), province, empty="Chưa đặt mục tiêu"),
                        (0, 7, 24, 17),
                    ),
                ],
            ),
            Page(
                "Mục tiêu của các cấp, và mọi mục tiêu đã đặt",
                [
                    Tile(
                        rows("Mục tiêu của các đơn vị", of_units(), _below(world), empty="Chưa đặt mục tiêu"),
                        (0, 0, 24, 9),
                    ),
                    Tile(
                        rows("Mọi mục tiêu theo năm và cấp", ever_set(), _set(world), empty="Chưa đặt mục tiêu"),
                        (0, 9, 24, 15),
                    ),
                ],
            ),
        ],
    )


def _below(world: World) -> list[Override]:
    return [
        *indicator_columns(unit=world.root),
        column("level", "Cấp", words=_levels()),
        column("good", "Đơn vị đạt", decimals=0),
        column("warning", "Cần chú ý", decimals=0),
        column("bad", "Chưa đạt", decimals=0),
        column("unjudged", "Chưa đủ số liệu", decimals=0),
        *behind("document"),
    ]


def _set(world: World) -> list[Override]:
    return [
        column("name", "Chỉ tiêu", link=("Chi tiết chỉ tiêu", links.indicator_of_row(unit=world.root))),
        column("year", "Năm"),
        column("level", "Cấp", words=_levels()),
        column("target", "Mục tiêu"),
        column("unit_of_measure", "Đơn vị tính", words=unit_mapping()),
        column("responsible", "Đơn vị chịu trách nhiệm"),
        column("document", "Văn bản đặt mục tiêu"),
        *behind("code", "nature"),
    ]


def _results() -> ValueMap:
    """Words of `status` where there is a target: what is not judged has no figure, or too few reports for one."""
    words = {key: (str(result.text), result.color) for key, result in status_mapping().options.items()}
    return texts(words | {"none": ("Chưa đủ số liệu", None)})


def _levels() -> ValueMap:
    return texts({level: (name, None) for level, name in LEVELS.items()})
