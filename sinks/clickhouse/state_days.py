"""States at the end of past days, from the history of a kind in one pass.

Each version holds from the local day of its time to that of the next one. An entity is counted by `now` on all of those days,
by an age on those among them for which its moment lies in the window: either way from one day to another. So it adds to two
days only, one where it begins to count and one where it ends; the sums over the days before are the states. Text only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ioc.catalogue.expr import Measure
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Compiled, MeasureRef, Rollup
from ioc.clock import DAY_S, LOCAL_OFFSET_S
from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS, Kind
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.oracle import condition_sql, local_day, measure_sql, seconds
from sinks.clickhouse.seal import Days, moment

VERSION_DAY = f"toInt32({local_day(f'intDiv(bitShiftRight(version, {VERSION_HASH_BITS}), 1000)')})"
"""Local day of a version's time."""

_SPILL = "SETTINGS max_bytes_before_external_sort = 2000000000, max_bytes_before_external_group_by = 2000000000"

Window = tuple[int | None, int | None]


@dataclass(frozen=True)
class Term:
    """What a measure of a state adds to an indicator."""

    code: str
    measure: Measure
    below: bool


@dataclass
class States:
    """The states of a kind: for each rollup and window (None: `now`) the indicators that are counted so."""

    kind: Kind
    groups: dict[tuple[str, Window | None], list[Term]] = field(default_factory=dict)
    rollups: dict[str, Rollup] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """The indicators."""
        return sorted({term.code for terms in self.groups.values() for term in terms})

    def first_day(self, database: str) -> str:
        """Local day of the first version; no row without any."""
        return f"SELECT min({VERSION_DAY}) FROM {database}.{self.kind.name}_history HAVING count() > 0"

    def late(self, since_ms: int, condition: str, first: int, until: int, database: str) -> str:
        """Days from `first` and before `until` that versions stored since a moment hold for: pairs (first day, day after)."""
        return (
            f"SELECT DISTINCT greatest(day, {first}), least(next, {until}) FROM (\n"
            f"SELECT stored_at, {VERSION_DAY} AS day, leadInFrame({VERSION_DAY}, 1, {until}) OVER (PARTITION BY entity, facet "
            "ORDER BY version ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next\n"
            f"FROM {database}.{self.kind.name}_history FINAL WHERE {condition}\n"
            f") WHERE stored_at >= {moment(since_ms)} AND day < {until} AND next > {first} AND day < next"
        )

    def compute(self, days: Days, first: int, until: int, generation: str, at_ms: int, database: str) -> str:
        """Writes the states at the ends of `days`, which lie from `first` and before `until`.

        What stands there already and is no more becomes zero.
        """
        measures = sorted({term.measure for terms in self.groups.values() for term in terms}, key=repr)
        listed = ", ".join(
            "["
            + ", ".join(f"({quoted(t.code)}, {measures.index(t.measure) + 1}, {str(t.below).lower()})" for t in terms)
            + "]"
            for terms in self.groups.values()
        )
        vector = ", ".join(measure_sql(self.kind.name, measure, database) for measure in measures)
        edges = (
            f"SELECT _group, unit, _day, sumForEach(arrayMap(x -> x * _sign, _measures)) AS _change FROM (\n"
            f"SELECT _group, unit, _day, _sign, [{vector}] AS _measures FROM (\n{self._edges(first, until, database)}\n)\n"
            "GROUP BY _group, unit, _day, _sign) GROUP BY _group, unit, _day "
            f"ORDER BY _group, unit, _day WITH FILL FROM {first} TO {until}"
        )
        sums = (
            "SELECT _group, unit, _day, sumForEach(_change) OVER w AS _sums, countIf(notEmpty(_change)) OVER w AS _begun\n"
            f"FROM (\n{edges}\n) WINDOW w AS (PARTITION BY _group, unit ORDER BY _day "
            "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        )
        terms = (
            "SELECT _term.1 AS code, unit, toInt32(_day) AS day, if(_term.3, 0, _sums[_term.2]) AS above, "
            f"if(_term.3, _sums[_term.2], 0) AS below\nFROM (\n{sums}\n)\n"
            f"ARRAY JOIN [{listed}][_group] AS _term WHERE _begun > 0 AND {days.hold('_day')}"
        )
        codes = ", ".join(quoted(code) for code in self.codes)
        return (
            f"INSERT INTO {database}.state_days (generation, code, unit, day, above, below, computed_at)\n"
            f"SELECT {quoted(generation)}, code, unit, day, sum(above), sum(below), {moment(at_ms)} FROM (\n{terms}\n"
            f"UNION ALL\nSELECT code, unit, day, toInt64(0) AS above, toInt64(0) AS below FROM {database}.state_days "
            f"WHERE generation = {quoted(generation)} AND code IN ({codes}) AND {days.hold('day')}\n"
            f") GROUP BY code, unit, day {_SPILL}"
        )

    def _edges(self, first: int, until: int, database: str) -> str:
        """A row where an entity begins (sign 1) or ends (-1) to be counted in a group, with its fields."""
        spans = ", ".join(
            self._span(number, rollup_id, window) for number, (rollup_id, window) in enumerate(self.groups, 1)
        )
        return (
            f"SELECT *, _edge.1 AS _group, _edge.2 AS _day, _edge.3 AS _sign FROM (\n{self._versions(first, until, database)}\n)\n"
            "ARRAY JOIN arrayFlatten(arrayMap(s -> if(s.3 > s.2, "
            f"if(s.3 < {until}, [(s.1, s.2, 1), (s.1, s.3, -1)], [(s.1, s.2, 1)]), []), [{spans}])) AS _edge"
        )

    def _span(self, number: int, rollup_id: str, window: Window | None) -> str:
        """(number of the group, first day counted, day after the last one) of a version; from 0 to 0 when it is not counted."""
        rollup = self.rollups[rollup_id]
        begin, end = "_from", "_until"
        conditions = [condition_sql(rollup.kind, condition) for condition in rollup.where]
        # A version that answers no measure need not be looked at.
        wheres = {term.measure.where for term in self.groups[rollup_id, window]}
        if () not in wheres:
            answers = (" AND ".join(condition_sql(rollup.kind, c) for c in where) for where in sorted(wheres, key=repr))
            conditions.append("(" + " OR ".join(f"({answer})" for answer in answers) + ")")
        if window is not None:
            assert rollup.time is not None
            conditions.append(f"isNotNull(`{rollup.time}`)")
            day = f"toInt32(ifNull({local_day(seconds(rollup.time))}, 0))"
            start, stop = window
            if stop is not None:
                begin = f"greatest({begin}, {day} - {stop})"
            if start is not None:
                end = f"least({end}, {day} - {start} + 1)"
        met = " AND ".join(conditions) or "true"
        return f"(toUInt8({number}), if({met}, toInt32({begin}), 0), if({met}, toInt32({end}), 0))"

    def _versions(self, first: int, until: int, database: str) -> str:
        """What entities were and on which days: unit, the fields that are asked for, `_from` and `_until`.

        Of several versions of a day the last counts, of all before `first` too; a deleted facet has no fields, a deleted entity
        no row.
        """
        specs = fields_of(self.kind.name)
        asked = sorted({name for rollup in self.rollups.values() for name in rollup.fields})
        state = ", ".join(("unit", "deleted", *(f"`{name}`" for name in asked)))
        end = ((until * DAY_S - LOCAL_OFFSET_S) * 1000) << VERSION_HASH_BITS
        # In the order of the table, backwards: read as a stream, of each entity's days the last version comes first.
        last = (
            f"SELECT entity, facet, greatest({VERSION_DAY}, {first}) AS _from, tuple({state}) AS _state\n"
            f"FROM {database}.{self.kind.name}_history WHERE version < {end}\n"
            "ORDER BY entity DESC, facet DESC, version DESC LIMIT 1 BY entity, facet, _from"
        )
        facets = [facet.name for facet in self.kind.facets]
        used = {facets[0], *(specs[name].facet for name in asked)}
        running = [
            f"argMaxIf(_state, _from, facet = '{facet}') OVER w AS _{facet}" for facet in facets if facet in used
        ]
        held = (
            f"SELECT _from, leadInFrame(_from, 1, toInt32({until})) OVER (PARTITION BY entity ORDER BY _from, facet "
            "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS _until, "
            f"countIf(facet = '{facets[0]}') OVER w AS _known, {', '.join(running)}\nFROM (\n{last}\n)\n"
            "WINDOW w AS (PARTITION BY entity ORDER BY _from, facet ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        )
        shown = [f"_{facets[0]}.1 AS unit"]
        for place, name in enumerate(asked, 3):
            source = f"_{specs[name].facet}"
            shown.append(f"if({source}.2, NULL, {source}.{place}) AS `{name}`")
        return (
            f"SELECT {', '.join(shown)}, _from, _until FROM (\n{held}\n)\n"
            f"WHERE _known > 0 AND NOT _{facets[0]}.2 AND _from < _until"
        )


def states_of(compiled: Compiled) -> list[States]:
    """The states that indicators are made of, by kind."""
    found: dict[str, States] = {}
    for formula in compiled.formulas.values():
        if formula.mode not in ("now", "age"):
            continue
        terms: Iterable[tuple[MeasureRef | None, Window | None, bool]] = (
            (formula.numerator, formula.window, False), (formula.denominator, None, True),
        )  # fmt: skip
        for ref, window, below in terms:
            if ref is None:
                continue
            rollup = compiled.rollups[ref.rollup_id]
            states = found.setdefault(rollup.kind, States(KINDS[rollup.kind]))
            states.rollups[rollup.rollup_id] = rollup
            term = Term(formula.code, rollup.measures[ref.index], below)
            states.groups.setdefault((rollup.rollup_id, window), []).append(term)
    return [found[kind] for kind in sorted(found)]
