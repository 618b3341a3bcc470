"""Reminders by a real mail server: to the unit, then upwards, each once; what was sent stands in the log."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from dashboards.reminders.rules import Matter
from dashboards.reminders.run import look
from ioc import clock
from ioc.calendar import calendar
from ioc.clock import LOCAL
from ioc.contacts import load_contacts
from ioc.contracts.decoder import decoder
from ioc.errors import ConfigError
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from tests.integration.brief.rig import Rig
from tests.wall_world import CATALOGUE, PROVINCE

HOME = "000.00.06.H12"
"""Sở Nội vụ: it answers for CC_RECORDS, which nobody reports in these tables."""

CONTACTS = """
since = {since}
[brief]
[unit."000.00.00.H12"]
leader = ["chu-tich@tinh.example"]
[unit."000.00.06.H12"]
mail = ["van-thu@noi-vu.example"]
leader = ["giam-doc@noi-vu.example"]
[source.made-up]
mail = ["quan-tri@tinh.example"]
"""


@pytest.fixture
def office(rig: Rig) -> Rig:
    """Reports are asked for that were due since the beginning of last month, and every step has its addressee."""
    today = clock.now().astimezone(LOCAL).date()
    since = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    rig.write_contacts(CONTACTS.format(since=since.isoformat()))
    return rig


def owes(rig: Rig) -> list[Matter]:
    """What Sở Nội vụ is to be reminded of."""
    found = look(rig.settings, CATALOGUE, PROVINCE, load_contacts(rig.contacts, PROVINCE))
    return [due.matter for _, dues in found.mails for due in dues if due.matter.unit == HOME]


def report(rig: Rig, series: str, start: date) -> None:
    """Sở Nội vụ reports."""
    moment = datetime(start.year, start.month, start.day, tzinfo=LOCAL).astimezone(UTC)
    data = {
        "series": series, "period_grain": CATALOGUE.series[series].grain, "period_start": f"{moment:%Y-%m-%dT%H:%M:%S}Z",
        "value_milli": 95_000, "numerator_milli": 95_000, "denominator_milli": 100_000, "contradictory": False,
    }  # fmt: skip
    stamp = f"{clock.now():%Y-%m-%dT%H:%M:%S}Z"
    event = {
        "source": "made-up", "kind": "statistic", "entity": f"{series}/{HOME}/{start}", "facet": "figure", "version": 1 << 20,
        "deleted": False, "unit": HOME, "occurred_at": stamp, "observed_at": stamp, "data": data,
    }  # fmt: skip
    columns, _ = history_rows("statistic", decoder("statistic")(msgspec.json.encode([event])))
    with Client(rig.world.settings, rig.world.settings.admin) as client:
        names = [column.name for column in history_columns("statistic")]
        client.insert(f"{rig.world.database}.statistic_history", names, columns)


def working_days_later(days: int) -> datetime:
    """Noon of the day that lies so many working days after today."""
    day = clock.now().astimezone(LOCAL).date()
    while days:
        day += timedelta(days=1)
        days -= calendar().is_working(day)
    return datetime(day.year, day.month, day.day, 12, tzinfo=LOCAL)


def test_a_unit_is_reminded_once_and_then_its_leader(office: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = owes(office)
    assert expected, "reports of last month are late by now"
    duty = office.office()
    assert duty.remind() is True
    by_recipient = dict(office.mail.taken)
    text = by_recipient["van-thu@noi-vu.example"].get_content()
    assert "Sở Nội vụ" in text
    assert "CC_RECORDS" in text
    assert "đã có 0/1 báo cáo" in text
    first = Counter(recipient for recipient, _ in office.mail.taken)
    assert first["van-thu@noi-vu.example"] == 1
    assert "giam-doc@noi-vu.example" not in first
    told = office.states("report")
    assert Counter(row[4] for row in told)["sending"] == Counter(row[4] for row in told)["sent"]

    duty.remind()
    assert Counter(recipient for recipient, _ in office.mail.taken) == first, "the same is not told twice"

    with monkeypatch.context() as patched:
        later = working_days_later(3)
        patched.setattr(clock, "now", lambda: later.astimezone(UTC))
        office.world.heartbeat()
        patched.setattr("dashboards.reminders.run.reports_are_read", lambda _: True)
        assert duty.remind() is True
        text = next(message for to, message in office.mail.taken if to == "giam-doc@noi-vu.example").get_content()
        assert "lãnh đạo phụ trách" in text
        assert "CC_RECORDS" in text
    assert max(row[2] for row in office.states("report") if row[0] == HOME) == 1


def test_a_report_that_came_is_not_asked_for(office: Rig) -> None:
    before = {(one.series, one.start) for one in owes(office)}
    start = max(start for series, start in before if series == "CC_RECORDS")
    report(office, "CC_RECORDS", start)
    try:
        assert {(one.series, one.start) for one in owes(office)} == before - {("CC_RECORDS", start)}
    finally:
        with Client(office.world.settings, office.world.settings.admin) as client:
            client.execute(
                f"ALTER TABLE {office.world.database}.statistic_history DELETE WHERE unit = '{HOME}' SETTINGS mutations_sync = 2"
            )


def test_a_refusal_for_now_waits_and_one_for_good_is_kept(office: Rig) -> None:
    office.mail.at_recipient = lambda address: "451 greylisted" if address.startswith("van-thu") else "550 unknown"
    duty = office.office()
    assert duty.remind() is False
    assert office.mail.taken == []
    newest = {(row[3], row[4]) for row in office.states("report")}
    assert ("van-thu@noi-vu.example", "deferred") in newest
    assert ("chu-tich@tinh.example", "refused") in newest
    office.mail.at_recipient = lambda _: None
    assert duty.remind() is True
    assert {recipient for recipient, _ in office.mail.taken} == {"van-thu@noi-vu.example"}
    replies = office.world.query("SELECT DISTINCT reply FROM mails WHERE state = 'refused'")
    assert replies == [("550 unknown",)]


def test_a_mail_server_that_is_away_loses_nothing(office: Rig) -> None:
    duty = office.office()
    office.mail.stop()
    assert duty.remind() is False
    office.mail.start()
    assert duty.remind() is True
    assert "van-thu@noi-vu.example" in {recipient for recipient, _ in office.mail.taken}


def test_a_mail_that_may_have_gone_out_is_not_sent_again(office: Rig) -> None:
    office.mail.at_text = lambda _: "take and break"
    duty = office.office()
    assert duty.remind() is True
    office.mail.at_text = lambda _: None
    duty.remind()
    assert set(Counter(recipient for recipient, _ in office.mail.taken).values()) == {1}
    assert {row[4] for row in office.states("report")} == {"sending", "unknown"}


def test_a_silent_source_is_told_and_then_nobody_owes_a_report(office: Rig) -> None:
    office.world.heartbeat(timedelta(hours=5))
    try:
        assert office.office().remind() is False, "the reports are made up for when they are read again"
    finally:
        office.world.heartbeat()
    ((recipient, message),) = office.mail.taken
    assert recipient == "quan-tri@tinh.example"
    assert "Nguồn made-up/all: không có tin từ" in message.get_content()
    assert office.states("report") == []


def test_a_password_that_is_refused_is_said_and_the_reminders_wait(office: Rig) -> None:
    duty = office.office()
    outbox_settings = office.settings.model_copy(
        update={"mail": office.settings.mail.model_copy(update={"user": "nobody"})}
    )
    duty._settings = outbox_settings
    with pytest.raises(ConfigError, match=r"mail\.user, mail\.password"):
        duty.remind()
    assert {row[4] for row in office.states("report")} == {"sending", "deferred"}
    assert office.office().remind() is True
    assert "van-thu@noi-vu.example" in {recipient for recipient, _ in office.mail.taken}
