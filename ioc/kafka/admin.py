"""Topics at start: made when missing, refused when they are not what the pipeline needs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from ioc.errors import FatalError
from ioc.kafka.failure import classified
from ioc.kafka.reach import check_reachable
from ioc.topics import Topic

TIMEOUT_MS = 15_000
_UNKNOWN = UnknownTopicOrPartitionError.errno
_EXISTS = TopicAlreadyExistsError.errno
_REPLICAS_FOR_QUORUM = 3


def ensure_topics(bootstrap: str, topics: Iterable[Topic], replication: int = 1, timeout_ms: int = TIMEOUT_MS) -> None:
    """Makes the topics that are missing, and waits until each has a leader in every partition.

    Calling it again, or from several processes at once, changes nothing. The settings of a topic that exists stay as they
    are: an operator may have changed them.

    Raises:
        FatalError: a topic exists with another number of partitions, or the broker refuses to make one.
        RetriableError: the broker cannot be reached, or is not ready in time.
    """
    wanted = {topic.name: topic for topic in topics}
    with admin_client(bootstrap, timeout_ms) as client:
        found = _describe(client, list(wanted))
        _check_partitions(wanted, found)
        missing = [topic for name, topic in wanted.items() if name not in found]
        if missing:
            _create(client, missing, replication)
            client.wait_for_topics([topic.name for topic in missing], timeout_ms=timeout_ms)
            _check_partitions(wanted, _describe(client, list(wanted)))


def topic_ids(bootstrap: str, names: Sequence[str], timeout_ms: int = TIMEOUT_MS) -> dict[str, str]:
    """The UUID of each topic: it differs when a topic was deleted and made again under its old name.

    Raises:
        FatalError: a topic does not exist.
        RetriableError: the broker cannot be reached.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        found = _describe(client, list(names))
    missing = [name for name in names if name not in found]
    if missing:
        raise FatalError(f"topics {', '.join(missing)} do not exist on {bootstrap}; make them with ensure_topics first")
    return {name: str(found[name]["topic_id"]) for name in names}


def delete_topics(bootstrap: str, names: Sequence[str], timeout_ms: int = TIMEOUT_MS) -> None:
    """Deletes topics; one that does not exist is none.

    Raises:
        RetriableError: the broker cannot be reached.
        FatalError: it refuses.
    """
    with admin_client(bootstrap, timeout_ms) as client:
        if there := sorted(_describe(client, list(names))):
            client.delete_topics(there)


@contextmanager
def admin_client(bootstrap: str, timeout_ms: int = TIMEOUT_MS) -> Iterator[KafkaAdminClient]:
    """A client whose errors are the project's.

    Raises:
        RetriableError: the broker cannot be reached.
        FatalError: it refuses.
    """
    check_reachable(bootstrap, timeout_ms / 1000)
    client: KafkaAdminClient | None = None
    try:
        client = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=timeout_ms)
        yield client
    except KafkaError as error:
        raise classified(error, f"asking {bootstrap} about topics") from error
    finally:
        if client is not None:
            client.close()


def partitions_of(client: KafkaAdminClient, names: Sequence[str]) -> list[tuple[str, int]]:
    """(topic, partition) of those of the topics that exist."""
    found = _describe(client, list(names))
    return [(name, part["partition_index"]) for name, topic in found.items() for part in topic["partitions"]]


def _describe(client: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, Any]]:
    described: list[dict[str, Any]] = client.describe_topics(names) if names else []
    return {topic["name"]: topic for topic in described if topic["error_code"] != _UNKNOWN}


def _check_partitions(wanted: dict[str, Topic], found: dict[str, dict[str, Any]]) -> None:
    faults = [
        f"{name} has {len(topic['partitions'])} partitions, not {wanted[name].partitions}"
        for name, topic in found.items()
        if topic["partitions"] and len(topic["partitions"]) != wanted[name].partitions
    ]
    if faults:
        raise FatalError(
            f"{'; '.join(faults)}: an entity lives in one partition for good, so the number cannot change; "
            "delete the topic and read its source again (a new generation), or point kafka.bootstrap at the right broker"
        )


def _create(client: KafkaAdminClient, topics: list[Topic], replication: int) -> None:
    quorum = {"min.insync.replicas": "2"} if replication >= _REPLICAS_FOR_QUORUM else {}
    answer = client.create_topics(
        {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": {**quorum, **topic.config},
            }
            for topic in topics
        },
        raise_errors=False,
    )
    refused = [
        f"{topic['name']}: {topic['error_message'] or topic['error_code']}"
        for topic in answer["topics"]
        if topic["error_code"] not in (0, _EXISTS)
    ]
    if refused:
        raise FatalError(f"the broker refuses to make topics: {'; '.join(refused)}")
