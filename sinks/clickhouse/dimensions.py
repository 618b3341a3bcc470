"""The dimensions: catalogue and province profile as rows, brought into the tables as a difference.

A reader sees the rows of before or those of after, never a mixture: what changed goes in with one insert.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ioc.calendar import calendar
from ioc.catalogue.composite import Part, parts_of
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.catalogue.tree import END, Tree
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.lookups import rebuild
from sinks.clickhouse.oracle import measure_sql
from sinks.clickhouse.render import Target

UNKNOWN = "unknown"
"""Code and level of the unit under which codes that no unit has are shown."""

Row = tuple[Any, ...]

_UNIT_COLUMNS = (
    "code", "name_vi", "name_en", "level", "parent", "aliases", "ancestors", "valid_from", "valid_to", "successor",
    "made_up", "contact",
)  # fmt: skip


@dataclass(frozen=True)
class Dimension:
    """A table's rows; the first `keys` columns identify one.

    `generation`: only the rows of this generation are meant; those of others stay.
    """

    table: str
    columns: tuple[str, ...]
    keys: int
    rows: tuple[Row, ...]
    generation: str = ""


def dimensions(catalogue: Catalogue, province: Province, generation: str) -> tuple[Dimension, ...]:
    """Every dimension as it should be; places in vectors are those of `generation`."""
    return (
        _units(province),
        _lineage(province),
        _measures(catalogue, generation),
        _formulas(catalogue, generation),
        _indicators(catalogue),
        _series(catalogue),
        _targets(province),
        composite_parts(parts_of(catalogue.indicators)),
        working_days(),
    )


def load_contacts(database: Database, target: Target, contacts: Mapping[str, str]) -> list[str]:
    """Puts whom to ask beside the units that are loaded, whichever profile they are of; returns what was changed.

    Args:
        database: written to.
        target: where the tables are.
        contacts: by code of the unit; a unit that it has not has none.
    """
    stored = database.query(f"SELECT {', '.join(_UNIT_COLUMNS)} FROM {target.database}.units FINAL")
    rows = tuple((*row[:-1], contacts.get(row[0], "")) for row in map(_plain, stored))
    return load(database, target, [Dimension("units", _UNIT_COLUMNS, 1, rows)])


def load(database: Database, target: Target, wanted: Sequence[Dimension]) -> list[str]:
    """Makes the tables hold exactly the rows wanted; returns what was changed."""
    done = []
    for dimension in wanted:
        listed = ", ".join(f"`{name}`" for name in dimension.columns)
        mine = f" WHERE generation = {quoted(dimension.generation)}" if dimension.generation else ""
        stored = database.query(f"SELECT {listed} FROM {target.database}.{dimension.table} FINAL{mine}")
        found = {row[: dimension.keys]: row for row in map(_plain, stored)}
        rows = {row[: dimension.keys]: row for row in dimension.rows}
        changed = [row for key, row in rows.items() if found.get(key) != row]
        gone = [row for key, row in found.items() if key not in rows]
        if changed or gone:
            revision = time.time_ns() // 1000
            data = [(*row, revision, 0) for row in changed] + [(*row, revision, 1) for row in gone]
            columns = (*dimension.columns, "revision", "gone")
            database.insert(f"{target.database}.{dimension.table}", columns, list(zip(*data, strict=True)))
            done.append(f"{dimension.table}: {len(changed)} rows changed, {len(gone)} gone")
    if done:
        rebuild(database, target.database)
    return done


def _plain(row: Row) -> Row:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def _units(province: Province) -> Dimension:
    tree = Tree(province)
    rows: list[Row] = []
    for unit in province.unit:
        # A day before a unit ceases its tree is its own; nothing begins on the last day of all.
        trail = tree.trail(unit.code, (unit.valid_to or END) - timedelta(days=1))
        rows.append(
            (
                unit.code, unit.name.vi, unit.name.en, unit.level, trail[1] if len(trail) > 1 else "", tuple(unit.aliases), trail,
                unit.valid_from, unit.valid_to, unit.successor or "", unit.made_up, unit.contact,
            )
        )  # fmt: skip
    root = tree.units[tree.root]
    rows.append(
        (
            UNKNOWN, "Chưa xác định", "Unknown", UNKNOWN, root.code, (), (UNKNOWN, root.code),
            root.valid_from, None, "", False, "",
        )
    )  # fmt: skip
    return Dimension("units", _UNIT_COLUMNS, 1, tuple(rows))


def _lineage(province: Province) -> Dimension:
    tree = Tree(province)
    rows = tuple(
        (unit, span.first, span.end, span.unit, span.trail) for unit in tree.units for span in tree.spans(unit)
    )
    return Dimension("unit_lineage", ("unit", "valid_from", "valid_to", "stands_for", "ancestors"), 2, rows)


def _measures(catalogue: Catalogue, generation: str) -> Dimension:
    rows = tuple(
        (
            generation,
            rollup.rollup_id,
            position,
            rollup.kind,
            rollup.mode,
            rollup.time or "",
            measure_sql(rollup.kind, measure),
        )
        for rollup in catalogue.compiled.rollups.values()
        for position, measure in enumerate(rollup.measures, 1)
    )
    columns = ("generation", "rollup_id", "position", "kind", "mode", "time_field", "definition")
    return Dimension("measures", columns, 3, rows, generation)


def _formulas(catalogue: Catalogue, generation: str) -> Dimension:
    rows: list[Row] = []
    for formula in catalogue.compiled.formulas.values():
        above, below, reports = formula.numerator, formula.denominator, formula.reports
        start, end = formula.window or (None, None)
        rows.append(
            (
                generation, formula.code, formula.mode, above.rollup_id, above.index + 1,
                below.rollup_id if below else "", below.index + 1 if below else 0,
                reports.index + 1 if reports else 0, start, end, formula.multiplier, formula.divisor,
            )
        )  # fmt: skip
    columns = (
        "generation", "code", "mode", "numerator_rollup", "numerator_position", "denominator_rollup", "denominator_position",
        "reports_position", "window_from", "window_to", "multiplier", "divisor",
    )  # fmt: skip
    return Dimension("formulas", columns, 2, tuple(rows), generation)


def _indicators(catalogue: Catalogue) -> Dimension:
    rows: list[Row] = []
    for sector in catalogue.sectors:
        for i in sector.indicator:
            formula = catalogue.compiled.formulas.get(i.code)
            series = catalogue.series.get(i.series)
            rows.append(
                (
                    i.code, sector.code, sector.name.vi, i.name.vi, i.name.en, i.kind, i.event,
                    i.series, series.grain if series else "", series.additivity if series else "",
                    series.over_time if series else "",
                    formula.mode if formula else i.kind, i.unit, i.period,
                    tuple(i.levels), i.direction, float(i.warning_margin), i.freshness_minutes, i.responsible,
                    i.provenance.document or i.provenance.origin, i.provenance.reference,
                )
            )  # fmt: skip
    columns = (
        "code", "sector", "sector_vi", "name_vi", "name_en", "kind", "event", "series", "grain", "additivity", "over_time",
        "mode", "unit_of_measure", "period", "levels", "direction", "warning_margin", "freshness_minutes", "responsible",
        "document", "reference",
    )  # fmt: skip
    return Dimension("indicators", columns, 1, tuple(rows))


def _series(catalogue: Catalogue) -> Dimension:
    rows = tuple(
        (
            s.code, s.name.vi, s.name.en, s.grain, s.unit, s.reporter, s.reporters, s.additivity, s.over_time,
            float(s.low), float(s.high), s.due_days,
        )
        for s in catalogue.series.values()
    )  # fmt: skip
    columns = (
        "code", "name_vi", "name_en", "grain", "unit_of_measure", "reporter", "reporters", "additivity", "over_time",
        "low", "high", "due_days",
    )  # fmt: skip
    return Dimension("series", columns, 1, rows)


def _targets(province: Province) -> Dimension:
    rows = tuple(
        (target.code, target.year, target.level, float(target.value), target.document, target.reference)
        for target in province.target
    )
    return Dimension("targets", ("code", "year", "level", "value", "document", "reference"), 3, rows)


def working_days() -> Dimension:
    """Every day of the calendar."""
    return Dimension("calendar", ("day", "working", "name_vi", "worked"), 1, tuple(calendar().rows()))


def composite_parts(parts: Iterable[Part]) -> Dimension:
    """What the composites consist of, level by level."""
    rows = tuple((part.composite, part.level, part.code, part.points, part.zero, part.full) for part in parts)
    return Dimension("composite_parts", ("code", "level", "part", "points", "zero", "full"), 3, rows)
