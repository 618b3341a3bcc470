"""The consumer of sinks: manual commits, static membership, begins at the committed offset or else at the earliest."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata

from ioc.errors import RetriableError
from ioc.kafka.failure import classified
from ioc.kafka.reach import check_reachable

# It warns of every fetch that takes 0.1 s to unpack, which a full one of a backfill does.
logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)

_FETCH_BYTES = 32 << 20
_PARTITION_BYTES = 8 << 20
_SESSION_MS = 10_000


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read."""

    topic: str
    partition: int
    offset: int
    value: bytes

    @property
    def place(self) -> str:
        """Where the message stands: `topic-partition@offset`."""
        return f"{self.topic}-{self.partition}@{self.offset}"


Offsets = Mapping[tuple[str, int], int]
"""(topic, partition) → offset of the next message to read."""


class Consumer:
    """Reads topics as a member of a group; for one thread.

    With `instance` the member is static: killed and started again within the session's 10 s it has its partitions back
    without a rebalance.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topics: Iterable[str],
        *,
        instance: str | None = None,
        connect_timeout_ms: int = 15_000,
    ) -> None:
        """Joins the group.

        Raises:
            RetriableError: the broker cannot be reached.
            FatalError: the broker refuses the settings.
        """
        self._doing = f"reading {', '.join(sorted(topics))} from {bootstrap} as {group}"
        self._first: dict[tuple[str, int], int] = {}
        check_reachable(bootstrap, connect_timeout_ms / 1000)
        try:
            self._client = KafkaConsumer(
                bootstrap_servers=bootstrap,
                group_id=group,
                group_instance_id=instance,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_bytes=_FETCH_BYTES,
                max_partition_fetch_bytes=_PARTITION_BYTES,
                session_timeout_ms=_SESSION_MS,
                heartbeat_interval_ms=2_000,
                # A topic that is made after the start is noticed within so long.
                metadata_max_age_ms=15_000,
                reconnect_backoff_max_ms=2_000,
                bootstrap_timeout_ms=connect_timeout_ms,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
            self._client.subscribe(sorted(topics))
        except KafkaError as error:
            raise classified(error, self._doing) from error

    def poll(self, timeout_s: float, max_messages: int) -> Sequence[Message]:
        """Messages that have arrived, in order within a partition; waits up to `timeout_s` for the first.

        Raises:
            RetriableError: the broker is away.
            FatalError: the broker refuses, or another process runs under the same instance name.
        """
        try:
            found = self._client.poll(timeout_ms=int(timeout_s * 1000), max_records=max_messages)
        except KafkaError as error:
            raise classified(error, self._doing) from error
        for partition, records in found.items():
            self._first.setdefault((partition.topic, partition.partition), records[0].offset)
        return [
            Message(record.topic, record.partition, record.offset, record.value or b"")
            for records in found.values()
            for record in records
        ]

    def commit(self, offsets: Offsets) -> None:
        """Says that everything before `offsets` is done.

        Raises:
            RetriableError: the group is being rearranged or the broker is away; the messages will come again.
            FatalError: the broker refuses.
        """
        wanted = {TopicPartition(*key): OffsetAndMetadata(offset, "", -1) for key, offset in offsets.items()}
        try:
            self._client.commit(wanted)
        except (CommitFailedError, RebalanceInProgressError) as error:
            raise RetriableError(
                f"{self._doing}: the commit came too late, the messages come again: {error}"
            ) from error
        except KafkaError as error:
            raise classified(error, self._doing) from error

    def pause(self) -> None:
        """Delivers nothing more; `poll` goes on keeping the membership alive."""
        self._client.pause(*self._client.assignment())

    def resume(self) -> None:
        """Delivers again."""
        self._client.resume(*self._client.paused())

    def owns(self, topic: str, partition: int) -> bool:
        """Whether this member reads a partition now."""
        return TopicPartition(topic, partition) in self._client.assignment()

    def lag(self, done: Offsets) -> dict[str, int]:
        """Messages by topic that lie between `done` (or, where nothing is done yet, the first read) and the end of the log.

        The ends are those of the last fetch: no request is made.
        """
        behind: dict[str, int] = {}
        for partition in self._client.assignment():
            key = (partition.topic, partition.partition)
            end: int | None = self._client.highwater(partition)
            begin = done.get(key, self._first.get(key))
            behind[partition.topic] = behind.get(partition.topic, 0)
            if end is not None and begin is not None:
                behind[partition.topic] += max(0, end - begin)
        return behind

    def close(self) -> None:
        """Leaves; a static member keeps its place until its session ends."""
        try:
            self._client.close(autocommit=False, timeout_ms=3_000)
        except KafkaError as error:
            raise classified(error, self._doing) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Progress:
    """How far a group is: per (topic, partition) the offset committed (0 when none is) and the end of the log."""

    committed: dict[tuple[str, int], int]
    ends: dict[tuple[str, int], int]

    @property
    def lag(self) -> int:
        """Messages that the group has not done."""
        return sum(max(0, end - self.committed[key]) for key, end in self.ends.items())


def progress_of(bootstrap: str, group: str, topics: Mapping[str, int], timeout_ms: int = 15_000) -> Progress:
    """How far a group is with topics (name → number of partitions), asked from outside it.

    A partition of which nothing is committed counts from the beginning of its log.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    doing = f"asking {bootstrap} how far {group} is"
    check_reachable(bootstrap, timeout_ms / 1000)
    try:
        client = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            enable_auto_commit=False,
            bootstrap_timeout_ms=timeout_ms,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        try:
            wanted = [TopicPartition(name, p) for name, partitions in topics.items() for p in range(partitions)]
            begins, ends = client.beginning_offsets(wanted), client.end_offsets(wanted)
            committed = {
                (p.topic, p.partition): int(begins[p] if (at := client.committed(p)) is None else at) for p in wanted
            }
            return Progress(committed, {(p.topic, p.partition): int(ends[p]) for p in wanted})
        finally:
            client.close(autocommit=False, timeout_ms=3_000)
    except KafkaError as error:
        raise classified(error, doing) from error
