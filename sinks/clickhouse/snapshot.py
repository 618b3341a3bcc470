"""`indicator_now`: computed beside the table and put in its place as a whole, so a reader never sees a part of it."""

from sinks.clickhouse.client import Database


def refresh(client: Database, database: str) -> None:
    """Takes a new snapshot. Only one process at a time may (`indicator_next` is shared).

    Raises:
        RetriableError: the server is away or busy; the old snapshot stands.
        FatalError: a table or view is missing.
    """
    client.execute(f"TRUNCATE TABLE {database}.indicator_next")
    client.execute(f"INSERT INTO {database}.indicator_next SELECT * FROM {database}.indicator_live")
    client.execute(f"ALTER TABLE {database}.indicator_now REPLACE PARTITION tuple() FROM {database}.indicator_next")
