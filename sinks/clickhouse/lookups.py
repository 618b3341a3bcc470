"""Tables that are replaced as a whole: each is laid out beside, from a view of its name with `_live`, and put in its place.

Among them the small ones that the views of figures look up. They follow the catalogue, the units and what operators map,
and one of them the day: the tree of today.
"""

from sinks.clickhouse.client import Database

LOOKUPS = ("unit_places", "unit_reporters", "indicator_facts")


def rebuild(client: Database, database: str) -> None:
    """Lays out the lookups anew. Raises as `replace` does."""
    for name in LOOKUPS:
        replace(client, database, name)


def replace(client: Database, database: str, name: str) -> None:
    """Lays a table out anew; a reader sees it as a whole, before or after.

    Raises:
        RetriableError: the server is away or busy; the old table stands.
        FatalError: a table or view is missing.
    """
    lay_out(client, database, name)
    swap(client, database, name, f"{name}_next")


def lay_out(client: Database, database: str, name: str) -> None:
    """Lays a table out beside. Raises as `replace` does."""
    client.execute(f"TRUNCATE TABLE {database}.{name}_next")
    client.execute(f"INSERT INTO {database}.{name}_next SELECT * FROM {database}.{name}_live")


def swap(client: Database, database: str, name: str, built: str) -> None:
    """Puts what was built in the place of a table's rows. Raises as `replace` does."""
    if client.query(f"SELECT count() FROM {database}.{built}")[0][0]:
        client.execute(f"ALTER TABLE {database}.{name} REPLACE PARTITION tuple() FROM {database}.{built}")
    else:
        # A partition that is not there replaces none.
        client.execute(f"TRUNCATE TABLE {database}.{name}")
