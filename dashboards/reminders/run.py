"""One round of reminders: what is missing, and who is to be told today."""

from dataclasses import dataclass
from datetime import timedelta

from dashboards.brief.reader import read_reports, read_streams, reports_are_read
from dashboards.mail.log import Log
from dashboards.mail.outbox import Mail
from dashboards.reminders.contacts import Book
from dashboards.reminders.plan import matters, plan
from dashboards.reminders.rules import Due, Matter
from dashboards.tables import Tables
from ioc import clock
from ioc.catalogue.load import Catalogue
from ioc.catalogue.owed import LOOK_BACK, missing
from ioc.catalogue.province import Province
from ioc.clock import LOCAL
from ioc.contacts import Contacts
from ioc.settings import Settings


@dataclass(frozen=True)
class Round:
    """What a round found.

    Attributes:
        reports_read: reports were read lately; without that nobody is reminded of one.
        mails: what is to be sent, with the steps that are in each.
        unaddressed: matters that there is no address for.
    """

    reports_read: bool
    mails: list[tuple[Mail, list[Due]]]
    unaddressed: list[Matter]


def look(settings: Settings, catalogue: Catalogue, province: Province, contacts: Contacts) -> Round:
    """What is to be sent today; sends nothing.

    Raises:
        RetriableError: ClickHouse is away.
        RefusedError: it refuses.
        CalendarError: the calendar does not hold the year.
    """
    today = clock.now().astimezone(LOCAL).date()
    # Who was written to is not for everybody with SQL: the log is read by who writes it.
    with Tables(settings.clickhouse, settings.clickhouse.writer) as tables:
        kept = Log(tables).kept(contacts.since - LOOK_BACK)
    with Tables(settings.clickhouse, settings.clickhouse.analyst) as tables:
        streams = read_streams(tables)
        readable = reports_are_read(streams)
        reports = read_reports(tables, contacts.since - LOOK_BACK - LOOK_BACK) if readable else []
    owed = missing(catalogue, province, reports, contacts.since, today) if readable else []
    names = {unit.code: unit.name.vi for unit in province.unit}
    # A stream whose reports nobody can read is itself a matter: it is told as a silent source.
    since = contacts.since - timedelta(days=1)
    found = [one for one in matters(owed, streams, names, today) if one.about == "report" or one.start > since]
    return Round(readable, *plan(found, kept, Book(contacts, province, today), names, today))
