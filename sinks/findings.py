"""Brings the table `findings` up to what is wrong with the reports now; what no longer is stays, with the moment it ended."""

from dataclasses import dataclass

from sinks.clickhouse.client import Database

_SAID = "reason, entity, series, unit, period_grain, period_start, stated, expected"

_SAME = "(reason, entity, ifNull(toString(stated), ''), ifNull(toString(expected), ''))"
"""A null equals nothing, so texts are compared."""

_NEW = """INSERT INTO {database}.findings ({said}, found_at, resolved_at, revision)
SELECT {said}, observed_at, NULL, toUnixTimestamp64Micro(now64(6))
FROM {database}.findings_now
WHERE {same} NOT IN (SELECT {same} FROM {database}.findings FINAL WHERE isNull(resolved_at))"""

_RESOLVED = """INSERT INTO {database}.findings ({said}, found_at, resolved_at, revision)
SELECT {said}, found_at, now64(6), toUnixTimestamp64Micro(now64(6))
FROM {database}.findings FINAL
WHERE isNull(resolved_at) AND (reason, entity) NOT IN (SELECT reason, entity FROM {database}.findings_now)"""

_OPEN = "SELECT toInt64(countIf(isNull(resolved_at))), toInt64(countIf(isNotNull(resolved_at))) FROM {database}.findings FINAL"


@dataclass(frozen=True)
class Findings:
    """How many findings stand open, and how many were resolved so far."""

    open: int
    resolved: int


def refresh(client: Database, database: str) -> Findings:
    """Takes in what is found now; doing it twice changes nothing.

    Raises:
        RetriableError: ClickHouse is away.
        FatalError: a table is missing.
    """
    for statement in (_NEW, _RESOLVED):
        client.execute(statement.format(database=database, said=_SAID, same=_SAME))
    return Findings(*client.query(_OPEN.format(database=database))[0])
