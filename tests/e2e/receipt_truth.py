"""What the wall must show for the receipt log, computed from its CSV with pandas alone.

Nothing of the project is imported here: the reading of the log, the rules of what a dossier is at a moment and the meaning of
each indicator are written down a second time, from the documents and from docs/simulator.md; the days off are data, read as data.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

LOCAL = "Asia/Ho_Chi_Minh"
CALENDAR = Path(__file__).parents[2] / "ioc" / "calendar.toml"
CHANNELS = {
    "Internet": "online_full",
    "e-mail": "online_partial",
    "Desk": "in_person",
    "Post": "post",
    "Intern": "internal",
}
FIELDS = {"General": "MT01", "Experts": "MT02", "Customer contact": "MT03"}
TIMES = ["case:startdate", "case:deadline", "case:enddate", "time:timestamp"]


def final_dossiers(log: Path, shift_days: int, now: datetime) -> pd.DataFrame:
    """One row a case as the source shows it at `now`: unit, channel, field, status and its times (local, whole seconds)."""
    lines = pd.read_csv(log)
    for column in TIMES:
        lines[column] = pd.to_datetime(lines[column], utc=True, format="ISO8601") + timedelta(days=shift_days)
    lines["unit"] = lines["org:group"].map(_unit)
    lines = lines[lines["time:timestamp"] <= now].sort_values("time:timestamp", kind="stable")
    heads = pd.read_csv(log).drop_duplicates("case:concept:name").set_index("case:concept:name")
    cases = pd.DataFrame(index=heads.index)
    for name, column in (("received", "case:startdate"), ("due", "case:deadline"), ("finished", "case:enddate")):
        cases[name] = pd.to_datetime(heads[column], utc=True, format="ISO8601") + timedelta(days=shift_days)
    cases["channel"] = heads["case:channel"].map(CHANNELS)
    cases["field"] = heads["case:department"].map(FIELDS)
    steps = lines.groupby("case:concept:name")["unit"]
    cases["unit"] = steps.last().reindex(cases.index).fillna("000.00.01.H12")
    cases["handled"] = steps.size().reindex(cases.index).fillna(0) > 0

    started = cases["received"] <= now
    # An end before the start is shown once the dossier has started.
    ended = started & (cases["finished"] <= now)
    cases = cases[started | cases["handled"] | (cases["finished"] <= now)].copy()
    started, ended = started[cases.index], ended[cases.index]
    cases.loc[~started, ["received", "due"]] = pd.NaT
    cases.loc[~ended, "finished"] = pd.NaT
    cases["status"] = "processing"
    cases.loc[~cases["handled"], "status"] = "received"
    cases.loc[ended, "status"] = "returned"
    cases.loc[~started, "status"] = "registered"
    for name in ("received", "due", "finished"):
        cases[name] = cases[name].dt.floor("s").dt.tz_convert(LOCAL)
    cases["returned"] = cases["finished"]
    return cases


def _unit(group: str) -> str:
    word, _, number = group.partition(" ")
    return f"000.00.{int(number):02d}.H12" if word == "Group" else "000.00.99.H12"


@dataclass(frozen=True)
class Question:
    """What an indicator asks of the dossiers: a numerator and, for a share or a mean, a denominator.

    `by` is the time that a period cuts by (None: as it is now); `days` the window of days from today (both ends included).
    """

    top: Callable[[pd.DataFrame], pd.Series]
    bottom: Callable[[pd.DataFrame], pd.Series] | None = None
    by: str | None = None
    days: tuple[float, float] | None = None
    scale: float = 1.0


def value(question: Question, cases: pd.DataFrame, period_start: date, today: date) -> float | None:
    """The indicator's value over `period_start`…`today` (flows) or at `today` (states); None where there is nothing to divide by."""
    counted = cases
    if question.by is not None:
        day = cases[question.by].dt.tz_localize(None).dt.normalize()
        from_today = (day - pd.Timestamp(today)).dt.days
        if question.days is not None:
            counted = cases[from_today.between(*question.days)]
        else:
            counted = cases[(day >= pd.Timestamp(period_start)) & (from_today <= 0)]
    top = float(question.top(counted).sum())
    if question.bottom is None:
        return top * question.scale
    whole = cases if question.days is not None else counted
    bottom = float(question.bottom(whole).sum())
    return None if bottom == 0 else top / bottom * question.scale


