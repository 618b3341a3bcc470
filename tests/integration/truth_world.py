"""A small healthy database: events of every kind in several versions, what a fold makes of them, seals, states, snapshot."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.clock import LOCAL
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import VERSION_HASH_BITS, unix_ms, version_of
from ioc.contracts.kinds import KINDS
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.oracle import query
from sinks.clickhouse.render import Target
from sinks.clickhouse.snapshot import refresh
from sinks.sealing import Sealing
from sinks.states import StateHistory
from sinks.truth.days import end, start
from tests.made_events import made_events
from tests.naive_fold import NaiveFold

PARTS = 2
"""Partitions that entities lie in."""


@dataclass
class World:
    """A database and what it was filled with."""

    client: Client
    database: str
    catalogue: Catalogue
    province: Province
    generation: str

    def insert(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Stores rows, all with the same columns."""
        listed = list(rows)
        names = list(listed[0])
        self.client.insert(f"{self.database}.{table}", names, [[row[name] for row in listed] for name in names])

    def folded(self, rollup_id: str, entity: str, part: int) -> str:
        """The statement by which the fold's partition of one entity alone is stored."""
        rollup = self.catalogue.compiled.rollups[rollup_id]
        source = f"(SELECT * FROM {self.database}.{rollup.kind} WHERE entity = '{entity}')"
        return (
            f"INSERT INTO {self.database}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures)\n"
            f"SELECT '{self.generation}', '{rollup_id}', 'now', unit, bucket, {part}, 1, measures "
            f"FROM ({query(rollup, 'now', self.database, source)})"
        )

    def keep(self, table: str) -> None:
        """Lays a table (of a kind: its history) aside."""
        name = self._stored(table)
        self.client.execute(f"DROP TABLE IF EXISTS {self.database}.kept_{name}")
        self.client.execute(f"CREATE TABLE {self.database}.kept_{name} AS {self.database}.{name}")
        self.client.execute(f"INSERT INTO {self.database}.kept_{name} SELECT * FROM {self.database}.{name}")

    def put_back(self, table: str) -> None:
        """Makes a table what it was."""
        name = self._stored(table)
        others = [f"{table}_{facet.name}" for facet in KINDS[table].facets] if table in KINDS else []
        for other in (name, *others):
            self.client.execute(f"TRUNCATE TABLE {self.database}.{other}")
        self.client.execute(f"INSERT INTO {self.database}.{name} SELECT * FROM {self.database}.kept_{name}")

    def _stored(self, table: str) -> str:
        return f"{table}_history" if table in KINDS else table

    def refresh(self) -> None:
        """Takes a new snapshot."""
        refresh(self.client, self.database)


def build(
    client: Client, database: str, catalogue: Catalogue, province: Province, entities: int, seed: int = 7
) -> World:
    """Makes and fills the database."""
    done = migrate(client, Target(database), catalogue, province, {"events.dossier": "test"})
    world = World(client, database, catalogue, province, done.generation)
    rnd = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    for kind in sorted({rollup.kind for rollup in catalogue.compiled.rollups.values()}):
        if kind == "statistic":
            log = decoder(kind)(msgspec.json.encode(list(reports(catalogue, province, rnd, now))))
        else:
            log = list(versions(kind, rnd, entities, units(province), now))
        store(world, kind, log)
        fold(world, kind, log)
    sealing = Sealing(client, database, catalogue.compiled, done.generation)
    sealing.round()
    history = StateHistory(client, database, catalogue.compiled, done.generation)
    while history.round().left:
        pass
    world.refresh()
    return world


def units(province: Province) -> list[str]:
    """Codes that sources write: some units of every level, ceased ones and aliases too, and one that no unit has."""
    by_level: dict[str, list[str]] = defaultdict(list)
    for unit in province.unit:
        by_level[unit.level].append(unit.code)
        by_level[f"{unit.level} alias"] += unit.aliases
    return [*(code for codes in by_level.values() for code in codes[:4]), "XX.99"]


