"""The SQL of one indicator in one unit: `${code}` and `${unit}` are variables of the dashboard, as are `${level}` and `${period}`."""

from collections.abc import Mapping

from dashboards.nature import Nature
from dashboards.roster import MOVEMENT
from dashboards.sql import GRAINS, PERIOD, SINCE, TODAY, freshness_of_kind, freshness_of_reports, period_words

CODE, UNIT, LEVEL = "${code:sqlstring}", "${unit:sqlstring}", "${level:sqlstring}"

_AGE = "as_of, toString(freshness) AS freshness, freshness_minutes"
_HERE = f"WHERE code = {CODE} AND unit = {UNIT}"

_MEASURE = f"(SELECT any(unit_of_measure) FROM indicators FINAL WHERE code = {CODE})"
"""The unit of measure of the chosen indicator."""

_MINUTES = f"(SELECT any(freshness_minutes) FROM indicators FINAL WHERE code = {CODE})"
"""Up to which age the chosen indicator is fresh."""

_COVERED = (
    "multiIf(period_grain = 'now', 'Hiện nay', period_grain = 'to_date', 'Lũy kế đến nay',\n"
    f"  {period_words('period_grain')})"
)

LEVEL_OR_OWN = (
    f"(SELECT if(has(levels, {LEVEL}), {LEVEL}, arrayFirst(l -> l NOT IN ('province', 'district'), levels))\n"
    f"  FROM indicators FINAL WHERE code = {CODE})"
)
"""The chosen level; of an indicator that is not computed for it, a level of its own that has units today."""

_GRAIN_OR_OWN = (
    f"(SELECT if(indexOf({list(GRAINS)}, grain) > indexOf({list(GRAINS)}, {PERIOD}), grain, {PERIOD})\n"
    f"  FROM indicators FINAL WHERE code = {CODE})"
)
"""The chosen length of periods; of what is reported on longer ones, theirs."""


def _source(nature: Nature) -> str:
    """How old what is shown is."""
    if nature == "report":
        return freshness_of_reports(f"code = {CODE} AND unit = {UNIT}")
    return freshness_of_kind("${kind:sqlstring}", UNIT, _MINUTES)


def figure() -> str:
    """One row: the figure as it stands."""
    return (
        f"SELECT value, unit_of_measure, target, toString(status) AS status, {_AGE}, period_grain, period_start\n"
        f"FROM indicator_now\n{_HERE}"
    )


def standing() -> str:
    """One row: the figure with the period that it is of, the one before, and whether it can still change."""
    return (
        "SELECT name_vi AS name, unit_name, value, unit_of_measure, target, toString(status) AS status, previous,\n"
        f"  {MOVEMENT} AS movement,\n  {_COVERED} AS period, toString(provisional) AS provisional,\n"
        f"  reported, expected, {_AGE}\n"
        f"FROM indicator_now\n{_HERE}"
    )


def answerable() -> str:
    """One row: who answers for the indicator and whom to ask, what sets its target, where the indicator comes from."""
    return (
        "SELECT lower(i.sector) AS sector_key, i.sector_vi AS sector, n.responsible AS responsible, ifNull(u.contact, '') AS contact,\n"
        "  concat(n.target_document, if(n.target_reference = '', '', concat(': ', n.target_reference))) AS document,\n"
        "  if(n.document = 'project', 'Hệ thống bổ sung, chưa có văn bản', n.document) AS origin\n"
        f"FROM (SELECT code, responsible, target_document, target_reference, document FROM indicator_now {_HERE}) AS n\n"
        f"INNER JOIN (SELECT code, sector, sector_vi FROM indicators FINAL WHERE code = {CODE}) AS i ON i.code = n.code\n"
        "LEFT JOIN (SELECT name_vi, max(contact) AS contact FROM units FINAL GROUP BY name_vi) AS u ON u.name_vi = n.responsible"
    )


def periods(nature: Nature, order: str) -> str:
    """A row a period of the chosen length; `order` is ASC or DESC."""
    grain = _GRAIN_OR_OWN if nature == "report" else PERIOD
    return (
        f"{_source(nature)}"
        f"SELECT {period_words(grain)} AS period, period_start, value, {_MEASURE} AS unit_of_measure, numerator, denominator, reported, expected,\n"
        "  toString(provisional) AS provisional, source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {nature}_past(code = {CODE}, grain = {grain})\n"
        f"WHERE unit = {UNIT} AND period_start > {SINCE.format(grain)} AND period_start <= {TODAY}\n"
        f"ORDER BY period_start {order}"
    )


