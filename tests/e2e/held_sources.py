"""Sources in the test's hand: the records of four systems as plain rows, each told in its system's own way when it is put.

The dossiers stand in the simulated dossier server, asked over HTTP; documents and insurance files are dropped into folders as edXML and as
GIAMDINHHS; citizens' reports are pushed to the webhook, signed.
"""

import asyncio
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec
from aiohttp import web

from ingest.simulator.clock import SimulatedClock, wall_ms
from ingest.simulator.drops import drop
from ingest.simulator.faults import Faults
from ingest.simulator.health.insurance_xml import Visit, document, hoso
from ingest.simulator.ioffice.messages import Document, Message, Status
from ingest.simulator.ioffice.organs import Organ
from ingest.simulator.ioffice.writer import write
from ingest.simulator.journal import Journal
from ingest.simulator.model import Applicant, Channel, Dossier, Rating, Version
from ingest.simulator.model import Status as DossierStatus
from ingest.simulator.moments import to_ms
from ingest.simulator.population import PROCEDURES
from ingest.simulator.server import Access, DossierServer
from ingest.sources.hub.signature import SIGNATURE, TIMESTAMP, sign
from ioc.clock import LOCAL

ACCEPTED = 202
_MINISTRY = Organ("000.00.00.G22", "Bộ Khoa học và Công nghệ")


@dataclass(frozen=True)
class Paper:
    """A dossier; moments are aware. Without `finished` it is in process."""

    code: str
    unit: str
    received: datetime
    due: datetime
    finished: datetime | None = None


@dataclass(frozen=True)
class Letter:
    """A document that a unit received from a ministry; without `closed` it is not handled yet."""

    number: int
    receiver: str
    sent: datetime
    closed: datetime | None = None
    signed: bool = True

    @property
    def entity(self) -> str:
        """As the register of the receiver knows it."""
        return f"{_document(self).document_id}|{self.receiver}"


@dataclass(frozen=True)
class Stay:
    """A visit to a health facility; `compiled`: when the facility tells it to social insurance."""

    link: str
    facility: str
    admitted: datetime
    compiled: datetime
    insured: bool = True

    @property
    def entity(self) -> str:
        """As the events name it."""
        return f"{self.facility}/{self.link}"


@dataclass(frozen=True)
class Report:
    """A citizen's report; without `answered` it is with the unit."""

    number: str
    unit: str
    reported: datetime
    due: datetime
    answered: datetime | None = None

    @property
    def entity(self) -> str:
        """As the events name it."""
        return f"1022/{self.number}"


class DossierSystem:
    """The simulated dossier server in a thread, over a register that the test writes: what makes its journal's versions."""

    def __init__(self, port: int, access: Access) -> None:
        self._port, self._access = port, access
        self._lock = threading.Lock()
        self._coming: list[Version] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="dossier system")
        self._listens = threading.Event()

    def put(self, paper: Paper, updated: datetime | None = None) -> None:
        """A dossier as it is from now on, or has been since `updated`."""
        with self._lock:  # the moment and the place in the journal belong together
            self._coming.append(_version(paper, wall_ms() if updated is None else to_ms(updated)))

    def take_until(self, now_ms: int) -> tuple[list[Version], list[Rating]]:
        """See `journal.Generating`."""
        with self._lock:
            born = sorted((one for one in self._coming if one.updated_ms <= now_ms), key=lambda one: one.updated_ms)
            self._coming = [one for one in self._coming if one.updated_ms > now_ms]
        return born, []

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._listens.wait(30):
            raise AssertionError("the dossier system does not listen")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = DossierServer(
            Journal([], self), SimulatedClock(0, 0), Faults(), access=self._access, procedures=PROCEDURES
        )
        runner = web.AppRunner(server.app())
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self._port).start())
        self._listens.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()


