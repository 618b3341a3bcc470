"""The tables as a page of documentation, read from the comments that stand in the database itself."""

from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted

_HIDDEN = ("migration_lock", "units_touched")
_HIDDEN_ENDS = ("_next", "_live", "live_facts", "live_formulas")
"""Where a table is built that is replaced as a whole, the query that it is built by, and what only other views read."""

_HEAD = """# Tables and views

What stands in ClickHouse, as its own comments say it. Written by `python -m sinks.clickhouse.describe` from a migrated
database; a test fails when it is out of date. Tables that say "Read with FINAL" keep replaced rows until a merge.

Times are UTC, days and months are those of Asia/Ho_Chi_Minh. `dossier_*_forward` only forward rows and hold none.
"""


def tables_markdown(client: Database, database: str) -> str:
    """The page for a migrated database."""
    tables = client.query(
        f"SELECT name, engine, sorting_key, comment FROM system.tables WHERE database = {quoted(database)} "
        "AND engine != 'MaterializedView' ORDER BY engine = 'View', name"
    )
    columns: dict[str, list[tuple[str, str, str]]] = {}
    for table, name, kept, comment in client.query(
        f"SELECT table, name, type, comment FROM system.columns WHERE database = {quoted(database)} ORDER BY table, position"
    ):
        columns.setdefault(table, []).append((name, kept, comment))
    parts = [_HEAD]
    for name, engine, key, comment in tables:
        if name in _HIDDEN or name.endswith(_HIDDEN_ENDS):
            continue
        kind = "View" if engine == "View" else f"{engine.removeprefix('Replicated')}, ordered by {key}"
        if name not in columns:
            # The engine knows the columns of a view with parameters only when it is asked.
            parts.append(f"## {name}\n\nView with parameters. {comment}.\n")
            continue
        parts.append(f"## {name}\n\n{kind}. {comment}.\n\n| column | type | meaning |\n|---|---|---|")
        parts[-1] += "".join(f"\n| {c} | {_cell(t)} | {_cell(m)} |" for c, t, m in columns[name]) + "\n"
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    import sys

    from ioc.settings import load_settings
    from sinks.clickhouse.client import Client

    settings = load_settings()
    with Client(settings.clickhouse, settings.clickhouse.admin) as client:
        sys.stdout.write(tables_markdown(client, settings.clickhouse.database))
