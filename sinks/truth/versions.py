"""The versions of a kind as a history of states: for how long each was so, and what that makes on each day.

An entity is, at the end of a local day, what its facets' last versions up to then say; a version's time is that of the
source (`version` without the bits of its hash). From one change to the next it counts the same on every day, so its measures
are added where that begins and taken away where it ends; running totals over the days are the states.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ioc.catalogue.expr import Measure
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Compiled, Formula, MeasureRef
from ioc.clock import DAY_S, LOCAL_OFFSET_S
from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS
from sinks.clickhouse.oracle import condition_sql, local_day, measure_sql, seconds
from sinks.truth.states import StateDays
from sinks.truth.sums import Cells, Columnar, Ints, grouped

_DAY = f"intDiv(bitShiftRight(version, {VERSION_HASH_BITS}) + {LOCAL_OFFSET_S * 1000}, {DAY_S * 1000})"
_NEVER = 1_000_000
"""A day that does not come: until then an entity stays as its last version says."""

Window = tuple[int | None, int | None] | None


@dataclass(frozen=True)
class _Lane:
    """Measures that are counted on the same days: as long as a state lasts, or only while its time lies in a window of the day."""

    time: str | None
    window: Window
    measures: tuple[Measure, ...]


def state_days(
    client: Columnar, database: str, compiled: Compiled, kind: str, since: int, until: int
) -> dict[str, StateDays]:
    """Every state of a kind at the end of the days from `since` to `until` (exclusive), by code of the indicator."""
    formulas = [f for f in compiled.formulas.values() if f.mode in ("now", "age") and _kind(compiled, f) == kind]
    if not formulas or since >= until:
        return {}
    lanes = _lanes(compiled, formulas)
    places = [(lane, measure) for lane in lanes for measure in lane.measures]
    unit, where, edge, *sums = client.columns(_query(database, kind, lanes))
    deltas = [column.astype(np.int64) for column in sums]
    found = {}
    for formula in formulas:
        columns = []
        for ref, window in ((formula.numerator, formula.window), (formula.denominator, None)):
            if ref is None:
                continue
            lane, measure = _place(compiled, ref, window)
            place = next(i for i, (one, it) in enumerate(places) if it == measure and (one.time, one.window) == lane)
            rows = np.flatnonzero(where == lanes.index(places[place][0]))
            columns.append(_totals(unit.codes[rows], edge[rows].astype(np.int64), deltas[place][rows], since, until))
        found[formula.code] = _joined(unit.words, columns, since, until)
    return found


def _kind(compiled: Compiled, formula: Formula) -> str:
    return compiled.rollups[formula.numerator.rollup_id].kind


def _place(compiled: Compiled, ref: MeasureRef, window: Window) -> tuple[tuple[str | None, Window], Measure]:
    rollup = compiled.rollups[ref.rollup_id]
    measure = rollup.measures[ref.index]
    return (rollup.time, window), Measure((*measure.where, *rollup.where), measure.value)


def _lanes(compiled: Compiled, formulas: Iterable[Formula]) -> list[_Lane]:
    wanted: dict[tuple[str | None, Window], dict[Measure, None]] = {}
    for formula in formulas:
        for ref, window in ((formula.numerator, formula.window), (formula.denominator, None)):
            if ref is not None:
                lane, measure = _place(compiled, ref, window)
                wanted.setdefault(lane, {})[measure] = None
    return [_Lane(time, window, tuple(measures)) for (time, window), measures in wanted.items()]


def _totals(units: Ints, edges: Ints, deltas: Ints, since: int, until: int) -> tuple[Ints, Ints, Ints]:
    """Running totals by unit at the end of each day: units, days and totals that are not zero."""
    size = int(units.max()) + 1 if len(units) else 0
    grid = np.zeros((size, until - since + 1), np.int64)
    np.add.at(grid, (units, np.clip(edges, since, until) - since), deltas)
    totals = grid[:, :-1].cumsum(axis=1)
    found, days = np.nonzero(totals)
    return found, days + since, totals[found, days]


def _joined(raws: tuple[str, ...], columns: list[tuple[Ints, Ints, Ints]], since: int, until: int) -> StateDays:
    pairs = []
    for place, (_, _, totals) in enumerate(columns):
        pair = np.zeros((len(totals), 2), np.int64)
        pair[:, place] = totals
        pairs.append(pair)
    units, days = (np.concatenate([column[i] for column in columns]) for i in (0, 1))
    sums = grouped(units, days, np.concatenate(pairs))
    return StateDays(Cells(raws, sums.units, sums.starts, sums.measures), since, until, len(columns) > 1)


def _query(database: str, kind: str, lanes: list[_Lane]) -> str:
    """Rows (unit, number of the lane, day, sums of all lanes' measures): what begins or ends to count on the day."""
    measures = [(number, measure) for number, lane in enumerate(lanes) for measure in lane.measures]
    conditions = {" AND ".join(condition_sql(kind, c) for c in m.where) or "1" for _, m in measures}
    fields = {field for _, measure in measures for field in measure.fields} | {lane.time for lane in lanes if lane.time}
    edges = ", ".join(_edges(number, lane) for number, lane in enumerate(lanes))
    sums = ", ".join(
        f"{measure_sql(kind, measure, database)} * sign AS sum_{i}" for i, (_, measure) in enumerate(measures)
    )
    listed = ", ".join(f"sum(sum_{i})" for i in range(len(measures)))
    return (
        f"SELECT unit, lane, edge, {listed} FROM (\n"
        f"SELECT toLowCardinality(toString(unit)) AS unit, change.1 AS lane, change.2 AS edge, change.3 AS sign, {sums}\n"
        f"FROM ({_spells(database, kind, fields)}) ARRAY JOIN arrayConcat({edges}) AS change\n"
        f"WHERE NOT deleted AND ({' OR '.join(f'({c})' for c in sorted(conditions))})\n"
        "GROUP BY unit, lane, edge, sign) GROUP BY unit, lane, edge"
    )


def _edges(number: int, lane: _Lane) -> str:
    """The day on which a spell begins to count in a lane, and the one on which it no longer does."""
    if lane.time is None:
        return f"[({number}, toInt64(day), 1), ({number}, toInt64(until), -1)]"
    moment = local_day(seconds(lane.time))
    first, last = lane.window or (None, None)
    # A time lies in the window of a day D when D + first <= time <= D + last.
    begin = "toInt64(day)" if last is None else f"greatest(toInt64(day), {moment} - ({last}))"
    end = "toInt64(until)" if first is None else f"least(toInt64(until), {moment} - ({first}) + 1)"
    within = f"isNotNull(`{lane.time}`) AND ifNull({begin} < {end}, 0)"
    pair = f"[({number}, assumeNotNull({begin}), 1), ({number}, assumeNotNull({end}), -1)]"
    return f"if({within}, {pair}, [])"


def _spells(database: str, kind: str, fields: set[str]) -> str:
    """The entities of a kind as they were from the end of the day `day` until the end of the day before `until`."""
    specs = fields_of(kind)
    main, *others = KINDS[kind].facets
    mine = {f.name: sorted(name for name in fields if specs[name].facet == f.name) for f in KINDS[kind].facets}
    needed = [facet.name for facet in others if mine[facet.name]]
    if not needed:
        rows = _last_of_days(database, kind, main.name, mine[main.name])
    else:
        rows = _beside(database, kind, main.name, needed, mine)
    return (
        f"SELECT *, leadInFrame(day, 1, toInt32({_NEVER})) OVER "
        "(PARTITION BY entity ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS until\n"
        f"FROM ({rows})"
    )


def _last_of_days(database: str, kind: str, facet: str, fields: Iterable[str]) -> str:
    """The last version of a facet on each day that it has one."""
    listed = "".join(f", `{field}`" for field in fields)
    return (
        f"SELECT entity, toInt32({_DAY}) AS day, unit, deleted{listed} FROM {database}.{kind}_history\n"
        f"WHERE facet = '{facet}' ORDER BY entity, version DESC LIMIT 1 BY entity, day"
    )


def _beside(database: str, kind: str, main: str, others: list[str], fields: dict[str, list[str]]) -> str:
    """The union of facets on each day that one of them changes; of other facets only what is not deleted counts."""
    facets = ", ".join(f"'{name}'" for name in (main, *others))
    changes = f"SELECT DISTINCT entity, toInt32({_DAY}) AS day FROM {database}.{kind}_history WHERE facet IN ({facets})"
    shown = ["changes.entity AS entity", "changes.day AS day", "main.unit AS unit", "main.deleted AS deleted"]
    shown += [f"main.`{field}` AS `{field}`" for field in fields[main]]
    joins = _asof(database, kind, main, "main", fields[main], "INNER")
    for name in others:
        shown += [f"if({name}.deleted, NULL, {name}.`{field}`) AS `{field}`" for field in fields[name]]
        joins += _asof(database, kind, name, name, fields[name], "LEFT")
    return f"SELECT {', '.join(shown)}\nFROM ({changes}) AS changes{joins}"


def _asof(database: str, kind: str, facet: str, name: str, fields: Iterable[str], how: str) -> str:
    rows = _last_of_days(database, kind, facet, fields)
    return f"\nASOF {how} JOIN ({rows}) AS {name} ON changes.entity = {name}.entity AND changes.day >= {name}.day"


def kinds_of(compiled: Compiled) -> Iterator[str]:
    """Kinds that indicators of states read."""
    seen = {_kind(compiled, formula) for formula in compiled.formulas.values() if formula.mode in ("now", "age")}
    yield from sorted(seen)
