"""How fast pushes are taken: from a real MQTT broker, and from senders over HTTP, to acknowledged by a real Kafka broker.

Prints the figures; asserts only what is no question of speed. Senders and brokers are other processes on the same machine, so records per second
of the connector's own processor time say what its code costs.
"""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psutil
import pytest
from pydantic import SecretStr

from ingest.cursor import KafkaCursors
from ingest.limit import RateLimit
from ingest.retry import Stop
from ingest.runner import Runner, Tools
from ingest.sources.hub.push import push_system
from ingest.testing import HASH_KEY, KEY
from ioc import logs
from ioc.deadletters import Sealer
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings, MqttSettings, WebhookSettings
from ioc.topics import FIXED_TOPICS
from tests.kafka_broker import KafkaProcess, free_ports
from tests.mosquitto import MosquittoProcess

ROOT = Path(__file__).parents[2]
SECRET = "a secret for tests, of 32 characters and more"
READINGS = 15_000
BODIES, RECORDS = 100, 200

SENDER = """
import hmac, json, sys, time
from concurrent.futures import ThreadPoolExecutor
import httpx

url, secret, bodies, records = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3]), int(sys.argv[4])
client = httpx.Client(trust_env=False, timeout=30)
made = [json.dumps([{
    "maPhanAnh": f"PA{body * records + number}", "kenh": "1022", "linhVuc": "giao_thong", "trangThai": "da_tra_loi",
    "ngayTiepNhan": "2026-11-20T08:00:00.000+0700", "hanXuLy": "2026-11-27T08:00:00.000+0700",
    "ngayTraLoi": "2026-11-21T08:00:00.000+0700", "danhGia": 5, "donViXuLy": "000.00.21.H12",
    "capNhatLuc": "2026-11-21T08:00:00.000+0700", "nguoiPhanAnh": "CANARY", "sdt": "CANARY", "noiDung": "CANARY " * 30,
} for number in range(records)]).encode() for body in range(bodies)]


def send(body):
    while True:
        stamp = str(int(time.time()))
        signature = "sha256=" + hmac.new(secret, stamp.encode() + b"." + body, "sha256").hexdigest()
        headers = {"Content-Type": "application/json", "X-IOC-Timestamp": stamp, "X-IOC-Signature": signature}
        try:
            if client.post(url, content=body, headers=headers).status_code == 202:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)


with ThreadPoolExecutor(6) as pool:
    list(pool.map(send, made))
"""


class Measured:
    """Runs one stream until so many events are acknowledged."""

    def __init__(self, settings: HubSourceSettings, stream: str, bootstrap: str, events: int) -> None:
        ensure_topics(bootstrap, FIXED_TOPICS)
        system = push_system(settings)
        (source,) = (one for one in system.streams if one.stream == stream)
        metrics, stop = Metrics("ingest"), Stop()
        process = psutil.Process()
        with Producer(bootstrap) as producer:
            tools = Tools(
                producer,
                KafkaCursors(bootstrap, producer),
                Sealer(KEY),
                Pseudonyms(HASH_KEY),
                metrics,
                RateLimit(1000),
                FloodSettings(),
                poll_s=0.01,
                stop=stop,
            )
            runner = threading.Thread(target=Runner(source, tools).run)
            before = process.memory_info().rss
            wall_s, used_s = time.perf_counter(), time.process_time()
            runner.start()
            labels = {"stage": "ingest", "stream": f"{source.name}/{stream}"}
            deadline = time.monotonic() + 120
            while (metrics.registry.get_sample_value("ioc_records_total", labels) or 0) < events:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            self.wall_s, self.used_s = time.perf_counter() - wall_s, time.process_time() - used_s
            self.grown_mb = (process.memory_info().rss - before) / 2**20
            stop.set()
            runner.join(20)
        system.close()

    def __str__(self) -> str:
        return f"{self.wall_s:.1f} s beside its senders, memory grew by {self.grown_mb:.0f} MiB"


@pytest.mark.bench
def test_readings_by_mqtt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning")
    with KafkaProcess(tmp_path / "kafka") as kafka, MosquittoProcess(tmp_path / "mosquitto") as broker:
        settings = HubSourceSettings(mqtt=MqttSettings(host="127.0.0.1", port=broker.port))
        system = push_system(settings)
        next(iter(system.streams[0].pages(None)))
        system.close()
        begin = datetime(2026, 11, 20, tzinfo=UTC)
        payloads = [
            msgspec.json.encode(
                {
                    "tram": "KK-01",
                    "daiLuong": "pm25_ugm3",
                    "thoiDiem": (begin + timedelta(seconds=number)).isoformat(),
                    "giaTri": number % 900 / 10,
                    "vuotNguong": False,
                    "donVi": "000.00.02.H12",
                }
            )
            for number in range(READINGS)
        ]
        with broker.publisher() as sender:
            sender.send("sensors/reading/KK-01", *payloads)
        payloads.clear()
        run = Measured(settings, "readings", kafka.bootstrap, READINGS)
    with capsys.disabled():
        print(
            f"\nhub, MQTT: {READINGS / run.used_s:,.0f} readings a second of one core, from the broker to acknowledged"
        )
        print(f"  {READINGS / run.wall_s:,.0f} a second; {run}")


@pytest.mark.bench
def test_reports_by_webhook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning")
    (port,) = free_ports(1)
    settings = HubSourceSettings(webhook=WebhookSettings(port=port, secret=SecretStr(SECRET)))
    url = f"http://127.0.0.1:{port}/v1/feedback"
    with KafkaProcess(tmp_path / "kafka") as kafka:
        sender = subprocess.Popen([sys.executable, "-c", SENDER, url, SECRET, str(BODIES), str(RECORDS)], cwd=ROOT)
        run = Measured(settings, "feedback", kafka.bootstrap, BODIES * RECORDS)
        assert sender.wait(20) == 0
    with capsys.disabled():
        count = BODIES * RECORDS
        print(
            f"\nhub, webhook: {count / run.used_s:,.0f} records a second of one core, signed requests to acknowledged"
        )
        print(f"  {count / run.wall_s:,.0f} a second, in requests of {RECORDS}; {run}")
