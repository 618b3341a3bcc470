"""Which files facilities send to social insurance, and when: one a day from most, late or none from some, more at the end of months."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ingest.simulator.health import fhir_world
from ingest.simulator.health.insurance_visits import insurance_visit
from ingest.simulator.health.insurance_xml import STYLES, Style, Visit
from ingest.simulator.moments import DAY_MS, compact
from ingest.simulator.reporting import Reporting
from ingest.simulator.world import Event, Process
from ioc.clock import LOCAL_OFFSET_S

FACILITIES = (*fhir_world.FACILITIES, fhir_world.UNKNOWN_FACILITY)

_OFFSET_MS = LOCAL_OFFSET_S * 1000
_LONGEST_DAYS = 10
"""A visit that ends today began at most so many days ago."""

_LATEST_DAYS = 8
"""A file is sent at most so many days after the day that it tells of."""

_MINUTE_MS = 60_000

_CORRECTED = 0.04
_CORRECTED_AT_MONTH_END = 0.2
_DAYS_CORRECTED = 4
"""Shares of visits that are sent again corrected: the day after, and at the end of a month for its last days."""

_BY_DAY_SHARE = 0.2
"""Facilities whose NGAYLAP is a mere day."""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file, before it is written.

    Attributes:
        at_ms: when it is compiled and sent, milliseconds since the epoch.
        facility: MACSKCB.
        day: local day that it tells of, counted from the epoch.
        sent: the visits, by their events, and how often each was sent before.
    """

    at_ms: int
    facility: str
    day: int
    sent: Sequence[tuple[Event, int]]

    @property
    def name(self) -> str:
        """`<MACSKCB>_<yyyyMMddHHmmss>.xml`."""
        return f"{self.facility}_{compact(self.at_ms // 1000)}.xml"

    @property
    def compiled(self) -> str:
        """NGAYLAP, by the facility's habit."""
        by_day = int(self.facility) % 100 < 100 * _BY_DAY_SHARE
        return compact(self.at_ms // 1000)[: 8 if by_day else 12]

    @property
    def style(self) -> Style:
        """How the facility's program writes."""
        return STYLES[int(self.facility) % len(STYLES)]

    def visits(self) -> list[Visit]:
        """What it tells."""
        return [visit for event, before in self.sent if (visit := insurance_visit(event, before)) is not None]


class Plan:
    """All files, by the time model alone: asked again, the same."""

    def __init__(self, process: Process, reporting: Reporting) -> None:
        """`process` gives the visits; `reporting` says when a facility tells of a day."""
        self._process = process
        self._reporting = reporting
        self._begun = lru_cache(maxsize=2 * _LONGEST_DAYS)(self._begun_on)
        self._at_ms = lru_cache(maxsize=8192)(self._sent_at_ms)

    def files(self, first_ms: int, end_ms: int) -> list[FilePlan]:
        """The files that are sent in `first_ms` ≤ moment < `end_ms`, in order."""
        days = range((first_ms + _OFFSET_MS) // DAY_MS - _LATEST_DAYS, (end_ms + _OFFSET_MS) // DAY_MS + 1)
        times = sorted(
            (at_ms, facility, day)
            for day in days
            for facility in FACILITIES
            if (at_ms := self._at_ms(facility, day)) is not None and first_ms <= at_ms < end_ms
        )
        plans = (FilePlan(at_ms, facility, day, self._sent(facility, day)) for at_ms, facility, day in times)
        return [plan for plan in plans if plan.sent]

    def _sent_at_ms(self, facility: str, day: int) -> int | None:
        return self._reporting.at_ms(facility, day, (day + 1) * DAY_MS - _OFFSET_MS)

    def _sent(self, facility: str, day: int) -> list[tuple[Event, int]]:
        """The day's visits, corrections of days before, and at the end of a month what was not sent in it."""
        sent = [(event, 0) for event in self._ended(facility, day)]
        last = _is_last_of_month(day)
        share = _CORRECTED_AT_MONTH_END if last else _CORRECTED
        for earlier in range(day - (_DAYS_CORRECTED if last else 1), day):
            if self._was_sent_before(facility, earlier, day):
                before = self._ended(facility, earlier)
                sent += [(event, 1) for event in before if event.draws("corrected").random() < share]
        if last:
            for missed in self._missed(facility, day):
                sent += [(event, 0) for event in self._ended(facility, missed)]
        return sent

    def _was_sent_before(self, facility: str, earlier: int, day: int) -> bool:
        """Whether the file of an earlier day was compiled in an earlier minute than that of this one."""
        earlier_ms, own_ms = self._at_ms(facility, earlier), self._at_ms(facility, day)
        return earlier_ms is not None and own_ms is not None and earlier_ms < own_ms - _MINUTE_MS

    def _missed(self, facility: str, day: int) -> Iterator[int]:
        """Days of the month's last ones of which the facility sent nothing."""
        for earlier in range(day - _LATEST_DAYS, day):
            if _date(earlier).month == _date(day).month and self._at_ms(facility, earlier) is None:
                yield earlier

    def _ended(self, facility: str, day: int) -> list[Event]:
        """The facility's visits that ended on a local day."""
        return [e for begun in range(day - _LONGEST_DAYS, day + 1) for e in self._begun(begun).get((facility, day), ())]

    def _begun_on(self, day: int) -> dict[tuple[str, int], list[Event]]:
        """Visits that began on a local day, by facility and day of their end."""
        first_ms = day * DAY_MS - _OFFSET_MS
        found: dict[tuple[str, int], list[Event]] = defaultdict(list)
        for event in self._process.events(first_ms, first_ms + DAY_MS):
            visit = fhir_world.visit(event)
            if visit.link_key and visit.ends == "finished":
                found[visit.facility, (visit.steps_ms[2] + _OFFSET_MS) // DAY_MS].append(event)
        return found


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def _is_last_of_month(day: int) -> bool:
    return _date(day + 1).day == 1
