"""Lives told in days: the fold with its checkpoints, the sink's tables, sealing and the views, months in a few seconds.

What is real: the fold, its pages and messages; the sink's decoding and columns; migrations, views and the engine; rounds of sealing and
of the keeper. What stands in for the rest: the log is a list, and the day is the one that a story names. The watermark is the
greatest `observed_at`, so a story moves sealing on by what it has its connectors read, as in life.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from cryptography.fernet import Fernet
from pydantic import SecretStr

from ioc.catalogue.load import load_province
from ioc.catalogue.rollup import Compiled
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.deadletters import Sealer
from ioc.kafka.arrays import Arrays
from ioc.kafka.consumer import Message
from ioc.topics import PARTIALS, PARTITIONS, events
from sinks.batch import Batch
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.oracle import grains, query
from sinks.clickhouse.render import Target
from sinks.clickhouse.snapshot import Snapshot
from sinks.keeper import Keeper, Kept
from sinks.sealing import Sealing
from streams.seals import KEPT_DAYS
from tests.clickhouse_front import FrontProcess
from tests.integration.lives_worker import CATALOGUE, CLOCK, KIND_NAMES, LOG_DAYS, ROLLUPS, Log, Worker
from tests.integration.sealing_rig import TABLES, TODAY, at, connect
from tests.integration.test_living import Published

NAME = "lives_test"

PROVINCE = "000.00.00.H12"
"""The province's own code; `H12` is another name of it."""

Counted = dict[tuple[str, str], dict[tuple[str, int], list[int]]]
"""(rollup, grain) → (unit as the source writes it, bucket) → measures, without cells of zeros."""


_ORACLE = {
    kind: "\nUNION ALL\n".join(
        f"SELECT '{rollup.rollup_id}' AS rollup_id, unit, bucket, measures FROM ({query(rollup, grains(rollup)[0], NAME)})"
        for rollup in rollups
    )
    for kind, rollups in ROLLUPS.items()
}
"""The oracle's cells of a kind at the shortest grain of each rollup."""


def feedback(
    entity: str, updated: datetime, unit: str = "H12", *, deleted: bool = False, **fields: Any
) -> dict[str, Any]:
    """A version of a citizen's report (one facet): as it stood at `updated`."""
    blank = {
        "channel": "web",
        "topic": "giao_thong",
        "state": "received",
        "due_at": None,
        "answered_at": None,
        "rating": None,
    }
    data = {"reported_at": wire_time(updated)} | blank
    data |= {name: wire_time(value) if isinstance(value, datetime) else value for name, value in fields.items()}
    content = {"unit": unit, "deleted": deleted, "occurred_at": wire_time(updated), "data": None if deleted else data}
    return {
        "source": "hub", "kind": "feedback_case", "entity": entity, "facet": "case", **content,
        "version": version_of(unix_ms(updated), content), "observed_at": wire_time(updated),
    }  # fmt: skip


