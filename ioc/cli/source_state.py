"""What each stream is doing, put together from its heartbeats, its cursor, its orders and the connectors' metrics."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import httpx

from ioc import clock
from ioc.cli import orders
from ioc.contracts.control import Control, Cursor
from ioc.errors import IocError
from ioc.settings import Settings
from sinks.clickhouse.client import Client
from sinks.feeds import BEATS_S, FeedState, feed_states


@dataclass(frozen=True)
class SourceState:
    """One stream.

    Attributes:
        state: `running`, `paused`, `maintenance` or `stuck`.
        why: since when and why, where an order says so.
        cursor_age_s: seconds since the cursor moved; None: there is none.
        heartbeat_age_s: seconds since the last heartbeat; None: there never was one.
        lag: records that the source still has, as far as it says so.
    """

    source: str
    stream: str
    state: str
    why: str
    cursor_age_s: int | None
    heartbeat_age_s: int | None
    records_day: int
    rejected_day: int
    unknown_fields: tuple[str, ...]
    lag: int | None
    alert: str

    @property
    def name(self) -> str:
        """`source/stream`."""
        return f"{self.source}/{self.stream}"

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def source_states(settings: Settings) -> list[SourceState]:
    """Every stream that was ever read or ordered about.

    Raises:
        RetriableError: the broker or ClickHouse is away.
        FatalError: a table is missing.
    """
    with Client(settings.clickhouse, settings.clickhouse.analyst, timeout_s=30) as client:
        feeds = feed_states(client, settings.clickhouse.database)
    return put_together(feeds, orders.cursors(settings), orders.all_orders(settings), lags(settings), clock.now())


def put_together(
    feeds: Iterable[FeedState],
    cursors: Mapping[tuple[str, str], Cursor],
    given: Iterable[Control],
    lag: Mapping[str, int],
    now: datetime,
) -> list[SourceState]:
    """The states, in the order of their names."""
    given = list(given)
    beats = {(feed.source, feed.stream): feed for feed in feeds if not feed.unit}
    places = beats.keys() | cursors.keys() | {(o.source, o.stream) for o in given if o.stream}
    states = []
    for source, stream in sorted(places):
        feed, cursor = beats.get((source, stream)), cursors.get((source, stream))
        beaten_s = None if feed is None else _age_s(feed.read_at, now)
        mine = [o for o in given if o.is_for(source, stream)]
        state, why = _state(mine, beaten_s, now)
        states.append(
            SourceState(
                source, stream, state, why, None if cursor is None else _age_s(cursor.saved_at, now), beaten_s,
                feed.records_day if feed else 0, feed.rejected_day if feed else 0, feed.unknown_fields if feed else (),
                lag.get(f"{source}/{stream}"), feed.alert if feed else "",
            )
        )  # fmt: skip
    return states


def _state(mine: Iterable[Control], beaten_s: int | None, now: datetime) -> tuple[str, str]:
    mine = sorted(mine, key=lambda order: order.begins)
    for action, word in (("pause", "paused"), ("maintenance", "maintenance")):
        active = next((order for order in mine if order.action == action and order.is_active(now)), None)
        if active is not None:
            return word, _why(active)
    planned = next((order for order in mine if order.action == "maintenance" and order.begins > now), None)
    coming = f"planned: {_why(planned)}" if planned is not None and planned.ends != planned.begins else ""
    if beaten_s is None or beaten_s > BEATS_S:
        return (
            "stuck",
            coming
            or "no heartbeat: it cannot reach its source, has stopped, or is switched off; see the connectors' log",
        )
    return "running", coming


def _why(order: Control) -> str:
    until = "" if order.ends is None else f" until {order.ends.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}"
    reason = f": {order.reason}" if order.reason else ""
    return f"{order.action} from {order.begins.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}{until}{reason}"


def _age_s(moment: datetime, now: datetime) -> int:
    return max(0, int((now - moment).total_seconds()))


_LAG = re.compile(r'^ioc_lag_messages\{[^}]*stream="([^"]+)"[^}]*\} (\S+)$', re.MULTILINE)


def lags(settings: Settings) -> dict[str, int]:
    """`source/stream` → records not yet read, as the connectors' metrics say; empty when they cannot be had."""
    port = settings.metrics.ingest
    if not port:
        return {}
    try:
        text = httpx.get(f"http://{settings.metrics.host}:{port}/metrics", timeout=2, trust_env=False).text
    except httpx.HTTPError:
        return {}
    return {name: int(float(value)) for name, value in _LAG.findall(text)}


def known_names(settings: Settings) -> set[str]:
    """Sources, and streams as `source/stream`, that something was ever read under.

    Raises:
        RetriableError: the broker is away.
    """
    places = set(orders.cursors(settings))
    try:
        with Client(settings.clickhouse, settings.clickhouse.analyst, timeout_s=10) as client:
            places |= {(feed.source, feed.stream) for feed in feed_states(client, settings.clickhouse.database)}
    except IocError:  # its cursors are enough, and an operator must be able to pause while ClickHouse is away
        pass
    return {source for source, _ in places} | {f"{source}/{stream}" for source, stream in places}
