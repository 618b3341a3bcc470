"""Tables and views that follow from the contracts, and how an existing table is brought up to a wider contract.

A kind has one history, every version ever seen, that the writer inserts into. Each facet's current table is fed from it by
a materialized view that only forwards rows, so both always hold the same and a batch crosses the wire once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ioc.contracts.control import Control, DeadLetter, Feed
from ioc.contracts.kinds import KINDS, Facet, Kind
from ioc.errors import FatalError
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import Column, column_type, data_columns, envelope_columns, history_columns, quoted
from sinks.clickhouse.render import Target, render

STORED_AT = Column(
    "stored_at",
    "DateTime64(3, 'UTC')",
    "When the version was stored, by the clock of the server; a version that is delivered again may get a later time",
    default="now64(3, 'UTC')",
)
"""Tells what has come since a moment: sealing looks for late events by it."""


@dataclass(frozen=True)
class Table:
    """A table of which the columns follow from a contract."""

    name: str
    columns: tuple[Column, ...]
    engine: str
    comment: str
    ranged: tuple[str, ...] = ()
    """Columns whose smallest and greatest value are kept for each granule, so that a range of them is found fast."""

    def ddl(self, target: Target) -> str:
        """CREATE TABLE for a target."""
        listed = ",\n    ".join((*(column.ddl for column in self.columns), *map(_index, self.ranged)))
        head = render(f"CREATE TABLE IF NOT EXISTS {{database}}.{self.name} {{on_cluster}} (", self.name, target)
        engine = render(f"{{replicated}}{self.engine}", self.name, target)
        return f"{head}\n    {listed}\n) ENGINE = {engine}\nCOMMENT {quoted(self.comment)}"


def _index(column: str) -> str:
    return f"INDEX {column}_range `{column}` TYPE minmax GRANULARITY 1"


def tables() -> Iterator[Table]:
    """Every derived table."""
    for kind in KINDS.values():
        yield Table(
            f"{kind.name}_history",
            (*history_columns(kind.name), STORED_AT),
            "ReplacingMergeTree ORDER BY (entity, facet, version)",
            f"Every version of every facet of a {kind.name} that was ever read. Read with FINAL",
            ranged=(STORED_AT.name,),
        )
        for facet in kind.facets:
            yield Table(
                f"{kind.name}_{facet.name}",
                (*facet_envelope(kind), *data_columns(facet.data)),
                "ReplacingMergeTree(version) ORDER BY entity",
                f"Newest version of the facet {facet.name} of each {kind.name}. Read with FINAL",
            )
    yield Table(
        "feeds",
        data_columns_as_written(Feed),
        "ReplacingMergeTree(read_at) ORDER BY (source, stream, unit)",
        "Newest heartbeat of each stream of a source. Read with FINAL",
    )
    yield Table(
        "source_controls",
        data_columns_as_written(Control),
        "ReplacingMergeTree(ordered_at) ORDER BY (source, stream, action, begins)",
        "What operators have ordered: pauses, planned maintenance. Read with FINAL",
    )
    yield Table(
        "dead_letters",
        data_columns_as_written(DeadLetter),
        "ReplacingMergeTree(attempts) ORDER BY id",
        "Records that could not be used, encrypted, with the reason. Read with FINAL",
    )


def data_columns_as_written(model: type[Feed] | type[Control] | type[DeadLetter]) -> tuple[Column, ...]:
    """Columns of a contract that is stored as it is: nullable only where the contract says so."""
    return tuple(Column(name, column_type(i), i.description or "") for name, i in model.model_fields.items())


def view_statements(target: Target) -> list[str]:
    """The forwarding views, the view of each kind and the view over all kinds that the unit tree is checked against."""
    statements = []
    for kind in KINDS.values():
        statements += [_forward(kind, facet, target) for facet in kind.facets]
        statements.append(_entity_view(kind, target))
    per_kind = " UNION ALL ".join(
        f"SELECT unit, '{kind}' AS kind, toInt64(count()) AS entities, "
        "min(observed_at) AS first_seen, max(observed_at) AS last_seen "
        f"FROM {{database}}.{kind} WHERE NOT deleted GROUP BY unit"
        for kind in KINDS
    )
    statements.append(
        render(
            "CREATE OR REPLACE VIEW {database}.entity_units {on_cluster} (\n"
            "    unit String COMMENT 'Unit code as the source writes it',\n"
            "    kind String COMMENT 'Kind of event',\n"
            "    entities Int64 COMMENT 'Entities of the kind that carry it now',\n"
            "    first_seen DateTime64(6, 'UTC') COMMENT 'When the oldest of what is known of them was read',\n"
            "    last_seen DateTime64(6, 'UTC') COMMENT 'When one of them was last read'\n"
            f") AS {per_kind}\nCOMMENT 'Unit codes that entities carry'",
            "entity_units",
            target,
        )
    )
    return statements


def forward_select(kind: Kind, facet: Facet, target: Target) -> str:
    """The query by which a facet's current table takes its rows from the history."""
    names = [column.name for column in (*facet_envelope(kind), *data_columns(facet.data))]
    listed = ", ".join(f"`{name}`" for name in names)
    return f"SELECT {listed} FROM {target.database}.{kind.name}_history WHERE facet = '{facet.name}'"


