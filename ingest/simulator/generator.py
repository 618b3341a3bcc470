"""A seeded generator of believable dossiers, for load.

Version k is born at a moment that follows from k alone, and what it is follows from the draws before it: the same seed and base time
give the same versions, however they are taken.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

from msgspec.structs import replace

from ingest.simulator import population
from ingest.simulator.model import Channel, Dossier, Rating, Status, Step, Supplement, Version
from ingest.simulator.moments import from_ms, to_ms

BACKFILL_DAYS = 90
"""Days before the base time over which the backfill is spread, in working hours."""

_VERSIONS_A_DOSSIER = 5
_DAYS_OPEN = 3
_OPEN_MIN = 40
_CHOICE_OF = 3
_RATED = 0.4
_FEES_ASKED = 0.15
_DAY_S = 86_400
_MOVED_UP = 0.05
_MOVED = 0.2
_PROCEDURE_SHARES = tuple(accumulate(population.WEIGHTS))
_ONLINE = (Channel.ONLINE_FULL, Channel.ONLINE_PARTIAL)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When version k is born: the backfill in working hours before the base time, then `rate` a second from it on."""

    base_ms: int
    rate: float
    backfill: int
    spans: Sequence[tuple[int, int]]
    reach: Sequence[int]

    @classmethod
    def of(cls, base_ms: int, rate: float, backfill: int) -> "Schedule":
        """Lays the working hours before the base time out."""
        base = from_ms(base_ms)
        spans = [(to_ms(a), to_ms(b)) for a, b in population.working_hours(base - timedelta(days=BACKFILL_DAYS), base)]
        return cls(base_ms, rate, backfill, spans, list(accumulate(end - begin for begin, end in spans)))

    def birth_ms(self, k: int, jitter: float) -> int | None:
        """When version k is born; `jitter` in [0, 1) moves it inside its own share of the time. None: never."""
        if k < self.backfill:
            worked = min(int((k + jitter) / self.backfill * self.reach[-1]), self.reach[-1] - 1)
            i = bisect_right(self.reach, worked)
            return self.spans[i][1] - (self.reach[i] - worked)
        if self.rate <= 0:
            return None
        return self.base_ms + int((k - self.backfill + 1) * 1000 / self.rate)