def versions(kind: str, rnd: random.Random, entities: int, codes: list[str], now: datetime) -> Iterator[Any]:
    """Up to three versions of every facet of each entity: changed, moved to another unit, deleted."""
    whole = (2**VERSION_HASH_BITS) - 1
    for event in made_events(kind, rnd, entities, codes, now):
        at = now - timedelta(seconds=rnd.randrange(90 * 86_400))
        for step in range(rnd.randrange(1, 4)):
            at = min(now, at + timedelta(hours=rnd.randrange(600) * step))
            yield msgspec.structs.replace(
                event,
                version=(unix_ms(at) << VERSION_HASH_BITS) + rnd.randrange(whole),
                unit=rnd.choice(codes) if step else event.unit,
                deleted=step == 2 and rnd.random() < 0.3,
            )


def reports(catalogue: Catalogue, province: Province, rnd: random.Random, now: datetime) -> Iterator[dict[str, Any]]:
    """Reports of every series for some periods, not by all who should report, some corrected."""
    today = (now.astimezone(LOCAL).date() - date(1970, 1, 1)).days
    for series in catalogue.series.values():
        levels = {"district", "commune"} if series.reporter == "local" else {series.reporter}
        codes = [unit.code for unit in province.unit if unit.level in levels]
        rnd.shuffle(codes)
        first = start(series.grain, today - 500)
        periods = [first]
        while (following := end(series.grain, periods[-1])) <= today:
            periods.append(following)
        for day in periods[-16:]:
            for code in codes[: rnd.choice((1, 2, 5))]:
                yield from _report(series, code, day, rnd, now)


def _report(series: Any, code: str, day: int, rnd: random.Random, now: datetime) -> Iterator[dict[str, Any]]:
    begins = datetime(1970, 1, 1, tzinfo=LOCAL) + timedelta(days=day)
    for step in range(rnd.randrange(1, 3)):
        below = rnd.randrange(1, 100) * 1000
        ratio = series.additivity == "ratio" and rnd.random() < 0.95
        content: dict[str, Any] = {
            "unit": code, "deleted": False, "occurred_at": wire_time(begins),
            "data": {
                "series": series.code, "period_grain": series.grain, "period_start": wire_time(begins),
                "value_milli": rnd.randrange(100_000), "numerator_milli": rnd.randrange(below) if ratio else None,
                "denominator_milli": below if ratio else None, "contradictory": False,
            },
        }  # fmt: skip
        yield {
            "source": "made-up", "kind": "statistic", "facet": "figure", "entity": f"{series.code}/{code}/{day}",
            "version": version_of(unix_ms(now) - 1000 + step, content), "observed_at": wire_time(now), **content,
        }  # fmt: skip


def store(world: World, kind: str, log: list[Any]) -> None:
    """The tables of events, as the writer fills them."""
    columns, _ = history_rows(kind, log)
    names = [column.name for column in history_columns(kind)]
    world.client.insert(f"{world.database}.{kind}_history", names, columns)


def fold(world: World, kind: str, log: list[Any]) -> None:
    """The partials, as the worker sends them."""
    rollups = [rollup for rollup in world.catalogue.compiled.rollups.values() if rollup.kind == kind]
    facets = [facet.name for facet in KINDS[kind].facets]
    for part in range(PARTS):
        naive = NaiveFold(kind, rollups)
        mine = [event for event in log if sum(event.entity.encode()) % PARTS == part]
        touched = {cell for event in mine for cell in naive.apply(event)}
        assert facets
        values = naive.cells()
        if not touched:
            continue
        world.insert(
            "partials",
            [
                {
                    "generation": world.generation, "rollup_id": rollup, "grain": grain, "unit": unit, "bucket": bucket,
                    "part": part, "revision": len(mine),
                    "measures": values.get((rollup, grain, unit, bucket), [0] * len(world.catalogue.compiled.rollups[rollup].measures)),
                }
                for rollup, grain, unit, bucket in sorted(touched)
            ],
        )  # fmt: skip
