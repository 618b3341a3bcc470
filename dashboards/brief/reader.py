"""Reads what a brief is made of: SQL over the views, rows into values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from dashboards.brief.model import Feed, Figure, Finding, Overdue
from dashboards.tables import Tables
from ioc.catalogue.owed import Report

OVERDUE = "DVC-003"
"""Open dossiers that are overdue."""

_MINUTES = 60
"""Freshness of a stream whose kinds no indicator reads."""

FIGURES = (
    "SELECT code, name_vi, kind, direction, unit_of_measure, unit, unit_name, level, value, target, toString(status) AS status, "
    "target_document, target_reference, responsible, period_grain, period_start, provisional, reported, expected, as_of, "
    "toString(freshness) AS freshness, refreshed_at FROM indicator_now "
    f"WHERE level = 'province' OR (code = '{OVERDUE}' AND value > 0 AND level IN ('department', 'commune')) ORDER BY code, unit"
)
"""The province's figures and the units' overdue dossiers, of one snapshot."""

_FINDINGS = (
    "SELECT f.reason AS reason, if(s.name_vi = '', f.series, s.name_vi) AS series_name, "
    "if(u.name_vi = '', f.unit, u.name_vi) AS unit_name, f.period_grain AS period_grain, f.period_start AS period_start, "
    "f.stated AS stated, f.expected AS expected, f.found_at AS found_at FROM findings AS f FINAL "
    "LEFT JOIN (SELECT code, name_vi FROM series FINAL) AS s ON s.code = f.series "
    "LEFT JOIN unit_codes AS c ON c.raw_code = f.unit "
    "LEFT JOIN (SELECT code, name_vi FROM units FINAL) AS u ON u.code = c.unit "
    "WHERE isNull(f.resolved_at) ORDER BY f.found_at DESC, f.reason, f.entity"
)

_REPORTS = "SELECT series, unit, period_start AS start FROM reports_there WHERE period_start >= toDate('{since}')"

_FEEDS = (
    "SELECT a.source AS source, a.stream AS stream, if(c.unit = '', a.unit, c.unit) AS unit, a.kinds AS kinds, a.upto AS upto, "
    "a.age_s - a.planned_s AS unplanned_s, a.age_s AS age_s FROM feed_ages AS a LEFT JOIN unit_codes AS c ON c.raw_code = a.unit "
    "WHERE a.source != 'fold' ORDER BY source, stream, unit"
)


@dataclass(frozen=True)
class Stream:
    """A stream of a source, or what a unit that reports itself has told of it.

    Attributes:
        unit: the unit; empty for the stream.
        kinds: kinds of event that it carries.
        upto: up to which moment of the source everything was read; None: not known.
        age_s: seconds since then; None: not known.
        freshness: fresh, late, stale or no_data, by the strictest indicator of its kinds and without planned maintenance.
    """

    source: str
    stream: str
    unit: str
    kinds: tuple[str, ...]
    upto: datetime | None
    age_s: int | None
    freshness: str


@dataclass(frozen=True)
class Snapshot:
    """Figures of one moment."""

    refreshed_at: datetime
    figures: dict[str, Figure]
    overdue: list[Overdue]


def read_snapshot(tables: Tables, now: datetime) -> Snapshot | None:
    """The figures; ages are those at `now`. None while there are none.

    Raises:
        RetriableError: ClickHouse is away.
        RefusedError: it refuses.
    """
    rows = tables.query(FIGURES)
    if not rows:
        return None
    figures = {row["code"]: _figure(row, now) for row in rows if row["level"] == "province"}
    overdue = [
        Overdue(row["unit"], row["unit_name"], round(row["value"]), _age(_moment(row["as_of"]), now))
        for row in rows
        if row["level"] != "province"
    ]
    refreshed = max(_moment(row["refreshed_at"]) or datetime.fromtimestamp(0, UTC) for row in rows)
    return Snapshot(refreshed, figures, sorted(overdue, key=lambda one: (-one.dossiers, one.unit_name)))


def read_findings(tables: Tables) -> list[Finding]:
    """Open findings, newest first. Raises as `read_snapshot` does."""
    return [
        Finding(
            row["reason"], row["series_name"], row["unit_name"], row["period_grain"], date.fromisoformat(row["period_start"]),
            row["stated"], row["expected"], _moment(row["found_at"]) or datetime.fromtimestamp(0, UTC),
        )
        for row in tables.query(_FINDINGS)
    ]  # fmt: skip


def read_reports(tables: Tables, since: date) -> list[Report]:
    """Reports of periods that begin on a day or after it, by unit of the province. Raises as `read_snapshot` does."""
    rows = tables.query(_REPORTS.format(since=since.isoformat()))
    return [Report(row["series"], row["unit"], date.fromisoformat(row["start"])) for row in rows]


def read_streams(tables: Tables) -> list[Stream]:
    """Every stream of every source, and every unit that reports itself. Raises as `read_snapshot` does."""
    allowed: dict[str, int] = {
        row["event"]: row["minutes"]
        for row in tables.query(
            "SELECT event, min(freshness_minutes) AS minutes FROM indicators FINAL WHERE mode != 'report' GROUP BY event"
        )
    }
    found = []
    for row in tables.query(_FEEDS):
        upto = _moment(row["upto"])
        minutes = min((allowed[kind] for kind in row["kinds"] if kind in allowed), default=_MINUTES)
        found.append(
            Stream(
                row["source"], row["stream"], row["unit"], tuple(row["kinds"]), upto, None if upto is None else row["age_s"],
                _freshness(None if upto is None else row["unplanned_s"], minutes),
            )
        )  # fmt: skip
    return found


def reports_are_read(streams: Sequence[Stream]) -> bool:
    """Whether reports of units were read lately, from everywhere: only then a report that is not there is missing."""
    own = [one for one in streams if not one.unit and "statistic" in one.kinds]
    return bool(own) and all(one.freshness in ("fresh", "late") for one in own)


def feeds(streams: Sequence[Stream]) -> list[Feed]:
    """Each source by its oldest stream."""
    rank = ("fresh", "late", "stale", "no_data")
    by_source: dict[str, list[Stream]] = {}
    for one in streams:
        if not one.unit:
            by_source.setdefault(one.source, []).append(one)
    found = []
    for source, own in sorted(by_source.items()):
        worst = max(own, key=lambda one: (rank.index(one.freshness), one.age_s or 0))
        found.append(Feed(source, len(own), worst.age_s, worst.freshness))
    return found


def _freshness(age_s: int | None, minutes: int) -> str:
    """The word for an age, by the rule of `indicator_now`."""
    if age_s is None:
        return "no_data"
    return "fresh" if age_s <= minutes * 60 else "late" if age_s <= minutes * 180 else "stale"


def _figure(row: dict[str, Any], now: datetime) -> Figure:
    as_of = _moment(row["as_of"])
    return Figure(
        code=row["code"],
        name=row["name_vi"],
        kind=row["kind"],
        direction=row["direction"],
        unit_of_measure=row["unit_of_measure"],
        value=row["value"],
        target=row["target"],
        status=row["status"],
        document=row["target_document"],
        reference=row["target_reference"],
        responsible=row["responsible"],
        grain=row["period_grain"],
        start=date.fromisoformat(row["period_start"]),
        provisional=bool(row["provisional"]),
        reported=row["reported"],
        expected=row["expected"],
        as_of=as_of,
        age_s=_age(as_of, now),
        freshness=row["freshness"],
    )


def _age(as_of: datetime | None, now: datetime) -> int | None:
    return None if as_of is None else max(0, int((now - as_of).total_seconds()))


def _moment(text: str) -> datetime | None:
    """A moment that ClickHouse wrote in UTC; None for 1970, which says that it is not known."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return None if moment.year == 1970 else moment
