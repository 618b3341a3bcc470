"""A database of made-up cells of all natures, whose past is kept by the snapshot: what panels ask against what is computed when asked."""

from collections.abc import Sequence
from typing import Any

from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.errors import RetriableError
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import TODAY, Target
from sinks.clickhouse.snapshot import Snapshot
from tests.bench.cells_world import Size, fill
from tests.clickhouse_front import FrontProcess
from tests.integration.sealing_rig import connect

NAME = "past_kept_test"
FLOW = "DVC-001"
STATE = "DVC-004"
NOBODY, OWNER = "code-of-nobody", "000.00.09.H12"
"""A code of a source that no unit has, and a department."""

_COLUMNS = "code, unit, level, grain, period_start, numerator, denominator, value, reported, expected, provisional"
_MODES = {"flow": ("flow",), "state": ("now", "age"), "report": ("report",)}
_GRAINS = ("day", "week", "month", "quarter", "year", "to_date")
Rows = set[tuple[Any, ...]]


class Broken:
    """A connection that is lost before its n-th statement that has a text; before that and after it is whole."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._text, self._left = "", -1

    def breaks(self, left: int, text: str = "") -> None:
        """After so many statements with the text it is lost, once."""
        self._text, self._left = text, left

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """As of `Client`."""
        return self._client.query(sql)

    def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> int:
        """As of `Client`."""
        return self._client.insert(table, columns, data)

    def execute(self, sql: str) -> None:
        """As of `Client`, unless it is lost."""
        if self._text in sql:
            self._left -= 1
            if self._left == -1:
                raise RetriableError("the server is away")
        self._client.execute(sql)


class PastWorld:
    """The database, its snapshot, and what panels must find."""

    def __init__(self, front: FrontProcess) -> None:
        self.client = connect(front)
        self.catalogue: Catalogue = load_catalogue()
        self.target = Target(NAME)
        self.client.execute(f"DROP DATABASE IF EXISTS {NAME}")
        province = load_province("ca_mau")
        self.generation = migrate(self.client, self.target, self.catalogue, province, {}).generation
        size = Size(days=20, fresh_days=6, hours=1, parts=2, months=14, state_days=20)
        fill(self.client, NAME, self.generation, self.catalogue, province, size)
        self.today = int(self.client.query(f"SELECT {TODAY}")[0][0])
        self.snapshot = Snapshot(self.client, NAME)
        # One of each rollup: what its days give, its other indicators read from the same rows.
        self.codes: dict[str, list[str]] = {nature: [] for nature in _MODES}
        seen: set[tuple[str, str]] = set()
        for code, formula in sorted(self.catalogue.compiled.formulas.items()):
            nature = next(nature for nature, modes in _MODES.items() if formula.mode in modes)
            rollup = (nature, formula.numerator.rollup_id)
            if rollup not in seen or code in (FLOW, STATE) or (nature == "report" and len(seen) % 5 == 0):
                seen.add(rollup)
                self.codes[nature].append(code)

    def place(self, code: str) -> tuple[str, int, int]:
        """The rollup of an indicator, how long its vectors are, and the place of its numerator from 0."""
        ref = self.catalogue.compiled.formulas[code].numerator
        return ref.rollup_id, len(self.catalogue.compiled.rollups[ref.rollup_id].measures), ref.index

    def cell(self, unit: str, day: int, value: int, *, revision: int = 2, table: str = "partials") -> None:
        """A cell of `FLOW` with the same number in every measure; in `partials` it replaces that of a partition."""
        rollup, size, _ = self.place(FLOW)
        own = {"grain": "day", "part": 0, "revision": revision} if table == "partials" else {}
        row = {
            "generation": self.generation,
            "rollup_id": rollup,
            "unit": unit,
            "bucket": day,
            "measures": [value] * size,
        } | own
        if table == "sealed":
            row["sealed_at"] = int(self.client.query("SELECT toUnixTimestamp64Milli(now64(3))")[0][0])
        self.client.insert(f"{NAME}.{table}", list(row), [[value] for value in row.values()])

    def seal(self, until: int) -> None:
        """The days of `FLOW` before are sealed."""
        self.client.execute(
            f"INSERT INTO {NAME}.seals (generation, rollup_id, sealed_until, sealed_at) "
            f"SELECT '{self.generation}', '{self.place(FLOW)[0]}', {until}, now()"
        )

    def numerator(self, day: int, unit: str = "province", view: str = "flow_past") -> int | None:
        """`FLOW` on a day in a unit, or at a level; None without a row."""
        rows = self.client.query(
            f"SELECT numerator FROM {NAME}.{view}(code = '{FLOW}', grain = 'day') "
            f"WHERE (unit = '{unit}' OR level = '{unit}') AND period_start = toDate({day})"
        )
        return rows[0][0] if rows else None

    def kept(self, nature: str, code: str, grain: str) -> Rows:
        """What panels find."""
        return set(
            self.client.query(f"SELECT {_COLUMNS} FROM {NAME}.{nature}_past(code = '{code}', grain = '{grain}')")
        )

    def check(self, natures: tuple[str, ...] = ("flow", "state", "report")) -> None:
        """What panels find is, to the last bit and row, what is computed of the cells when asked."""
        compared = 0
        for nature in natures:
            codes = self.codes[nature]
            asked = "[" + ", ".join(f"'{code}'" for code in codes) + "]"
            grains = _GRAINS[3:] if nature == "report" else _GRAINS
            columns, past = _COLUMNS, f"{NAME}.indicator_selected(codes = {asked})"
            computed = self.client.query(f"SELECT {columns} FROM {past} WHERE tree = 'today' AND grain != 'now'")
            kept = self.client.query(
                "\nUNION ALL\n".join(
                    f"SELECT {columns} FROM {NAME}.{nature}_past(code = '{code}', grain = '{grains[place % len(grains)]}')"
                    for place, code in enumerate(codes)
                )
            )
            shown = {(code, grains[place % len(grains)]) for place, code in enumerate(codes)}
            wanted = [row for row in computed if (row[0], row[3]) in shown]
            assert len(kept) == len(set(kept))
            assert sorted(map(repr, kept)) == sorted(map(repr, wanted)), nature
            compared += len(kept)
        assert compared > 100
