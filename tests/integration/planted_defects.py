"""What goes wrong in a database, one thing at a time, and by which names the comparison of the engines must tell it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """Something that goes wrong.

    Attributes:
        tables: what is written; it is put back as it was.
        sql: does it, `{db}` being the database.
        codes: the indicators that are compared.
        told: how names of differences begin, each of which must be among those found.
        again: figures are looked up and the snapshot is taken again before anything is compared.
    """

    name: str
    tables: str
    sql: tuple[str, ...]
    codes: tuple[str, ...]
    told: tuple[str, ...]
    again: bool = False


def row(table: str, where: str, change: str) -> str:
    """A row of a table again, newer, with other values."""
    newer = {"sealed": "sealed_at", "state_days": "computed_at"}.get(table, "revision")
    order = "ORDER BY bucket DESC, unit, part LIMIT 1" if table == "partials" else "LIMIT 1"
    return (
        f"INSERT INTO {{db}}.{table} SELECT * REPLACE ({change}, {newer} + 1 AS {newer}) "
        f"FROM (SELECT * FROM {{db}}.{table} FINAL WHERE {where} {order})"
    )


PLUS_ONE = "arrayMap(x -> x + 1, measures) AS measures"
COUNTS = "arrayExists(x -> x > 0, measures)"
NOW_MS = "bitShiftLeft(toUnixTimestamp64Milli(now64(3)), 16)"
RECEIVED = "rollup_id = 'dossier_by_received_at'"


def again(kind: str, facet: str, change: str, where: str = "1") -> str:
    """An event of a kind again, changed."""
    return (
        f"INSERT INTO {{db}}.{kind}_history SELECT * REPLACE ({change}) FROM (SELECT * FROM {{db}}.{kind}_history FINAL "
        f"WHERE facet = '{facet}' AND NOT deleted AND {where} ORDER BY entity LIMIT 1)"
    )


DEFECTS = (
    Defect(
        "an hour is one too great", "partials", (row("partials", f"{RECEIVED} AND grain = 'hour' AND {COUNTS}", PLUS_ONE),),
        ("DVC-001",), ("cell dossier_by_received_at hour unit=",),
    ),
    Defect(
        "a day is one too great", "partials", (row("partials", f"{RECEIVED} AND grain = 'day' AND {COUNTS}", PLUS_ONE),),
        ("DVC-001",), ("cell dossier_by_received_at day unit=", "indicator_values DVC-001 unit="),
    ),
    Defect(
        "a state is one too great", "partials", (row("partials", f"rollup_id = 'facility_now' AND {COUNTS}", PLUS_ONE),),
        ("HT-006",), ("cell facility_now now unit=",),
    ),
    Defect(
        "an age is one too great", "partials",
        (row("partials", f"rollup_id = 'dossier_age_due_at' AND bucket < toUInt16(today()) AND {COUNTS}", PLUS_ONE),),
        ("DVC-003",), ("cell dossier_age_due_at day unit=",),
    ),
    Defect(
        "an old value wins", "partials",
        (row("partials", f"{RECEIVED} AND grain = 'day' AND {COUNTS}", "arrayMap(x -> toInt64(0), measures) AS measures"),),
        ("DVC-001",), ("cell dossier_by_received_at day unit=",),
    ),
    Defect(
        "the partials of one partition are missing", "partials",
        ("DELETE FROM {db}.partials WHERE rollup_id = 'facility_now' AND part = 1",),
        ("HT-006",), ("cell facility_now now unit=",),
    ),
    Defect(
        "days begin at midnight of another time zone", "partials",
        (
            row("partials", f"{RECEIVED} AND grain = 'day' AND {COUNTS}", "bucket - 1 AS bucket"),
            row("partials", f"{RECEIVED} AND grain = 'day' AND {COUNTS}", "arrayMap(x -> toInt64(0), measures) AS measures"),
        ),
        ("DVC-001",), ("cell dossier_by_received_at day unit=",),
    ),
    Defect(
        "a retraction is lost", "partials dossier",
        (
            again("dossier", "case", "'moved' AS entity", "status = 'processing'"),
            "FOLDED dossier_now moved 8",
            again("dossier", "case", "version + 1 AS version, 'elsewhere' AS unit", "entity = 'moved'"),
            "FOLDED dossier_now moved 9",
        ),
        ("DVC-027",), ("cell dossier_now now unit=",),
    ),
    Defect(
        "an event stands in the tables twice", "dossier", (again("dossier", "case", "'doubled' AS entity", "status = 'processing'"),),
        ("DVC-001",), ("indicator_values DVC-001 unit=", "indicator_now DVC-001 unit="),
    ),
    Defect(
        "a facet is lost", "dossier",
        ("DELETE FROM {db}.dossier_rating WHERE 1", "DELETE FROM {db}.dossier_history WHERE facet = 'rating'"),
        ("DVC-054",), ("cell dossier_by_rated_at day unit=", "indicator_values DVC-054 unit="),
    ),
    Defect(
        "another generation is live", "generations partials",
        (
            ("INSERT INTO {db}.generations SELECT * REPLACE ('ffffffffffff' AS generation, 'another' AS catalogue_hash, "
            "now64(6) AS active_from) FROM {db}.generations FINAL LIMIT 1"),
            "INSERT INTO {db}.partials SELECT * REPLACE ('ffffffffffff' AS generation, " + PLUS_ONE + ") FROM {db}.partials FINAL",
        ),
        ("DVC-001",), ("generation ffffffffffff catalogue_hash", "cell dossier_by_received_at day unit="),
    ),
    Defect(
        "a seal has gone stale", "sealed",
        (row("sealed", f"{RECEIVED} AND {COUNTS}", PLUS_ONE),),
        ("DVC-001",), ("sealed dossier_by_received_at day unit=", "indicator_values DVC-001 unit="),
    ),
    Defect(
        "an event came after its day was sealed", "dossier",
        (again("dossier", "case", "'late' AS entity, now64(6, 'UTC') - INTERVAL 100 DAY AS received_at"),),
        ("DVC-001",), ("sealed dossier_by_received_at day unit=",),
    ),
    Defect(
        "a seal was moved too far", "seals",
        ("INSERT INTO {db}.seals SELECT * REPLACE (sealed_until + 40 AS sealed_until) FROM {db}.seals FINAL WHERE " + RECEIVED,),
        ("DVC-001",), ("seals dossier_by_received_at sealed_until", "sealed dossier_by_received_at day unit="),
    ),
    Defect(
        "an alias belongs to another unit", "units",
        (row("units", "notEmpty(aliases)", "[] AS aliases"), row("units", "level = 'province'", "['000.00.02.H12'] AS aliases")),
        ("DVC-001",), ("unit_paths ", "units "), again=True,
    ),
    Defect(
        "a unit has another parent", "unit_lineage",
        (
            ("INSERT INTO {db}.unit_lineage SELECT * REPLACE ([unit, 'strange'] AS ancestors, revision + 1 AS revision) "
            "FROM {db}.unit_lineage FINAL WHERE length(ancestors) = 2 AND unit = ancestors[1]"),
        ),
        ("DVC-001",), ("unit_paths ", "unit_lineage ", "indicator_values DVC-001 unit="), again=True,
    ),
    Defect(
        "a successor is lost", "unit_lineage",
        (
            ("INSERT INTO {db}.unit_lineage SELECT * REPLACE (unit AS stands_for, arrayConcat([unit], [ancestors[-1]]) AS ancestors, "
            "revision + 1 AS revision) FROM (SELECT * FROM {db}.unit_lineage FINAL WHERE stands_for != unit)"),
        ),
        ("DVC-001",), ("unit_paths ", "unit_lineage "), again=True,
    ),
    Defect(
        "a statistic is counted twice", "partials", (row("partials", f"rollup_id = 'statistic_month' AND {COUNTS}", "7 AS part"),),
        ("KT-012", "GD-007"), ("cell statistic_month day unit=",),
    ),
    Defect(
        "a denominator is another measure", "formulas",
        (row("formulas", "code = 'DVC-002'", "if(denominator_position = 1, 2, 1) AS denominator_position"),),
        ("DVC-002",), ("formulas DVC-002 denominator_position", "indicator_values DVC-002 unit=", "indicator_now DVC-002 unit="),
        again=True,
    ),
    Defect(
        "a multiplier is wrong", "formulas", (row("formulas", "code = 'DVC-002'", "1 AS multiplier"),),
        ("DVC-002",), ("formulas DVC-002 multiplier", "indicator_values DVC-002 unit=", "indicator_now DVC-002 unit="), again=True,
    ),
    Defect(
        "a window ends a day early", "formulas", (row("formulas", "code = 'DVC-003'", "-40 AS window_to"),),
        ("DVC-003",), ("formulas DVC-003 window_to", "indicator_values DVC-003 unit="), again=True,
    ),
    Defect(
        "levels are lost", "indicators", (row("indicators", "code = 'DVC-001'", "['province'] AS levels"),),
        ("DVC-001",), ("indicators DVC-001 levels", "indicator_values DVC-001 unit=", "indicator_now DVC-001 unit="), again=True,
    ),
    Defect(
        "a current figure covers another period", "indicators", (row("indicators", "code = 'DVC-001'", "'day' AS period"),),
        ("DVC-001",), ("indicators DVC-001 period", "indicator_now DVC-001 unit="), again=True,
    ),
    Defect(
        "a year is its last month and not the sum", "indicators", (row("indicators", "code = 'KT-012'", "'last' AS over_time"),),
        ("KT-012",), ("indicators KT-012 over_time", "indicator_values KT-012 unit="), again=True,
    ),
    Defect(
        "too many are asked to report", "series",
        (
            ("INSERT INTO {db}.series SELECT * REPLACE (toNullable(200) AS reporters, revision + 1 AS revision) FROM {db}.series FINAL "
            "WHERE code = (SELECT series FROM {db}.indicators FINAL WHERE code = 'GD-007')"),
        ),
        ("GD-007",), ("series ", "indicator_values GD-007 unit="), again=True,
    ),
    Defect(
        "a calendar day is worked that is not", "calendar", (row("calendar", "NOT working", "true AS working"),),
        ("DVC-001",), ("calendar ",),
    ),
    Defect(
        "a part of a composite is lost", "composite_parts",
        (row("composite_parts", "part = 'DVC-002'", "1 AS gone"),),
        ("DVC-060",), ("composite_parts DVC-060", "composite_values DVC-060 unit="),
    ),
    Defect(
        "a target is another document's", "targets",
        (row("targets", "code IN ('DVC-002', 'DVC-054', 'HT-006')", "value / 2 AS value"),),
        ("DVC-002", "DVC-054", "HT-006"), ("targets ", "indicator_now "), again=True,
    ),
    Defect(
        "a status is wrong", "indicator_figures",
        (
            ("ALTER TABLE {db}.indicator_figures UPDATE status = if(status = 'good', 'bad', 'good') "
            "WHERE code = 'DVC-002' SETTINGS mutations_sync = 2"),
        ),
        ("DVC-002",), ("indicator_now DVC-002 unit=",),
    ),
    Defect(
        "a trend is wrong", "indicator_figures",
        (
            ("ALTER TABLE {db}.indicator_figures UPDATE trend = if(trend = 'up', 'down', 'up') "
            "WHERE code = 'DVC-001' SETTINGS mutations_sync = 2"),
        ),
        ("DVC-001",), ("indicator_now DVC-001 unit=",),
    ),
    Defect(
        "more have reported than have", "indicator_figures",
        ("ALTER TABLE {db}.indicator_figures UPDATE reported = reported + 1 WHERE code = 'GD-007' SETTINGS mutations_sync = 2",),
        ("GD-007",), ("indicator_now GD-007 unit=",),
    ),
    Defect(
        "the snapshot is of before", "partials facility",
        (
            again("facility", "facility", f"'new' AS entity, {NOW_MS} AS version", "type = 'info_system'"),
            "FOLDED facility_now new 9",
        ),
        ("HT-006",), ("indicator_now HT-006 unit=",),
    ),
    Defect(
        "states are those of the day before", "state_days",
        (
            ("INSERT INTO {db}.state_days SELECT * REPLACE (day + 1 AS day, computed_at + 1 AS computed_at) FROM {db}.state_days FINAL "
            "WHERE code = 'DVC-003' AND day < (SELECT min(until_day) - 1 FROM {db}.state_marks FINAL)"),
        ),
        ("DVC-003",), ("state_days DVC-003 unit=",),
    ),
    Defect(
        "a chart's day is one too great", "unit_days", (row("unit_days", "series = 'dossier_by_received_at' AND level = 'commune'", PLUS_ONE),),
        ("DVC-001",), ("unit_days dossier_by_received_at unit=",),
    ),
    Defect(
        "a chart's unit is of another level", "unit_days",
        (row("unit_days", f"series = 'dossier_by_received_at' AND level = 'commune' AND {COUNTS}", "'department' AS level"),),
        ("DVC-001",), ("unit_days dossier_by_received_at unit=",),
    ),
    Defect(
        "a chart's state is one too great", "unit_days",
        (
            row(
                "unit_days", "series = 'DVC-027' AND level = 'province' "
                "AND day = (SELECT max(day) FROM {db}.state_days WHERE code = 'DVC-027')", PLUS_ONE,
            ),
        ),
        ("DVC-027",), ("unit_days DVC-027 unit=",),
    ),
    Defect(
        "a chart's report is lost", "unit_days", ("DELETE FROM {db}.unit_days WHERE series = 'statistic_month' AND level = 'province'",),
        ("KT-012",), ("unit_days statistic_month unit=",),
    ),
)  # fmt: skip
