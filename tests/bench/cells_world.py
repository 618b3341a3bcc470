"""A database full of made-up cells, for measuring what reads them: written by the engine itself, a million rows a second.

The figures mean nothing; their number, their shape and their spread over units, days and partitions are those of a province
that has run for years.
"""

from dataclasses import dataclass

from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province, Unit
from ioc.catalogue.rollup import Rollup
from sinks.clickhouse.client import Database
from sinks.clickhouse.render import TODAY

HORIZON_DAYS = 35
"""Younger days are cells of the fold, by partition; older ones are sealed."""


@dataclass(frozen=True)
class Size:
    """How much.

    Attributes:
        days: of sealed history.
        fresh_days: of the fold's day cells, up to today.
        hours: of the fold's hour cells, up to now.
        parts: partitions that a cell is spread over.
        months: of reported figures.
        state_days: of the history of states.
    """

    days: int = 1000
    fresh_days: int = HORIZON_DAYS
    hours: int = 24 * HORIZON_DAYS
    parts: int = 4
    months: int = 36
    state_days: int = 400


def padded(province: Province, units: int) -> Province:
    """The province with more communes, until it has so many units."""
    root = next(unit for unit in province.unit if unit.parent is None)
    first = next(unit for unit in province.unit if unit.level == "commune")
    more = [
        Unit(code=f"pad-{n}", name=first.name, level="commune", parent=root.code, made_up=True)
        for n in range(units - len(province.unit))
    ]
    return province.model_copy(update={"unit": [*province.unit, *more]})


def fill(database: Database, name: str, generation: str, catalogue: Catalogue, province: Province, size: Size) -> None:
    """Fills `partials`, `sealed`, `seals`, `state_days` and `state_marks` of a migrated database."""
    units = [unit.aliases[0] if unit.aliases else unit.code for unit in province.unit if unit.level != "province"]
    codes = "[" + ", ".join(f"'{code}'" for code in units) + "]"
    made = _Made(database, name, generation, codes, size)
    for rollup in catalogue.compiled.rollups.values():
        made.rollup(rollup)
    for code, formula in catalogue.compiled.formulas.items():
        if formula.mode in ("now", "age"):
            made.state(code)
    for kind in sorted({rollup.kind for rollup in catalogue.compiled.rollups.values()}):
        made.mark(kind)


@dataclass(frozen=True)
class _Made:
    database: Database
    name: str
    generation: str
    units: str
    size: Size

    def rollup(self, rollup: Rollup) -> None:
        size, last = self.size, self.size.fresh_days
        match rollup.mode:
            case "flow":
                self._cells(rollup, "day", f"{TODAY} - number", last)
                self._cells(rollup, "hour", "toInt32(intDiv(toUnixTimestamp(now()), 3600) - number)", size.hours)
                self._sealed(rollup, last, size.days)
            case "age":
                self._cells(rollup, "day", f"{TODAY} + 30 - number", 400)
            case "now":
                self._cells(rollup, "now", "0", 1)
            case "report":
                grain = rollup.rollup_id.rpartition("_")[2]
                start = f"toInt32(toStartOfInterval(toDate({TODAY}), INTERVAL 1 {grain}) - INTERVAL number {grain})"
                self._cells(rollup, "day", start, size.months, dense=True)

    def _vector(self, rollup: Rollup) -> str:
        # What a report tells is there only where the report is.
        least = int(rollup.mode == "report")
        return f"arrayMap(i -> toInt64({least} + cityHash64(unit, bucket, i) % 50), range({len(rollup.measures)}))"

    def _spread(self, rollup: Rollup, dense: bool) -> str:
        # Not every unit does everything: a rollup is at home in two thirds of them.
        return "1" if dense else f"cityHash64(unit, '{rollup.rollup_id}') % 3 < 2"

    def _cells(self, rollup: Rollup, grain: str, bucket: str, count: int, *, dense: bool = False) -> None:
        parts = 1 if rollup.mode == "report" else self.size.parts
        self.database.execute(
            f"INSERT INTO {self.name}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures)\n"
            f"SELECT '{self.generation}', '{rollup.rollup_id}', '{grain}', arrayJoin({self.units}) AS unit, "
            f"toInt32({bucket}) AS bucket, arrayJoin(range({parts})) AS part, 1, {self._vector(rollup)}\n"
            f"FROM numbers({count}) WHERE {self._spread(rollup, dense)} "
            # By night little happens.
            + (
                "AND (bucket + 7) % 24 BETWEEN 7 AND 18 AND cityHash64(unit, bucket, part) % 4 = 0"
                if grain == "hour"
                else ""
            )
        )

    def _sealed(self, rollup: Rollup, first: int, count: int) -> None:
        self.database.execute(
            f"INSERT INTO {self.name}.sealed (generation, rollup_id, unit, bucket, measures, sealed_at)\n"
            f"SELECT '{self.generation}', '{rollup.rollup_id}', arrayJoin({self.units}) AS unit, "
            f"toInt32({TODAY} - {first} - number) AS bucket, {self._vector(rollup)}, now()\n"
            f"FROM numbers({count}) WHERE {self._spread(rollup, False)}"
        )
        self.database.execute(
            f"INSERT INTO {self.name}.seals (generation, rollup_id, sealed_until, sealed_at)\n"
            f"SELECT '{self.generation}', '{rollup.rollup_id}', {TODAY} - {first} + 1, now()"
        )

    def state(self, code: str) -> None:
        self.database.execute(
            f"INSERT INTO {self.name}.state_days (generation, code, unit, day, above, below, computed_at)\n"
            f"SELECT '{self.generation}', '{code}', arrayJoin({self.units}) AS unit, {TODAY} - 1 - number AS day, "
            f"toInt64(cityHash64(unit, day) % 40), 40, now() FROM numbers({self.size.state_days})"
        )

    def mark(self, kind: str) -> None:
        self.database.execute(
            f"INSERT INTO {self.name}.state_marks (generation, kind, from_day, until_day, looked_at, revision)\n"
            f"SELECT '{self.generation}', '{kind}', {TODAY} - {self.size.state_days}, {TODAY}, now(), 1"
        )
