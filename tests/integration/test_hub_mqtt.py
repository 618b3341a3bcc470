"""The sensors' streams on a real MQTT broker: nothing is lost and nothing counted twice, whoever is killed and whenever."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.memory import MemoryPublisher
from ingest.sources.hub import mqtt
from ingest.sources.hub.mqtt import SensorStream, mqtt_part
from ingest.sources.hub.push import push_system
from ingest.testing import run
from ioc.errors import ConfigError, FatalError, RetriableError
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings, MqttSettings
from tests.mosquitto import MosquittoProcess
from tests.unit.ingest.hub.pushed import Gate, Running

ROOT = Path(__file__).parents[2]
EVENTS = "events.sensor_reading"


@pytest.fixture(autouse=True)
def short_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "IDLE_S", 0.1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoProcess]:
    with MosquittoProcess(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def own(tmp_path: Path) -> Iterator[MosquittoProcess]:
    broker = MosquittoProcess(tmp_path)
    yield broker.start()
    broker.kill()


def settings(broker: MosquittoProcess, client: str, page_size: int = 500, **more: object) -> HubSourceSettings:
    return HubSourceSettings(
        mqtt=MqttSettings.model_validate({"host": "127.0.0.1", "port": broker.port, "client_id": client, **more}),
        page_size=page_size,
        timeout_s=5.0,
    )


def reading(number: int, **changes: object) -> bytes:
    record = {
        "tram": "KK-01",
        "daiLuong": "pm25_ugm3",
        "thoiDiem": f"2026-11-20T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "giaTri": number / 10,
        "donVi": "000.00.02.H12",
    }
    return json.dumps(record | changes).encode()


def subscribe(chosen: HubSourceSettings) -> None:
    """Makes the sessions, so that the broker keeps what comes while nobody is connected."""
    part = mqtt_part(chosen)
    assert part is not None
    for stream in part.streams:
        next(iter(stream.pages(None)))
    part.close()


def send(broker: MosquittoProcess, *payloads: bytes, topic: str = "sensors/reading/KK-01", qos: int = 1) -> None:
    with broker.publisher() as sender:
        sender.send(topic, *payloads, qos=qos)


def test_all_three_streams_and_what_each_takes(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "three")
    subscribe(chosen)
    send(shared, reading(1), reading(2))
    count = {"camera": "CAM-001", "batDau": "2026-11-20T00:00:00Z", "soXe": 7, "donVi": "000.00.13.H12"}
    send(shared, json.dumps(count).encode(), topic="sensors/traffic/CAM-001")
    place = {"soDangKy": "CM-1-TS", "thoiDiem": "2026-11-20T00:00:00Z", "viDo": 8.5, "kinhDo": 104.7, "trenBien": True}
    send(shared, json.dumps(place).encode(), topic="sensors/vessel/CM-1-TS")
    send(shared, b"not looked at", topic="sensors/other/x")
    harvest = run(push_system(chosen), MemoryPublisher())
    assert sorted((event["kind"], event["entity"]) for event in harvest.events()) == [
        ("sensor_reading", "KK-01/pm25_ugm3/2026-11-20T00:00:01Z"),
        ("sensor_reading", "KK-01/pm25_ugm3/2026-11-20T00:00:02Z"),
        ("traffic_count", "CAM-001/2026-11-20T00:00:00Z"),
        ("vessel", "CM-1-TS"),
    ]
    assert harvest.letters() == {}
    assert run(push_system(chosen), MemoryPublisher()).events() == []


def test_poison_is_a_dead_letter_and_acknowledged(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "poison")
    subscribe(chosen)
    bad = [b"", b"\xff\xfe", b"17", b'{"tram":"KK-01"', reading(1, giaTri="cao"), reading(2, tram="KK-02")]
    bad += [reading(3, ghiChu="CANARY" * 20_000), reading(4, daiLuong=None)]
    send(shared, reading(10), *bad, reading(11))
    harvest = run(push_system(chosen), MemoryPublisher())
    assert len(harvest.events()) == 2
    assert sorted(letter.reason for letter in harvest.letters().values()) == [
        "contradiction", "invalid_value", "missing_field", "too_large", *["undecodable"] * 4
    ]  # fmt: skip
    assert not [m for m in harvest.publisher.messages if b"CANARY" in m.value]
    assert run(push_system(chosen), MemoryPublisher()).letters() == {}


def test_what_is_sent_while_the_connector_is_away_waits_at_the_broker(own: MosquittoProcess) -> None:
    chosen = settings(own, "away", page_size=100)
    subscribe(chosen)
    send(own, *(reading(number) for number in range(1500)))
    own.stop()
    own.start()
    send(own, *(reading(number) for number in range(1500, 1600)))
    harvest = run(push_system(chosen), MemoryPublisher())
    assert len(harvest.events()) == len(harvest.versions()) == 1600


def test_nothing_is_acknowledged_to_the_broker_before_kafka_has(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "gate", page_size=10)
    subscribe(chosen)
    send(shared, *(reading(number) for number in range(25)))

    stream = _readings(chosen)
    pages = stream.pages(None)
    acknowledged, in_hand = next(pages).records, next(pages).records
    assert acknowledged
    assert in_hand
    stream.close()
    harvest = run(push_system(chosen), MemoryPublisher())
    values = {event["data"]["value_milli"] for event in harvest.events()}
    # Of the acknowledged ones some may come again too: a broker need not read to the end what a closed connection has sent.
    assert values >= {number * 100 for number in range(25)} - {int(r.fields["giatri"] * 1000) for r in acknowledged}
    assert values >= {int(record.fields["giatri"] * 1000) for record in in_hand}


def test_a_message_that_is_sent_twice_is_one(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "twice")
    subscribe(chosen)
    send(shared, reading(1), reading(1), reading(2), reading(1))
    harvest = run(push_system(chosen), MemoryPublisher())
    assert len(harvest.events()) == 2
    send(shared, reading(1))
    again = run(push_system(chosen), harvest.publisher)
    assert len(again.versions()) == 2


def test_a_broker_that_is_killed_and_comes_back(own: MosquittoProcess) -> None:
    chosen = settings(own, "killed", page_size=20)
    gate = Gate(EVENTS)
    with Running(chosen, MemoryPublisher(disturb=gate)) as running:
        subscribed = own.log
        running.until(lambda: subscribed.read_text().count("New client connected") >= 3)
        send(own, *(reading(number) for number in range(50)))
        assert gate.reached.wait(10)
        own.save()
        own.kill()
        # What is acknowledged to the dead connection must not count for the next one, whose messages have the same numbers.
        gate.opened.set()
        own.start()
        running.until(lambda: len(running.harvest.versions()) == 50)
        send(own, *(reading(number) for number in range(50, 80)))
        running.until(lambda: len(running.harvest.versions()) == 80)
    assert running.harvest.ended_well == [True] * 3
    assert run(push_system(chosen), MemoryPublisher()).events() == []


def test_an_acknowledgement_never_goes_to_a_later_connection(own: MosquittoProcess) -> None:
    chosen = settings(own, "later", page_size=5)
    subscribe(chosen)
    send(own, *(reading(number) for number in range(5)))
    stream = _readings(chosen)
    pages = stream.pages(None)
    assert len(next(pages).records) == 5
    own.stop()
    own.start()
    # The first page is acknowledged only now; its connection is gone.
    with pytest.raises(RetriableError, match="connection"):
        next(pages)
    again = stream.pages(None)
    assert len(next(again).records) == 5
    stream.close()


def test_a_stream_that_stands_still_holds_up_no_other(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "still", page_size=10)
    subscribe(chosen)
    count = {"camera": "CAM-001", "batDau": "2026-11-20T00:00:00Z", "soXe": 7}
    with Running(chosen, flood=FloodSettings(run=3)) as running:
        send(shared, *[b"poison %d" % number for number in range(5)])
        running.until(lambda: running.harvest.ended_well == [False])
        send(shared, json.dumps(count).encode(), topic="sensors/traffic/CAM-001")
        running.until(lambda: len(running.harvest.events()) == 1)
    # After the fix all that came with the flood is still there; what came in a page before it is told already.
    again = run(push_system(chosen), MemoryPublisher()).letters()
    assert len(again) >= 3
    assert len({**running.harvest.letters(), **again}) == 5


def test_messages_without_quality_of_service_are_read_too(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "zero")
    with Running(chosen) as running:
        before = shared.log.read_text().count("as zero-")
        running.until(lambda: shared.log.read_text().count("as zero-") >= max(before, 3))
        running.until(lambda: any(feed.stream == "readings" for feed in running.harvest.feeds()))
        send(shared, reading(1), qos=0)
        running.until(lambda: len(running.harvest.events()) == 1)


def test_a_broker_that_is_not_there_is_tried_again(own: MosquittoProcess) -> None:
    own.stop()
    stream = _readings(settings(own, "nobody"))
    for _ in range(3):
        with pytest.raises(RetriableError, match=str(own.port)):
            next(stream.pages(None))
    own.start()
    assert next(stream.pages(None)).records == []
    stream.close()


def test_a_login_that_is_refused_stops_the_stream(tmp_path: Path) -> None:
    with MosquittoProcess(tmp_path, "sensor", "right") as broker:
        good = _readings(settings(broker, "login", user="sensor", password=SecretStr("right")))
        assert next(good.pages(None)).records == []
        good.close()
        wrong = settings(broker, "login", user="sensor", password=SecretStr("hunter2"))
        for chosen in (wrong, settings(broker, "login")):
            with pytest.raises(FatalError, match=r"[Aa]uthori[sz]ed|password") as refused:
                next(_readings(chosen).pages(None))
            assert "hunter2" not in str(refused.value)


def test_one_session_at_a_time_and_the_other_is_told(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "same")
    first, second = _readings(chosen), _readings(chosen)
    pages = first.pages(None)
    next(pages)
    assert next(second.pages(None)).records == []
    with pytest.raises(RetriableError):
        list(first.pages(None))
    second.close()
    first.close()


@pytest.mark.parametrize("topic", ["#", "/#", "sensors", "sensors/+/#", "sensors/reading", ""])
def test_a_topic_that_cannot_be_divided_is_refused(topic: str) -> None:
    with pytest.raises(ConfigError, match=r"mqtt\.topic"):
        push_system(HubSourceSettings(mqtt=MqttSettings(host="127.0.0.1", topic=topic)))


CONNECTOR = """
import sys
from ingest.memory import MemoryPublisher
from ingest.sources.hub import mqtt
from ingest.sources.hub.push import push_system
from ingest.testing import run
from ioc.settings.sources import HubSourceSettings