def _accepted(c: pd.DataFrame) -> pd.Series:
    return ~c["status"].isin(["registered", "refused"])


def _open(c: pd.DataFrame) -> pd.Series:
    return c["status"].isin(["received", "processing", "supplement", "fees_due"])


def _done(c: pd.DataFrame) -> pd.Series:
    return c["status"].isin(["processed", "returned"])


def _promised(c: pd.DataFrame) -> pd.Series:
    return _done(c) & c["due"].notna()


def _online(c: pd.DataFrame) -> pd.Series:
    return c["channel"].isin(["online_full", "online_partial"])


def _day(c: pd.DataFrame, name: str) -> pd.Series:
    day: pd.Series = c[name].dt.tz_localize(None).dt.normalize()
    return day


def _on_time(c: pd.DataFrame) -> pd.Series:
    return _promised(c) & (_day(c, "finished") <= _day(c, "due"))


def _late(c: pd.DataFrame) -> pd.Series:
    return _promised(c) & (_day(c, "finished") > _day(c, "due"))


def _seconds(start: str, end: str) -> Callable[[pd.DataFrame], pd.Series]:
    def length(c: pd.DataFrame) -> pd.Series:
        gap: pd.Series = c[end] - c[start]
        seconds: pd.Series = gap.dt.total_seconds()
        return seconds

    return length


def _working_days(start: str, end: str) -> Callable[[pd.DataFrame], pd.Series]:
    """Monday to Friday after the day of `start` up to that of `end`, without the days off of the calendar, with the Saturdays worked."""
    years = tomllib.loads(CALENDAR.read_text(encoding="utf-8"))["year"]
    listed = [row for year in years for row in year["off"]]
    off = [day for row in listed for day in pd.date_range(row["day"], row.get("to", row["day"]))]
    worked = pd.DatetimeIndex([row["instead"] for row in listed if "instead" in row])

    def up_to(days: pd.Series) -> pd.Series:
        known = days.fillna(pd.Timestamp(years[0]["year"], 1, 1))
        until = (known + timedelta(days=1)).to_numpy("datetime64[D]")
        count = np.busday_count(f"{years[0]['year']}-01-01", until, holidays=np.array(off, "datetime64[D]"))
        # Of no dossiers at all a map would give days, not numbers.
        swapped = np.array([int((worked <= day).sum()) for day in known], np.int64)
        return pd.Series(count + swapped, index=days.index)

    return lambda c: (up_to(_day(c, end)) - up_to(_day(c, start))).where(_both(start, end)(c), 0)


