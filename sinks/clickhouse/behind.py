"""What is behind a figure: the entities that it counts, and what has changed among them since a moment.

For each kind two views. `<kind>_items(code = …, unit = …)`: the entities that the indicator counts in the unit by today's tree,
with what each adds to numerator and denominator; added up over the days of a period they are the figure. `<kind>_changes(code = …,
unit = …, moment = …)`: the entities that add something else than what was known at the moment, and why.

The indicators follow from the catalogue and the code is a constant of the question, so that of the long choice between them
one branch is left when the question is planned.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from ioc.catalogue.expr import Measure
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Compiled, Formula, MeasureRef
from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS, Kind
from sinks.clickhouse.columns import data_columns, quoted
from sinks.clickhouse.derived import union_select
from sinks.clickhouse.oracle import condition_sql, local_day, seconds, value_sql
from sinks.clickhouse.reads import known_of
from sinks.clickhouse.render import TODAY, Target, render

_WORD = re.compile(r"'(?:[^'\\]|\\.)*'")
"""A quoted text in SQL."""

_FIELD = re.compile(r"`(\w+)`")
"""A field of the kind in an expression."""

CODE = "{code:String}"
UNIT = "{unit:String}"
MOMENT = "{moment:DateTime64(6, 'UTC')}"
THEN = "toInt32(toDate({moment:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh'))"
CHANGED_AT = f"fromUnixTimestamp64Milli(bitShiftRight(version, {VERSION_HASH_BITS}), 'UTC')"


def behind_statements(target: Target, compiled: Compiled) -> Iterator[str]:
    """The two views of each kind that an indicator reads."""
    for name, formulas in by_kind(compiled):
        kind = KINDS[name]
        terms = Terms(kind, compiled, formulas, target.database)
        yield parameterised(
            f"{name}_items", _items(kind, terms), target,
            f"What an indicator of {name} counts: {name}_items(code = …, unit = …); the entities by today, with what each adds",
        )  # fmt: skip
        yield parameterised(
            f"{name}_changes", _changes(kind, terms, target), target,
            f"What has changed in what an indicator of {name} counts since a moment (UTC), and why: "
            f"{name}_changes(code = …, unit = …, moment = …)",
        )  # fmt: skip


def by_kind(compiled: Compiled) -> Iterable[tuple[str, list[Formula]]]:
    """The indicators that read each kind."""
    found: dict[str, list[Formula]] = {}
    for formula in compiled.formulas.values():
        found.setdefault(compiled.rollups[formula.numerator.rollup_id].kind, []).append(formula)
    return sorted(found.items())


class Terms:
    """What an entity adds to the indicator in question, as expressions over the columns of its kind."""

    def __init__(self, kind: Kind, compiled: Compiled, formulas: list[Formula], database: str) -> None:
        self._kind, self._compiled, self._formulas, self._database = kind, compiled, formulas, database

    def above(self, today: str) -> str:
        """What it adds to the numerator on a day; `today`: that day, as an expression."""
        return self._chosen(lambda formula: self._added(formula.numerator, formula.window, today), "0")

    def below(self, today: str) -> str:
        """What it adds to the denominator."""
        return self._chosen(
            # The window is the numerator's alone.
            lambda formula: self._added(formula.denominator, None, today) if formula.denominator else "0", "0"
        )  # fmt: skip

    @property
    def reports(self) -> str:
        """What it adds to the count of reports; 0 where nothing is reported."""
        return self._chosen(lambda formula: self._added(formula.reports, None, "0") if formula.reports else "0", "0")

    @property
    def day(self) -> str:
        """Local day that it is counted on; null where the present is counted."""
        return self._chosen(lambda formula: self._day(formula.numerator.rollup_id), "NULL")

    @property
    def fields(self) -> set[str]:
        """The fields that the expressions read."""
        said = " ".join((self.above(TODAY), self.below(TODAY), self.day))
        return set(_FIELD.findall(_WORD.sub("", said)))

    @property
    def by_calendar(self) -> str:
        """Whether days that pass change what is counted; empty when they change nothing of any."""
        codes = [quoted(formula.code) for formula in self._formulas if formula.mode == "age"]
        return f"{CODE} IN ({', '.join(codes)})" if codes else ""

    def _chosen(self, expression: Callable[[Formula], str], otherwise: str) -> str:
        alike: dict[str, dict[str, list[str]]] = {}
        for formula in self._formulas:
            text = expression(formula)
            if text != otherwise:
                alike.setdefault(_WORD.sub("?", text), {})[formula.code] = _WORD.findall(text)
        return _choice([_alike(shape, words) for shape, words in alike.items()], otherwise)

    def _day(self, rollup_id: str) -> str:
        time = self._compiled.rollups[rollup_id].time
        return "NULL" if time is None else f"toInt32({local_day(seconds(time))})"

    def _added(self, ref: MeasureRef, window: tuple[int | None, int | None] | None, today: str) -> str:
        rollup = self._compiled.rollups[ref.rollup_id]
        measure: Measure = rollup.measures[ref.index]
        conditions = [condition_sql(rollup.kind, condition) for condition in (*rollup.where, *measure.where)]
        if rollup.time is not None:
            conditions.append(f"isNotNull(`{rollup.time}`)")
            day = local_day(seconds(rollup.time))
            first, last = window or (None, None)
            conditions += [f"ifNull({day} >= {today} + ({first}), 0)"] if first is not None else []
            conditions += [f"ifNull({day} <= {today} + ({last}), 0)"] if last is not None else []
        value = value_sql(measure.value, self._database)
        held = " AND ".join(["NOT deleted", *conditions])
        return f"if({held}, toInt64({value}), 0)"


def _alike(shape: str, words: dict[str, list[str]]) -> tuple[list[str], str]:
    """The codes of expressions that differ in words alone, and one expression in which these follow from the code."""
    codes = [quoted(code) for code in words]
    parts = shape.split("?")
    text = parts[0]
    for said, part in zip(zip(*words.values(), strict=True), parts[1:], strict=True):
        text += said[0] if len(set(said)) == 1 else f"transform({CODE}, [{', '.join(codes)}], [{', '.join(said)}], '')"
        text += part
    return codes, text


def _choice(branches: list[tuple[list[str], str]], otherwise: str) -> str:
    """The expression of the code in question, by halving: a chain of choices is planned in the square of its length."""
    if not branches:
        return otherwise
    codes, text = branches[0]
    if len(branches) == 1:
        return f"if({CODE} IN ({', '.join(codes)}), {text}, {otherwise})"
    half = len(branches) // 2
    first = ", ".join(code for codes, _ in branches[:half] for code in codes)
    return f"if({CODE} IN ({first}), {_choice(branches[:half], otherwise)}, {_choice(branches[half:], otherwise)})"


def _times(kind: Kind) -> str:
    """Every moment that is known of an entity, by the name of its field."""
    names = [name for name, spec in fields_of(kind.name).items() if spec.type == "time"]
    known = ", ".join(f"('{name}', toNullable(`{name}`))" for name in names)
    return (
        "mapFromArrays("
        f"arrayMap(t -> t.1, arrayFilter(t -> isNotNull(t.2), [{known}]) AS known), arrayMap(t -> assumeNotNull(t.2), known))"
    )


def _placed(rows: str, day: str) -> str:
    """The rows with `here`: whether they count in the unit, by the tree of today on the day that they are counted on."""
    return (
        f"SELECT e.*, arrayExists(s -> ifNull({day}, {TODAY}) >= s.1 AND ifNull({day}, {TODAY}) < s.2, p.spans) AS here\n"
        f"FROM (\n{rows}\n) AS e\nLEFT JOIN (\n"
        "    SELECT raw_code, groupArray((valid_from, valid_to)) AS spans FROM {database}.unit_places\n"
        f"    WHERE tree = 'today' AND unit = {UNIT} GROUP BY raw_code\n"
        ") AS p ON p.raw_code = if(e.source_unit IN (SELECT raw_code FROM {database}.unit_places), e.source_unit, '')"
    )


def _items(kind: Kind, terms: Terms) -> str:
    rows = (
        f"    SELECT entity, unit AS source_unit, {terms.day} AS counted_on,\n"
        f"        {terms.above(TODAY)} AS numerator,\n        {terms.below(TODAY)} AS denominator,\n"
        f"        {_times(kind)} AS times, {CHANGED_AT} AS changed_at\n"
        f"    FROM ({_as_now(kind)}) WHERE numerator != 0 OR denominator != 0"
    )
    return (
        f"SELECT {CODE} AS code, {UNIT} AS unit, entity, source_unit, toDate(counted_on) AS day, numerator, denominator, "
        f"times, changed_at\nFROM (\n{_placed(rows, 'e.counted_on')}\n) WHERE here"
    )


def _changes(kind: Kind, terms: Terms, target: Target) -> str:
    """Both states of each entity that may add something else now: those with news, and those that a passed day may change."""
    shown = (
        f"SELECT side, entity, unit AS source_unit, deleted, {terms.day} AS counted_on, {terms.above('asked_on')} AS above, "
        f"{terms.below('asked_on')} AS below, {CHANGED_AT} AS moved_at"
    )
    rows = f"{shown}\nFROM ({_both(kind, terms.fields, target)})"
    if terms.by_calendar:
        # What nothing was read of since is what it was; only the day has changed, if it has.
        days = f"[('then', {THEN}), ('now', {TODAY})]"
        rows += (
            f"\nUNION ALL\n{shown}\n"
            f"FROM (SELECT *, asked.1 AS side, asked.2 AS asked_on FROM ({_as_now(kind)}) ARRAY JOIN {days} AS asked)\n"
            f"WHERE {terms.by_calendar} AND {THEN} != {TODAY} AND entity NOT IN {_touched(kind)}"
        )
    return (
        f"SELECT {CODE} AS code, {UNIT} AS unit, entity,\n"
        "    sumIf(above, here AND side = 'then') AS numerator_then, sumIf(above, here AND side = 'now') AS numerator_now,\n"
        "    sumIf(below, here AND side = 'then') AS denominator_then, sumIf(below, here AND side = 'now') AS denominator_now,\n"
        "    toDate(anyIf(counted_on, side = 'then')) AS day_then, toDate(anyIf(counted_on, side = 'now')) AS day_now,\n"
        "    anyIf(source_unit, side = 'then') AS source_unit_then, anyIf(source_unit, side = 'now') AS source_unit_now,\n"
        "    maxIf(moved_at, side = 'now') AS changed_at,\n"
        "    multiIf(\n"
        "        countIf(side = 'then') = 0, 'new',\n"
        "        anyIf(deleted, side = 'now') AND NOT anyIf(deleted, side = 'then'), 'deleted',\n"
        "        maxIf(moved_at, side = 'now') = maxIf(moved_at, side = 'then'), 'day passed',\n"
        "        source_unit_then != source_unit_now OR day_then != day_now, 'moved',\n"
        "        numerator_then = 0 AND denominator_then = 0, 'entered',\n"
        "        numerator_now = 0 AND denominator_now = 0, 'left',\n"
        "        'corrected'\n"
        "    ) AS reason\n"
        f"FROM (\n{_placed(rows, 'e.counted_on')}\n)\nGROUP BY entity\n"
        "HAVING (numerator_then, denominator_then) != (numerator_now, denominator_now)\n"
        "    OR ((numerator_now != 0 OR denominator_now != 0) AND ifNull(day_then, toDate(0)) != ifNull(day_now, toDate(0)))"
    )


def _both(kind: Kind, fields: set[str], target: Target) -> str:
    """Entities with news as they were known at the moment (`side` then) and as they are: one pass over their versions."""
    main, *others = kind.facets
    columns = {facet.name: [c.name for c in data_columns(facet.data) if c.name in fields] for facet in kind.facets}
    newest_of, shown = [], []
    for facet in (main, *(other for other in others if columns[other.name])):
        kept = ["deleted", *(["unit"] if facet is main else []), *columns[facet.name]]
        held = f"{facet.name}_row"
        # In a tuple, for the newest value counts also where it is null.
        listed = ", ".join(f"`{name}`" for name in kept)
        newest_of.append(f"argMaxIf(tuple({listed}), version, facet = '{facet.name}') AS {held}")
        for place, name in enumerate(kept, 1):
            if facet is main:
                shown.append(f"{held}.{place} AS `{name}`")
            elif name != "deleted":
                # A deleted facet is one that is no longer known, as is one that has no version.
                shown.append(f"if({held}.1, NULL, {held}.{place}) AS `{name}`")
    rows = f"entity IN {_touched(kind)}"
    was_known = known_of(kind.name, MOMENT, target.database, _touched(kind))
    return (
        f"SELECT entity, side, if(side = 'then', {THEN}, {TODAY}) AS asked_on, newest AS version, {', '.join(shown)}\nFROM (\n"
        f"    SELECT entity, side, {', '.join(newest_of)}, max(version) AS newest\n"
        f"    FROM {{database}}.{kind.name}_history ARRAY JOIN ['then', 'now'] AS side\n"
        f"    WHERE {rows} AND (side = 'now' OR {was_known})\n"
        f"    GROUP BY entity, side HAVING countIf(facet = '{main.name}') > 0\n)"
    )


def _touched(kind: Kind) -> str:
    """The entities of which something was read since the moment; also only read again, which differs in nothing.

    What was read after a moment was stored after it, but for clocks that differ; the moment of storing has an index.
    """
    return (
        f"(SELECT entity FROM {{database}}.{kind.name}_history "
        f"WHERE stored_at > {MOMENT} - INTERVAL 1 DAY AND observed_at > {MOMENT})"
    )


def _as_now(kind: Kind) -> str:
    """The entities as the view of their kind shows them, with the newest version of any facet: each tells of a change."""
    return union_select(kind, lambda facet: f"SELECT * FROM {{database}}.{kind.name}_{facet.name} FINAL", of_any=True)


def parameterised(name: str, query: str, target: Target, comment: str) -> str:
    """The statement that makes a view with parameters."""
    return render(
        f"CREATE OR REPLACE VIEW {{database}}.{name} {{on_cluster}} AS\n{query}\nCOMMENT {quoted(comment)}",
        name,
        target,
    )
