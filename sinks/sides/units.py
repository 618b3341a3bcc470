"""What figures are placed by: the units that codes of sources stand for, day by day and in both trees."""

from collections.abc import Iterable
from datetime import timedelta

from ioc.clock import EPOCH
from sinks.clickhouse.client import Client
from sinks.sides.difference import Found
from sinks.truth.days import LAST_DAY
from sinks.truth.tree import TREES, Span, Tree, Which


def compare_units(client: Client, database: str, tree: Tree) -> Found:
    """The view `unit_paths`: every code in both trees, day by day."""
    held: dict[tuple[Which, str], list[Span]] = {}
    rows = client.query(
        "SELECT toString(tree), raw_code, toInt32(valid_from), toInt32(valid_to), ancestors "
        f"FROM {database}.unit_paths ORDER BY tree, raw_code, valid_from"
    )
    for which, raw, first, end, ancestors in rows:
        held.setdefault((which, raw), []).append((first, end, tuple(ancestors)))
    due = {(which, raw): list(tree.spans(which, raw)) for which in TREES for raw in tree.codes}
    found = Found(len(rows))
    for key in sorted(held.keys() | due.keys()):
        left, right = _runs(held.get(key, [])), _runs(due.get(key, []))
        if left != right:
            what = f"unit_paths {key[1]} {key[0]}"
            found.add(what, _told(set(left) - set(right)), _told(set(right) - set(left)), key[1])
    return found


def _runs(spans: Iterable[Span]) -> list[Span]:
    """Spans that follow one another with the same trail as one; all end with the last day of a column of type Date."""
    found: list[Span] = []
    for first, end, trail in spans:
        last = min(end, LAST_DAY)
        if found and found[-1][1] == first and found[-1][2] == trail:
            found[-1] = (found[-1][0], last, trail)
        else:
            found.append((first, last, trail))
    return found


def _told(spans: Iterable[Span]) -> list[str]:
    return [f"{EPOCH + timedelta(days=first)}: {' < '.join(trail)}" for first, _, trail in sorted(spans)]
