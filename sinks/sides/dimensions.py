"""The dimensions: tables that views place and value figures by, beside catalogue, series, profile and calendar."""

from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.dimensions import Dimension, Row, dimensions
from sinks.sides.difference import Found


def compare_dimensions(
    client: Client, database: str, catalogue: Catalogue, province: Province, generation: str
) -> Found:
    """Every row of every dimension."""
    found = Found()
    for dimension in dimensions(catalogue, province, generation):
        _compare(client, database, dimension, found)
    return found


def _compare(client: Client, database: str, dimension: Dimension, found: Found) -> None:
    listed = ", ".join(f"`{name}`" for name in dimension.columns)
    mine = f" WHERE generation = {quoted(dimension.generation)}" if dimension.generation else ""
    rows = client.query(f"SELECT {listed} FROM {database}.{dimension.table} FINAL{mine}")
    held = {row[: dimension.keys]: row for row in map(_plain, rows)}
    due = {row[: dimension.keys]: row for row in dimension.rows}
    found.compared += len(held)
    for key in sorted(held.keys() | due.keys(), key=str):
        left, right = held.get(key), due.get(key)
        name = f"{dimension.table} {' '.join(str(part) for part in key if part != dimension.generation)}"
        if left is None or right is None:
            found.add(name, left, right)
            continue
        for column, shown, wanted in zip(dimension.columns, left, right, strict=True):
            if shown != wanted:
                found.add(f"{name} {column}", shown, wanted)


def _plain(row: Row) -> Row:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)
