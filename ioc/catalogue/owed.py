"""Which reports are missing, and who owes them. Pure: catalogue, province and what was reported go in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ioc.calendar import working_days
from ioc.catalogue.due_periods import Period, overdue
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province, Unit
from ioc.catalogue.series import Series

LOOK_BACK = timedelta(days=800)
"""The last due report of any series is of a period that begins within so many days."""

_RUNS = ("day", "week")
"""Of series that are due so often one silence is one matter, not one each day."""


@dataclass(frozen=True)
class Report:
    """A report that is there: series, unit of the province, first day of its period."""

    series: str
    unit: str
    start: date


@dataclass(frozen=True)
class Owed:
    """A report that is missing, or a run of daily or weekly ones.

    Attributes:
        unit: who owes it: a unit of the province; empty where the one that answers for it is none.
        unit_name: its name, Vietnamese.
        series: what is owed; `name` is its Vietnamese name.
        grain: length of the period.
        start: first day of the period, of a run of the first one.
        due: last day on which it would have been in time.
        periods: how many periods are missing; 1 where each is a matter of its own.
        reported, expected: reports of that period that are there, and that should be.
        late: working days since `due`.
    """

    unit: str
    unit_name: str
    series: str
    name: str
    grain: str
    start: date
    due: date
    periods: int
    reported: int
    expected: int
    late: int


def missing(
    catalogue: Catalogue, province: Province, reports: Collection[Report], since: date | None, today: date
) -> list[Owed]:
    """Every report that was due from `since` on (None: the last due one of each series), is late today and is not there; oldest first.

    Raises:
        CalendarError: the calendar does not hold one of the years.
    """
    there: dict[tuple[str, date], set[str]] = {}
    for report in reports:
        there.setdefault((report.series, report.start), set()).add(report.unit)
    units = _Units(catalogue, province, reports)
    found: list[Owed] = []
    for series in catalogue.series.values():
        late = list(overdue(series, since or today - LOOK_BACK, today))
        if since is None:
            late = late[-1:]
        gaps: dict[str, list[tuple[Period, int, int]]] = {}
        for period in late:
            expected = units.reporters(series, period, today)
            sent = there.get((series.code, period.start), set())
            count = len(sent) if series.reporters is not None else len(sent & set(expected))
            wanted = series.reporters or len(expected)
            if count < wanted:
                for unit in expected:
                    if unit not in sent:
                        gaps.setdefault(unit, []).append((period, count, wanted))
        for unit, periods in gaps.items():
            for run in _runs(periods) if series.grain in _RUNS else [[one] for one in periods]:
                first, count, wanted = run[0]
                found.append(
                    Owed(
                        unit if unit in units.names else "", units.names.get(unit, unit), series.code, series.name.vi,
                        series.grain, first.start, first.due, len(run), count, wanted, working_days(first.due, today),
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: (one.due, one.series, one.unit_name))


def _runs(periods: Iterable[tuple[Period, int, int]]) -> list[list[tuple[Period, int, int]]]:
    """Periods that follow one another, together."""
    runs: list[list[tuple[Period, int, int]]] = []
    for one in periods:
        if runs and runs[-1][-1][0].end == one[0].start:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


class _Units:
    """Who is to report what."""

    def __init__(self, catalogue: Catalogue, province: Province, reports: Iterable[Report]) -> None:
        self._units = province.unit
        self.names: Mapping[str, str] = {unit.code: unit.name.vi for unit in province.unit}
        self._districts_until = max(
            (unit.valid_to or date.max for unit in province.unit if unit.level == "district"), default=date.min
        )
        self._answer = {one.series: one.responsible for one in catalogue.indicators.values() if one.series}
        self._last: dict[str, tuple[date, set[str]]] = {}
        for report in reports:
            start, who = self._last.get(report.series, (date.min, set()))
            if report.start >= start and report.unit in self.names:
                self._last[report.series] = (report.start, {report.unit} | (who if report.start == start else set()))

    def reporters(self, series: Series, period: Period, today: date) -> list[str]:
        """Codes of the units that owe a report of a period, and are there to be asked today.

        Of a series that some units report it is not said which: those that reported it last, else the unit that answers
        for its indicator (its name where the province has no unit of that name).
        """
        last = period.end - timedelta(days=1)
        if series.reporters is None:
            return [unit.code for unit in self._units if unit.valid_on(today) and self._reports(series, unit, last)]
        if series.code in self._last:
            return sorted(self._last[series.code][1])
        name = self._answer.get(series.code, "")
        return [next((u.code for u in self._units if u.name.vi == name and u.valid_on(today)), name)] if name else []

    def _reports(self, series: Series, unit: Unit, day: date) -> bool:
        if not unit.valid_on(day):
            return False
        if series.reporter != "local":
            return unit.level == series.reporter
        # Communes report on their own account when there are no districts any more.
        return unit.level == ("district" if day < self._districts_until else "commune")
