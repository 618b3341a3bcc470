"""From data to a brief. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dashboards.brief.model import Brief, Change, Feed, Figure, Finding, Silent
from dashboards.brief.reader import Snapshot
from dashboards.brief.words import period
from ioc.catalogue.owed import Owed
from ioc.clock import LOCAL

_LEAST = 10.0
"""Changes are told relative to the greater value, but at least to this: one case more of two is no large change."""

_GROW = ("count", "sum")
"""They grow by themselves in the course of their period."""


def compose(
    snapshot: Snapshot,
    made_at: datetime,
    province: str,
    owed: Sequence[Owed] | None,
    findings: Sequence[Finding],
    feeds: Sequence[Feed],
    before: Brief | None,
) -> Brief:
    """The brief of the local day of `made_at`.

    Args:
        snapshot: figures of one moment.
        made_at: when they were read.
        province: its name.
        owed: reports that are missing; None: they were not read lately.
        findings: open ones, newest first.
        feeds: sources.
        before: an earlier day's brief, to tell changes from.
    """
    figures = snapshot.figures
    return Brief(
        day=made_at.astimezone(LOCAL).date(),
        made_at=made_at,
        refreshed_at=snapshot.refreshed_at,
        province=province,
        figures=figures,
        off_target=[one.code for one in sorted(_with(figures, "bad"), key=lambda one: (-shortfall(one), one.code))],
        warned=[one.code for one in sorted(_with(figures, "warning"), key=lambda one: (-shortfall(one), one.code))],
        overdue=snapshot.overdue,
        reports_read=owed is not None,
        silent=silent(owed or ()),
        changes=changes(figures, before.figures) if before else [],
        compared_with=before.made_at if before else None,
        findings=list(findings),
        finding_counts=dict(Counter(one.reason for one in findings).most_common()),
        feeds=list(feeds),
    )


def shortfall(figure: Figure) -> float:
    """How far a figure is from its target, relative to the target; above 0 when it is missed, 0 without either."""
    if figure.value is None or figure.target is None or figure.direction == "none":
        return 0.0
    distance = figure.target - figure.value if figure.direction == "up" else figure.value - figure.target
    return distance / max(abs(figure.target), 1.0)


def silent(owed: Iterable[Owed]) -> list[Silent]:
    """What each unit owes, by name; the most first."""
    by_unit: dict[str, list[Owed]] = {}
    for one in owed:
        by_unit.setdefault(one.unit_name, []).append(one)
    found = []
    for name, reports in by_unit.items():
        oldest = min(reports, key=lambda one: (one.due, one.series))
        found.append(
            Silent(
                name,
                sum(one.periods for one in reports),
                f"{oldest.name}, {period(oldest.grain, oldest.start)}",
                oldest.due,
                oldest.late,
            )
        )
    return sorted(found, key=lambda one: (-one.reports, one.due, one.unit_name))


def changes(now: Mapping[str, Figure], before: Mapping[str, Figure]) -> list[Change]:
    """Figures of the same period that stand elsewhere than before, the largest change first.

    Counts and sums of a running period are left out: they grow by themselves.
    """
    found = []
    for code, figure in now.items():
        earlier = before.get(code)
        if earlier is None or figure.value is None or earlier.value is None or figure.value == earlier.value:
            continue
        if figure.grain != earlier.grain or (figure.grain != "now" and figure.start != earlier.start):
            continue
        if figure.kind in _GROW:
            continue
        size = abs(figure.value - earlier.value) / max(abs(figure.value), abs(earlier.value), _LEAST)
        found.append(Change(figure, earlier.value, size, earlier.status))
    return sorted(found, key=lambda one: (-one.size, one.figure.code))


def _with(figures: Mapping[str, Figure], status: str) -> list[Figure]:
    return [one for one in figures.values() if one.status == status]
