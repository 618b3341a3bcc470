"""Days of flows by the oracle, read from no more entities than lie on them, and how they differ from what is sealed.

Text only: what runs it, and in which order, is in `sinks/sealing.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Rollup
from ioc.contracts.kinds import KINDS, Facet
from sinks.clickhouse.columns import data_columns, quoted
from sinks.clickhouse.derived import facet_envelope, union_select
from sinks.clickhouse.oracle import local_day, query, seconds

UNION_DAYS = 100
"""From so many days on the whole kind is read: looking for the entities of the days would cost more than it saves."""


@dataclass(frozen=True)
class Days:
    """Local days since 1970-01-01: all from `first` and before `until`, or those that are listed."""

    first: int = 0
    until: int = 0
    listed: tuple[int, ...] = ()

    @classmethod
    def of(cls, days: Collection[int]) -> "Days":
        """These days."""
        return cls(listed=tuple(sorted(days)))

    def hold(self, day: str) -> str:
        """The condition that an expression is one of the days."""
        if self.listed:
            return f"{day} IN ({', '.join(map(str, self.listed))})"
        return f"({day} >= {self.first} AND {day} < {self.until})"

    def __len__(self) -> int:
        return len(self.listed) or max(0, self.until - self.first)


@dataclass(frozen=True)
class Place:
    """Where the values of a rollup stand in the table `sealed`."""

    database: str
    generation: str
    rollup: Rollup

    @property
    def rows(self) -> str:
        """The condition that tells them from others."""
        return f"generation = {quoted(self.generation)} AND rollup_id = {quoted(self.rollup.rollup_id)}"

    def counted(self, days: Days) -> str:
        """The oracle's cells of these days: unit, bucket, measures."""
        source = None if len(days) >= UNION_DAYS else entities_on(self.rollup, days, self.database)
        return f"SELECT * FROM ({query(self.rollup, 'day', self.database, source)}) WHERE {days.hold('bucket')}"

    def seal(self, days: Days, at_ms: int) -> str:
        """Writes days that nothing reads yet. What an attempt that died has left is overwritten, with zeros where nothing is."""
        zeros = f"arrayWithConstant({len(self.rollup.measures)}, toInt64(0))"
        return (
            f"INSERT INTO {self.database}.sealed (generation, rollup_id, unit, bucket, measures, sealed_at)\n"
            f"SELECT {quoted(self.generation)}, {quoted(self.rollup.rollup_id)}, unit, bucket, sumForEach(measures), "
            f"{moment(at_ms)}\nFROM (\n{self.counted(days)}\nUNION ALL\n"
            f"SELECT unit, bucket, {zeros} AS measures FROM {self.database}.sealed "
            f"WHERE {self.rows} AND {days.hold('bucket')}\n) GROUP BY unit, bucket"
        )

    def change(self, days: Days, at_ms: int, why: str) -> str:
        """Notes sealed cells that the oracle now gives another value, by one reading of both.

        A cell that one side does not have is a cell of zeros. `why` is a query of reasons by unit and bucket. A note is later
        than what it replaces, also when the server's clock was set back.
        """
        size = len(self.rollup.measures)
        return (
            f"INSERT INTO {self.database}.seal_changes "
            "(generation, rollup_id, unit, bucket, before, after, reason, before_at, changed_at)\n"
            f"SELECT {quoted(self.generation)}, {quoted(self.rollup.rollup_id)}, unit, bucket, before, after, "
            f"if(empty(w.said), 'recomputed', w.said), before_at, greatest({moment(at_ms)}, before_at + INTERVAL 1 MILLISECOND)\n"
            "FROM (SELECT unit, bucket, "
            f"arrayResize(sumForEachIf(measures, NOT fresh), {size}, 0) AS before, "
            f"arrayResize(sumForEachIf(measures, fresh), {size}, 0) AS after, max(at) AS before_at\nFROM (\n"
            f"SELECT unit, bucket, measures, true AS fresh, {moment(0)} AS at FROM ({self.counted(days)})\nUNION ALL\n"
            f"SELECT unit, bucket, measures, false AS fresh, sealed_at AS at "
            f"FROM {self.database}.sealed FINAL WHERE {self.rows} AND {days.hold('bucket')}\n"
            ") GROUP BY unit, bucket HAVING before != after) AS c\n"
            f"LEFT JOIN ({why}) AS w ON w.unit = c.unit AND w.bucket = c.bucket"
        )

    def changed(self, days: Days, at_ms: int) -> str:
        """How many cells were noted in a round."""
        return f"SELECT toInt64(count()) FROM {self.database}.seal_changes WHERE {self._noted(days, at_ms)}"

    def apply(self, days: Days, at_ms: int) -> str:
        """Writes what was noted in a round."""
        return (
            f"INSERT INTO {self.database}.sealed (generation, rollup_id, unit, bucket, measures, sealed_at)\n"
            f"SELECT generation, rollup_id, unit, bucket, after, changed_at FROM {self.database}.seal_changes "
            f"WHERE {self._noted(days, at_ms)}"
        )

    def _noted(self, days: Days, at_ms: int) -> str:
        return f"{self.rows} AND {days.hold('bucket')} AND changed_at >= {moment(at_ms)}"


def moment(unix_ms: int) -> str:
    """A moment as a DateTime64(3)."""
    return f"fromUnixTimestamp64Milli({unix_ms}, 'UTC')"


def entities_on(rollup: Rollup, days: Days, database: str) -> str:
    """The view of a rollup's kind for the entities alone of which a version that is stored lies on the days.

    Of an entity with several stored versions the newest counts, as in the view; only these entities are sorted, and of all
    others no more than identifier and time is read.
    """
    assert rollup.time is not None
    kind = KINDS[rollup.kind]
    timed = fields_of(rollup.kind)[rollup.time].facet
    day = local_day(seconds(rollup.time))
    found = f"SELECT entity FROM {database}.{kind.name}_{timed} WHERE ifNull({days.hold(day)}, false)"

    def newest(facet: Facet) -> str:
        listed = ", ".join(f"`{column.name}`" for column in (*facet_envelope(kind), *data_columns(facet.data)))
        return (
            f"SELECT {listed} FROM {database}.{kind.name}_{facet.name} WHERE entity IN ({found})\n"
            "ORDER BY version DESC LIMIT 1 BY entity"
        )

    return f"({union_select(kind, newest)})"
