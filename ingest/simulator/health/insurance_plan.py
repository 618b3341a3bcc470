"""Which files facilities send to social insurance, and when: hospitals by the hour, others by the day; late or none from some."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from ingest.simulator.health import fhir_world
from ingest.simulator.health.insurance_visits import insurance_visit
from ingest.simulator.health.insurance_xml import STYLES, Style, Visit
from ingest.simulator.moments import DAY_MS, compact, from_ms
from ingest.simulator.reporting import Reporting
from ingest.simulator.world import HOUR_MS, Event, Process
from ioc.clock import LOCAL_OFFSET_S

FACILITIES = (*fhir_world.FACILITIES, fhir_world.UNKNOWN_FACILITY)
BY_HOUR = frozenset(FACILITIES[:12])
"""The hospitals."""

_OFFSET_MS = LOCAL_OFFSET_S * 1000
_MINUTE_MS = 60_000
_LONGEST_DAYS = 10
"""A visit that ends today began at most so many days ago."""

_LATEST_DAYS = 8
"""A file is sent at most so many days after what it tells of."""

_CORRECTED = 0.04
_CORRECTED_AT_MONTH_END = 0.2
_DAYS_CORRECTED = 4
"""Shares of visits that are sent again corrected: a day later, and at the end of a month for its last days."""

_BY_DAY_SHARE = 0.2
"""Facilities whose NGAYLAP is a mere day."""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file, before it is written.

    Attributes:
        at_ms: when it is compiled and sent, milliseconds since the epoch.
        facility: MACSKCB.
        end_ms: end of the hour or local day whose visits it tells of.
        sent: the visits, by their events, and how often each was sent before.
    """

    at_ms: int
    facility: str
    end_ms: int
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

    def __init__(self, process: Process, by_day: Reporting, by_hour: Reporting) -> None:
        """`process` gives the visits; the others say when a facility tells of a day, and a hospital of an hour."""
        self._process = process
        self._by_day = by_day
        self._by_hour = by_hour
        self._begun = lru_cache(maxsize=2 * _LONGEST_DAYS)(self._begun_on)
        self._at_ms = lru_cache(maxsize=16384)(self._sent_at_ms)

    def files(self, first_ms: int, end_ms: int) -> list[FilePlan]:
        """The files that are sent in `first_ms` ≤ moment < `end_ms`, in order."""
        times = sorted(
            (at_ms, facility, period)
            for facility in FACILITIES
            for period in range(
                _period(facility, first_ms) - _a_day(facility) * _LATEST_DAYS, _period(facility, end_ms)
            )
            if (at_ms := self._at_ms(facility, period)) is not None and first_ms <= at_ms < end_ms
        )
        plans = (FilePlan(at_ms, f, _end_ms(f, period), self._sent(f, period)) for at_ms, f, period in times)
        return [plan for plan in plans if plan.sent]

    def _sent_at_ms(self, facility: str, period: int) -> int | None:
        reporting = self._by_hour if facility in BY_HOUR else self._by_day
        return reporting.at_ms(facility, period, _end_ms(facility, period))

    def _sent(self, facility: str, period: int) -> list[tuple[Event, int]]:
        """The period's visits, corrections of days before, and at the end of a month what was not sent in its last days."""
        sent = [(event, 0) for event in self._ended(facility, period)]
        last_day = _is_last_day(facility, period)
        share = _CORRECTED_AT_MONTH_END if last_day else _CORRECTED
        for days in range(1, _DAYS_CORRECTED + 1 if last_day else 2):
            earlier = period - days * _a_day(facility)
            if self._was_sent_before(facility, earlier, period):
                before = self._ended(facility, earlier)
                sent += [(event, 1) for event in before if event.draws("corrected").random() < share]
        if last_day and not _is_last_day(facility, period + 1):
            for missed in self._missed(facility, period):
                sent += [(event, 0) for event in self._ended(facility, missed)]
        return sent

    def _was_sent_before(self, facility: str, earlier: int, period: int) -> bool:
        """Whether the file of an earlier period was compiled in an earlier minute than that of this one."""
        earlier_ms, own_ms = self._at_ms(facility, earlier), self._at_ms(facility, period)
        return earlier_ms is not None and own_ms is not None and earlier_ms < own_ms - _MINUTE_MS

    def _missed(self, facility: str, period: int) -> Iterator[int]:
        """Periods of the month's last days of which the facility sent nothing."""
        month = from_ms(_end_ms(facility, period) - 1).month
        for earlier in range(period - _LATEST_DAYS * _a_day(facility), period):
            if from_ms(_end_ms(facility, earlier) - 1).month == month and self._at_ms(facility, earlier) is None:
                yield earlier

    def _ended(self, facility: str, period: int) -> list[Event]:
        """The facility's visits that ended in a period."""
        end_hour = _end_ms(facility, period) // HOUR_MS
        day = (_end_ms(facility, period) - 1 + _OFFSET_MS) // DAY_MS
        begun = [self._begun(earlier) for earlier in range(day - _LONGEST_DAYS, day + 1)]
        hours = range(end_hour - _span_ms(facility) // HOUR_MS, end_hour)
        return [event for hour in hours for of_day in begun for event in of_day.get((facility, hour), ())]

    def _begun_on(self, day: int) -> dict[tuple[str, int], list[Event]]:
        """Visits that began on a local day, by facility and hour of their end, counted from the epoch."""
        first_ms = day * DAY_MS - _OFFSET_MS
        found: dict[tuple[str, int], list[Event]] = defaultdict(list)
        for event in self._process.events(first_ms, first_ms + DAY_MS):
            visit = fhir_world.visit(event)
            if visit.link_key and visit.ends == "finished":
                found[visit.facility, visit.steps_ms[2] // HOUR_MS].append(event)
        return dict(found)


def _span_ms(facility: str) -> int:
    """What one file tells of: an hour or a day."""
    return HOUR_MS if facility in BY_HOUR else DAY_MS


def _a_day(facility: str) -> int:
    return DAY_MS // _span_ms(facility)


def _period(facility: str, at_ms: int) -> int:
    """The hour or local day of a moment, counted from the epoch."""
    return (at_ms + _OFFSET_MS) // _span_ms(facility)


def _end_ms(facility: str, period: int) -> int:
    return (period + 1) * _span_ms(facility) - _OFFSET_MS


def _is_last_day(facility: str, period: int) -> bool:
    """Whether a period is of the last day of a month."""
    return (from_ms(_end_ms(facility, period) - 1) + timedelta(days=1)).day == 1
