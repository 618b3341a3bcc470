"""Small tables that the views of figures look up: each laid out from a view of its name with `_live`, and replaced as a whole.

They follow the catalogue, the units and what operators map, and one of them the day: the tree of today.
"""

from sinks.clickhouse.client import Database

LOOKUPS = ("unit_places", "unit_reporters", "indicator_facts")


def rebuild(client: Database, database: str) -> None:
    """Lays them out anew; a reader sees each as a whole, before or after.

    Raises:
        RetriableError: the server is away or busy; the old ones stand.
        FatalError: a table or view is missing.
    """
    for name in LOOKUPS:
        client.execute(f"TRUNCATE TABLE {database}.{name}_next")
        client.execute(f"INSERT INTO {database}.{name}_next SELECT * FROM {database}.{name}_live")
        client.execute(f"ALTER TABLE {database}.{name} REPLACE PARTITION tuple() FROM {database}.{name}_next")
