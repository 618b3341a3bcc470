"""Reading a compacted topic as what it is: a table of the latest value of each key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ioc.errors import FatalError, RetriableError
from ioc.kafka.failure import classified
from ioc.kafka.reach import check_reachable

_POLL_MS = 1_000
_TIMEOUT_MS = 15_000
_LOOK_MS = 500


def latest_values(bootstrap: str, topic: str, idle_polls: int = 15) -> dict[bytes, bytes]:
    """The latest value of each key, of everything that was in the topic when the call began; deleted keys are left out.

    Raises:
        RetriableError: the broker cannot be reached, or stops answering.
        FatalError: the topic does not exist.
    """
    with _consumer(bootstrap, topic) as consumer:
        return _read(consumer, bootstrap, topic, idle_polls)


def follow(
    bootstrap: str,
    topic: str,
    take: Callable[[bytes, bytes | None], None],
    caught_up: Callable[[], None],
    stop: Callable[[], bool],
) -> None:
    """Gives every message of a topic to `take` (key, value; None: deleted), from the beginning on, until `stop` says so.

    `caught_up` is called whenever everything that is in the topic was given. `stop` is asked every half second.

    Raises:
        RetriableError: the broker cannot be reached.
        FatalError: the topic does not exist.
    """
    with _consumer(bootstrap, topic) as consumer:
        partitions = _assign(consumer, bootstrap, topic)
        while not stop():
            for records in consumer.poll(timeout_ms=_LOOK_MS).values():
                for record in records:
                    take(record.key or b"", record.value)
            ends = consumer.end_offsets(partitions)
            if all(consumer.position(partition) >= ends[partition] for partition in partitions):
                caught_up()


@contextmanager
def _consumer(bootstrap: str, topic: str) -> Iterator[KafkaConsumer]:
    """A reader of no group, whose errors are the project's."""
    check_reachable(bootstrap, _TIMEOUT_MS / 1000)
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            bootstrap_timeout_ms=_TIMEOUT_MS,
            metrics_enabled=False,
        )
        try:
            yield consumer
        finally:
            consumer.close()
    except KafkaError as error:
        raise classified(error, f"reading {topic} on {bootstrap}") from error


def _assign(consumer: KafkaConsumer, bootstrap: str, topic: str) -> list[TopicPartition]:
    partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
    if not partitions:
        raise FatalError(f"topic {topic} does not exist on {bootstrap}; make it with ensure_topics first")
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    return partitions


def _read(consumer: KafkaConsumer, bootstrap: str, topic: str, idle_polls: int) -> dict[bytes, bytes]:
    partitions = _assign(consumer, bootstrap, topic)
    ends = consumer.end_offsets(partitions)
    values: dict[bytes, bytes] = {}
    idle = 0
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        batches = consumer.poll(timeout_ms=_POLL_MS)
        idle = 0 if batches else idle + 1
        if idle > idle_polls:
            raise RetriableError(f"reading {topic} on {bootstrap}: no records for {idle} s before the end was reached")
        for records in batches.values():
            for record in records:
                if record.value is None:
                    values.pop(record.key, None)
                else:
                    values[record.key] = record.value
    return values
