"""Which reports are due, what is made up for, and since when one is open."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from dashboards.report.document import MANIFEST, canonical
from dashboards.report.outbox import Outbox, Report, State
from dashboards.report.period import period_of
from dashboards.report.schedule import MOST_BACK, Due, open_since, unmade
from ioc.clock import LOCAL
from ioc.settings.report import ReportSettings

SETTINGS = ReportSettings(periods="month, quarter", day=3, at="06:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


def made(outbox: Outbox, period: str, when: str, state: State = "received") -> Report:
    end = period_of(period).end
    manifest = {"province": "p", "period": period, "end": end.isoformat(), "as_of": at(when).isoformat(), "files": []}
    report = outbox.add(canonical(manifest), {})
    assert (report.folder / MANIFEST).is_file()
    return outbox.advance(report, state)


def names(found: list[Due]) -> list[str]:
    return [one.period.name for one in found]


def test_a_period_is_due_on_its_day_at_its_hour(outbox: Outbox) -> None:
    made(outbox, "2026-09", "2026-10-03T06:00")
    made(outbox, "2026-Q3", "2026-10-03T06:00")
    assert unmade(outbox.reports(), SETTINGS, at("2026-11-03T05:59")) == []
    (due,) = unmade(outbox.reports(), SETTINGS, at("2026-11-03T06:00"))
    assert (due.period, due.since) == (period_of("2026-10"), at("2026-11-03T06:00"))
    made(outbox, "2026-10", "2026-11-03T06:00", "signed")
    assert unmade(outbox.reports(), SETTINGS, at("2026-11-03T06:00")) == []


def test_at_the_beginning_only_the_newest_of_each_kind(outbox: Outbox) -> None:
    assert names(unmade([], SETTINGS, at("2026-11-20T12:00"))) == ["2026-Q3", "2026-10"]
    assert names(unmade([], ReportSettings(periods="year"), at("2026-11-20T12:00"))) == ["2025"]
    assert names(unmade([], ReportSettings(periods="month,month"), at("2026-01-02T12:00"))) == ["2025-11"]


def test_what_was_missed_is_made_up_for_oldest_first(outbox: Outbox) -> None:
    made(outbox, "2026-06", "2026-07-03T06:00")
    made(outbox, "2026-Q3", "2026-10-03T06:00")
    assert names(unmade(outbox.reports(), SETTINGS, at("2026-11-20T12:00"))) == [
        "2026-07",
        "2026-08",
        "2026-09",
        "2026-10",
    ]
    assert len(unmade(outbox.reports(), ReportSettings(), at("2031-11-20T12:00"))) == MOST_BACK


def test_a_report_of_a_running_month_is_none_of_the_month(outbox: Outbox) -> None:
    made(outbox, "2026-10", "2026-10-20T09:00")
    assert names(unmade(outbox.reports(), ReportSettings(), at("2026-11-20T12:00"))) == ["2026-10"]
    made(outbox, "2026-10", "2026-11-01T00:00")
    assert unmade(outbox.reports(), ReportSettings(), at("2026-11-20T12:00")) == []


@pytest.mark.parametrize("state", ["made", "signed", "sent", "refused", "received"])
def test_made_is_made_however_far_it_has_come(outbox: Outbox, state: State) -> None:
    report = made(outbox, "2026-10", "2026-11-03T06:00", state)
    assert unmade([report], ReportSettings(), at("2026-11-20T12:00")) == []
    assert open_since([report], []) == (None if state == "received" else at("2026-11-03T06:00"))


def test_open_is_the_oldest_without_a_receipt(outbox: Outbox) -> None:
    assert open_since([], []) is None
    due = Due(period_of("2026-10"), at("2026-11-03T06:00"))
    assert open_since([], [due]) == due.since
    made(outbox, "2026-09", "2026-10-03T06:00", "refused")
    assert open_since(outbox.reports(), [due]) == at("2026-10-03T06:00")
    made(outbox, "2026-09", "2026-10-05T06:00", "sent")
    assert open_since(outbox.reports(), []) == at("2026-10-03T06:00")
    made(outbox, "2026-09", "2026-10-06T06:00")
    assert open_since(outbox.reports(), []) is None, "the one that took their place was received"
    made(outbox, "2026-09", "2026-10-07T06:00", "signed")
    assert open_since(outbox.reports(), []) == at("2026-10-07T06:00")


def test_the_schedule_is_off_until_address_and_key_are_set() -> None:
    assert not ReportSettings(url="https://receiver.example/reports").is_scheduled
    assert not ReportSettings(key_file=Path("key.pem")).is_scheduled
    assert ReportSettings(url="https://receiver.example/reports", key_file=Path("key.pem")).is_scheduled
    for wrong in ({"periods": "week"}, {"periods": ""}, {"day": 0}, {"at": "6:00"}):
        with pytest.raises(ValidationError):
            ReportSettings.model_validate(wrong)


def test_every_day_of_two_years_each_period_is_due_once() -> None:
    seen = []
    now = at("2025-01-03T12:00")
    while now < at("2027-01-01T00:00"):
        (due,) = unmade([], ReportSettings(), now)
        if due not in seen:
            seen.append(due)
            assert due.since <= now < due.since + timedelta(days=1)
        now += timedelta(days=1)
    assert names(seen) == ["2024-12", *(f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13))][:24]