class Generator:
    """Dossiers that come in, move from unit to unit, wait, are finished, returned and rated."""

    def __init__(self, *, seed: int, rate: float, backfill: int, base_ms: int) -> None:
        self._random = random.Random(seed)
        self._schedule = Schedule.of(base_ms, rate, backfill)
        self._k = 0
        self._dossiers = 0
        self._open: list[Version] = []
        self._open_aim = max(_OPEN_MIN, backfill * _DAYS_OPEN // (BACKFILL_DAYS * _VERSIONS_A_DOSSIER))
        self._next_ms = self._schedule.birth_ms(0, self._random.random())

    @property
    def taken(self) -> int:
        """Versions born so far."""
        return self._k

    def take_until(self, now_ms: int) -> tuple[list[Version], list[Rating]]:
        """Versions and ratings born up to and including `now_ms` and not taken before, in update order."""
        versions: list[Version] = []
        ratings: list[Rating] = []
        while self._next_ms is not None and self._next_ms <= now_ms:
            version = self._born(self._next_ms)
            versions.append(version)
            if version.status == Status.RETURNED and self._random.random() < _RATED:
                score = self._random.choices(population.SCORES, population.SCORE_WEIGHTS)[0]
                ratings.append(Rating(version.dossier.code, score, self._next_ms // 1000, self._next_ms))
            self._k += 1
            self._next_ms = self._schedule.birth_ms(self._k, self._random.random())
        return versions, ratings

    def _born(self, at_ms: int) -> Version:
        if len(self._open) < self._open_aim:
            version = self._new(at_ms)
            self._open.append(version)
            return version
        i = min((self._random.randrange(len(self._open)) for _ in range(_CHOICE_OF)), key=self._urgency)
        version = self._moved(self._standing(self._open[i], at_ms), at_ms)
        if version.status in (Status.REFUSED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED):
            self._open[i] = self._open[-1]
            self._open.pop()
        else:
            self._open[i] = version
        return version

    def _urgency(self, i: int) -> int:
        return self._open[i].due_s or 0

    def _new(self, at_ms: int) -> Version:
        draw = self._random
        self._dossiers += 1
        procedure = draw.choices(population.PROCEDURES, cum_weights=_PROCEDURE_SHARES)[0]
        channel = draw.choices(population.CHANNELS, population.CHANNEL_WEIGHTS)[0]
        online = channel in _ONLINE
        digitised = sum(draw.random() < (0.9 if online else 0.5) for _ in range(procedure.components))
        reused = sum(draw.random() < 0.3 for _ in range(digitised))
        unit = draw.choice(population.units_on(procedure.level, from_ms(at_ms).date()))
        serial = f"{self._dossiers:08d}"
        dossier = Dossier(
            code=f"{unit}-TD{serial}",
            serial=serial,
            procedure=procedure,
            field=procedure.field,
            channel=channel,
            applicant=draw.choices(population.APPLICANTS, population.APPLICANT_WEIGHTS)[0],
            fee_vnd=procedure.fee_vnd,
            components=procedure.components,
            components_digitised=digitised,
            components_reused=reused,
            vneid=online and draw.random() < 0.85,
        )
        at_the_desk = not online
        paid = procedure.fee_vnd == 0 or (at_the_desk or draw.random() > _FEES_ASKED)
        registered = Version(
            dossier,
            at_ms,
            Status.REGISTERED,
            unit,
            paid=paid,
            paid_online=paid and online and procedure.fee_vnd > 0,
        )
        return self._received(registered, at_ms) if at_the_desk else registered

    def _received(self, before: Version, at_ms: int) -> Version:
        received_s = at_ms // 1000
        return replace(
            before,
            updated_ms=at_ms,
            status=Status.RECEIVED,
            handler=self._officer(),
            received_s=received_s,
            due_s=population.due_s(received_s, before.dossier.procedure.days),
            step=Step(population.STEPS[0], "Chuyên viên", received_s, received_s),
        )

    def _moved(self, before: Version, at_ms: int) -> Version:
        """The next version of an open dossier; every shape of life that the statuses allow comes up."""
        draw = self._random.random()
        now_s = at_ms // 1000
        match before.status:
            case Status.REGISTERED:
                if draw < 0.03:
                    return replace(before, updated_ms=at_ms, status=Status.REFUSED, handler=self._officer())
                return self._received(before, at_ms)
            case Status.RECEIVED if not before.paid:
                return replace(before, updated_ms=at_ms, status=Status.FEES_DUE, step=None)
            case Status.FEES_DUE:
                if draw < 0.05:
                    return replace(before, updated_ms=at_ms, status=Status.STOPPED, step=None)
                return self._handled(before, at_ms, paid=True, paid_online=True)
            case Status.SUPPLEMENT:
                if draw < 0.08:
                    return replace(before, updated_ms=at_ms, status=Status.WITHDRAWN, step=None)
                asked = before.supplements[-1]
                new_due_s = population.due_s(max(asked.previous_due_s + now_s - asked.requested_s, now_s + _DAY_S), 0)
                supplements = (*before.supplements[:-1], replace(asked, new_due_s=new_due_s))
                return self._handled(before, at_ms, supplements=supplements, due_s=new_due_s)
            case Status.PROCESSED:
                return replace(before, updated_ms=at_ms, status=Status.RETURNED, returned_s=now_s, step=None)
            case Status.PROCESSING if draw < 0.08 and not before.supplements:
                asked = Supplement(now_s, before.due_s or now_s)
                return replace(before, updated_ms=at_ms, status=Status.SUPPLEMENT, supplements=(asked,), step=None)
            case Status.PROCESSING if draw < 0.5:
                return replace(
                    self._handled(before, at_ms),
                    status=Status.PROCESSED,
                    finished_s=now_s,
                    result_digitised=self._random.random() < 0.8,
                )
            case _:
                return self._handled(before, at_ms)

    def _handled(
        self,
        before: Version,
        at_ms: int,
        *,
        paid: bool | None = None,
        paid_online: bool | None = None,
        supplements: tuple[Supplement, ...] | None = None,
        due_s: int | None = None,
    ) -> Version:
        return replace(
            before,
            updated_ms=at_ms,
            status=Status.PROCESSING,
            unit=self._unit(before, at_ms),
            handler=self._officer(),
            paid=before.paid if paid is None else paid,
            paid_online=before.paid_online if paid_online is None else paid_online,
            supplements=before.supplements if supplements is None else supplements,
            due_s=before.due_s if due_s is None else due_s,
            step=Step(
                self._random.choice(population.STEPS[1:]), "Chuyên viên", before.updated_ms // 1000, before.due_s
            ),
        )

    def _standing(self, before: Version, at_ms: int) -> Version:
        """The version in a unit that still exists: what a unit held when it ceased, another of the procedure's level takes over."""
        day, unit = from_ms(at_ms).date(), population.TREE.units.get(before.unit)
        if unit is None or unit.valid_on(day):
            return before
        return replace(before, unit=self._random.choice(population.units_on(before.dossier.procedure.level, day)))

    def _unit(self, before: Version, at_ms: int) -> str:
        """Who handles it next: mostly the same unit, else one of the level of the procedure, or of a level above it."""
        draw = self._random.random()
        if draw < population.ODD_UNITS_SHARE:
            return self._random.choice(population.ODD_UNITS)
        if draw < _MOVED_UP:
            return self._random.choice(population.DEPARTMENTS)
        if draw < _MOVED:
            return self._random.choice(population.units_on(before.dossier.procedure.level, from_ms(at_ms).date()))
        return before.unit

    def _officer(self) -> str:
        return f"CB{self._random.randrange(1, 200):03d}"
