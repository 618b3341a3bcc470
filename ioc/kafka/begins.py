"""Since when a log holds what it holds."""

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ioc.kafka.failure import classified
from ioc.kafka.reach import check_reachable

_TIMEOUT_MS = 15_000


def first_times(bootstrap: str, topic: str, partitions: int) -> list[int | None]:
    """When the oldest message of each partition was published, milliseconds since the epoch; None where there is none.

    Raises:
        RetriableError: the broker cannot be reached.
        FatalError: it refuses.
    """
    check_reachable(bootstrap, _TIMEOUT_MS / 1000)
    wanted = [TopicPartition(topic, number) for number in range(partitions)]
    try:
        client = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=None,
            enable_auto_commit=False,
            bootstrap_timeout_ms=_TIMEOUT_MS,
            metrics_enabled=False,
        )
        try:
            found = client.offsets_for_times(dict.fromkeys(wanted, 0), timeout_ms=_TIMEOUT_MS)
        finally:
            client.close()
    except KafkaError as error:
        raise classified(error, f"asking {bootstrap} since when it holds {topic}") from error
    return [None if found.get(place) is None else int(found[place].timestamp) for place in wanted]
