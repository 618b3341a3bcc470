"""Events of dossiers in a database of their own, and what a naive fold says of them, for the tests of sealing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest

from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.catalogue.rollup import Compiled
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from tests.clickhouse_front import FrontProcess
from tests.naive_fold import NaiveFold, local_day

TABLES = ("sealed", "seals", "seal_changes", "seal_marks", "state_days", "state_marks")
CATALOGUE: Catalogue = load_catalogue()
DOSSIER = Compiled(
    {k: r for k, r in CATALOGUE.compiled.rollups.items() if r.kind == "dossier"},
    {
        code: formula
        for code, formula in CATALOGUE.compiled.formulas.items()
        if CATALOGUE.compiled.rollups[formula.numerator.rollup_id].kind == "dossier"
    },
)
TODAY = local_day(datetime.now(UTC))

BLANK = {
    "procedure": "1.000001", "field": "TT", "applicant_type": "person", "channel": "online_full", "status": "received",
    "received_at": None, "due_at": None, "finished_at": None, "returned_at": None, "supplements": 0, "extensions": 0,
    "fee_vnd": 0, "paid_online": True, "components": 1, "components_digitised": 1, "components_reused": 0,
    "result_digitised": None, "vneid": True,
}  # fmt: skip


def at(days_ago: float) -> datetime:
    """Noon in Vietnam so many days ago, and the fraction of a day later."""
    noon = datetime.fromtimestamp(TODAY * 86_400 + 5 * 3600, UTC)
    return noon - timedelta(days=days_ago)


def case(entity: str, updated: datetime, unit: str = "H12", *, deleted: bool = False, **fields: Any) -> dict[str, Any]:
    """A version of a dossier: as it stood at `updated`; times of `fields` are moments."""
    data = BLANK | {k: wire_time(v) if isinstance(v, datetime) else v for k, v in fields.items()}
    content = {"unit": unit, "deleted": deleted, "occurred_at": wire_time(updated), "data": None if deleted else data}
    return {
        "source": "dossier", "kind": "dossier", "entity": entity, "facet": "case", **content,
        "version": version_of(unix_ms(updated), content), "observed_at": wire_time(updated + timedelta(minutes=1)),
    }  # fmt: skip


def rating(entity: str, rated: datetime, value: int) -> dict[str, Any]:
    """A version of a dossier's rating."""
    data = {"rating": value, "rated_at": wire_time(rated)}
    content = {"unit": "H12", "deleted": False, "occurred_at": wire_time(rated), "data": data}
    return {
        "source": "dossier", "kind": "dossier", "entity": entity, "facet": "rating", **content,
        "version": version_of(unix_ms(rated), content), "observed_at": wire_time(rated),
    }  # fmt: skip


def connect(front: FrontProcess) -> Client:
    """A client that may do anything."""
    user = front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=front.native_port, http_port=front.http_port)
    return Client(where, Login.model_validate({"user": user.name, "password": user.password}))


class World:
    """A migrated database and the naive fold of all that was stored in it."""

    def __init__(self, front: FrontProcess, name: str) -> None:
        self.front, self.name, self.client = front, name, connect(front)
        migrate(self.client, Target(name), CATALOGUE, load_province("ca_mau"), {"events.dossier": "test"})
        self.events: list[Any] = []
        self._kinds: set[str] = set()

    def clear(self) -> None:
        """Forgets everything but the dimensions."""
        derived = [f"{k}_{t}" for k in self._kinds for t in ("history", *(f.name for f in KINDS[k].facets))]
        for table in (*TABLES, *derived):
            self.client.execute(f"TRUNCATE TABLE {self.name}.{table}")
        self.events.clear()
        self._kinds.clear()

    def store(
        self, events: Sequence[dict[str, Any]], client: Client | None = None, stored_at: datetime | None = None
    ) -> None:
        """Stores events as the sink does; `stored_at`: as if it had been then."""
        found = decoder("dossier")(msgspec.json.encode(list(events)))
        self.insert("dossier", found, client, stored_at)
        self.events += found

    def insert(
        self, kind: str, events: Sequence[Any], client: Client | None = None, stored_at: datetime | None = None
    ) -> None:
        """Stores events of any kind, decoded; the naive fold does not get them."""
        self._kinds.add(kind)
        columns, rows = history_rows(kind, events)
        names = [column.name for column in history_columns(kind)]
        if stored_at is not None:
            names, columns = [*names, "stored_at"], [*columns, [unix_ms(stored_at)] * rows]
        (client or self.client).insert(f"{self.name}.{kind}_history", names, columns)

    def expected(self, until: int) -> dict[tuple[str, str, int], list[int]]:
        """What should be sealed, by rollup, unit and day; no zeros."""
        naive = NaiveFold("dossier", list(DOSSIER.rollups.values()))
        for event in self.events:
            naive.apply(event)
        return {
            (rollup_id, unit, bucket): list(measures)
            for (rollup_id, grain, unit, bucket), measures in naive.cells().items()
            if DOSSIER.rollups[rollup_id].mode == "flow" and grain == "day" and bucket < until and any(measures)
        }

    def sealed(self, generation: str = "g1") -> dict[tuple[str, str, int], list[int]]:
        """What is sealed, as views read it."""
        rows = self.client.query(
            "SELECT rollup_id, unit, bucket, measures FROM "
            f"(SELECT * FROM {self.name}.sealed FINAL) AS s INNER JOIN (SELECT * FROM {self.name}.seals FINAL) AS u "
            f"USING (generation, rollup_id) WHERE generation = '{generation}' AND bucket < sealed_until"
        )
        return {(rollup_id, unit, bucket): list(m) for rollup_id, unit, bucket, m in rows if any(m)}

    def changes(self, rollup_id: str = "dossier_by_received_at") -> list[tuple[str, int, str]]:
        """unit, days ago, reason of each change of a rollup."""
        rows = self.client.query(
            f"SELECT unit, {TODAY} - bucket, reason FROM {self.name}.seal_changes FINAL "
            f"WHERE rollup_id = '{rollup_id}' ORDER BY changed_at, unit, bucket"
        )
        return [(unit, ago, reason) for unit, ago, reason in rows]


@cache
def world_of(front: FrontProcess, config: pytest.Config) -> World:
    """The one database that all tests of the past share, made once; `clear` it before use."""
    world = World(front, "past_test")
    config.add_cleanup(world.client.close)
    return world


class InterruptedRoundError(Exception):
    """A process died here."""


def dying_at(write: int) -> Callable[[str], None]:
    """What dies before the write of this number, from 1 on."""
    writes = 0

    def before(sql: str) -> None:
        nonlocal writes
        writes += sql.startswith("INSERT")
        if sql.startswith("INSERT") and writes == write:
            raise InterruptedRoundError

    return before


class Failing:
    """A database in whose stead something happens before a statement: it dies, or someone else writes."""

    def __init__(self, inner: Client, before: Callable[[str], None]) -> None:
        self._inner, self._before = inner, before

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        self._before(sql)
        return self._inner.query(sql)

    def execute(self, sql: str) -> None:
        self._before(sql)
        self._inner.execute(sql)

    def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> int:
        self._before(f"INSERT INTO {table}")
        return self._inner.insert(table, columns, data)
