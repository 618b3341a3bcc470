"""Whether the cells of a generation are what the tables say: the gate before it goes live.

Events go on meanwhile, so a cell is right when it was equal once; it is wrong when it is off by the same for as long as
`sinks/suspects.py` says, although both sides grow. What the fold no longer keeps (sealed days) is the oracle's own and is not
compared.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ioc.catalogue.rollup import Compiled, Rollup
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.oracle import beside, grains, query
from sinks.suspects import LOOKS, Suspects

_MOST = 100_000
"""Differing cells of a rollup that are told apart; where there are more, that is what is told."""

Cell = tuple[str, str, int]
"""rollup, unit as the source writes it, bucket"""

Pair = tuple[tuple[int, ...], tuple[int, ...]]
"""The vector of the fold, and that of the oracle."""

Look = Callable[[], tuple[int, dict[Cell, Pair]]]
"""Compares once: how many cells, and those that differ."""


@dataclass
class Agreement:
    """What came out.

    Attributes:
        cells: cells that were compared.
        wrong: cells that differ, with both vectors.
        left_out: cells of which the difference changed from look to look and that were never equal.
    """

    cells: int = 0
    wrong: dict[Cell, Pair] = field(default_factory=dict)
    left_out: list[Cell] = field(default_factory=list)


def agreement(look: Look, wait: Callable[[], None], looks: int = 3 * LOOKS) -> Agreement:
    """Looks until what differs is certain.

    Args:
        look: compares once.
        wait: returns when everything that had been published at the call is stored.
        looks: so many at most.
    """
    result = Agreement()
    suspects: Suspects[Cell, tuple[int, ...]] = Suspects()
    for number in range(looks):
        wait()
        result.cells, found = look()
        suspects.look({cell: _off(pair) for cell, pair in found.items() if number == 0 or cell in suspects})
        if not suspects.open:
            break
    result.wrong = {cell: found[cell] for cell in suspects.believed}
    result.left_out = sorted(suspects.open)
    return result


def compared(client: Database, database: str, compiled: Compiled, generation: str) -> tuple[int, dict[Cell, Pair]]:
    """One look: day cells, and those of the present, of a generation beside the oracle's.

    Raises as `Database.query` does.
    """
    sealed_until: dict[str, int] = dict(
        client.query(f"SELECT rollup_id, sealed_until FROM {database}.seals FINAL WHERE generation = {quoted(generation)}")
    )  # fmt: skip
    count = 0
    found: dict[Cell, Pair] = {}
    for rollup in compiled.rollups.values():
        some, differ = _rollup(client, database, rollup, generation, sealed_until.get(rollup.rollup_id))
        count += some
        found |= differ
    return count, found


def _rollup(
    client: Database, database: str, rollup: Rollup, generation: str, first_day: int | None
) -> tuple[int, dict[Cell, Pair]]:
    grain = grains(rollup)[-1]
    kept = f" WHERE bucket >= {first_day}" if rollup.mode == "flow" and first_day is not None else ""
    held = (
        f"SELECT unit, bucket, measures FROM {database}.partials FINAL "
        f"WHERE generation = {quoted(generation)} AND rollup_id = {quoted(rollup.rollup_id)} AND grain = '{grain}'"
    )
    counted = query(rollup, grain, database)
    # Parts of a cell are added up beside one another.
    both = beside(f"SELECT * FROM ({counted}){kept}", f"SELECT * FROM ({held}){kept}", len(rollup.measures))
    count, differ, rows = client.query(
        "SELECT toInt64(count()), toInt64(countIf(oracle != fold)), "
        f"groupArrayIf({_MOST})((unit, bucket, fold, oracle), oracle != fold) FROM ({both})"
    )[0]
    found: dict[Cell, Pair] = {(rollup.rollup_id, unit, bucket): (tuple(f), tuple(o)) for unit, bucket, f, o in rows}
    if differ > len(rows):
        found[rollup.rollup_id, f"more than {_MOST} cells", 0] = (), ()
    return count, found


def _off(pair: Pair) -> tuple[int, ...]:
    return tuple(fold - oracle for fold, oracle in zip(*pair, strict=True))
