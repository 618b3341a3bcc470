"""One look at both engines: what the fold has said beside what the tables say."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ioc.catalogue.compile import Rollup
from ioc.catalogue.load import Catalogue
from ioc.clock import DAY_S, LOCAL_OFFSET_S
from ioc.contracts.partial import Grain
from sinks.clickhouse.client import Database
from sinks.clickhouse.mappings import mappings
from sinks.clickhouse.oracle import grains, query
from sinks.clickhouse.render import TODAY
from sinks.expected import Cells, Tree, expected_now, expected_values, value_of

_MOST_SHOWN = 1000

NOW = "indicator_now "
"""How the names of values of the snapshot begin."""


@dataclass(frozen=True)
class Difference:
    """One value of which the engines give two."""

    what: str
    fold: Any
    oracle: Any


@dataclass
class Result:
    """What was compared and what came out.

    Attributes:
        quiet: nothing was on its way from the beginning to the end of the comparison.
        left_out: cells and values that changed while they were compared.
    """

    rollups: int = 0
    cells: int = 0
    indicators: int = 0
    values: int = 0
    quiet: bool = False
    differences: list[Difference] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0


Found = dict[str, Difference]


class Comparison:
    """Compares cells and values, as often as asked."""

    def __init__(self, client: Database, database: str, catalogue: Catalogue, tree: Tree) -> None:
        self._client, self._database, self.catalogue, self._tree = client, database, catalogue, tree

    def server_time(self) -> datetime:
        """The server's clock."""
        now: datetime = self._client.query("SELECT now64(6, 'UTC')")[0][0]
        return now

    def refreshed_at(self) -> datetime:
        """When the snapshot was taken."""
        newest: datetime = self._client.query(f"SELECT max(refreshed_at) FROM {self._database}.indicator_now")[0][0]
        return newest

    def run(self) -> tuple[Result, Found]:
        """One pass over everything."""
        compiled = self.catalogue.compiled
        self._tree = self._tree.mapped(mappings(self._client, self._database))
        result = Result(rollups=len(compiled.rollups), indicators=len(compiled.formulas))
        found: Found = {}
        cells: dict[str, dict[tuple[str, int], Sequence[int]]] = {}
        for rollup in compiled.rollups.values():
            for grain in grains(rollup):
                count, differ = self._compare_cells(rollup, grain)
                result.cells += count
                found |= differ
            rows = self._client.query(query(rollup, grains(rollup)[-1], self._database))
            cells[rollup.rollup_id] = {(unit, bucket): measures for unit, bucket, measures in rows}
        for compare in (self._compare_values, self._compare_now):
            count, differ = compare(cells)
            result.values += count
            found |= differ
        return result, found

    def _compare_cells(self, rollup: Rollup, grain: Grain) -> tuple[int, Found]:
        size = len(rollup.measures)
        sides = (
            f"SELECT unit, bucket, measures, 1 AS side FROM ({query(rollup, grain, self._database)})\n"
            "UNION ALL\n"
            f"SELECT unit, bucket, measures, 2 AS side FROM {self._database}.cells "
            f"WHERE rollup_id = '{rollup.rollup_id}' AND grain = '{grain}'"
        )
        # A cell that one side does not have is a cell of zeros.
        both = (
            f"SELECT unit, bucket, arrayResize(sumForEachIf(measures, side = 1), {size}, 0) AS oracle, "
            f"arrayResize(sumForEachIf(measures, side = 2), {size}, 0) AS fold FROM ({sides}) GROUP BY unit, bucket"
        )
        count, rows = self._client.query(
            f"SELECT toInt64(count()), groupArrayIf({_MOST_SHOWN})((unit, bucket, fold, oracle), oracle != fold) FROM ({both})"
        )[0]
        found = {}
        for unit, bucket, fold, oracle in rows:
            for position, (left, right) in enumerate(zip(fold, oracle, strict=True), 1):
                if left != right:
                    what = f"cell {rollup.rollup_id} {grain} unit={unit} bucket={bucket} measure={position}"
                    found[what] = Difference(what, left, right)
        return count, found

    def _compare_values(self, cells: Cells) -> tuple[int, Found]:
        rows = self._client.query(
            "SELECT code, unit, grain, period_start, numerator, denominator, value, "
            f"{TODAY} AS today "
            f"FROM {self._database}.indicator_values WHERE code IN ({self._codes()})"
        )
        today = rows[0][-1] if rows else _today()
        have = {tuple(row[:4]): row[4:7] for row in rows}
        want = {
            key: (sums.above, sums.below)
            for key, sums in expected_values(self.catalogue, self._tree, cells, today).items()
        }
        found: Found = {}
        for key in have.keys() | want.keys():
            code, unit, grain, start = key
            above, below = want.get(key, (0, 0))
            what = f"indicator_values {code} unit={unit} {grain} {start}"
            found |= self._compare_one(
                what, str(code), have.get(key, (0, 0, None)), above, below, absent=key not in have
            )
        return len(have.keys() | want.keys()), found

    def _compare_now(self, cells: Cells) -> tuple[int, Found]:
        rows = self._client.query(
            "SELECT code, unit, numerator, denominator, value, "
            f"toInt32(intDiv(toUnixTimestamp64Second(refreshed_at) + {LOCAL_OFFSET_S}, {DAY_S})) AS today "
            f"FROM {self._database}.indicator_now WHERE code IN ({self._codes()})"
        )
        today = rows[0][-1] if rows else _today()
        have = {(row[0], row[1]): row[2:5] for row in rows}
        want = expected_now(self.catalogue, self._tree, cells, today)
        found: Found = {}
        for key in have.keys() | want.keys():
            what = f"{NOW}{key[0]} unit={key[1]}"
            if key not in have:
                found[what] = Difference(what, None, want[key].above)
                continue
            above, below = (want[key].above, want[key].below) if key in want else (0, 0)
            found |= self._compare_one(what, key[0], have[key], above, below)
        return len(have.keys() | want.keys()), found

    def _compare_one(
        self, what: str, code: str, have: Sequence[Any], above: int, below: int, *, absent: bool = False
    ) -> Found:
        formula = self.catalogue.compiled.formulas[code]
        numerator, denominator, value = have
        wanted = (above, None if formula.denominator is None else below)
        given = (numerator, None if formula.denominator is None else denominator)
        if given != wanted:
            return {what: Difference(what, list(given), list(wanted))}
        expected = value_of(formula, above, below)
        if not absent and not _same(value, expected):
            return {what: Difference(what, value, expected)}
        return {}

    def _codes(self) -> str:
        return ", ".join(f"'{code}'" for code in self.catalogue.compiled.formulas)


def _same(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=1e-12)


def _today() -> int:
    return (int(time.time()) + LOCAL_OFFSET_S) // DAY_S
