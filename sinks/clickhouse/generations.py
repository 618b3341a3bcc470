"""The table `generations`: its newest row names the live generation, and that row is the truth for views and workers alike.

A generation that was registered and never live has the row of the epoch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.render import Target

_COLUMNS = ("generation", "catalogue_hash", "topic_ids", "active_from")

_EPOCH = datetime.fromtimestamp(0, UTC)
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class Known:
    """A generation that ClickHouse knows.

    Attributes:
        name: its name.
        active_from: when it last went live; None if it never did.
        is_live: whether the views show it.
        cells: rows of its partition of `partials`.
    """

    name: str
    active_from: datetime | None
    is_live: bool
    cells: int


def live_generation(database: Database, name: str) -> str:
    """The live generation of a database; empty before there is one."""
    rows = database.query(
        f"SELECT argMax(generation, active_from) FROM {name}.generations WHERE toUnixTimestamp64Micro(active_from) > 0"
    )
    return str(rows[0][0])


def add(database: Database, target: Target, generation: str, catalogue_hash: str, topic_ids: Mapping[str, str]) -> bool:
    """Makes a generation known without showing it; whether it was new."""
    if database.query(f"SELECT 1 FROM {target.database}.generations WHERE generation = {quoted(generation)} LIMIT 1"):
        return False
    _write(database, target, generation, catalogue_hash, topic_ids, _EPOCH)
    return True


def point_to(
    database: Database, target: Target, generation: str, catalogue_hash: str, topic_ids: Mapping[str, str]
) -> datetime:
    """Has the views show a generation, from the moment on that is returned."""
    newest: datetime = database.query(f"SELECT max(active_from) FROM {target.database}.generations")[0][0]
    # Later than the row before, also when this clock is behind that of who wrote it.
    moment = max(datetime.now(UTC), newest.astimezone(UTC) + _STEP)
    _write(database, target, generation, catalogue_hash, topic_ids, moment)
    return moment


def known(database: Database, name: str) -> list[Known]:
    """All generations, the live one first, then in the order in which they were live."""
    live = live_generation(database, name)
    cells = dict(
        database.query(
            f"SELECT partition, toInt64(sum(rows)) FROM system.parts WHERE database = {quoted(name)} "
            "AND table = 'partials' AND active GROUP BY partition"
        )
    )
    rows = database.query(f"SELECT generation, active_from FROM {name}.generations FINAL ORDER BY active_from DESC")
    return [
        Known(one, None if at.astimezone(UTC) == _EPOCH else at.astimezone(UTC), one == live, cells.get(one, 0))
        for one, at in rows
    ]


def drop(database: Database, target: Target, generation: str) -> list[str]:
    """Removes a generation from every table; returns the tables. It must not be live.

    Tables that are partitioned by generation lose a partition, of the others rows are deleted.
    """
    tables = database.query(
        "SELECT t.name, t.partition_key FROM system.tables AS t INNER JOIN system.columns AS c "
        "ON c.database = t.database AND c.table = t.name "
        f"WHERE t.database = {quoted(target.database)} AND c.name = 'generation' AND t.engine LIKE '%MergeTree' "
        "ORDER BY t.name = 'generations', t.name"
    )
    on_cluster = target.names["on_cluster"]
    for table, partition_key in tables:
        what = (
            f"DROP PARTITION {quoted(generation)}" if partition_key == "generation"
            else f"DELETE WHERE generation = {quoted(generation)} SETTINGS mutations_sync = 2"
        )  # fmt: skip
        database.execute(" ".join(f"ALTER TABLE {target.database}.{table} {on_cluster} {what}".split()))
    return [table for table, _ in tables]


def _write(
    database: Database,
    target: Target,
    generation: str,
    catalogue_hash: str,
    topic_ids: Mapping[str, str],
    moment: datetime,
) -> None:
    ids = msgspec.json.encode(dict(topic_ids), order="sorted").decode()
    micros = (moment - _EPOCH) // _STEP
    row: list[list[str | int]] = [[generation], [catalogue_hash], [ids], [micros]]
    database.insert(f"{target.database}.generations", _COLUMNS, row)
