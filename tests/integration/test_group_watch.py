"""A static member that comes back is given what it had; what nobody reads then is shared anew, and nothing else is disturbed."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from ioc.kafka.admin import ensure_topics
from ioc.kafka.consumer import Consumer
from ioc.kafka.groups import members, unread
from ioc.kafka.producer import Producer
from ioc.topics import PARTITIONS, Topic
from sinks.group_watch import GroupWatch
from tests.kafka_broker import KafkaProcess
from tests.worker_process import wait_until


@pytest.fixture
def names(kafka: KafkaProcess) -> tuple[str, str, str]:
    """A group, a topic, and one that comes later."""
    stem = uuid.uuid4().hex[:8]
    ensure_topics(kafka.bootstrap, [Topic(f"{stem}.first", None), Topic(f"{stem}.later", None)])
    return stem, f"{stem}.first", f"{stem}.later"


@pytest.fixture
def joined(kafka: KafkaProcess) -> Iterator[Callable[..., Consumer]]:
    """Members of a group; they have the same name."""
    made: list[Consumer] = []

    def join(group: str, *topics: str, instance: str | None = "only") -> Consumer:
        made.append(Consumer(kafka.bootstrap, group, topics, instance=instance))
        return made[-1]

    yield join
    for consumer in made:
        consumer.close()


def polled(consumer: Consumer, topic: str) -> bool:
    consumer.poll(0.1, 10)
    return consumer.owns(topic, 0)


def test_what_nobody_reads_is_shared_anew(
    kafka: KafkaProcess, names: tuple[str, str, str], joined: Callable[..., Consumer]
) -> None:
    group, first, later = names
    watch = GroupWatch(kafka.bootstrap, {group: (first, later)})
    before = joined(group, first)
    wait_until(lambda: polled(before, first), "the group has its first topic")
    before.close()
    again = joined(group, first, later)
    wait_until(lambda: polled(again, first), "the member is back")
    assert unread(kafka.bootstrap, group, [first, later]) == {(later, partition) for partition in range(PARTITIONS)}
    watch.look()
    again.poll(0.5, 10)
    assert not again.owns(later, 0), "one look may fall into a rearrangement"
    watch.look()
    wait_until(lambda: polled(again, later) and again.owns(first, 0), "it reads both")
    assert members(kafka.bootstrap, group) == ["only"]
    assert unread(kafka.bootstrap, group, [first, later]) == set()
    with closing(Producer(kafka.bootstrap)) as producer:
        producer.publish(later, 0, b"heard").wait(30)
    wait_until(lambda: [message.value for message in again.poll(0.1, 10)] == [b"heard"], "it is heard")


def test_a_group_that_reads_all_is_left_alone(
    kafka: KafkaProcess, names: tuple[str, str, str], joined: Callable[..., Consumer]
) -> None:
    group, first, later = names
    one = joined(group, first, later, instance=None)
    wait_until(lambda: polled(one, first), "it reads")
    (name,) = members(kafka.bootstrap, group)
    watch = GroupWatch(kafka.bootstrap, {group: (first, later), f"{group}-empty": (first,)})
    for _ in range(3):
        watch.look()
        one.poll(0.2, 10)
    assert members(kafka.bootstrap, group) == [name]
