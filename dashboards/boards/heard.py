"""What the sources were heard of last: streams, and units that report themselves."""

from dashboards import links
from dashboards.boards.found import OWNER, OWNERS
from dashboards.boards.tiles import behind, column
from dashboards.fields import Override, judged_columns
from dashboards.vocabulary import texts

_MINUTES = 60
"""Freshness of a stream whose kinds no indicator reads, as `ioc feeds` has it."""


_JUDGED = (
    "f.upto AS as_of, intDiv(f.planned_s, 60) AS planned_minutes, toInt32(allowed + planned_minutes) AS freshness_minutes,\n"
    "  multiIf(toUnixTimestamp64Second(f.upto) = 0, 'no_data', unplanned_s <= allowed * 60, 'fresh', unplanned_s <= allowed * 180, 'late', 'stale')\n"
    "    AS freshness"
)

_LIMITS = (
    "WITH (\n"
    "  SELECT mapFromArrays(groupArray(event), groupArray(minutes))\n"
    "  FROM (SELECT event, min(freshness_minutes) AS minutes FROM indicators FINAL GROUP BY event)\n"
    ") AS limits,\n"
    "  arrayMap(kind -> limits[kind], arrayFilter(kind -> mapContains(limits, kind), f.kinds)) AS minutes,\n"
    f"  if(empty(minutes), {_MINUTES}, arrayMin(minutes)) AS allowed,\n"
    "  f.age_s - f.planned_s AS unplanned_s\n"
)
"""A feed is judged by the strictest indicator of its kinds, as by `ioc feeds`."""

_OLDEST = "ORDER BY unplanned_s DESC, source, stream"


def streams() -> str:
    """A row a stream, oldest first, with what waits for a person."""
    return (
        f"{_LIMITS}"
        f"SELECT f.source AS source, f.stream AS stream, {_JUDGED},\n"
        "  h.alert AS alert\n"
        "FROM (SELECT * FROM feed_ages WHERE unit = '' AND source != 'fold') AS f\n"
        "INNER JOIN (SELECT source, stream, alert FROM feeds FINAL WHERE unit = '') AS h ON h.source = f.source AND h.stream = f.stream\n"
        f"{_OLDEST}"
    )


def reporting_units() -> str:
    """A row a stream and a unit that reports itself there, oldest first, with whom to call."""
    return (
        f"{_LIMITS}"
        f"SELECT {OWNER} AS unit, if(o.name = '', f.unit, o.name) AS unit_name, f.source AS source, f.stream AS stream, {_JUDGED},\n"
        "  o.contact AS contact\n"
        "FROM (SELECT * FROM feed_ages WHERE unit != '' AND source != 'fold') AS f\n"
        f"LEFT JOIN ({OWNERS}) AS o ON o.raw_code = f.unit\n"
        f"{_OLDEST}, unit_name"
    )


def streams_of(unit: str) -> str:
    """A row a stream, oldest first, and one more for what the unit itself has told of it; `unit` is SQL."""
    return (
        f"{_LIMITS}"
        "SELECT f.source AS source, f.stream AS stream, if(f.unit = '', 'all', 'own') AS whose,\n"
        f"  {_JUDGED}\n"
        "FROM feed_ages AS f\n"
        f"WHERE f.source != 'fold' AND (f.unit = '' OR f.unit IN (SELECT raw_code FROM unit_owners WHERE unit = {unit}))\n"
        f"{_OLDEST}, whose"
    )


def columns() -> list[Override]:
    """Overrides of the rows of feeds."""
    return [
        column("source", "Hệ thống"),
        column("stream", "Luồng"),
        column("unit_name", "Đơn vị", link=("Đơn vị này", links.unit(links.cell("unit")))),
        column("planned_minutes", "Bảo trì có kế hoạch (phút)", decimals=0),
        column("whose", "Của", words=texts({"all": ("Toàn tỉnh", None), "own": ("Đơn vị tự báo", None)})),
        column("alert", "Cần xử lý"),
        column("contact", "Liên hệ"),
        *behind("unit"),
        *judged_columns(None),
    ]
