"""Which reports are due and not made, and since when the oldest one has no receipt. Pure: what the outbox holds goes in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from dashboards.report.outbox import Report
from dashboards.report.period import Grain, Period, containing, period_of
from ioc.clock import LOCAL
from ioc.settings.report import ReportSettings

MOST_BACK = 12
"""So many periods of a kind are made up for at most."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A period whose report is due, and since when."""

    period: Period
    since: datetime


def grains(settings: ReportSettings) -> list[Grain]:
    """The kinds of periods that are reported, each once."""
    said: list[Grain] = [word.strip() for word in settings.periods.split(",")]  # type: ignore[misc]  # by its pattern
    return list(dict.fromkeys(said))


def unmade(reports: Collection[Report], settings: ReportSettings, now: datetime) -> list[Due]:
    """Periods whose report is due and was not made since the period has ended, oldest first.

    What was missed is made up for back to the newest one that was made; without any of its kind there is only the newest one:
    nobody asks for what was before the beginning. What was refused is made: a person has to look, not the clock.
    """
    made = {period_of(one.manifest["period"]) for one in reports if _is_whole(one)}
    found: list[Due] = []
    for grain in grains(settings):
        begun = any(period.grain == grain for period in made)
        for one in islice(_dues(grain, settings, now), MOST_BACK if begun else 1):
            if one.period in made:
                break
            found.append(one)
    return sorted(found, key=lambda due: (due.since, due.period.start, due.period.end))


def open_since(reports: Collection[Report], due: Collection[Due]) -> datetime | None:
    """Since when the oldest report has no receipt: of those that are due, waiting or refused. None: each has its receipt.

    A report that another one of the same period has taken the place of is open no more when that one was received.
    """
    received: dict[str, datetime] = {}
    for report in reports:
        if report.state == "received":
            received[report.manifest["period"]] = _made_at(report)
    waiting = [
        made
        for report in reports
        if report.state != "received"
        and not ((made := _made_at(report)) < received.get(report.manifest["period"], made))
    ]
    return min([*waiting, *(one.since for one in due)], default=None)


def _dues(grain: Grain, settings: ReportSettings, now: datetime) -> Iterator[Due]:
    """Periods whose moment has come, newest first, without end."""
    hour, minute = map(int, settings.at.split(":"))
    period = containing(grain, now.astimezone(LOCAL).date())
    while True:
        day = period.end + _DAY * (settings.day - 1)
        since = datetime.combine(day, time(hour, minute), LOCAL)
        if since <= now:
            yield Due(period, since)
        period = containing(grain, period.start - _DAY)


def _is_whole(report: Report) -> bool:
    """Whether it was made after its period had ended: one of a running period is no report of it."""
    return _made_at(report).astimezone(LOCAL).date() >= date.fromisoformat(report.manifest["end"])


def _made_at(report: Report) -> datetime:
    return datetime.fromisoformat(report.manifest["as_of"])
