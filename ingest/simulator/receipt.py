"""The receipt log: one case is one dossier; its start, each of its steps and its end are versions.

The log is a CSV of the IEEE XES attributes of a municipality's receipt process (doi 10.4121/uuid:a07386a5-7be3-4367-9535-70bc9e77dbe6),
one line a step, the case's own attributes repeated on each. docs/simulator.md holds the mapping as a table.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ingest.simulator.model import Applicant, Channel, Dossier, Field, Procedure, Status, Step, Version
from ingest.simulator.moments import DAY_MS, from_ms, to_ms
from ioc.errors import ConfigError

CHANNELS = {
    "Internet": Channel.ONLINE_FULL,
    "e-mail": Channel.ONLINE_PARTIAL,
    "Desk": Channel.IN_PERSON,
    "Post": Channel.POST,
    "Intern": Channel.INTERNAL,
}
FIELDS = {
    "General": Field("MT01", "Môi trường: tổng hợp"),
    "Experts": Field("MT02", "Môi trường: thẩm định"),
    "Customer contact": Field("MT03", "Môi trường: tiếp công dân"),
}
PROCEDURE = Procedure(
    "1.010727", "Cấp giấy phép môi trường (cấp tỉnh)", FIELDS["General"], days=40, fee_vnd=0, components=0
)
"""The log is of one procedure; the code is that of its nearest kin here."""

RECEIVING_UNIT = "000.00.01.H12"
"""Where a dossier stands until its first step, and the head of its code."""

UNKNOWN_UNIT = "000.00.99.H12"
"""What the source writes where the log says EMPTY: a code that no province profile knows."""

_COLUMNS = {
    "case:concept:name",
    "case:channel",
    "case:department",
    "case:startdate",
    "case:deadline",
    "case:enddate",
    "concept:name",
    "org:group",
    "org:resource",
    "time:timestamp",
}
_START, _STEP, _END = range(3)


@dataclass(frozen=True, slots=True)
class LogStep:
    """One line of the log."""

    at_ms: int
    name: str
    unit: str
    resource: str


@dataclass(frozen=True, slots=True)
class LogCase:
    """One case of the log, at its own times (milliseconds since the epoch)."""

    number: int
    channel: Channel
    sector: Field
    start_ms: int
    deadline_ms: int | None
    end_ms: int | None
    steps: list[LogStep] = field(default_factory=list)


def dossier_code(number: int) -> str:
    """The MaHoSo of `case-<number>`; the digits behind the dash, read as a number, are the way back."""
    return f"{RECEIVING_UNIT}-{number:06d}"


def unit_code(group: str) -> str:
    """DonViXuLy of a log's group: `Group 7` is `000.00.07.H12`, anything else the unknown unit."""
    found = re.fullmatch(r"Group (\d{1,2})", group)
    return f"000.00.{int(found[1]):02d}.H12" if found else UNKNOWN_UNIT


def read_log(path: Path) -> list[LogCase]:
    """Reads the cases of a log, in the order of their first lines.

    Raises:
        ConfigError: the file cannot be read, or a line is not as the log's format says.
    """
    cases: dict[str, LogCase] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = _COLUMNS - set(reader.fieldnames or ())
            if missing:
                raise ConfigError(f"{path}: columns missing: {', '.join(sorted(missing))}; give the receipt log as CSV")
            for row in reader:
                try:
                    case = cases.setdefault(row["case:concept:name"], _case(row))
                    case.steps.append(
                        LogStep(
                            _ms(row["time:timestamp"]),
                            row["concept:name"],
                            unit_code(row["org:group"]),
                            row["org:resource"],
                        )
                    )
                except (ValueError, KeyError) as error:
                    raise ConfigError(
                        f"{path}, line {reader.line_num}: {error}; the line is not of a receipt log"
                    ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}; give a readable receipt log by --log") from error
    if not cases:
        raise ConfigError(f"{path}: no case in it; give the receipt log as CSV")
    return list(cases.values())


def last_day(cases: Iterable[LogCase]) -> date:
    """The local day of the log's last moment: the latest start, step or end (a deadline is a promise, not a moment)."""
    return from_ms(max(at for case in cases for at, _, _ in _moments(case))).date()


def versions(cases: Iterable[LogCase], shift_days: int) -> list[Version]:
    """Every version of every case, moved by whole days, in update order."""
    born = [version for case in cases for version in _life(case, shift_days * DAY_MS)]
    born.sort(key=lambda version: version.updated_ms)
    return born


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return to_ms(moment)


def _optional_ms(text: str) -> int | None:
    return _ms(text) if text else None


def _case(row: dict[str, str]) -> LogCase:
    found = re.fullmatch(r"case-(\d{1,6})", row["case:concept:name"])
    if not found:
        raise ValueError(f"case {row['case:concept:name']!r} is not case-<number>")
    department = row["case:department"]
    return LogCase(
        number=int(found[1]),
        channel=CHANNELS[row["case:channel"]],
        sector=FIELDS.get(department) or Field(department or "MT", department),
        start_ms=_ms(row["case:startdate"]),
        deadline_ms=_optional_ms(row["case:deadline"]),
        end_ms=_optional_ms(row["case:enddate"]),
    )


def _moments(case: LogCase) -> list[tuple[int, int, int]]:
    """(time, what, index of the step) in order; at one time the start is before the steps and these before the end."""
    moments = [(case.start_ms, _START, 0), *((step.at_ms, _STEP, i) for i, step in enumerate(case.steps))]
    if case.end_ms is not None:
        moments.append((case.end_ms, _END, 0))
    return sorted(moments)


def _life(case: LogCase, shift_ms: int) -> Iterator[Version]:
    serial = f"{case.number:06d}"
    dossier = Dossier(dossier_code(case.number), serial, PROCEDURE, case.sector, case.channel, Applicant.OTHER)

    def seconds(moment_ms: int | None) -> int | None:
        return None if moment_ms is None else (moment_ms + shift_ms) // 1000

    started = ended = False
    current: LogStep | None = None
    for at_ms, what, index in _moments(case):
        started = started or what == _START
        ended = ended or what == _END
        if what == _STEP:
            current = case.steps[index]
        finished_s = seconds(case.end_ms) if started and ended else None
        yield Version(
            dossier=dossier,
            updated_ms=at_ms + shift_ms,
            status=_status(started, ended, current is not None),
            unit=current.unit if current else RECEIVING_UNIT,
            handler=current.resource if current else "",
            received_s=seconds(case.start_ms) if started else None,
            due_s=seconds(case.deadline_ms) if started else None,
            finished_s=finished_s,
            returned_s=finished_s,
            step=Step(current.name) if current and what == _STEP else None,
        )


def _status(started: bool, ended: bool, handled: bool) -> Status:
    """A dossier that has not been received cannot be in process or finished, whatever the log's clocks say."""
    if not started:
        return Status.REGISTERED
    if ended:
        return Status.RETURNED
    return Status.PROCESSING if handled else Status.RECEIVED