def units() -> str:
    """A row a unit of the level, worst first; of an indicator without a direction the greatest first."""
    return (
        "SELECT unit, unit_name AS name, value, unit_of_measure, target, toString(status) AS status, previous,\n"
        f"  {MOVEMENT} AS movement, toString(provisional) AS provisional, {_AGE}\n"
        "FROM indicator_now\n"
        f"WHERE code = {CODE} AND level IN ({LEVEL_OR_OWN}, 'unknown') AND isNotNull(value)\n"
        "ORDER BY if(direction = 'up', value, -value), name\n"
        "LIMIT 400"
    )


def forecast() -> str:
    """One row where the indicator has a target: where it will stand at the end of the year. They are made once a day."""
    return (
        "SELECT value, low, high, unit_of_measure, target, on_track, periods, made_on AS as_of, toUInt32(2 * 24 * 60) AS freshness_minutes\n"
        f"FROM forecast_now\n{_HERE}"
    )


def findings() -> str:
    """A row a finding that stands open on the reports of the indicator, newest first."""
    return (
        "SELECT if(u.name_vi = '', f.unit, u.name_vi) AS unit_name,\n"
        f"  {period_words('f.period_grain', 'f.period_start')} AS period,\n"
        "  toString(f.reason) AS reason, f.stated AS stated, f.expected AS expected, toNullable(f.found_at) AS found_at\n"
        "FROM (\n"
        "  SELECT * FROM findings FINAL\n"
        f"  WHERE isNull(resolved_at) AND series = (SELECT series FROM indicators FINAL WHERE code = {CODE})\n"
        "  ORDER BY found_at DESC, entity, reason LIMIT 40\n"
        ") AS f\n"
        "LEFT JOIN unit_codes AS c ON c.raw_code = f.unit\n"
        "LEFT JOIN (SELECT code, name_vi FROM units FINAL) AS u ON u.code = c.unit\n"
        "ORDER BY f.found_at DESC, f.entity, f.reason"
    )


_KIND = "${kind:raw}"

_MOMENTS = (
    "arrayStringConcat(arrayMap(\n"
    "  (field, moment) -> concat(transform(field, {names}, {words}, field), ' ', formatDateTime(moment, '%d/%m/%Y %H:%i', 'Asia/Ho_Chi_Minh')),\n"
    "  mapKeys(times), mapValues(times)), ' · ')"
)


def items(nature: Nature, words: Mapping[str, str]) -> str:
    """A row an entity that the figure counts: of a flow in the period that is shown; what is due longest first.

    `words`: the fields of moments, in words.
    """
    since = "" if nature == "state" else f"WHERE day >= (SELECT any(period_start) FROM indicator_now {_HERE})\n"
    moments = _MOMENTS.replace("{names}", str(list(words))).replace("{words}", str(list(words.values())))
    return (
        f"{_source(nature)}"
        f"SELECT entity, source_unit, day, {moments} AS moments,\n"
        "  numerator, denominator, changed_at, source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {_KIND}_items(code = {CODE}, unit = {UNIT})\n"
        f"{since}ORDER BY day {'ASC' if nature == 'state' else 'DESC'}, changed_at DESC, entity\n"
        "LIMIT 100"
    )


def changes(nature: Nature) -> str:
    """A row an entity that has changed the figure since the local midnight, last first."""
    return (
        f"{_source(nature)}"
        "SELECT entity, reason, numerator_then, numerator_now, denominator_then, denominator_now, source_unit_now AS source_unit,\n"
        "  day_now AS day, changed_at, source.1 AS as_of, source.2 AS freshness_minutes\n"
        f"FROM {_KIND}_changes(code = {CODE}, unit = {UNIT},\n"
        "  moment = toString(toTimeZone(toStartOfDay(now('Asia/Ho_Chi_Minh')), 'UTC')))\n"
        "ORDER BY changed_at DESC, entity\n"
        "LIMIT 100"
    )
