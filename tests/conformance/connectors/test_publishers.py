"""The publisher in memory behaves as the producer on a real broker, and so do the cursor stores."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ingest.cursor import CursorStore, KafkaCursors
from ingest.memory import MemoryCursors, MemoryPublisher
from ioc.errors import FatalError
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import MAX_REQUEST_BYTES, Producer, Publisher
from ioc.topics import FIXED_TOPICS, Topic
from tests.kafka_broker import KafkaProcess

WAIT_S = 20.0


@dataclass
class Bench:
    publisher: Publisher
    cursors: CursorStore
    topic: str


@pytest.fixture(params=["memory", "kafka"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    topic = Topic(f"t.{uuid.uuid4().hex}", None, 2)
    if request.param == "memory":
        publisher = MemoryPublisher((*FIXED_TOPICS, topic))
        yield Bench(publisher, MemoryCursors(publisher), topic.name)
        return
    kafka: KafkaProcess = request.getfixturevalue("kafka")
    ensure_topics(kafka.bootstrap, (*FIXED_TOPICS, topic))
    with Producer(kafka.bootstrap) as producer:
        yield Bench(producer, KafkaCursors(kafka.bootstrap, producer), topic.name)


def test_offsets_count_up_in_each_partition(bench: Bench) -> None:
    sent = [(number % 2, bench.publisher.publish(bench.topic, number % 2, b"[]")) for number in range(6)]
    assert [(partition, delivery.wait(WAIT_S)) for partition, delivery in sent] == [
        (0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)
    ]  # fmt: skip


def test_waiting_twice_gives_the_same_offset(bench: Bench) -> None:
    delivery = bench.publisher.publish(bench.topic, 0, b"[]", b"key")
    assert delivery.wait(WAIT_S) == delivery.wait(WAIT_S) == 0


def test_after_a_flush_everything_is_acknowledged(bench: Bench) -> None:
    delivery = bench.publisher.publish(bench.topic, 1, b"[]")
    bench.publisher.flush(WAIT_S)
    assert delivery.wait(0.001) == 0


def test_a_partition_that_does_not_exist_is_fatal(bench: Bench) -> None:
    with pytest.raises(FatalError, match=bench.topic):
        bench.publisher.publish(bench.topic, 2, b"[]").wait(WAIT_S)


def test_a_message_over_the_limit_is_fatal(bench: Bench) -> None:
    with pytest.raises(FatalError, match=bench.topic):
        bench.publisher.publish(bench.topic, 0, b"x" * (MAX_REQUEST_BYTES + 1)).wait(WAIT_S)


def test_the_cursor_saved_last_is_loaded(bench: Bench) -> None:
    source = f"source-{bench.topic}"
    assert bench.cursors.load(source, "a") is None
    bench.cursors.save(source, "a", "1")
    bench.cursors.save(source, "b", "other")
    bench.cursors.save(source, "a", "2").wait(WAIT_S)
    assert bench.cursors.load(source, "a") == "2"


def test_what_is_no_cursor_is_fatal_and_names_its_key(bench: Bench) -> None:
    source = f"source-{bench.topic}"
    bench.publisher.publish("cursors", 0, b"{}", f"{source}/a".encode()).wait(WAIT_S)
    with pytest.raises(FatalError, match=f"{source}/a"):
        bench.cursors.load(source, "a")
