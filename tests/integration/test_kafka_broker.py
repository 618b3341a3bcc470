"""The embedded broker: what it acknowledged survives kill -9, and it stops cleanly."""

import socket
from pathlib import Path

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from deploy.embedded.kafka import brokers_at
from tests.kafka_broker import KafkaProcess, free_ports


def test_acknowledged_records_survive_kill_9(tmp_path: Path) -> None:
    with KafkaProcess(tmp_path) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        admin.create_topics([NewTopic("t", 2, 1)])
        admin.close()
        producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
        sent = [producer.send("t", str(i).encode(), partition=i % 2) for i in range(500)]
        assert {future.get(20).partition for future in sent} == {0, 1}
        producer.close()
        broker.kill()
        assert brokers_at("127.0.0.1", broker.broker.port) == 0
        broker.start()
        consumer = KafkaConsumer(
            "t", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=5000
        )
        seen: set[int] = set()
        for record in consumer:
            seen.add(int(record.value))
            if len(seen) == 500:
                break
        consumer.close()
    assert seen == set(range(500))


def test_it_listens_on_the_loopback_only(kafka: KafkaProcess) -> None:
    listening = kafka.broker.properties()["listeners"]
    assert all(part.split("://")[1].startswith("127.0.0.1:") for part in listening.split(","))
    assert brokers_at("127.0.0.1", kafka.broker.port) == 1


def test_a_port_that_is_open_and_silent_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert brokers_at("127.0.0.1", server.getsockname()[1], timeout_s=0.2) == 0
    assert brokers_at("127.0.0.1", free_ports(1)[0], timeout_s=0.2) == 0
