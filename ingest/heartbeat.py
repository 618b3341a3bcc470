"""Heartbeats: how far each stream has read, and that they still reach their source when it has nothing new."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from ingest.convert import Harvest, UnitReport
from ingest.source import Source
from ioc.contracts.control import Feed
from ioc.kafka.producer import Publisher
from ioc.topics import FEEDS

EVERY_S = 1.0
"""While there are records."""

IDLE_S = 5.0
"""While there are none: the source was reached, nothing else is new."""

_MAX_NAMES_CHARS = 4000


class Heartbeat:
    """Gathers what a stream has read since its last heartbeat, and publishes it to `feeds`.

    Where units report themselves, each unit that has reported since has a heartbeat of its own: its `source_time` is the newest
    update time that it ever reported to this process.

    Attributes:
        alert: what waits for a person; goes with the heartbeats until it is empty.
    """

    def __init__(self, source: Source, publisher: Publisher, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._kinds = ",".join(dict.fromkeys(target.kind for target in source.targets))
        self._publisher = publisher
        self._monotonic = monotonic
        self._beaten_s = float("-inf")
        self.alert = ""
        self._source_time: datetime | None = None
        self._unknown: set[str] = set()
        self._units_ms: dict[str, int] = {}
        self._reset()

    def add(self, source_time: datetime | None, harvest: Harvest) -> None:
        """Notes a page."""
        self._source_time = source_time or self._source_time
        self._records += harvest.events + len(harvest.letters)
        self._rejected += len(harvest.letters)
        self._late += harvest.late
        self._unknown.update(harvest.unknown)
        for unit, report in harvest.by_unit.items():
            mine = self._by_unit.setdefault(unit, UnitReport())
            mine.records += report.records
            self._units_ms[unit] = max(self._units_ms.get(unit, 0), report.newest_ms)

    def beat(self, read_at: datetime, nothing_more: bool) -> None:
        """Publishes what was gathered, unless the last heartbeat is too fresh.

        Args:
            read_at: when the source was last reached.
            nothing_more: the source has nothing more for now, so what was gathered goes at once.
        """
        now_s = self._monotonic()
        if not (self._records and nothing_more) and now_s < self._beaten_s + (EVERY_S if self._records else IDLE_S):
            return
        self._publish("", read_at, self._source_time, self._records, self._rejected, self._late)
        for unit, report in self._by_unit.items():
            if unit:
                newest = datetime.fromtimestamp(self._units_ms[unit] / 1000, UTC)
                self._publish(unit, read_at, newest, report.records, 0, 0)
        self._beaten_s = now_s
        self._reset()

    def _reset(self) -> None:
        self._records = self._rejected = self._late = 0
        self._by_unit: dict[str, UnitReport] = {}

    def _publish(
        self, unit: str, read_at: datetime, source_time: datetime | None, records: int, rejected: int, late: int
    ) -> None:
        source = self._source
        feed = Feed(
            source=source.name,
            stream=source.stream,
            unit=unit,
            kinds=self._kinds,
            read_at=read_at,
            source_time=source_time,
            records=records,
            rejected=rejected,
            late=late,
            unknown_fields="" if unit else ",".join(sorted(self._unknown))[:_MAX_NAMES_CHARS],
            alert="" if unit else self.alert,
        )
        key = f"{source.name}/{source.stream}/{unit}".encode()
        self._publisher.publish(FEEDS.name, 0, feed.model_dump_json().encode(), key)
