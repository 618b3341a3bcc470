"""What is asked of ClickHouse for a citation, as SQL: texts of a viewer stand in it as literals only."""

from collections.abc import Iterable
from datetime import date

from dashboards.wall.cited.figure import Facts, Period
from dashboards.wall.interpolate import sqlstring

LOCAL_DAY = "toDate(toDateTime({at}, 'UTC'), 'Asia/Ho_Chi_Minh')"


def facts(code: str, unit: str, at: int) -> str:
    """One row where both are known: the indicator, how it is counted, the unit, the target of the moment's year, what was read."""
    year = f"toYear({LOCAL_DAY.format(at=at)})"
    return (
        "SELECT i.code AS code, i.name_vi AS name, toString(i.event) AS event, toString(i.mode) AS mode, i.period AS period, i.levels AS levels,\n"
        "  i.direction AS direction, toString(i.unit_of_measure) AS unit_of_measure, i.warning_margin AS warning_margin,\n"
        "  i.freshness_minutes AS freshness_minutes, i.responsible AS responsible,\n"
        "  f.denominator_position > 0 AS divided, f.multiplier AS multiplier, f.divisor AS divisor,\n"
        "  i.grain AS native, i.additivity AS additivity, i.over_time AS over_time,\n"
        "  u.name_vi AS unit_name, u.level AS level, t.target AS target, t.document AS target_document\n"
        f"FROM (SELECT * FROM indicators FINAL WHERE code = {sqlstring(code)}) AS i\n"
        f"CROSS JOIN (SELECT name_vi, level FROM units FINAL WHERE code = {sqlstring(unit)}) AS u\n"
        "LEFT JOIN live_facts AS f ON f.code = i.code\n"
        "LEFT JOIN (\n"
        f"  SELECT level, argMin(toNullable(value), (year > {year}, abs(year - {year}))) AS target,\n"
        f"    argMin(document, (year > {year}, abs(year - {year}))) AS document\n"
        f"  FROM targets FINAL WHERE code = {sqlstring(code)} GROUP BY level\n"
        ") AS t ON t.level = u.level"
    )


def readings(kinds: list[str], at: int) -> str:
    """A row a kind: when it was read first at all, and when last up to the moment (seconds since the epoch; 0: not by then)."""
    listed = ", ".join(sqlstring(kind) for kind in kinds)
    moment = f"toDateTime({at}, 'UTC')"
    return (
        "SELECT toString(kind) AS kind, toUnixTimestamp(min(first_observed_at)) AS first,\n"
        f"  toUnixTimestamp(maxIf(first_observed_at, first_observed_at <= {moment})) AS last\n"
        f"FROM version_reads WHERE kind IN ({listed}) GROUP BY kind"
    )


def counted(facts: Facts, unit: str, at: int, period: Period | None) -> str:
    """A row a day that anything was counted on: day, numerator, denominator, reports; of a state one row without a day."""
    where = "" if period is None else f"WHERE day BETWEEN '{period.first}' AND '{period.last}'\n"
    return (
        f"SELECT {'NULL' if facts.mode in ('now', 'age') else 'day'} AS day, sum(numerator) AS numerator, sum(denominator) AS denominator,\n"
        "  sum(reports) AS reports\n"
        f"FROM {facts.event}_cited(code = {sqlstring(facts.code)}, unit = {sqlstring(unit)}, moment = {_moment(at)})\n"
        f"{where}GROUP BY day"
    )


def expected(facts: Facts, unit: str, days: Iterable[date]) -> str:
    """One row: how many reports there should be of the periods that begin on these days."""
    listed = ", ".join(f"toInt32(toDate('{day}'))" for day in days)
    return (
        f"WITH [{listed}] AS days\n"
        "SELECT toInt64(ifNull(f.reporters * length(days),\n"
        "  toInt64(arraySum(d -> arrayCount(s -> d >= s.1 AND d < s.2, r.spans), days)))) AS expected\n"
        f"FROM (SELECT reporter, reporters FROM live_facts WHERE code = {sqlstring(facts.code)}) AS f\n"
        f"LEFT JOIN (SELECT * FROM unit_reporters FINAL WHERE tree = 'today' AND unit = {sqlstring(unit)}) AS r\n"
        "  ON r.reporter = f.reporter"
    )


def whole(facts: Facts, unit: str, period: Period) -> str:
    """One row: the whole of the cited period as it is known now."""
    nature = "report" if facts.mode == "report" else "flow"
    return (
        "SELECT value, numerator, denominator, provisional\n"
        f"FROM {nature}_period(code = {sqlstring(facts.code)}, grain = '{period.grain}', tree = 'today')\n"
        f"WHERE unit = {sqlstring(unit)} AND period_start = '{period.first}'"
    )


def parts(code: str, level: str) -> str:
    """A row a part of a composite at a level."""
    return (
        "SELECT p.part AS code, i.name_vi AS name, p.points AS points, p.zero AS zero, p.full AS full\n"
        f"FROM (SELECT * FROM composite_parts FINAL WHERE code = {sqlstring(code)} AND level = {sqlstring(level)}) AS p\n"
        "LEFT JOIN (SELECT code, name_vi FROM indicators FINAL) AS i ON i.code = p.part\nORDER BY p.points DESC, p.part"
    )


def today(codes: list[str], unit: str) -> str:
    """A row a code: the figure as it stands."""
    listed = ", ".join(sqlstring(code) for code in codes)
    return (
        "SELECT code, value, numerator, denominator, target, toString(status) AS status, toString(freshness) AS freshness,\n"
        "  period_grain, period_start, provisional, reported, expected,\n"
        "  toUnixTimestamp(as_of) AS as_of\n"
        f"FROM indicator_now WHERE unit = {sqlstring(unit)} AND code IN ({listed})"
    )


def changes(facts: Facts, unit: str, at: int, period: Period | None) -> str:
    """A row a reason: how many entities have changed the cited figure since, and by how much; of a period those within it."""
    then = now = "1"
    if period is not None:
        then, now = (
            f"ifNull({day} BETWEEN '{period.first}' AND '{period.last}', 0)" for day in ("day_then", "day_now")
        )
    return (
        "SELECT reason, count() AS entities, sum(above) AS numerator, sum(below) AS denominator\n"
        "FROM (\n"
        f"  SELECT reason, numerator_now * ({now}) - numerator_then * ({then}) AS above,\n"
        f"    denominator_now * ({now}) - denominator_then * ({then}) AS below\n"
        f"  FROM {facts.event}_changes(code = {sqlstring(facts.code)}, unit = {sqlstring(unit)}, moment = {_moment(at)})\n"
        ")\nWHERE above != 0 OR below != 0 GROUP BY reason ORDER BY entities DESC, reason"
    )


def _moment(at: int) -> str:
    return f"toString(toDateTime({at}, 'UTC'))"
