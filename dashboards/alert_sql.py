"""The SQL of the alert rules: columns of text, which name the instance and stay the same while it lasts, and one number."""

from collections.abc import Iterable, Mapping

from dashboards.vocabulary import reason_mapping
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.unit_of_measure import SHOWN

STALE_TIMES = 3
"""So many times the minutes that an indicator allows are stale, as in `indicator_now`."""

DEFAULT_MINUTES = 60
"""Minutes that a stream is allowed whose kinds no indicator reads, as `ioc feeds` has it."""


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _worded(column: str, words: Mapping[str, str]) -> str:
    """A code's words; a code without words stays as it is."""
    found, said = (", ".join(_text(one) for one in side) for side in (words.keys(), words.values()))
    return f"transform(toString({column}), [{found}], [{said}], toString({column}))"


def _judged(sector: str, aimed: Iterable[Indicator], figure: str) -> str:
    units = sorted({one.unit for one in aimed})
    measure = _worded("n.unit_of_measure", {unit: SHOWN[unit].vi for unit in units})
    decimals = _worded("n.unit_of_measure", {unit: str(SHOWN[unit].decimals) for unit in units})
    return (
        f"SELECT n.code AS code, n.name_vi AS name, {measure} AS measure,\n"
        f"  {decimals} AS decimals,\n"
        "  replaceOne(toString(round(assumeNotNull(n.target), 3)), '.', ',') AS target,\n"
        "  n.responsible AS responsible, ifNull(n.target_document, '') AS document,\n"
        f"  {figure}\n"
        "FROM indicator_now AS n\n"
        f"WHERE n.sector = {_text(sector)} AND n.level = 'province' AND n.value IS NOT NULL AND n.target IS NOT NULL\n"
        "ORDER BY code"
    )


def off_target(sector: str, aimed: Iterable[Indicator]) -> str:
    """A row an indicator of the sector that has a target: how far off it is, in its unit of measure; 0 while it is not missed."""
    return _judged(
        sector, aimed, "if(n.status = 'bad', abs(assumeNotNull(n.value) - assumeNotNull(n.target)), 0) AS gap"
    )


def value_of(sector: str, aimed: Iterable[Indicator]) -> str:
    """The same rows with the value."""
    return _judged(sector, aimed, "assumeNotNull(n.value) AS value")


_AGES = (
    "SELECT a.source AS source, a.stream AS stream, a.unit AS unit, (a.age_s - a.planned_s) / 60 AS minutes,\n"
    "    minIf(l.allowed, l.allowed > 0) AS strictest,\n"
    f"    if(strictest = 0, {DEFAULT_MINUTES}, strictest) AS allowed\n"
    "  FROM feed_ages AS a ARRAY JOIN a.kinds AS kind\n"
    "  LEFT JOIN (\n"
    "    SELECT event, min(freshness_minutes) AS allowed FROM indicators FINAL GROUP BY event\n"
    "  ) AS l ON l.event = kind\n"
    "  WHERE a.source != 'fold'\n"
    "  GROUP BY source, stream, unit, minutes"
)


def stale_sources() -> str:
    """A row a stream: minutes without news that nobody planned, 0 while it is not stale."""
    return (
        "SELECT source, stream, toString(allowed) AS allowed_minutes,\n"
        f"  if(minutes > allowed * {STALE_TIMES}, minutes, 0) AS silent_minutes\n"
        f"FROM (\n  {_AGES}\n)\n"
        "WHERE unit = ''\n"
        "ORDER BY source, stream"
    )


def silent_units() -> str:
    """A row a stream in which units report themselves: how many of them are stale."""
    return (
        "SELECT source, stream,\n"
        f"  countIf(minutes > allowed * {STALE_TIMES}) AS silent_units\n"
        f"FROM (\n  {_AGES}\n)\n"
        "WHERE unit != ''\n"
        "GROUP BY source, stream\n"
        "ORDER BY source, stream"
    )


def overdue_reports(sectors: Mapping[str, str]) -> str:
    """A row a sector and responsible unit: reported figures of the province whose report is overdue."""
    return (
        f"SELECT n.sector AS sector, {_worded('n.sector', sectors)} AS sector_name, n.responsible AS responsible,\n"
        "  countIf(n.freshness = 'stale') AS overdue\n"
        "FROM indicator_now AS n\n"
        "WHERE n.kind = 'latest' AND n.level = 'province'\n"
        "GROUP BY sector, responsible\n"
        "ORDER BY sector, responsible"
    )


def findings() -> str:
    """A row a unit and reason: reports with something wrong that stand open."""
    reasons = {key: result.text or key for key, result in reason_mapping().options.items()}
    return (
        "SELECT f.unit AS unit, if(u.name_vi = '', f.unit, u.name_vi) AS unit_name,\n"
        f"  {_worded('f.reason', reasons)} AS reason,\n"
        "  count() AS reports\n"
        "FROM findings AS f FINAL\n"
        "LEFT JOIN unit_codes AS c ON c.raw_code = f.unit\n"
        "LEFT JOIN (SELECT code, name_vi FROM units FINAL) AS u ON u.code = c.unit\n"
        "WHERE isNull(f.resolved_at)\n"
        "GROUP BY unit, unit_name, reason\n"
        "ORDER BY unit, reason"
    )


def alive() -> str:
    """One row: there is an answer at all."""
    return "SELECT 'ClickHouse' AS server, 1 AS answers"
