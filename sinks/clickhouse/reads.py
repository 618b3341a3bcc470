"""Since when a version is known: the first time that it was read, however often it is read again.

A history keeps one row of a version, that of its last reading: the keeper of the log goes by it. What had been known at a
moment follows from the first reading, which a replay or a full reading must not move, so the table `version_reads`
(migration 0017) keeps the first and the last of each version; a view beside each history feeds it. An earlier minimum is
never lost by a merge, and the same reading counted twice changes nothing.
"""

from ioc.contracts.kinds import KINDS
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.render import Target, render

TABLE = "version_reads"


def sync_reads(database: Database, target: Target) -> list[str]:
    """Feeds `version_reads` from each history that it is not fed from yet, with what the history holds; returns what was done.

    The view forwards from its creation on, and bears its name only once what was there before has been taken over: a
    migration that died in between is followed by one that does it again.

    Raises as `Database.execute` does.
    """
    fed = {
        name for (name,) in database.query(f"SELECT name FROM system.tables WHERE database = {quoted(target.database)}")
    }
    done = []
    for kind in KINDS:
        name = f"{kind}_reads_forward"
        if name in fed:
            continue
        for statement in feed_statements(kind, target):
            database.execute(statement)
        done.append(f"{TABLE} is fed from {kind}_history")
    return done


def feed_statements(kind: str, target: Target) -> list[str]:
    """The view of a kind, what it has missed, and its name."""
    name, coming = f"{kind}_reads_forward", f"{kind}_reads_coming"
    rows = (
        f"SELECT {quoted(kind)} AS kind, facet, entity, version, observed_at AS first_observed_at, "
        f"observed_at AS last_observed_at FROM {target.database}.{kind}_history"
    )
    on_cluster = target.names["on_cluster"]
    head = f"CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.{coming} {{on_cluster}} TO {{database}}.{TABLE}"
    return [
        f"{render(head, coming, target)} AS {rows}",
        f"INSERT INTO {target.database}.{TABLE} {rows}",
        f"RENAME TABLE {target.database}.{coming} TO {target.database}.{name} {on_cluster}".strip(),
    ]


def known(kind: str, facet: str, moment: str, database: str) -> str:
    """The condition that a row of a history is of a version that had been read by a moment, it included.

    The row says when the version was read last; of those that were read again after the moment the table tells. They are
    few, where no whole source was read again, so nothing of the size of the history is held in memory.
    """
    again = (
        f"SELECT entity, version FROM {database}.{TABLE} FINAL WHERE kind = {quoted(kind)} AND facet = {quoted(facet)} "
        f"AND first_observed_at <= {moment} AND last_observed_at > {moment}"
    )
    return f"(observed_at <= {moment} OR (entity, version) IN ({again}))"


def known_of_kind(kind: str, moment: str, database: str) -> str:
    """`known` of all facets of a kind at once."""
    again = (
        f"SELECT entity, facet, version FROM {database}.{TABLE} FINAL WHERE kind = {quoted(kind)} "
        f"AND first_observed_at <= {moment} AND last_observed_at > {moment}"
    )
    return f"(observed_at <= {moment} OR (entity, facet, version) IN ({again}))"


def known_of(kind: str, moment: str, database: str, entities: str) -> str:
    """`known_of_kind` for the entities that a query gives, where they are few: any row with an early reading is enough, merged or not."""
    early = (
        f"SELECT entity, facet, version FROM {database}.{TABLE} WHERE kind = {quoted(kind)} AND entity IN {entities} "
        f"AND first_observed_at <= {moment}"
    )
    return f"(observed_at <= {moment} OR (entity, facet, version) IN ({early}))"
