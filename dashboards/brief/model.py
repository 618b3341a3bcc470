"""What a brief says, as values: it is kept as JSON, and page and PDF are made of it alone."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from ioc.catalogue.unit_of_measure import UnitOfMeasure


@dataclass(frozen=True)
class Figure:
    """A figure of the province as `indicator_now` has it.

    Attributes:
        code, name: the indicator, its Vietnamese name.
        kind: as in the catalogue.
        direction: `up`: more is better; `down`; `none`.
        unit_of_measure: of value and target.
        value, target: None where there is none.
        status: good, warning, bad or none.
        document, reference: what sets the target.
        responsible: who answers for it.
        grain, start: period of the value.
        provisional: it can still change.
        reported, expected: of reports; None for others.
        as_of: up to which moment the data were read; None: not known.
        age_s: seconds from `as_of` to the moment of the brief; None: not known.
        freshness: fresh, late, stale or no_data.
    """

    code: str
    name: str
    kind: str
    direction: str
    unit_of_measure: UnitOfMeasure
    value: float | None
    target: float | None
    status: str
    document: str
    reference: str
    responsible: str
    grain: str
    start: date
    provisional: bool
    reported: int | None
    expected: int | None
    as_of: datetime | None
    age_s: int | None
    freshness: str


@dataclass(frozen=True)
class Overdue:
    """Dossiers of a unit that are overdue."""

    unit: str
    unit_name: str
    dossiers: int
    age_s: int | None


@dataclass(frozen=True)
class Silent:
    """Reports that a unit owes: how many, which is the oldest, its last day in time, working days since then."""

    unit_name: str
    reports: int
    oldest: str
    due: date
    late: int


@dataclass(frozen=True)
class Change:
    """A figure that stands elsewhere than in the brief before: the value then, how large the change is (0 to 1), the status then."""

    figure: Figure
    before: float
    size: float
    status_before: str


@dataclass(frozen=True)
class Finding:
    """Something wrong with a report."""

    reason: str
    series_name: str
    unit_name: str
    grain: str
    start: date
    stated: float | None
    expected: float | None
    found_at: datetime


@dataclass(frozen=True)
class Feed:
    """How far a source was read: its oldest stream."""

    source: str
    streams: int
    age_s: int | None
    freshness: str


@dataclass(frozen=True)
class Brief:
    """Everything.

    Attributes:
        day: local day that it is the brief of.
        made_at: moment that its figures were read at.
        refreshed_at: moment of the snapshot that they stand in.
        province: name, Vietnamese.
        figures: all figures of the province, by code.
        off_target: codes of missed targets, the furthest first.
        warned: codes within the warning margin.
        overdue: units with overdue dossiers, the most first.
        reports_read: the reports were read within three hours; without that nobody can be said to be silent.
        silent: units that owe reports, the most first.
        changes: the largest first; `compared_with` is the moment of the brief that they are counted from, None without one.
        findings: open ones, newest first; `finding_counts` by reason.
        feeds: by name.
    """

    day: date
    made_at: datetime
    refreshed_at: datetime
    province: str
    figures: dict[str, Figure]
    off_target: list[str]
    warned: list[str]
    overdue: list[Overdue]
    reports_read: bool
    silent: list[Silent]
    changes: list[Change]
    compared_with: datetime | None
    findings: list[Finding]
    finding_counts: dict[str, int]
    feeds: list[Feed]


_DECODER = msgspec.json.Decoder(Brief)


def dump(brief: Brief) -> bytes:
    """The brief as JSON, in an order that is always the same."""
    return msgspec.json.format(msgspec.json.encode(brief, order="deterministic"), indent=1)


def parse(content: bytes) -> Brief:
    """The brief back.

    Raises:
        msgspec.DecodeError: the text is none of a brief.
    """
    return _DECODER.decode(content)
