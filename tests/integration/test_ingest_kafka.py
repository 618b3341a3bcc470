"""Topics and producer against a real broker."""

import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from ingest.control import Follower, Orders
from ingest.listing import Bucket, KafkaListings, decode, encode
from ingest.retry import Stop
from ioc.contracts.control import Control
from ioc.errors import FatalError, RetriableError
from ioc.kafka.admin import ensure_topics, topic_ids
from ioc.kafka.producer import MAX_REQUEST_BYTES, Producer
from ioc.topics import CONTROLS, FIXED_TOPICS, Topic
from tests.kafka_broker import KafkaProcess, free_ports


def a_topic(partitions: int = 2, **config: str) -> Topic:
    return Topic(f"t.{uuid.uuid4().hex}", None, partitions, config)


def read(bootstrap: str, topic: str, partition: int, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        consumer.assign([TopicPartition(topic, partition)])
        values: list[bytes] = []
        while len(values) < count:
            for records in consumer.poll(timeout_ms=10_000).values():
                values.extend(record.value for record in records)
        return values
    finally:
        consumer.close()


def test_topics_are_made_once_and_keep_their_ids(kafka: KafkaProcess) -> None:
    topics = [a_topic(4), a_topic(1, **{"cleanup.policy": "compact"})]
    ensure_topics(kafka.bootstrap, topics)
    ids = topic_ids(kafka.bootstrap, [topic.name for topic in topics])
    ensure_topics(kafka.bootstrap, topics)
    assert topic_ids(kafka.bootstrap, [topic.name for topic in topics]) == ids
    assert all(uuid.UUID(value).int for value in ids.values())
    assert len(set(ids.values())) == 2


def test_every_fixed_topic_is_accepted_by_the_broker(kafka: KafkaProcess) -> None:
    ensure_topics(kafka.bootstrap, FIXED_TOPICS)
    assert set(topic_ids(kafka.bootstrap, [topic.name for topic in FIXED_TOPICS]))


def test_another_number_of_partitions_is_fatal_and_names_the_topic(kafka: KafkaProcess) -> None:
    topic = a_topic(2)
    ensure_topics(kafka.bootstrap, [topic])
    with pytest.raises(FatalError, match=f"{topic.name} has 2 partitions, not 3"):
        ensure_topics(kafka.bootstrap, [Topic(topic.name, None, 3)])


def test_a_setting_that_the_broker_refuses_is_fatal(kafka: KafkaProcess) -> None:
    topic = a_topic(1, **{"cleanup.policy": "perhaps"})
    with pytest.raises(FatalError, match=topic.name):
        ensure_topics(kafka.bootstrap, [topic])


def test_ids_of_a_missing_topic_are_fatal(kafka: KafkaProcess) -> None:
    with pytest.raises(FatalError, match="no-such-topic"):
        topic_ids(kafka.bootstrap, ["no-such-topic"])


def test_published_messages_are_acknowledged_in_order(kafka: KafkaProcess) -> None:
    topic = a_topic(2)
    ensure_topics(kafka.bootstrap, [topic])
    with Producer(kafka.bootstrap) as producer:
        sent = [producer.publish(topic.name, 1, f"[{number}]".encode()) for number in range(50)]
        assert [one.wait(10) for one in sent] == list(range(50))
        producer.flush(10)
    assert read(kafka.bootstrap, topic.name, 1, 50) == [f"[{number}]".encode() for number in range(50)]


def test_orders_are_followed_from_their_beginning_on(kafka: KafkaProcess) -> None:
    ensure_topics(kafka.bootstrap, FIXED_TOPICS)
    name, moment = uuid.uuid4().hex, datetime.now(UTC)
    paused = Control(source=name, stream="", action="pause", begins=moment, ends=None, reason="", ordered_at=moment)
    stop, orders = Stop(), Orders()
    with Producer(kafka.bootstrap) as producer:

        def give(order: Control) -> float:
            producer.publish(CONTROLS.name, 0, order.model_dump_json().encode(), order.key).wait(10)
            return time.monotonic()

        give(paused)
        follower = Follower(kafka.bootstrap, orders, stop)
        follower.start()
        assert orders.active("pause", name, "a", moment) is not None, "known before anything begins"
        given = give(paused.model_copy(update={"ends": moment}))
        while orders.active("pause", name, "a", moment) is not None:
            assert time.monotonic() < given + 2, "obeyed within two seconds"
            time.sleep(0.01)
    stop.set()
    follower.join(10)


def test_listings_are_kept_by_stream_and_bucket(kafka: KafkaProcess) -> None:
    ensure_topics(kafka.bootstrap, FIXED_TOPICS)
    name = uuid.uuid4().hex
    with Producer(kafka.bootstrap) as producer:
        store = KafkaListings(kafka.bootstrap, producer)
        for stream, bucket, entity in (("a", 0, "x"), ("a", 63, "y"), ("b", 0, "z"), ("a", 0, "v")):
            store.save(name, stream, bucket, encode(Bucket({entity: "H12"}))).wait(10)
        assert {bucket: set(decode(raw).listed) for bucket, raw in store.load(name, "a").items()} == {
            0: {"v"},
            63: {"y"},
        }
        assert store.load(name, "c") == {}
        store.save(name, "a", 1, b"no bucket").wait(10)
        with pytest.raises(FatalError, match="not a part of a listing"):
            decode(store.load(name, "a")[1])


def test_a_message_over_the_limit_and_a_missing_topic_are_told_apart(kafka: KafkaProcess) -> None:
    topic = a_topic(1)
    ensure_topics(kafka.bootstrap, [topic])
    with Producer(kafka.bootstrap) as producer:
        with pytest.raises(FatalError, match=topic.name):
            producer.publish(topic.name, 0, b"x" * (MAX_REQUEST_BYTES + 1)).wait(10)
        with pytest.raises(FatalError, match="7"):
            producer.publish(topic.name, 7, b"x").wait(10)


def test_a_broker_that_is_not_there_is_retriable() -> None:
    (port,) = free_ports(1)
    with pytest.raises(RetriableError, match=str(port)):
        ensure_topics(f"127.0.0.1:{port}", [a_topic()], timeout_ms=500)
    with pytest.raises(RetriableError, match=str(port)):
        Producer(f"127.0.0.1:{port}", connect_timeout_ms=500)


def test_a_producer_outlives_its_broker(tmp_path: Path) -> None:
    topic = a_topic(1)
    with KafkaProcess(tmp_path) as broker:
        ensure_topics(broker.bootstrap, [topic])
        with Producer(broker.bootstrap, delivery_timeout_s=2) as producer:
            assert producer.publish(topic.name, 0, b"1").wait(10) == 0
            broker.kill()
            with pytest.raises(RetriableError, match=topic.name):
                producer.publish(topic.name, 0, b"2").wait(20)
            broker.start()
            offset = -1
            while offset < 0:
                try:
                    offset = producer.publish(topic.name, 0, b"3").wait(20)
                except RetriableError:
                    continue
        values = read(broker.bootstrap, topic.name, 0, offset + 1)
    assert values[0] == b"1"
    assert values[-1] == b"3"
