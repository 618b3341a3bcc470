"""Running a system that is pushed to, and pushing to it."""

import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from ingest.limit import RateLimit
from ingest.memory import MemoryCursors, MemoryPublisher
from ingest.retry import Stop
from ingest.runner import Runner, Tools
from ingest.source import System
from ingest.sources.hub.push import push_system
from ingest.testing import HASH_KEY, KEY, Harvest
from ioc.deadletters import Sealer
from ioc.errors import RetriableError
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings, WebhookSettings
from tests.kafka_broker import free_ports

SECRET = "a secret for tests, of 32 characters and more"
WAIT_S = 10.0

FEEDBACK = {
    "maPhanAnh": "PA1",
    "heThong": "CaMau-G",
    "kenh": "camau-g",
    "linhVuc": "giao_thong",
    "trangThai": "da_tra_loi",
    "ngayTiepNhan": "2026-11-20T08:00:00+07:00",
    "hanXuLy": "2026-11-27T08:00:00+07:00",
    "ngayTraLoi": "20261121093000",
    "danhGia": 4,
    "donViXuLy": "000.00.21.H12",
    "capNhatLuc": "2026-11-21T09:30:01.250+07:00",
    "nguoiPhanAnh": "CANARY-TEN",
    "sdt": "CANARY-SDT",
    "diaChi": "CANARY-DIACHI",
    "noiDung": "CANARY-NOIDUNG",
}
ALERT = {
    "maCanhBao": "SOC-1",
    "mucDo": "high",
    "loai": "malware",
    "trangThai": "handled",
    "phatHienLuc": "2026-11-20T08:00:00+07:00",
    "xuLyLuc": "2026-11-20T09:00:00+07:00",
    "soMay": 3,
    "donVi": "000.00.05.H12",
    "capNhatLuc": "2026-11-20T09:00:00+07:00",
    "diaChiIP": "CANARY-IP",
    "taiKhoan": "CANARY-TK",
}


def settings(**webhook: Any) -> HubSourceSettings:
    """A webhook on a free port, and no broker."""
    (port,) = free_ports(1)
    timeout_s = webhook.pop("timeout_s", WAIT_S)
    return HubSourceSettings(
        webhook=WebhookSettings(port=port, secret=SecretStr(SECRET), **webhook), timeout_s=timeout_s
    )


def encoded(*records: Mapping[str, Any]) -> bytes:
    return json.dumps(records[0] if len(records) == 1 else records, ensure_ascii=False).encode()


def signed(body: bytes, *, at_s: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of a request, made as the documentation says and not by the code under test."""
    timestamp = str(int(time.time() if at_s is None else at_s))
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    return {
        "Content-Type": "application/json",
        "X-IOC-Timestamp": timestamp,
        "X-IOC-Signature": f"sha256={digest}",
    }


class Gate:
    """A broker that acknowledges nothing until it is let; for `MemoryPublisher(disturb=…)`."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, what: str) -> None:
        if what == f"wait {self._topic}":
            self.reached.set()
            if not self.opened.wait(WAIT_S):
                raise RetriableError("the gate was not opened")


@dataclass
class Running:
    """A system whose streams run, each in a thread, until the end of a `with`."""

    settings: HubSourceSettings
    publisher: MemoryPublisher = field(default_factory=MemoryPublisher)
    flood: FloodSettings = field(default_factory=lambda: FloodSettings(run=10_000, ratio=1.0))
    grace_s: float = 2.0

    def __post_init__(self) -> None:
        self.harvest = Harvest(self.publisher)
        self.system: System = push_system(self.settings)
        self.stop = Stop(self.grace_s)
        self.threads: list[threading.Thread] = []
        self.client = httpx.Client(verify=False, timeout=2 * WAIT_S, trust_env=False)

    def __enter__(self) -> Self:
        for stream in self.system.streams:
            tools = Tools(
                publisher=self.publisher,
                cursors=MemoryCursors(self.publisher),
                sealer=Sealer(KEY),
                pseudonyms=Pseudonyms(HASH_KEY),
                metrics=self.harvest.metrics,
                limit=RateLimit(1e9),
                flood=self.flood,
                poll_s=0.001,
                stop=self.stop,
            )
            runner = Runner(stream, tools)
            thread = threading.Thread(target=lambda r=runner: self.harvest.ended_well.append(r.run()))
            thread.start()
            self.threads.append(thread)
        if self.settings.webhook.port:
            self._await_webhook()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(WAIT_S)
            assert not thread.is_alive()
        self.client.close()
        self.system.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Pushes; signed unless other headers are given."""
        url = f"http://127.0.0.1:{self.settings.webhook.port}{path}"
        return self.client.post(url, content=body, headers=signed(body) if headers is None else headers)

    def until(self, is_so: Any) -> None:
        """Waits until something has happened in another thread."""
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def _await_webhook(self) -> None:
        """Until both doors are open: an empty array is accepted."""
        at_s = time.time()
        for path in ("/v1/feedback", "/v1/security"):

            def is_open(path: str = path) -> bool:
                nonlocal at_s
                at_s -= 1
                try:
                    return self.post(path, b"[]", signed(b"[]", at_s=at_s)).status_code in (202, 409)
                except httpx.TransportError:
                    return False

            self.until(is_open)
