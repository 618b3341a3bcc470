"""What the views choose by: the live generation, and how far each rollup is sealed."""

from collections.abc import Collection, Mapping
from datetime import datetime

from ioc.catalogue.rollup import Compiled
from ioc.clock import local_day
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.generations import live_generation
from sinks.sealing import SEAL_DAYS
from sinks.sides.difference import Found


def sealed_until(client: Client, database: str) -> dict[str, int]:
    """Rollup → first local day that is not sealed in the live generation."""
    generation = live_generation(client, database)
    rows = client.query(
        f"SELECT toString(rollup_id), sealed_until FROM {database}.seals FINAL WHERE generation = '{generation}'"
    )
    return dict(rows)


def marks(client: Client, database: str) -> tuple[object, ...]:
    """Changes when seals, the history of states or the live generation move on, which no log tells."""
    return client.query(
        f"SELECT (SELECT argMax(generation, active_from) FROM {database}.generations), "
        f"(SELECT sum(sealed_until) FROM {database}.seals FINAL), (SELECT max(changed_at) FROM {database}.seal_changes), "
        f"(SELECT groupArray((generation, kind, from_day, until_day)) FROM "
        f"(SELECT * FROM {database}.state_marks FINAL ORDER BY generation, kind)), "
        f"(SELECT max(computed_at) FROM {database}.state_days)"
    )[0]


def looked_at(client: Client, database: str, kinds: Collection[str]) -> datetime:
    """When the last round over the past looked at the kind that it looked at first: all that was stored before is seen to."""
    mine = f"generation = {quoted(live_generation(client, database))} AND kind IN ({', '.join(map(quoted, sorted(kinds)))})"
    oldest: datetime = client.query(
        "SELECT min(looked_at) FROM ("
        f"SELECT looked_at FROM {database}.seal_marks FINAL WHERE {mine} "
        f"UNION ALL SELECT looked_at FROM {database}.state_marks FINAL WHERE {mine})"
    )[0][0]
    return oldest


def compare_generation(client: Client, database: str, compiled: Compiled) -> Found:
    """Whether the live generation was folded with this catalogue."""
    generation = live_generation(client, database)
    rows = client.query(f"SELECT catalogue_hash FROM {database}.generations FINAL WHERE generation = '{generation}'")
    found = Found(1)
    if [(compiled.hash,)] != rows:
        found.add(f"generation {generation} catalogue_hash", rows[0][0] if rows else None, compiled.hash)
    return found


def compare_seals(client: Client, database: str, compiled: Compiled, seals: Mapping[str, int]) -> Found:
    """Whether no rollup is sealed further than its events allow: `SEAL_DAYS` behind the newest that was observed."""
    found = Found(len(seals))
    kinds = {compiled.rollups[rollup].kind for rollup in seals if rollup in compiled.rollups}
    limits = {}
    for kind in kinds:
        newest = client.query(f"SELECT toUnixTimestamp(max(observed_at)) FROM {database}.{kind}_history")[0][0]
        limits[kind] = local_day(newest) - SEAL_DAYS + 1
    for rollup, until in seals.items():
        if rollup not in compiled.rollups or compiled.rollups[rollup].mode != "flow":
            found.add(f"seals {rollup}", until, None)
        elif until > limits[compiled.rollups[rollup].kind]:
            found.add(f"seals {rollup} sealed_until", until, limits[compiled.rollups[rollup].kind])
    return found
