"""Codes of sources that operators have mapped to units: the table `unit_mappings`, beside the profile, which wins.

A mapping changes what the views resolve, at once and for all that was ever read; `ioc migrate` leaves it alone.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sinks.clickhouse.client import Database


@dataclass(frozen=True)
class Mapping:
    """A code that stands for a unit by an operator's word."""

    code: str
    unit: str
    reason: str
    mapped_at: datetime


def all_mappings(client: Database, database: str) -> list[Mapping]:
    """Every mapping, in the order of the codes."""
    rows = client.query(f"SELECT code, unit, reason, mapped_at FROM {database}.unit_mappings FINAL ORDER BY code")
    return [Mapping(code, unit, reason, at.astimezone(UTC)) for code, unit, reason, at in rows]


def mappings(client: Database, database: str) -> dict[str, str]:
    """Code → unit."""
    return {mapping.code: mapping.unit for mapping in all_mappings(client, database)}


def newest_revision(client: Database, database: str) -> int:
    """Grows with each change of the mappings; 0 when there never was one."""
    return int(client.query(f"SELECT max(revision) FROM {database}.unit_mappings")[0][0])


def store(client: Database, database: str, mapping: Mapping, *, gone: bool = False) -> None:
    """Writes a mapping, or takes it back. Writing it again changes nothing."""
    row = {
        "code": mapping.code,
        "unit": mapping.unit,
        "reason": mapping.reason,
        "mapped_at": int(mapping.mapped_at.timestamp() * 1_000_000),
        "revision": time.time_ns() // 1000,
        "gone": int(gone),
    }
    client.insert(f"{database}.unit_mappings", list(row), [[value] for value in row.values()])
