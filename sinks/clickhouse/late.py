"""What has been stored since a moment, and which days of flows it concerns: bounded by the entities it touches.

A version concerns the day on which its entity lies and every day on which an earlier version had put it, for each time that
flows are counted by: all of the entity's history is looked at, found by its key. Text only, as in `seal.py`.
"""

from collections.abc import Mapping

from ioc.catalogue.fields import fields_of
from ioc.catalogue.rollup import Rollup
from ioc.contracts.kinds import KINDS
from sinks.clickhouse.oracle import local_day, seconds
from sinks.clickhouse.seal import Days, moment

_MANY = 100_000
"""More entities than that are told apart by a hash: a set of their names would be large, and the key no longer helps."""


def batches(kind: str, after_ms: int, database: str) -> str:
    """What was stored after a moment, by the millisecond: milliseconds, rows, a print of them, newest observed_at in micros."""
    return (
        "SELECT toUnixTimestamp64Milli(stored_at), toInt64(count()), groupBitXor(cityHash64(entity, facet, version)), "
        f"toUnixTimestamp64Micro(max(observed_at)) FROM {database}.{kind}_history "
        f"WHERE stored_at > {moment(after_ms)} GROUP BY stored_at"
    )


def newest(kind: str, database: str) -> str:
    """Greatest observed_at of all events of a kind, microseconds since the epoch; 0 without any."""
    return f"SELECT toUnixTimestamp64Micro(max(observed_at)) FROM {database}.{kind}_history"


def touched(kind: str, since_ms: int, rows: int, database: str) -> str:
    """The condition that an entity has a version that was stored at a moment or after it."""
    name = "entity" if rows <= _MANY else "cityHash64(entity)"
    return f"{name} IN (SELECT {name} FROM {database}.{kind}_history WHERE stored_at >= {moment(since_ms)})"


def days_of(kind: str, sealed: Mapping[str, int], condition: str, database: str) -> str:
    """Sealed days on which entities lie or have lain: an array for each time field of `sealed` (field → first day not sealed)."""
    found = ", ".join(
        f"arraySort(groupUniqArrayIf(toInt32({local_day(seconds(field))}), {local_day(seconds(field))} < {until}))"
        for field, until in sealed.items()
    )
    return f"SELECT {found} FROM {database}.{kind}_history WHERE {condition}"


def moved(kind: str, sealed: Mapping[str, int], since_ms: int, condition: str, database: str) -> str:
    """Sealed days that entities have left for a day that is not sealed, or have come to from one: arrays as of `days_of`.

    Until such a day is counted again the entity counts twice, or not at all: the fold counts only the days that are not
    sealed. Each entity is compared with what was known of it before the moment; one that is new or gone has not moved.
    """
    asked, found = [], []
    for place, (field, until) in enumerate(sealed.items()):
        facet = fields_of(kind)[field].facet
        day = f"tuple(if(deleted, NULL, toInt32({local_day(seconds(field))})))"
        asked.append(
            f"argMaxIf({day}, version, facet = '{facet}' AND stored_at < {moment(since_ms)}).1 AS before{place}, "
            f"argMaxIf({day}, version, facet = '{facet}').1 AS after{place}"
        )
        crossed = f"ifNull((before{place} < {until}) != (after{place} < {until}), false)"
        found.append(
            f"arraySort(groupUniqArrayIf(toInt32(assumeNotNull(least(before{place}, after{place}))), {crossed}))"
        )
    entities = f"SELECT {', '.join(asked)} FROM {database}.{kind}_history WHERE {condition} GROUP BY entity"
    return f"SELECT {', '.join(found)} FROM ({entities})"


def reasons(rollup: Rollup, days: Days, since_ms: int, condition: str, database: str) -> str:
    """Why cells of a rollup have changed: unit, bucket, what is said of it, reasons in the order of the alphabet.

    Each entity is compared with what was known of it before the moment: `late` had not been counted, `deleted` and `moved`
    no longer are where they were, `unit changed` and `corrected` are on the same day.
    """
    assert rollup.time is not None
    main = KINDS[rollup.kind].main.name
    timed = fields_of(rollup.kind)[rollup.time].facet
    old = f"stored_at < {moment(since_ms)}"
    day = f"tuple(if(deleted, NULL, toInt32({local_day(seconds(rollup.time))})))"
    return (
        "SELECT unit, toInt32(assumeNotNull(bucket)) AS bucket, arrayStringConcat(arraySort(groupUniqArray(reason)), ', ') AS said\n"
        "FROM (\n"
        "SELECT multiIf(NOT known OR isNull(day_before), 'late', gone AND NOT gone_before, 'deleted', "
        "unit_before != unit_after, 'unit changed', ifNull(day_before != day_after, true), 'moved', 'corrected') AS reason, "
        "arrayJoin([(unit_before, day_before), (unit_after, day_after)]) AS cell, "
        "cell.1 AS unit, cell.2 AS bucket\nFROM (SELECT "
        f"countIf(facet = '{main}' AND {old}) > 0 AS known, "
        f"argMaxIf(unit, version, facet = '{main}' AND {old}) AS unit_before, "
        f"argMaxIf(unit, version, facet = '{main}') AS unit_after, "
        f"argMaxIf(deleted, version, facet = '{main}' AND {old}) AS gone_before, "
        f"argMaxIf(deleted, version, facet = '{main}') AS gone, "
        f"argMaxIf({day}, version, facet = '{timed}' AND {old}).1 AS day_before, "
        f"argMaxIf({day}, version, facet = '{timed}').1 AS day_after\n"
        f"FROM {database}.{rollup.kind}_history WHERE {condition} GROUP BY entity)\n"
        f") WHERE isNotNull(bucket) AND {days.hold('bucket')} GROUP BY unit, bucket"
    )


NO_REASON = "SELECT '' AS unit, toInt32(0) AS bucket, '' AS said WHERE false"
"""Nothing is known of why cells have changed."""
