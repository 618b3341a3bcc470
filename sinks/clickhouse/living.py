"""Which entities a new generation must find in the log, and their events as they stand in the tables. Text and values only.

An entity is needed for as long as it is counted in a cell that nobody has sealed: in the present (`now`), in a day that it falls
due (`age`), in a figure that was reported, in a day of a flow that is not sealed yet. All others are in the sealed days. An entity of
which the log holds old versions only (they were read once more, long after) is needed too, deleted or not: a new generation would
take them for the newest.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from ioc.catalogue.rollup import Rollup
from ioc.contracts.base import wire_time
from ioc.contracts.kinds import KINDS, Facet
from sinks.clickhouse.columns import Column, data_columns, quoted
from sinks.clickhouse.derived import facet_envelope
from sinks.clickhouse.oracle import condition_sql, local_day, seconds

_EPOCH = datetime.fromtimestamp(0, UTC)


def due(
    kind: str, rollups: Iterable[Rollup], sealed_until: Mapping[str, int], before_us: Sequence[int], database: str
) -> str:
    """The query for the entities that are to be published again.

    Args:
        kind: kind of event.
        rollups: those of the kind.
        sealed_until: first local day that is not sealed, by rollup of a flow; one that is not there has no sealed day.
        before_us: for each partition: what was heard of, or kept, at this moment or later (microseconds since the epoch) is not
            due.
        database: name of the database.
    """
    counted = " OR ".join(f"({_counts(rollup, sealed_until)})" for rollup in rollups) or "false"
    # The partition is the producer's own rule, see ioc/kafka/partition.py.
    before = f"arrayElement({list(before_us)}, toInt32(kafkaMurmurHash(entity) % {len(before_us)}) + 1)"
    silent = " UNION ALL ".join(_silent(kind, facet, before, database) for facet in KINDS[kind].facets)
    # Of those whose newest version is silent: something was read since, and so it is older.
    overtaken = " UNION ALL ".join(
        f"SELECT entity FROM {database}.{kind}_history WHERE facet = '{facet.name}' "
        f"AND toUnixTimestamp64Micro(observed_at) >= {min(before_us)} AND toUnixTimestamp64Micro(observed_at) >= {before} "
        f"AND entity IN ({_silent(kind, facet, before, database)})"
        for facet in KINDS[kind].facets
        if not facet.data.IMMUTABLE
    )
    found = f"(NOT deleted AND ({counted}))" + (f"\nOR entity IN ({overtaken})" if overtaken else "")
    return (
        f"SELECT entity FROM {database}.{kind} WHERE ({found})\nAND entity IN ({silent})\n"
        f"AND entity NOT IN (SELECT entity FROM {database}.kept FINAL WHERE kind = {quoted(kind)} "
        f"AND toUnixTimestamp64Micro(kept_at) >= {before})\nORDER BY entity"
    )


def _silent(kind: str, facet: Facet, before: str, database: str) -> str:
    """Entities whose newest version of a facet was read before a moment."""
    return (
        f"SELECT entity FROM {database}.{kind}_{facet.name} FINAL WHERE toUnixTimestamp64Micro(observed_at) < {before}"
    )


def _counts(rollup: Rollup, sealed_until: Mapping[str, int]) -> str:
    """The condition that an entity is counted in a cell of a rollup that is not sealed."""
    placed = [condition_sql(rollup.kind, condition) for condition in rollup.where]
    if rollup.time is not None:
        placed.append(f"isNotNull(`{rollup.time}`)")
        if rollup.mode == "flow" and (first := sealed_until.get(rollup.rollup_id)) is not None:
            placed.append(f"ifNull({local_day(seconds(rollup.time))} >= {first}, false)")
    measures = {" AND ".join(condition_sql(rollup.kind, c) for c in measure.where) for measure in rollup.measures}
    if "" not in measures:
        placed.append(f"({' OR '.join(f'({one})' for one in sorted(measures))})")
    return " AND ".join(placed) or "true"


def states(kind: str, facet: Facet, entities: Sequence[str], database: str) -> str:
    """The query for the newest version of a facet of some entities: entity, then what `event` makes an event of."""
    listed = ", ".join(
        f"toUnixTimestamp64Micro(`{column.name}`)" if "DateTime64" in column.type else f"`{column.name}`"
        for column in _columns(kind, facet.name)
    )
    some = ", ".join(map(quoted, entities))
    return f"SELECT entity, {listed} FROM {database}.{kind}_{facet.name} FINAL WHERE entity IN ({some})"


def event(kind: str, facet: str, row: Sequence[Any]) -> bytes:
    """An event as its connector wrote it, from a row of `states` without its first: the same meaning, and so the same version.

    A deletion of which no field is known has no state.
    """
    told: dict[str, Any] = {"kind": kind, "facet": facet}
    data: dict[str, Any] = {}
    envelope = len(facet_envelope(KINDS[kind]))
    for place, (column, value) in enumerate(zip(_columns(kind, facet), row, strict=True)):
        read = _moment(value) if "DateTime64" in column.type and value is not None else value
        (told if place < envelope else data)[column.name] = read
    gone = told["deleted"] and all(value is None for value in data.values())
    return msgspec.json.encode({**told, "data": None if gone else data})


@cache
def _columns(kind: str, facet: str) -> tuple[Column, ...]:
    (model,) = (one.data for one in KINDS[kind].facets if one.name == facet)
    return (*facet_envelope(KINDS[kind]), *data_columns(model))


def _moment(micros: int) -> str:
    return wire_time(_EPOCH + timedelta(microseconds=micros))
