"""The statements that fill `unit_days` and `unit_series`. Text only; what runs them, and when, is in `past`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sinks.clickhouse.columns import quoted
from sinks.clickhouse.seal import moment

NONE_AT = 100_000
"""A place beyond the end of a vector holds 0; place 0, of what is not there, would be refused."""

_LIVE = "(SELECT generation FROM {base}.active_generation)"

# Numbers of units in place of their names: half the time of grouping.
_UNITS = """WITH (
    SELECT arraySort(groupUniqArray((toString(level), toString(unit)))) FROM {base}.unit_places WHERE tree = 'today'
) AS units"""
_PLACES = """INNER JOIN (
        SELECT raw_code, valid_from, valid_to, toUInt16(indexOf(units, (toString(level), toString(unit)))) AS place
        FROM {base}.unit_places FINAL WHERE tree = 'today'
    ) AS p ON p.raw_code = if(t.unit IN (SELECT raw_code FROM {base}.unit_places), t.unit, '')
    WHERE t.day >= p.valid_from AND t.day < p.valid_to"""
_SPREAD = "SETTINGS join_output_by_rowlist_perkey_rows_threshold = 1000000"


@dataclass(frozen=True)
class Days:
    """Days of flows and reports, or of states: those of some series, or those of a kind's states written after a moment."""

    nature: Literal["flow", "state"]
    series: tuple[str, ...] = ()
    kind: str = ""
    since_ms: int = 0


def laid_out(base: str, build: int, revision: int, days: Days) -> str:
    """Adds up days by units. A state's row never goes: it becomes zero."""
    if days.nature == "flow":
        series, summed = "rollup_id", "sumForEach(t.measures)"
        rows = f"SELECT rollup_id, unit, bucket AS day, measures FROM {base}.day_parts WHERE rollup_id IN ({_listed(days.series)})"
    else:
        series, summed = "code", "[sum(t.above), sum(t.below)]"
        rows = f"SELECT code, unit, day, above, below FROM {base}.state_days FINAL WHERE {_states(base, days)}"
    return _filled(
        base,
        f"""SELECT {build}, series, units[place].1, units[place].2, day, measures, {revision}, 0
FROM (
    SELECT t.{series} AS series, p.place AS place, t.day AS day, {summed} AS measures
    FROM ({rows}) AS t
    {_PLACES}
    GROUP BY series, place, day
)""",
    )


def touched(base: str, build: int, revision: int) -> str:
    """Adds up anew what `figures_touched` names: of each day the units above the code; a row that has nothing any more goes."""
    return _filled(
        base,
        f"""SELECT {build}, series, units[place].1, units[place].2, day, measures, {revision}, cells = 0
FROM (
    SELECT t.rollup_id AS series, p.place AS place, t.day AS day, sumForEach(t.measures) AS measures, sum(t.cell) AS cells
    FROM (
        SELECT rollup_id, unit, bucket AS day, measures, 1 AS cell FROM {{base}}.day_parts
        WHERE rollup_id IN (SELECT rollup_id FROM {{base}}.figures_touched) AND bucket IN (SELECT day FROM {{base}}.figures_touched)
            AND rollup_id IN {_ROLLUPS} AND (rollup_id, bucket) IN (SELECT rollup_id, day FROM {{base}}.figures_touched)
        UNION ALL
        SELECT rollup_id, unit, day, CAST([], 'Array(Int64)') AS measures, 0 AS cell FROM {{base}}.figures_touched
        WHERE day >= 0 AND rollup_id IN {_ROLLUPS}
    ) AS t
    {_PLACES}
    GROUP BY series, place, day
    HAVING min(t.cell) = 0
)""",
    )


_ROLLUPS = "(SELECT numerator_rollup FROM {base}.live_facts WHERE mode IN ('flow', 'report'))"


def sealed_anew(base: str, moved: Iterable[tuple[str, int, int]]) -> str:
    """Notes the cells of the days that lie between the first that was not sealed and the one that is not now, by rollup."""
    spans = " OR ".join(
        f"(rollup_id = {quoted(rollup)} AND bucket >= {min(before, after)} AND bucket < {max(before, after)})"
        for rollup, before, after in moved
    )
    live = _LIVE.format(base=base)
    return (
        f"INSERT INTO {base}.figures_touched SELECT DISTINCT rollup_id, unit, bucket FROM {base}.partials "
        f"WHERE generation = {live} AND grain = 'day' AND ({spans}) "
        f"UNION DISTINCT SELECT rollup_id, unit, bucket FROM {base}.sealed WHERE generation = {live} AND ({spans})"
    )


def pointers(base: str, build: int, sealed: Mapping[str, int], marks: Mapping[str, Sequence[int]]) -> str:
    """Where each indicator's days are, and how far they reach."""
    sealed_map = _map(sealed, "Int32")
    first, until = (_map({kind: mark[place] for kind, mark in marks.items()}, "Int32") for place in (0, 1))
    return f"""INSERT INTO {base}.unit_series_next
WITH {sealed_map} AS sealed, {first} AS first_day, {until} AS until_day
SELECT code, mode, {build}, if(mode IN ('now', 'age'), code, toString(numerator_rollup)), levels,
    if(mode IN ('now', 'age'), 1, numerator_position),
    multiIf(denominator_position = 0, {NONE_AT}, mode IN ('now', 'age'), 2, denominator_position),
    if(reports_position = 0, {NONE_AT}, reports_position),
    multiplier, divisor, native, additivity, over_time, reporter, reporters,
    if(mode IN ('now', 'age'), first_day[event], 0), if(mode IN ('now', 'age'), until_day[event], sealed[numerator_rollup])
FROM {base}.live_facts"""


def _states(base: str, days: Days) -> str:
    live = f"generation = {_LIVE.format(base=base)}"
    if days.series:
        return f"{live} AND code IN ({_listed(days.series)})"
    codes = f"code IN (SELECT code FROM {base}.live_facts WHERE mode IN ('now', 'age') AND event = {quoted(days.kind)})"
    written = f"SELECT day FROM {base}.state_days WHERE {live} AND {codes} AND computed_at > {moment(days.since_ms)}"
    return f"{live} AND {codes} AND day IN ({written})"


def _filled(base: str, query: str) -> str:
    text = f"INSERT INTO {base}.unit_days (build, series, level, unit, day, measures, revision, gone)\n{_UNITS}\n{query}\n{_SPREAD}"
    return text.replace("{base}", base)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))


def _map(values: Mapping[str, int], kind: str) -> str:
    pairs = ", ".join(f"{quoted(name)}, {value}" for name, value in values.items())
    return f"CAST(map({pairs}), 'Map(String, {kind})')"
