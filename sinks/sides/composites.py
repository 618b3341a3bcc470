"""Composites: the view over the snapshot beside the scores that the second engine's current figures earn."""

from collections.abc import Mapping, Sequence

from ioc.catalogue.composite import Part
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.composites import scores
from sinks.sides.difference import Found
from sinks.truth.tree import Tree


def compare_composites(
    client: Client,
    database: str,
    parts: Sequence[Part],
    tree: Tree,
    today: int,
    values: Mapping[tuple[str, str], float | None],
) -> Found:
    """The view `composite_values`: the composites of some parts. `values`: (code of a part, unit) → its current value."""
    exist = {
        unit: level for unit, level, there in zip(tree.units, tree.levels, tree.valid(today), strict=True) if there
    }
    due = {
        key: [one.earned, one.available, one.points, sorted(one.missing), one.rank, one.tied]
        for key, one in scores(parts, values, exist).items()
    }
    mine = ", ".join(sorted({quoted(part.composite) for part in parts})) or "''"
    rows = client.query(
        "SELECT code, unit, level, earned, available, points, missing, rank, tied "
        f"FROM {database}.composite_values WHERE code IN ({mine})"
    )
    held = {(code, unit): [*rest[:3], sorted(rest[3]), *rest[4:]] for code, unit, _, *rest in rows}
    found = Found(len(rows))
    for key in sorted(held.keys() | due.keys()):
        if held.get(key) != due.get(key):
            found.add(f"composite_values {key[0]} unit={key[1]}", held.get(key), due.get(key), key[1])
    return found
