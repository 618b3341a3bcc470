"""Heartbeats: how far each stream has read, and that they still reach their source when it has nothing new."""

import time
from collections.abc import Callable
from datetime import datetime

from ioc.contracts.control import Feed
from ioc.kafka.producer import Delivery, Publisher
from ioc.topics import FEEDS

EVERY_S = 1.0
"""While there are records."""

IDLE_S = 5.0
"""While there are none: the source was reached, nothing else is new."""


class Heartbeat:
    """Gathers what a stream has read since its last heartbeat, and publishes it to `feeds`."""

    def __init__(
        self, source: str, stream: str, publisher: Publisher, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._source = source
        self._stream = stream
        self._publisher = publisher
        self._monotonic = monotonic
        self._beaten_s = float("-inf")
        self._records = self._rejected = self._late = 0
        self._source_time: datetime | None = None

    def add(self, source_time: datetime | None, records: int, rejected: int, late: int) -> None:
        """Notes a page."""
        self._source_time = source_time or self._source_time
        self._records += records
        self._rejected += rejected
        self._late += late

    def beat(self, read_at: datetime, nothing_more: bool) -> Delivery | None:
        """Publishes what was gathered, unless the last heartbeat is too fresh.

        Args:
            read_at: when the source was last reached.
            nothing_more: the source has nothing more for now, so what was gathered goes at once.
        """
        now_s = self._monotonic()
        if not (self._records and nothing_more) and now_s < self._beaten_s + (EVERY_S if self._records else IDLE_S):
            return None
        feed = Feed(
            source=self._source,
            stream=self._stream,
            unit="",
            read_at=read_at,
            source_time=self._source_time,
            records=self._records,
            rejected=self._rejected,
            late=self._late,
        )
        key = f"{self._source}/{self._stream}/".encode()
        delivery = self._publisher.publish(FEEDS.name, 0, feed.model_dump_json().encode(), key)
        self._beaten_s = now_s
        self._records = self._rejected = self._late = 0
        return delivery