class Lives:
    """A migrated database, the log, and the workers that fold it."""

    def __init__(self, front: FrontProcess) -> None:
        self.client = connect(front)
        self._target = Target(NAME)
        done = migrate(self.client, self._target, CATALOGUE, load_province("ca_mau"), {"events.dossier": "test"})
        self.generation = done.generation
        self._sealer = Sealer(SecretStr(Fernet.generate_key().decode()))
        self.clear("dossier")

    def clear(self, *kinds: str) -> None:
        """Forgets everything but the dimensions; a story is about some kinds."""
        self.kinds = kinds
        facets = [
            f"{kind}_{name}" for kind in KIND_NAMES for name in ("history", *(f.name for f in KINDS[kind].facets))
        ]
        for table in (*TABLES, *facets, "partials", "kept", "unit_mappings"):
            self.client.execute(f"TRUNCATE TABLE {NAME}.{table}")
        self.log = Log()
        self._snapshot = Snapshot(self.client, NAME)
        self._offset = 0
        self._sealings: dict[str, Sealing] = {}
        self.workers: list[Worker] = []
        self.worker = self.start(self.generation)

    def start(self, generation: str) -> Worker:
        """A worker of another generation beside the others: it folds what the log still holds."""
        worker = Worker(generation, self.kinds, self.log)
        self._sealings[generation] = self.sealing(generation)
        self.workers.append(worker)
        self._store([(PARTIALS.name, partition, value) for partition, value in worker.follow()])
        self._sealings[generation].round()
        return worker

    def tell(self, ago: float, *said: dict[str, Any]) -> None:
        """Connectors read these so many days ago; what is not sealed is then the same in both engines."""
        self.read(ago, *said)
        self.check(sealed=False)

    def read(self, ago: float, *said: dict[str, Any]) -> None:
        """Connectors read these so many days ago, the worker folds them, the sink stores both."""
        arrays: dict[str, Arrays] = defaultdict(lambda: Arrays(PARTITIONS))
        for event in said:
            read = event | {"observed_at": wire_time(at(ago))}
            arrays[event["kind"]].add(event["entity"], msgspec.json.encode(read))
        found = [(events(kind).name, part, value) for kind, a in arrays.items() for part, value in a.messages()]
        self._publish(ago, found)

    def _publish(self, ago: float, messages: Sequence[tuple[str, int, bytes]]) -> None:
        for topic, partition, value in messages:
            kind = topic.removeprefix("events.")
            self.log.add((kind, partition), decoder(kind)(value), ago)
        # The tables first: what a worker has said of an event may come after it or before it.
        self._store(messages)
        for worker in self.workers:
            self._store([(PARTIALS.name, partition, value) for partition, value in worker.follow()])

    def _store(self, messages: Sequence[tuple[str, int, bytes]]) -> None:
        batch = Batch(self._sealer)
        for topic, partition, value in messages:
            batch.add(Message(topic, partition, self._offset, value))
            self._offset += 1
        assert not batch.rejected
        for table, names, columns in batch.inserts(NAME):
            self.client.insert(table, names, columns)

    def morning(self, ago: float) -> None:
        """So many days ago: what is old enough is sealed, checkpoints are made, every owner dies and is followed by another."""
        self.read(ago, *(self._deleted(kind, ago) for kind in self.kinds))
        for worker in self.workers:
            self._sealings[worker.generation].round()
            self.rest(worker)
        self.check(sealed=True)

    def rest(self, worker: Worker) -> None:
        """A checkpoint under the horizon that the seals allow; then every owner dies and is followed by another."""
        said = worker.checkpoint({kind: self.horizon(kind, worker.generation) for kind in self.kinds})
        self._store([(PARTIALS.name, partition, value) for partition, value in said])
        worker.restart()

    def _deleted(self, kind: str, ago: float) -> dict[str, Any]:
        moment = wire_time(at(ago))
        content = {"unit": "H12", "deleted": True, "occurred_at": moment, "data": None}
        return {
            "source": "clock", "kind": kind, "entity": CLOCK, "facet": "case", **content,
            "version": version_of(unix_ms(at(ago)), content), "observed_at": moment,
        }  # fmt: skip

    def sealing(self, generation: str, client: Any = None) -> Sealing:
        """What seals a generation."""
        return Sealing(client or self.client, NAME, self._compiled, generation)

    @property
    def _compiled(self) -> Compiled:
        return Compiled({rollup.rollup_id: rollup for kind in self.kinds for rollup in ROLLUPS[kind]}, {})

    def seals(self, generation: str = "") -> dict[str, int]:
        """First day that is not sealed, by rollup."""
        rows = self.client.query(
            f"SELECT rollup_id, sealed_until FROM {NAME}.seals FINAL WHERE generation = '{generation or self.generation}'"
        )
        return dict(rows)

    def horizon(self, kind: str, generation: str = "") -> int:
        """How far the worker may forget, by `streams.seals.Seals.horizon`."""
        until = self.seals(generation)
        return max(0, min(until.get(r.rollup_id, 0) for r in ROLLUPS[kind] if r.mode == "flow") - KEPT_DAYS)

    def keep(self, ago: float) -> Kept:
        """The keeper's nightly round so many days ago: what nobody spoke of for half of `LOG_DAYS` is published again."""
        out = Published()
        before_us = unix_ms(at(ago + LOG_DAYS / 2)) * 1000
        kept = Keeper(self.client, NAME, self._compiled, self.generation, out).round(lambda _: [before_us] * PARTITIONS)
        # It notes when it was there by the server's clock; the story's is another.
        self.client.execute(f"TRUNCATE TABLE {NAME}.kept")
        self._publish(ago, out.messages)
        return kept

    def check(self, *, sealed: bool) -> None:
        """Every cell that is not sealed is the oracle's; with `sealed` every sealed one, and each day that views read, too."""
        oracle = self._oracle()
        for worker in self.workers:
            until = self.seals(worker.generation)
            folded = self.folded(worker.generation)
            for (rollup_id, grain), cells in oracle.items():
                first = until.get(rollup_id, 0)
                wanted = {cell: vector for cell, vector in cells.items() if _day(grain, cell[1]) >= first}
                have = folded.get((rollup_id, grain), {})
                assert {c: v for c, v in have.items() if _day(grain, c[1]) >= first} == wanted, (rollup_id, grain)
            if sealed:
                self._check_sealed(worker.generation, until, oracle)

    def _oracle(self) -> Counted:
        """The oracle's cells; days are the sums of their hours."""
        rollups = [rollup for kind in self.kinds for rollup in ROLLUPS[kind]]
        found: Counted = {(rollup.rollup_id, grain): {} for rollup in rollups for grain in grains(rollup)}
        shortest = {rollup.rollup_id: grains(rollup)[0] for rollup in rollups}
        for rollup_id, unit, bucket, measures in self.client.query(
            "\nUNION ALL\n".join(_ORACLE[k] for k in self.kinds)
        ):
            if any(measures):
                grain = shortest[rollup_id]
                found[rollup_id, grain][unit, bucket] = list(measures)
                if grain == "hour":
                    days, cell = found[rollup_id, "day"], (unit, _day("hour", bucket))
                    days[cell] = [a + b for a, b in zip(days.get(cell, [0] * len(measures)), measures, strict=True)]
        return found

    def _check_sealed(self, generation: str, until: dict[str, int], oracle: Counted) -> None:
        days = {
            (rollup_id, unit, day): vector
            for (rollup_id, grain), cells in oracle.items()
            for (unit, day), vector in cells.items()
            if grain == "day"
        }
        wanted = {cell: vector for cell, vector in days.items() if cell[2] < until.get(cell[0], 0)}
        assert self.sealed(generation) == wanted
        if generation == self.generation:
            rows = self.client.query(f"SELECT rollup_id, unit, bucket, measures FROM {NAME}.day_cells")
            assert {(r, unit, day): list(m) for r, unit, day, m in rows if any(m)} == days

    def sealed(self, generation: str) -> dict[tuple[str, str, int], list[int]]:
        """(rollup, unit as the source writes it, day) → measures of the sealed days of a generation; no zeros."""
        until = self.seals(generation)
        rows = self.client.query(
            f"SELECT rollup_id, unit, bucket, measures FROM {NAME}.sealed FINAL WHERE generation = '{generation}'"
        )
        return {(r, unit, day): list(m) for r, unit, day, m in rows if any(m) and day < until.get(r, 0)}

    def folded(self, generation: str) -> Counted:
        """What stands in `partials`, summed over the partitions."""
        found: Counted = defaultdict(dict)
        rows = self.client.query(
            f"SELECT rollup_id, grain, unit, bucket, sumForEach(measures) FROM {NAME}.partials FINAL "
            f"WHERE generation = '{generation}' GROUP BY rollup_id, grain, unit, bucket"
        )
        for rollup_id, grain, unit, bucket, measures in rows:
            if any(measures):
                found[rollup_id, grain][unit, bucket] = list(measures)
        return found

    def now(self, *codes: str, unit: str = PROVINCE) -> list[int]:
        """Numerators of states as the wall shows them; what is unknown has a row only where there is something."""
        self._snapshot.refresh()
        rows = dict(
            self.client.query(
                f"SELECT code, numerator FROM {NAME}.indicator_now WHERE unit = '{unit}' AND code IN {_listed(codes)}"
            )
        )
        return [rows[code] for code in codes if code in rows]

    def flow(self, code: str, unit: str = PROVINCE, grain: str = "day") -> dict[int, tuple[int, int | None, bool]]:
        """By how many days ago a period began (or 0, for `to_date`): numerator, denominator, whether provisional; no zeros."""
        rows = self.client.query(
            "SELECT toInt32(period_start), numerator, denominator, provisional "
            f"FROM {NAME}.indicator_period(code = '{code}') WHERE unit = '{unit}' AND grain = '{grain}' AND tree = 'today'"
        )
        return {
            0 if grain == "to_date" else TODAY - day: (above, below, provisional)
            for day, above, below, provisional in rows
            if above or below
        }

    def changes(self, rollup_id: str) -> list[tuple[str, int, str]]:
        """unit, days ago, reason of each sealed cell of the live generation that got another value."""
        rows = self.client.query(
            f"SELECT unit, {TODAY} - bucket, toString(reason) FROM {NAME}.seal_changes FINAL "
            f"WHERE generation = '{self.generation}' AND rollup_id = '{rollup_id}' ORDER BY changed_at, bucket, unit"
        )
        return [(unit, ago, reason) for unit, ago, reason in rows]


def _listed(codes: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"


def _day(grain: str, bucket: int) -> int:
    """Local day of a bucket; what has none is later than any."""
    days = {"hour": (bucket + 7) // 24, "day": bucket}
    return days.get(grain, 1 << 30)
