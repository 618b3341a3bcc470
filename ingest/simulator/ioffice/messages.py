"""Documents that organisations send one another, and what becomes of them: all of it follows from the event."""

import random
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.simulator.ioffice.organs import ODD, OUTSIDE, PROVINCE, Organ, inside, weights
from ingest.simulator.moments import DAY_MS, from_ms
from ingest.simulator.population import ODD_UNITS_SHARE
from ingest.simulator.world import HOUR_MS, SLOTS, Event
from ioc.clock import LOCAL_OFFSET_S

DOCUMENTS_A_DAY = 3_200
"""Documents, each with between one and twelve receivers: about 12,000 entries of registers."""

MAX_LAG_MS = 5 * DAY_MS
"""No status message comes later than this after its document."""

_TYPES = ("Công văn", "Thông báo", "Kế hoạch", "Báo cáo", "Quyết định", "Tờ trình", "Giấy mời", "Chỉ thị")
_TYPE_WEIGHTS = (46, 12, 9, 11, 9, 6, 6, 1)
_NOTATIONS = ("UBND-VP", "STTTT-CNTT", "SNV-TCCC", "VPCP-TTĐT", "KH-UBND", "TB-VPUBND")
_MINUTE_MS = 60_000
_OPENS_MS, _CLOSES_MS, _MORNING_MS = int(7.2 * HOUR_MS), int(17.3 * HOUR_MS), 2 * HOUR_MS
_EPOCH_WEEKDAY, _SATURDAY = 3, 5
"""1 January 1970 was a Thursday; Monday is 0."""
_SILENT_SHARE = 0.08
"""Organisations whose software only says that documents arrived."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document. Moments are milliseconds since the epoch, cut to seconds.

    Attributes:
        number: of its event; also stands in its persons' made-up names.
    """

    number: int
    sent_ms: int
    sender: Organ
    receivers: tuple[Organ, ...]
    document_id: str
    code_number: str
    code_notation: str
    promulgated: str
    due: str
    type_name: str
    priority: int
    pages: int
    business: int
    signed: bool

    @property
    def outside(self) -> bool:
        """Whether it crosses the province's border, so that the exchange carries it."""
        return any(not organ.code.endswith("H12") for organ in (self.sender, *self.receivers))


@dataclass(frozen=True, slots=True)
class Status:
    """What an organisation says about a document, and when."""

    number: str
    at_ms: int
    organ: Organ
    code: str
    document: Document


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way: `number` tells it from all others."""

    at_ms: int
    number: str
    kind: Literal["edoc", "status"]
    holds: Document | Status

    @property
    def outside(self) -> bool:
        """Whether the exchange carries it."""
        return (self.holds if isinstance(self.holds, Document) else self.holds.document).outside


def document_of(event: Event) -> Document:
    """The document of an event."""
    draws = event.draws()
    sent_ms = event.at_ms - event.at_ms % 1000
    sender, receivers = _parties(draws, from_ms(sent_ms).date())
    local = from_ms(sent_ms)
    number = f"{local.hour:02d}{event.number % SLOTS + 1:04d}"
    notation = draws.choice(_NOTATIONS)
    promulgated = from_ms(sent_ms - draws.choice((0, 0, 0, 1)) * DAY_MS)
    due = f"{from_ms(sent_ms + draws.randint(3, 30) * DAY_MS):%Y/%m/%d}" if draws.random() < 0.3 else ""
    return Document(
        number=event.number,
        sent_ms=sent_ms,
        sender=sender,
        receivers=receivers,
        document_id=f"{sender.code},{local:%Y/%m/%d},{number}/{notation}",
        code_number=number,
        code_notation=notation,
        promulgated=f"{promulgated:%Y/%m/%d}",
        due=due,
        type_name=draws.choices(_TYPES, _TYPE_WEIGHTS)[0],
        priority=draws.choices((0, 1, 2, 3), (950, 40, 8, 2))[0],
        pages=1 + int(draws.expovariate(1 / 6)),
        business=draws.choices((0, 1, 2, 3), (970, 5, 15, 10))[0],
        signed=draws.random() < 0.97,
    )


def _parties(draws: random.Random, day: date) -> tuple[Organ, tuple[Organ, ...]]:
    ours = inside(day)
    if draws.random() < 0.15:
        sender = draws.choice(OUTSIDE)
        return sender, (PROVINCE, *draws.sample(ours[1:], draws.choice((0, 0, 1, 2))))
    sender = draws.choices(ours, weights(day))[0]
    others = [organ for organ in ours if organ is not sender]
    receivers = draws.sample(others, draws.choices((1, 2, 4, 12), (50, 25, 18, 7))[0])
    if draws.random() < 0.05:
        receivers.append(draws.choice(OUTSIDE))
    if draws.random() < ODD_UNITS_SHARE:
        receivers[0] = draws.choice(ODD)
    return sender, tuple(receivers)


def statuses_of(event: Event, document: Document) -> list[Status]:
    """What is said about a document, in the order of receivers."""
    draws = event.draws("statuses")
    found = []
    for place, organ in enumerate(document.receivers):
        for code, at_ms in _course(draws, organ, document.sent_ms):
            found.append(_status(document, organ, code, f"{place}{code}", at_ms))
    if draws.random() < 0.005:
        asked_ms = _in_office(document.sent_ms + _minutes(draws, 300))
        found.append(_status(document, document.sender, "13", "s13", asked_ms))
        for place, organ in enumerate(document.receivers):
            answer = "15" if draws.random() < 0.8 else "16"
            found.append(_status(document, organ, answer, f"{place}{answer}", asked_ms + _minutes(draws, 20)))
    return [status for status in found if status.at_ms < document.sent_ms + MAX_LAG_MS]


def _course(draws: random.Random, organ: Organ, sent_ms: int) -> list[tuple[str, int]]:
    """Status codes and their moments, of one receiver: machines answer at once, people in office hours."""
    at_ms = sent_ms + _minutes(draws, 4)
    course = [("01", at_ms)]
    if random.Random(f"silent:{organ.code}").random() < _SILENT_SHARE:
        return course
    at_ms = _in_office(at_ms + _minutes(draws, 100))
    if draws.random() < 0.01:
        return [*course, ("02", at_ms)]
    course.append(("03", at_ms))
    for code, share, minutes in (("04", 0.35, 200), ("05", 0.5, 300), ("06", 0.55, 1_400)):
        if draws.random() < share:
            at_ms = _in_office(at_ms + _minutes(draws, minutes))
            course.append((code, at_ms))
    return course


def _in_office(at_ms: int) -> int:
    """This moment, or one in the first hours of the next working day."""
    day, in_day_ms = divmod(at_ms + LOCAL_OFFSET_S * 1000, DAY_MS)
    if in_day_ms > _CLOSES_MS:
        day, in_day_ms = day + 1, 0
    if (day + _EPOCH_WEEKDAY) % 7 >= _SATURDAY:
        day, in_day_ms = day + 7 - (day + _EPOCH_WEEKDAY) % 7, 0
    if in_day_ms < _OPENS_MS:
        in_day_ms = _OPENS_MS + at_ms % _MORNING_MS
    return day * DAY_MS + in_day_ms - LOCAL_OFFSET_S * 1000


def _status(document: Document, organ: Organ, code: str, mark: str, at_ms: int) -> Status:
    return Status(f"{document.number}-{mark}", at_ms - at_ms % 1000, organ, code, document)


def _minutes(draws: random.Random, mean: float) -> int:
    return int(draws.expovariate(1 / mean) * _MINUTE_MS) + 2000
