"""What is behind a figure: the entities that it counts, and what has changed among them since a moment.

For each kind two views. `<kind>_items(code = …, unit = …)`: the entities that the indicator counts in the unit by today's tree,
with what each adds to numerator and denominator; added up over the days of a period they are the figure. `<kind>_changes(code = …,
unit = …, moment = …)`: the entities that add something else than what was known at the moment, and why.

The indicators follow from the catalogue and the code is a constant of the question, so that of the long choice between them
one branch is left when the question is planned.
"""

import re
from collections.abc import Callable, Iterator

from ioc.catalogue.expr import Measure
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Compiled, Formula, MeasureRef
from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS, Facet, Kind
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.derived import union_select
from sinks.clickhouse.history import newest
from sinks.clickhouse.oracle import condition_sql, local_day, seconds, value_sql
from sinks.clickhouse.reads import known
from sinks.clickhouse.render import TODAY, Target, render

_WORD = re.compile(r"'(?:[^'\\]|\\.)*'")
"""A quoted text in SQL."""

_CODE = "{code:String}"
_UNIT = "{unit:String}"
_MOMENT = "{moment:DateTime64(6, 'UTC')}"
_THEN = "toInt32(toDate({moment:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh'))"
_CHANGED_AT = f"fromUnixTimestamp64Milli(bitShiftRight(version, {VERSION_HASH_BITS}), 'UTC')"


def behind_statements(target: Target, compiled: Compiled) -> Iterator[str]:
    """The two views of each kind that an indicator reads."""
    by_kind: dict[str, list[Formula]] = {}
    for formula in compiled.formulas.values():
        by_kind.setdefault(compiled.rollups[formula.numerator.rollup_id].kind, []).append(formula)
    for name, formulas in sorted(by_kind.items()):
        kind = KINDS[name]
        terms = _Terms(kind, compiled, formulas, target.database)
        yield _view(
            f"{name}_items", _items(kind, terms), target,
            f"What an indicator of {name} counts: {name}_items(code = …, unit = …); the entities by today, with what each adds",
        )  # fmt: skip
        yield _view(
            f"{name}_changes", _changes(kind, terms, target), target,
            f"What has changed in what an indicator of {name} counts since a moment (UTC), and why: "
            f"{name}_changes(code = …, unit = …, moment = …)",
        )  # fmt: skip


class _Terms:
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
    def day(self) -> str:
        """Local day that it is counted on; null where the present is counted."""
        return self._chosen(lambda formula: self._day(formula.numerator.rollup_id), "NULL")

    @property
    def by_calendar(self) -> str:
        """Whether days that pass change what is counted."""
        codes = [quoted(formula.code) for formula in self._formulas if formula.mode == "age"]
        return f"{_CODE} IN ({', '.join(codes)})" if codes else "false"

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
        text += said[0] if len(set(said)) == 1 else f"transform({_CODE}, [{', '.join(codes)}], [{', '.join(said)}], '')"
        text += part
    return codes, text


def _choice(branches: list[tuple[list[str], str]], otherwise: str) -> str:
    """The expression of the code in question, by halving: a chain of choices is planned in the square of its length."""
    if not branches:
        return otherwise
    codes, text = branches[0]
    if len(branches) == 1:
        return f"if({_CODE} IN ({', '.join(codes)}), {text}, {otherwise})"
    half = len(branches) // 2
    first = ", ".join(code for codes, _ in branches[:half] for code in codes)
    return f"if({_CODE} IN ({first}), {_choice(branches[:half], otherwise)}, {_choice(branches[half:], otherwise)})"


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
        f"    WHERE tree = 'today' AND unit = {_UNIT} GROUP BY raw_code\n"
        ") AS p ON p.raw_code = if(e.source_unit IN (SELECT raw_code FROM {database}.unit_places), e.source_unit, '')"
    )


def _items(kind: Kind, terms: _Terms) -> str:
    rows = (
        f"    SELECT entity, unit AS source_unit, {terms.day} AS counted_on,\n"
        f"        {terms.above(TODAY)} AS numerator,\n        {terms.below(TODAY)} AS denominator,\n"
        f"        {_times(kind)} AS times, {_CHANGED_AT} AS changed_at\n"
        f"    FROM {{database}}.{kind.name} WHERE numerator != 0 OR denominator != 0"
    )
    return (
        f"SELECT {_CODE} AS code, {_UNIT} AS unit, entity, source_unit, toDate(counted_on) AS day, numerator, denominator, "
        f"times, changed_at\nFROM (\n{_placed(rows, 'e.counted_on')}\n) WHERE here"
    )


def _changes(kind: Kind, terms: _Terms, target: Target) -> str:
    """Both states of each entity that may add something else now: those with news, and where days that pass matter all."""
    # Also what was only read again: that differs in nothing.
    touched = f"(SELECT entity FROM {{database}}.{kind.name}_history WHERE observed_at > {_MOMENT})"
    before = union_select(kind, lambda facet: _known(kind, facet, touched, target))

    def state(source: str, today: str, side: str) -> str:
        return (
            f"SELECT '{side}' AS side, entity, unit AS source_unit, deleted, {terms.day} AS counted_on, "
            f"{terms.above(today)} AS above, {terms.below(today)} AS below, {_CHANGED_AT} AS moved_at\nFROM {source}"
        )

    table = f"{{database}}.{kind.name}"
    sides = "\nUNION ALL\n".join(
        (
            state(f"{table} WHERE entity IN {touched} OR {terms.by_calendar}", TODAY, "now"),
            state(f"({before})", _THEN, "then"),
            # What nothing was read of since is what it was; only the day has changed.
            state(f"{table} WHERE {terms.by_calendar} AND entity NOT IN {touched}", _THEN, "then"),
        )
    )
    return (
        f"SELECT {_CODE} AS code, {_UNIT} AS unit, entity,\n"
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
        f"FROM (\n{_placed(sides, 'e.counted_on')}\n)\nGROUP BY entity\n"
        "HAVING (numerator_then, denominator_then) != (numerator_now, denominator_now)\n"
        "    OR ((numerator_now != 0 OR denominator_now != 0) AND ifNull(day_then, toDate(0)) != ifNull(day_now, toDate(0)))"
    )


def _known(kind: Kind, facet: Facet, touched: str, target: Target) -> str:
    """The newest version of a facet that was known at the moment, of the entities with news."""
    return newest(
        kind, facet, f"entity IN {touched} AND {known(kind.name, facet.name, _MOMENT, target.database)}", target
    )


def _view(name: str, query: str, target: Target, comment: str) -> str:
    return render(
        f"CREATE OR REPLACE VIEW {{database}}.{name} {{on_cluster}} AS\n{query}\nCOMMENT {quoted(comment)}",
        name,
        target,
    )