mqtt.IDLE_S = 30.0


def hang(what):
    if what.startswith("wait events."):
        print("in hand", flush=True)
        sys.stdin.read()


run(push_system(HubSourceSettings.model_validate_json(sys.argv[1])), MemoryPublisher(disturb=hang))
"""


def test_a_connector_killed_between_receipt_and_acknowledgement_loses_nothing(shared: MosquittoProcess) -> None:
    chosen = settings(shared, "kill9", page_size=10)
    subscribe(chosen)
    send(shared, *(reading(number) for number in range(30)))
    connector = subprocess.Popen(
        [sys.executable, "-c", CONNECTOR, chosen.model_dump_json(exclude={"password", "webhook"})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert connector.stdout is not None
    assert connector.stdin is not None
    _line(connector.stdout.readline, b"in hand")
    connector.send_signal(signal.SIGKILL)
    connector.wait(10)
    connector.stdout.close()
    connector.stdin.close()
    harvest = run(push_system(chosen), MemoryPublisher())
    assert len(harvest.versions()) == 30


def _line(read: Callable[[], bytes], wanted: bytes) -> None:
    deadline = time.monotonic() + 20
    while not (said := read()).startswith(wanted):
        assert said, "the connector has ended"
        assert time.monotonic() < deadline


def _readings(chosen: HubSourceSettings) -> SensorStream:
    part = mqtt_part(chosen)
    assert part is not None
    (stream,) = (stream for stream in part.streams if stream.stream == "readings")
    assert isinstance(stream, SensorStream)
    return stream
