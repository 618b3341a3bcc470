"""Cells: what the fold and the seals hold beside the oracle's query over the typed tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ioc.catalogue.rollup import Rollup
from ioc.clock import DAY_S, HOUR_S, LOCAL_OFFSET_S
from ioc.contracts.partial import Grain
from sinks.clickhouse.client import Client
from sinks.clickhouse.oracle import beside, query
from sinks.sides.difference import MOST_NAMED, Found
from sinks.sides.hashes import Hashes
from sinks.truth.figures import WEIGHT, print_of, weights
from sinks.truth.sums import Cells, read_cells

_WEIGHT = WEIGHT.format(hash="cityHash64(toString(unit))", number="bucket")


@dataclass
class CellSides:
    """Compares cells.

    Attributes:
        sealed_until: rollup → first day that is not sealed.
        since: earlier days are not compared.
    """

    client: Client
    database: str
    hashes: Hashes
    sealed_until: Mapping[str, int]
    since: int = 0

    def days(self, rollup: Rollup) -> tuple[Cells, Found]:
        """The oracle's cells of days (of the present for `now`), and where the tables hold others."""
        grain: Grain = "now" if rollup.mode == "now" else "day"
        width = len(rollup.measures)
        cells = read_cells(self.client, query(rollup, grain, self.database), width)
        mine = cells if grain == "now" else cells.of(cells.buckets >= self.since)
        weight = weights(self.hashes(mine.raws), mine.codes, mine.buckets)
        if self._print(self._held(rollup, grain), width)[1:] == print_of(weight, list(mine.measures.T)):
            return cells, Found(len(mine.codes))
        return cells, self._named(rollup, grain)

    def hours(self, rollup: Rollup) -> Found:
        """Where the fold holds other hours; those of sealed days count no more."""
        width = len(rollup.measures)
        count, *held = self._print(self._held(rollup, "hour"), width)
        if [*self._print(self._counted(rollup, "hour"), width)[1:]] == held:
            return Found(count)
        return self._named(rollup, "hour")

    def _held(self, rollup: Rollup, grain: Grain) -> str:
        source = f"SELECT unit, bucket, measures FROM {self.database}"
        mine = f"rollup_id = '{rollup.rollup_id}'"
        if grain == "day":
            return f"{source}.day_cells WHERE {mine} AND bucket >= {self.since}"
        return f"{source}.cells WHERE {mine} AND grain = '{grain}' AND {self._open(rollup, grain)}"

    def _counted(self, rollup: Rollup, grain: Grain) -> str:
        return f"SELECT * FROM ({query(rollup, grain, self.database)}) WHERE {self._open(rollup, grain)}"

    def _open(self, rollup: Rollup, grain: Grain) -> str:
        """Which cells are compared; for hours the fold answers only on days that are not sealed."""
        if grain == "now":
            return "1"
        if grain == "day":
            return f"bucket >= {self.since}"
        first = max(self.since, self.sealed_until.get(rollup.rollup_id, 0))
        return f"bucket >= {(first * DAY_S - LOCAL_OFFSET_S) // HOUR_S}"

    def _print(self, rows: str, width: int) -> tuple[int, ...]:
        """Number of cells, and the fingerprint of each measure."""
        sums = ", ".join(f"sum(measures[{place}] * weight)" for place in range(1, width + 1))
        weighed = f"SELECT measures, {_WEIGHT} AS weight FROM ({rows})"
        return tuple(self.client.query(f"SELECT toInt64(count()), {sums} FROM ({weighed})")[0])

    def _named(self, rollup: Rollup, grain: Grain) -> Found:
        """Every measure of every cell that differs."""
        both = beside(self._counted(rollup, grain), self._held(rollup, grain), len(rollup.measures))
        count, differing, rows = self.client.query(
            "SELECT toInt64(count()), toInt64(countIf(oracle != fold)), "
            f"groupArrayIf({MOST_NAMED})((unit, bucket, fold, oracle), oracle != fold) FROM ({both})"
        )[0]
        found = Found(count)
        for unit, bucket, fold, oracle in rows:
            sealed = grain == "day" and bucket < self.sealed_until.get(rollup.rollup_id, 0)
            for position in np.flatnonzero(np.array(fold) != np.array(oracle)):
                where = f"{rollup.rollup_id} {grain} unit={unit} bucket={bucket} measure={position + 1}"
                found.add(f"{'sealed' if sealed else 'cell'} {where}", fold[position], oracle[position], unit)
        if differing > len(rows):
            found.add(f"cell {rollup.rollup_id} {grain}: further cells that differ", differing - len(rows), 0)
        return found