def _both(start: str, end: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda c: c[start].notna() & c[end].notna()


Part = Callable[[pd.DataFrame], pd.Series]


def _and(*parts: Part) -> Part:
    def all_of(c: pd.DataFrame) -> pd.Series:
        held = pd.Series(data=True, index=c.index)
        for part in parts:
            held &= part(c)
        return held

    return all_of


def _times(amount: Part, where: Part) -> Part:
    return lambda c: amount(c).where(where(c), 0)


def _is(column: str, text: str) -> Part:
    return lambda c: c[column] == text


def _none(c: pd.DataFrame) -> pd.Series:
    """What the log does not tell at all: fees, components, ratings, VNeID."""
    return pd.Series(data=False, index=c.index)


_environment: Part = lambda c: c["field"].isin(["MT01", "MT02", "MT03"])  # noqa: E731
_finish = _working_days("received", "finished")
_PERCENT, _PER_DAY, _PER_HOUR = 100.0, 1 / 86400, 1 / 3600
_PAST = float("-inf")

QUESTIONS: dict[str, Question] = {
    "DVC-001": Question(_accepted, by="received"),
    "DVC-002": Question(_on_time, _promised, by="finished", scale=_PERCENT),
    "DVC-003": Question(_open, by="due", days=(_PAST, -1)),
    "DVC-004": Question(_open),
    "DVC-005": Question(_times(_finish, _done), _and(_done, _both("received", "finished")), by="finished"),
    "DVC-006": Question(_and(_accepted, _is("channel", "online_full")), by="received"),
    "DVC-007": Question(_and(_accepted, _is("channel", "online_partial")), by="received"),
    "DVC-008": Question(_and(_accepted, _is("channel", "in_person")), by="received"),
    "DVC-009": Question(_and(_accepted, _is("channel", "post")), by="received"),
    "DVC-010": Question(_and(_accepted, _is("channel", "internal")), by="received"),
    "DVC-011": Question(_and(_accepted, _online), _accepted, by="received", scale=_PERCENT),
    "DVC-012": Question(_and(_accepted, _is("channel", "online_full")), _accepted, by="received", scale=_PERCENT),
    "DVC-013": Question(_none, by="received"),
    "DVC-014": Question(_none, by="received"),
    "DVC-015": Question(_done, by="finished"),
    "DVC-016": Question(_is("status", "returned"), by="returned"),
    "DVC-018": Question(_late, by="finished"),
    "DVC-019": Question(
        lambda c: _promised(c) & (_day(c, "finished") < _day(c, "due")), _promised, by="finished", scale=_PERCENT
    ),
    "DVC-020": Question(_times(_seconds("due", "finished"), _late), _late, by="finished", scale=_PER_DAY),
    "DVC-023": Question(
        _times(_finish, _and(_done, _online)),
        _and(_done, _online, _both("received", "finished")),
        by="finished",
    ),
    "DVC-024": Question(
        _times(_seconds("finished", "returned"), _is("status", "returned")),
        _and(_is("status", "returned"), _both("finished", "returned")),
        by="returned",
        scale=_PER_HOUR,
    ),
    "DVC-025": Question(_open, by="due", days=(0, 0)),
    "DVC-026": Question(_open, by="due", days=(1, 3)),
    "DVC-027": Question(_open, _open, by="due", days=(_PAST, -1), scale=_PERCENT),
    "DVC-028": Question(_open, by="due", days=(_PAST, -11)),
    "DVC-031": Question(lambda c: _open(c) & c["due"].isna()),
    "DVC-032": Question(_is("status", "registered")),
    "DVC-033": Question(_is("status", "supplement")),
    "DVC-034": Question(_is("status", "fees_due")),
    "DVC-035": Question(_is("status", "processed")),
    "DVC-038": Question(_is("status", "refused")),
    "DVC-039": Question(_none, _accepted, by="received", scale=_PERCENT),
    "DVC-041": Question(_none, _accepted, by="received", scale=_PERCENT),
    "DVC-042": Question(_is("status", "withdrawn"), by="received"),
    "DVC-043": Question(_is("status", "stopped"), by="received"),
    "DVC-044": Question(_none, _none, by="received", scale=_PERCENT),
    "DVC-045": Question(_none, _none, by="finished", scale=_PERCENT),
    "DVC-046": Question(_none, _none, by="finished", scale=_PERCENT),
    "DVC-047": Question(_none, by="received"),
    "DVC-048": Question(_none, _none, by="received", scale=_PERCENT),
    "DVC-049": Question(_none, _none, by="received", scale=_PERCENT),
    "DVC-050": Question(lambda c: _accepted(c) & c["due"].notna(), _accepted, by="received", scale=_PERCENT),
    "DVC-051": Question(_none, by="received"),
    "DVC-052": Question(_none, _none, by="received", scale=_PERCENT),
    "DVC-053": Question(_none),
    "DVC-054": Question(_none, _none, scale=_PERCENT),
    "DVC-055": Question(_none, _none),
    "DVC-056": Question(_and(_accepted, _environment), by="received"),
    "DVC-057": Question(_and(_on_time, _environment), _and(_promised, _environment), by="finished", scale=_PERCENT),
    "DVC-058": Question(_none, _none, by="finished", scale=_PERCENT),
}
