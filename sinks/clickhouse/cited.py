"""What a figure counted as it was known at a moment: what a citation of it is worked out from.

`<kind>_cited(code = …, unit = …, moment = …)`: the entities that the indicator counted in the unit, by the versions that had been
read by the moment, the day that it fell on and the tree of that day; with what each added to numerator and denominator. Added up
over the days of a period they are the figure that `indicator_now` showed.

Each history is read once, in its order, of the facets only that the indicator needs, and of a unit below the province only the
entities that ever bore a code of it.
"""

from collections.abc import Iterator

from ioc.catalogue.expr import Measure
from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Compiled, Formula
from ioc.contracts.kinds import KINDS, Facet, Kind
from sinks.clickhouse.behind import CHANGED_AT, CODE, MOMENT, THEN, UNIT, Terms, by_kind, parameterised
from sinks.clickhouse.columns import data_columns, quoted
from sinks.clickhouse.derived import facet_envelope
from sinks.clickhouse.reads import known_of_kind
from sinks.clickhouse.render import Target


def cited_statements(target: Target, compiled: Compiled, root: str) -> Iterator[str]:
    """The view of each kind that an indicator reads; `root`: the code of the province."""
    for name, formulas in by_kind(compiled):
        kind = KINDS[name]
        terms = Terms(kind, compiled, formulas, target.database)
        entities = _entities(kind, _facets(kind, compiled, formulas), target, root)
        yield parameterised(
            f"{name}_cited", _cited(terms, entities), target,
            f"What an indicator of {name} counted as it was known at a moment (UTC): "
            f"{name}_cited(code = …, unit = …, moment = …); the entities, with what each added",
        )  # fmt: skip


def _cited(terms: Terms, entities: str) -> str:
    return (
        f"SELECT {CODE} AS code, {UNIT} AS unit, entity, source_unit, toDate(counted_on) AS day, numerator, denominator, reports, "
        "changed_at\nFROM (\n"
        f"    SELECT entity, unit AS source_unit, {terms.day} AS counted_on,\n"
        f"        {terms.above(THEN)} AS numerator,\n        {terms.below(THEN)} AS denominator,\n"
        f"        {terms.reports} AS reports, {CHANGED_AT} AS changed_at\n"
        f"    FROM ({entities}) WHERE {_here('unit')}\n"
        ") WHERE numerator != 0 OR denominator != 0 OR reports != 0"
    )


def _here(unit: str) -> str:
    """Whether a code of a source counts in the unit, by the tree of the moment's day."""
    base = "{database}"
    return (
        f"if({unit} IN (SELECT raw_code FROM {base}.unit_places), {unit}, '') IN (SELECT raw_code FROM {base}.unit_places "
        f"WHERE tree = 'then' AND unit = {UNIT} AND valid_from <= {THEN} AND {THEN} < valid_to)"
    )


def _facets(kind: Kind, compiled: Compiled, formulas: list[Formula]) -> str:
    """The condition that a row is of a facet that the indicator needs; the main one is always needed."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for formula in formulas:
        needed = {kind.facets[0].name}
        for ref in (formula.numerator, formula.denominator):
            if ref is not None:
                rollup = compiled.rollups[ref.rollup_id]
                fields = rollup.measures[ref.index].fields | Measure(rollup.where).fields
                needed |= {
                    fields_of(kind.name)[name].facet for name in fields | ({rollup.time} if rollup.time else set())
                }
        alike.setdefault(tuple(sorted(needed)), []).append(quoted(formula.code))
    return " OR ".join(
        f"({CODE} IN ({', '.join(codes)}) AND facet IN ({', '.join(map(quoted, names))}))"
        for names, codes in alike.items()
    )


def _entities(kind: Kind, facets: str, target: Target, root: str) -> str:
    """Every entity that ever bore a code of the unit, as it was known: the union of its facets."""
    main = kind.facets[0]
    history = f"{{database}}.{kind.name}_history"
    # All are in the province: who asks for it is spared the search.
    ours = f"({UNIT} = {quoted(root)} OR entity IN (SELECT entity FROM {history} WHERE facet = '{main.name}' AND {_here('unit')}))"
    newest = (
        f"SELECT * FROM {history} WHERE ({facets}) AND {known_of_kind(kind.name, MOMENT, target.database)} AND {ours}\n"
        "ORDER BY entity DESC, facet DESC, version DESC LIMIT 1 BY entity, facet"
    )
    if len(kind.facets) == 1:
        return newest
    shown = [_of(main, column.name) for column in facet_envelope(kind) if column.name != "entity"]
    shown += [_of(main, column.name) for column in data_columns(main.data)]
    # A deleted facet is one that is no longer known: its fields are null.
    shown += [_of(facet, c.name, " AND NOT n.deleted") for facet in kind.facets[1:] for c in data_columns(facet.data)]
    return (
        f"SELECT n.entity AS entity, {', '.join(shown)}\nFROM ({newest}) AS n\n"
        f"GROUP BY n.entity HAVING countIf(n.facet = '{main.name}') > 0"
    )


def _of(facet: Facet, column: str, where: str = "") -> str:
    return f"anyIf(n.`{column}`, n.facet = '{facet.name}'{where}) AS `{column}`"
