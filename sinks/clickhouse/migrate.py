"""Brings a database to the shape that this version of the project needs; running it again changes nothing.

In order: the numbered scripts that are not applied yet, the tables that follow from the contracts and what is fed from
them, the views, the dimensions (catalogue, province), the generation that the views show.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.errors import FatalError, RetriableError
from sinks.clickhouse import generations
from sinks.clickhouse.behind import behind_statements
from sinks.clickhouse.cited import cited_statements
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.derived import sync, view_statements
from sinks.clickhouse.dimensions import dimensions, load
from sinks.clickhouse.history import history_statements
from sinks.clickhouse.mode_views import mode_statements
from sinks.clickhouse.past_views import past_statements
from sinks.clickhouse.period_views import period_statements
from sinks.clickhouse.reads import sync_reads
from sinks.clickhouse.render import Script, Target, numbered, render, views
from sinks.clickhouse.waiting import waiting

LOCK_STALE_S = 60.0
"""A lock whose holder has not touched it for so long belongs to a process that died."""


@dataclass
class Report:
    """What a migration did; empty lists when everything stood already.

    Attributes:
        generation: that of the catalogue.
        live: the one that the views show; another one waits for `ioc catalogue deploy`.
    """

    generation: str
    live: str = ""
    applied: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def migrate(
    database: Database,
    target: Target,
    catalogue: Catalogue,
    province: Province,
    topic_ids: Mapping[str, str],
    *,
    registered: Callable[[str], tuple[Catalogue, Province] | None] = lambda _: None,
    scripts: list[Script] | None = None,
    wait_s: float = 120.0,
) -> Report:
    """Migrates.

    A catalogue that counts something else than the live generation is loaded beside it: names, targets and new indicators
    show at once, what is counted otherwise or no more is told as it was until `ioc catalogue deploy`.

    Args:
        database: logged in as the administrator.
        target: database and cluster to migrate.
        catalogue: the catalogue in force.
        province: the profile in force.
        topic_ids: name → id of the topics of events that the rollups read.
        registered: gives the catalogue of a generation and the profile beside it, or None where it is not known.
        scripts: numbered scripts; None takes the packaged ones.
        wait_s: how long to wait for another migration that is under way.

    Raises:
        FatalError: an applied script has changed, a table differs from its contract, a statement is refused.
        RetriableError: the server is away, or another migration does not end within `wait_s`.
    """
    report = Report(catalogue.compiled.generation(dict(topic_ids)))
    on_cluster = target.names["on_cluster"]
    database.execute(f"CREATE DATABASE IF NOT EXISTS {target.database} {on_cluster}".strip())
    with _lock(database, target, wait_s) as touch:
        for script in _pending(database, target, numbered() if scripts is None else scripts):
            for statement in script.statements(target):
                touch()
                database.execute(statement)
            database.insert(
                f"{target.database}.schema_migrations",
                ("name", "checksum", "applied_at"),
                [[script.name], [script.checksum], [_micros(datetime.now(UTC))]],
            )
            report.applied.append(script.name)
        touch()
        report.changed += sync(database, target)
        report.changed += sync_reads(database, target)
        for statement in [
            *view_statements(target),
            *history_statements(target),
            *(s for view in views() for s in view.statements(target)),
            *period_statements(target),
            *mode_statements(target),
            *past_statements(target),
            *behind_statements(target, catalogue.compiled),
            *cited_statements(
                target, catalogue.compiled, next(unit.code for unit in province.unit if unit.parent is None)
            ),
        ]:
            database.execute(statement)
        touch()
        report.live = generations.live_generation(database, target.database)
        wanted = dimensions(catalogue, province, report.generation)
        if report.live not in ("", report.generation) and (shown := registered(report.live)) is not None:
            wanted = waiting(wanted, dimensions(*shown, report.live), shown[0], catalogue)
        report.changed += load(database, target, wanted)
        _activate(database, target, catalogue, report, topic_ids)
    return report


def _pending(database: Database, target: Target, scripts: list[Script]) -> list[Script]:
    """The scripts that are not applied yet.

    Raises:
        FatalError: one that is applied has changed since, or is missing here.
    """
    database.execute(render(_RECORD, "schema_migrations", target))
    rows = database.query(f"SELECT name, checksum FROM {target.database}.schema_migrations FINAL ORDER BY name")
    applied: dict[str, str] = dict(rows)
    changed = [s.name for s in scripts if s.name in applied and applied[s.name] != s.checksum]
    if changed:
        raise FatalError(
            f"migrations {', '.join(changed)} have changed since they were applied to {target.database}: "
            "put the files back as they were and write the change as a new numbered script"
        )
    strange = sorted(set(applied) - {script.name for script in scripts})
    if strange:
        raise FatalError(
            f"{target.database} has migrations that this version does not know: {', '.join(strange)}; "
            "a newer version of the project made it, run that one"
        )
    return [script for script in scripts if script.name not in applied]


def _activate(
    database: Database, target: Target, catalogue: Catalogue, report: Report, topic_ids: Mapping[str, str]
) -> None:
    """Shows the catalogue's generation where none is live yet; else makes it known and leaves the live one as it is."""
    named = (report.generation, catalogue.compiled.hash, topic_ids)
    if not report.live:
        generations.point_to(database, target, *named)
        report.live = report.generation
        report.changed.append(f"generation {report.generation} is live")
    elif generations.add(database, target, *named):
        report.changed.append(f"generation {report.generation} is known, {report.live} stays live")


@contextmanager
def _lock(database: Database, target: Target, wait_s: float) -> Iterator["_Touch"]:
    """Holds the table `migration_lock`: only one process at a time can create it. Its comment is touched while work goes on."""
    table = f"{target.database}.migration_lock"
    deadline = time.monotonic() + wait_s
    while not _created(database, table):
        rows = database.query(
            "SELECT toInt64(now() - metadata_modification_time) FROM system.tables "
            f"WHERE database = {quoted(target.database)} AND name = 'migration_lock'"
        )
        if rows and rows[0][0] > LOCK_STALE_S:
            database.execute(f"DROP TABLE IF EXISTS {table} SYNC")
        elif time.monotonic() > deadline:
            raise RetriableError(f"another `ioc migrate` holds {table}; wait for it, or drop that table if none runs")
        else:
            time.sleep(0.2)
    try:
        yield _Touch(database, table)
    finally:
        database.execute(f"DROP TABLE IF EXISTS {table} SYNC")


class _Touch:
    def __init__(self, database: Database, table: str) -> None:
        self._database, self._table = database, table
        self._last = time.monotonic()

    def __call__(self) -> None:
        """Says that the holder of the lock lives; at most every few seconds."""
        if time.monotonic() - self._last > LOCK_STALE_S / 10:
            self._database.execute(f"ALTER TABLE {self._table} MODIFY COMMENT {quoted(datetime.now(UTC).isoformat())}")
            self._last = time.monotonic()


def _created(database: Database, table: str) -> bool:
    try:
        database.execute(f"CREATE TABLE {table} (held UInt8) ENGINE = Memory COMMENT 'Held while a migration runs'")
    except FatalError as error:
        if "code 57" in str(error):
            return False
        raise
    return True


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


_RECORD = """CREATE TABLE IF NOT EXISTS {database}.schema_migrations {on_cluster} (
    name String COMMENT 'Name of the script',
    checksum String COMMENT 'Hash of its text: an applied script must not change',
    applied_at DateTime64(6, 'UTC') COMMENT 'When it was applied'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY name
COMMENT 'Numbered migrations that were applied'"""