def sync(database: Database, target: Target) -> list[str]:
    """Creates derived tables and adds the columns that contracts have gained; returns what was done.

    Raises:
        FatalError: a column has another type than its contract says, or a column exists that no contract has: that needs
            a numbered migration written by hand.
    """
    done: list[str] = []
    known = _existing(database, target)
    for table in tables():
        if table.name not in known:
            database.execute(table.ddl(target))
            done.append(f"created {table.name}")
            continue
        done += _widen(database, target, table, known[table.name])
    on_cluster = target.names["on_cluster"]
    for kind in KINDS.values():
        for facet in kind.facets:
            name = f"{kind.name}_{facet.name}_forward"
            if name in known:
                database.execute(
                    f"ALTER TABLE {target.database}.{name} {on_cluster} MODIFY QUERY {forward_select(kind, facet, target)}"
                )
    return done


def _existing(database: Database, target: Target) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {}
    rows = database.query(
        f"SELECT table, name, type FROM system.columns WHERE database = {quoted(target.database)} ORDER BY table, position"
    )
    for table, name, kept in rows:
        known.setdefault(table, {})[name] = kept
    return known


def _widen(database: Database, target: Target, table: Table, has: dict[str, str]) -> list[str]:
    wanted = {column.name: column for column in table.columns}
    strange = sorted(set(has) - set(wanted))
    wrong = sorted(f"{n} is {has[n]}, not {c.type}" for n, c in wanted.items() if n in has and has[n] != c.type)
    if strange or wrong:
        faults = "; ".join([*wrong, *(f"{name} is in no contract" for name in strange)])
        raise FatalError(
            f"{target.database}.{table.name} and its contract differ: {faults}. Write a numbered migration that alters it"
        )
    done = []
    before = table.columns[0].name
    for column in table.columns:
        if column.name not in has:
            database.execute(
                f"ALTER TABLE {target.database}.{table.name} {target.names['on_cluster']} "
                f"ADD COLUMN IF NOT EXISTS {column.ddl} AFTER `{before}`"
            )
            if column.default:
                # Else the rows that are there would show the moment of each reading.
                database.execute(
                    f"ALTER TABLE {target.database}.{table.name} {target.names['on_cluster']} "
                    f"MATERIALIZE COLUMN `{column.name}` SETTINGS mutations_sync = 2"
                )
            if column.name in table.ranged:
                database.execute(
                    f"ALTER TABLE {target.database}.{table.name} {target.names['on_cluster']} "
                    f"ADD INDEX IF NOT EXISTS {_index(column.name).removeprefix('INDEX ')}"
                )
            done.append(f"added {table.name}.{column.name}")
        before = column.name
    return done


def facet_envelope(kind: Kind) -> tuple[Column, ...]:
    """The envelope as it stands in a facet's current table."""
    return tuple(column for column in envelope_columns(kind.name) if column.name != "facet")


def _forward(kind: Kind, facet: Facet, target: Target) -> str:
    name = f"{kind.name}_{facet.name}"
    head = render(
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.{name}_forward {{on_cluster}} TO {{database}}.{name}",
        name,
        target,
    )
    return f"{head} AS {forward_select(kind, facet, target)}"


def union_select(kind: Kind, rows_of: Callable[[Facet], str], *, of_any: bool = False) -> str:
    """The query that unites an entity's facets: a row for each entity whose main facet is known, also when it is deleted.

    `rows_of` gives the query for the one row of a facet that counts for each entity. `of_any`: `version` is the newest of any
    facet, not that of the main one.
    """
    main, *others = kind.facets
    shown = [f"main.`{column.name}` AS `{column.name}`" for column in facet_envelope(kind)]
    if of_any and others:
        # Of a facet that is not known it is 0.
        versions = ", ".join(f"{name}.version" for name in ("main", *(facet.name for facet in others)))
        shown = [f"greatest({versions}) AS version" if one.endswith(" AS `version`") else one for one in shown]
    shown += [f"main.`{c.name}` AS `{c.name}`" for c in data_columns(main.data)]
    joins = ""
    for facet in others:
        # A deleted facet is one that is no longer known: its fields are null.
        shown += [
            f"if({facet.name}.deleted, NULL, {facet.name}.`{c.name}`) AS `{c.name}`" for c in data_columns(facet.data)
        ]
        joins += f"\nLEFT JOIN ({rows_of(facet)}) AS {facet.name} ON {facet.name}.entity = main.entity"
    return f"SELECT {', '.join(shown)}\nFROM ({rows_of(main)}) AS main{joins}"


def _entity_view(kind: Kind, target: Target) -> str:
    columns = [*facet_envelope(kind), *(c for facet in kind.facets for c in data_columns(facet.data))]
    listed = ",\n    ".join(column.ddl for column in columns)
    union = union_select(kind, lambda facet: f"SELECT * FROM {target.database}.{kind.name}_{facet.name} FINAL")
    head = render(f"CREATE OR REPLACE VIEW {{database}}.{kind.name} {{on_cluster}} (", kind.name, target)
    comment = (
        f"Each {kind.name} as it is known now: the union of its facets. Deleted ones stay, with deleted = true; "
        "source, version and times are those of the main facet"
    )
    return f"{head}\n    {listed}\n) AS\n{union}\nCOMMENT {quoted(comment)}"
