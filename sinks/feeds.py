"""What every stream, and every unit that reports itself, has told last and how much came of it: for `ioc feeds` and its kin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sinks.clickhouse.client import Database

DEFAULT_MINUTES = 60
"""Freshness of a stream whose kinds no indicator reads."""


@dataclass(frozen=True)
class FeedState:
    """One (source, stream, unit).

    Attributes:
        unit: own code of the unit that reports itself; empty for the stream.
        unit_name: the unit that the code stands for, Vietnamese; empty where it is unknown.
        kinds: kinds of event that it carries.
        read_at: last heartbeat.
        source_time: up to which moment of the source everything was read; None: not known.
        age_s: seconds since then; None: not known.
        planned_s: seconds of these within planned maintenance.
        freshness: `fresh`, `late`, `stale` or `no_data`, by the strictest indicator of its kinds.
        records_hour: records in the last hour, by the heartbeats.
        records_day: … in the last day.
        rejected_day: of the last day's, sent to the dead letters.
        late_day: of the last day's, older than what was read before.
        unknown_fields: fields that the source sends and nobody reads.
        alert: what waits for a person.
    """

    source: str
    stream: str
    unit: str
    unit_name: str
    kinds: tuple[str, ...]
    read_at: datetime
    source_time: datetime | None
    age_s: int | None
    planned_s: int
    freshness: str
    records_hour: int
    records_day: int
    rejected_day: int
    late_day: int
    unknown_fields: tuple[str, ...]
    alert: str


def feed_states(client: Database, database: str) -> list[FeedState]:
    """Every one, in the order of their names; the fold's own are left out.

    Raises:
        RetriableError: ClickHouse is away.
        FatalError: a table or view is missing.
    """
    minutes: dict[str, int] = dict(
        client.query(f"SELECT event, min(freshness_minutes) FROM {database}.indicators FINAL GROUP BY event")
    )
    names: dict[str, str] = dict(
        client.query(
            f"SELECT c.raw_code, u.name_vi FROM {database}.unit_codes AS c "
            f"INNER JOIN (SELECT code, name_vi FROM {database}.units FINAL) AS u ON u.code = c.unit"
        )
    )
    states = []
    for row in client.query(_QUERY.format(database=database)):
        (
            source,
            stream,
            unit,
            kinds,
            age_s,
            planned_s,
            read_at,
            source_time,
            unknown,
            alert,
            hour,
            day,
            rejected,
            late,
        ) = row
        known_age = None if source_time is None else age_s
        allowed = min((minutes[kind] for kind in kinds if kind in minutes), default=DEFAULT_MINUTES)
        states.append(
            FeedState(
                source=source,
                stream=stream,
                unit=unit,
                unit_name=names.get(unit, "") if unit else "",
                kinds=tuple(kinds),
                read_at=read_at.astimezone(UTC),
                source_time=source_time and source_time.astimezone(UTC),
                age_s=known_age,
                planned_s=planned_s,
                freshness=freshness_of(known_age, planned_s, allowed),
                records_hour=hour,
                records_day=day,
                rejected_day=rejected,
                late_day=late,
                unknown_fields=tuple(name for name in unknown.split(",") if name),
                alert=alert,
            )
        )
    return states


def freshness_of(age_s: int | None, planned_s: int, minutes: int) -> str:
    """The word for an age, by the rule of `indicator_now`."""
    if age_s is None:
        return "no_data"
    unplanned = age_s - planned_s
    return "fresh" if unplanned <= minutes * 60 else "late" if unplanned <= minutes * 180 else "stale"


BEATS_S = 60
"""A stream that reaches its source has a heartbeat every few seconds; one without for so long is silent."""


@dataclass(frozen=True)
class SourceFlow:
    """One source, all its streams together.

    Attributes:
        state: `flowing` when every stream has a heartbeat, `partly` when some have, else `silent`.
        silent: streams without heartbeat.
        records_hour: records of the last hour, over all streams.
        oldest_s: age of the stream that is furthest behind, seconds; None: one does not know how far it is.
        alerts: what waits for a person.
    """

    name: str
    state: str
    streams: int
    silent: tuple[str, ...]
    records_hour: int
    oldest_s: int | None
    alerts: tuple[str, ...]


def flows(states: Iterable[FeedState], now: datetime) -> list[SourceFlow]:
    """Every source, in the order of the names."""
    by_source: dict[str, list[FeedState]] = {}
    for state in states:
        if not state.unit:
            by_source.setdefault(state.source, []).append(state)
    found = []
    for name, streams in sorted(by_source.items()):
        silent = tuple(one.stream for one in streams if (now - one.read_at).total_seconds() > BEATS_S)
        ages = [one.age_s for one in streams]
        found.append(
            SourceFlow(
                name,
                "flowing" if not silent else "silent" if len(silent) == len(streams) else "partly",
                len(streams),
                silent,
                sum(one.records_hour for one in streams),
                None if None in ages else max(age for age in ages if age is not None),
                tuple(f"{one.stream}: {one.alert}" for one in streams if one.alert),
            )
        )
    return found


_QUERY = """
SELECT a.source, a.stream, a.unit, a.kinds, a.age_s, a.planned_s, f.read_at, f.source_time, f.unknown_fields, f.alert,
    v.hour, v.day, v.rejected, v.late
FROM {database}.feed_ages AS a
INNER JOIN (
    SELECT source, stream, unit, read_at, source_time, unknown_fields, alert FROM {database}.feeds FINAL
) AS f ON f.source = a.source AND f.stream = a.stream AND f.unit = a.unit
LEFT JOIN (
    SELECT source, stream, unit, toInt64(sumIf(records, read_at > now() - INTERVAL 1 HOUR)) AS hour, toInt64(sum(records)) AS day,
        toInt64(sum(rejected)) AS rejected, toInt64(sum(late)) AS late
    FROM {database}.feed_log FINAL WHERE read_at > now() - INTERVAL 1 DAY GROUP BY source, stream, unit
) AS v ON v.source = a.source AND v.stream = a.stream AND v.unit = a.unit
WHERE a.source != 'fold'
ORDER BY a.source, a.stream, a.unit
"""