def _version(paper: Paper, updated_ms: int) -> Version:
    procedure = PROCEDURES[0]
    finished_s = None if paper.finished is None else to_ms(paper.finished) // 1000
    return Version(
        Dossier(paper.code, paper.code, procedure, procedure.field, Channel.ONLINE_FULL, Applicant.PERSON),
        updated_ms,
        DossierStatus.PROCESSING if finished_s is None else DossierStatus.RETURNED,
        paper.unit,
        received_s=to_ms(paper.received) // 1000,
        due_s=to_ms(paper.due) // 1000,
        finished_s=finished_s,
        returned_s=finished_s,
    )


@dataclass
class Folder:
    """A folder that files are dropped into, each under a name of its own."""

    path: Path
    _dropped: int = field(default=0, init=False)

    def put_letter(self, letter: Letter) -> None:
        """The document, or what its receiver says of it once it is handled, as edXML."""
        if letter.closed is None:
            self._drop("edxml", write(Message(to_ms(letter.sent), str(letter.number), "edoc", _document(letter))))
            return
        for code, at in (("01", letter.sent), ("06", letter.closed)):
            said = Status(f"{letter.number}-{code}", to_ms(at), _organ(letter), code, _document(letter))
            self._drop("edxml", write(Message(to_ms(at), said.number, "status", said)))

    def put_stay(self, stay: Stay) -> None:
        """A file of one visit, as a facility sends it to social insurance, also once more after a correction."""
        told = Visit(
            {
                "MA_LK": stay.link, "MA_BN": "CANARY-BN", "HO_TEN": "CANARY-TEN", "MA_BENH_CHINH": "I10", "MA_LOAI_KCB": "01",
                "MA_DOITUONG_KCB": "1.1" if stay.insured else "9", "MA_THE_BHYT": "DN496CANARY00001" if stay.insured else "",
                "MA_CSKCB": stay.facility, "NGAY_VAO": _minute(stay.admitted),
            }
        )  # fmt: skip
        self._drop("xml", document(stay.facility, f"{_minute(stay.compiled)}{stay.compiled:%S}", [hoso(told)]))

    def _drop(self, ending: str, body: bytes) -> None:
        self._dropped += 1
        drop(self.path / f"{self._dropped:04}.{ending}", body)


def feedback_record(report: Report, updated: datetime) -> dict[str, Any]:
    """A report as its system pushes it."""
    answered = report.answered
    return {
        "maPhanAnh": report.number, "kenh": "1022", "linhVuc": "giao_thong", "noiDung": "CANARY-NOIDUNG",
        "trangThai": "da_phan_cong" if answered is None else "da_tra_loi", "ngayTiepNhan": report.reported.isoformat(),
        "hanXuLy": report.due.isoformat(), "ngayTraLoi": answered and answered.isoformat(), "donViXuLy": report.unit,
        "capNhatLuc": updated.isoformat(),
    }  # fmt: skip


def push(url: str, secret: str, record: dict[str, Any]) -> None:
    """Pushes a record, signed.

    Raises:
        AssertionError: it was not accepted.
    """
    body, timestamp = msgspec.json.encode(record), str(int(time.time()))
    headers = {
        "Content-Type": "application/json", TIMESTAMP: timestamp, SIGNATURE: sign(secret.encode(), timestamp, body)
    }  # fmt: skip
    answer = httpx.post(f"{url}/v1/feedback", content=body, headers=headers, timeout=60)
    assert answer.status_code == ACCEPTED, answer.text


def _document(letter: Letter) -> Document:
    local = letter.sent.astimezone(LOCAL)
    code = f"{letter.number:04}"
    return Document(
        number=letter.number, sent_ms=to_ms(letter.sent), sender=_MINISTRY, receivers=(_organ(letter),),
        document_id=f"{_MINISTRY.code},{local:%Y/%m/%d},{code}/VPCP", code_number=code, code_notation="VPCP",
        promulgated=f"{local:%Y/%m/%d}", due="", type_name="Công văn", priority=0, pages=2, business=0,
        signed=letter.signed,
    )  # fmt: skip


def _organ(letter: Letter) -> Organ:
    return Organ(letter.receiver, "Văn phòng UBND tỉnh")


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y%m%d%H%M}"
