"""Makes the brief of a day: reads, composes, keeps, sets, sends."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dashboards.brief.compose import compose
from dashboards.brief.files import Folder
from dashboards.brief.model import Brief
from dashboards.brief.page import render, subject, summary
from dashboards.brief.pdf import one_side
from dashboards.brief.reader import (
    feeds,
    read_findings,
    read_reports,
    read_snapshot,
    read_streams,
    reports_are_read,
)
from dashboards.mail.log import Key, Log, State
from dashboards.mail.outbox import Attachment, Mail, Outbox
from dashboards.tables import Tables
from ioc import clock
from ioc.catalogue.load import Catalogue
from ioc.catalogue.owed import LOOK_BACK, missing
from ioc.catalogue.province import Province
from ioc.clock import LOCAL
from ioc.contacts import Contacts
from ioc.errors import ConfigError, RetriableError
from ioc.settings import Settings


@dataclass(frozen=True)
class Made:
    """A brief and its files."""

    brief: Brief
    page: Path
    pdf: Path


def folder_of(settings: Settings) -> Folder:
    """The folder that the settings name."""
    return Folder(settings.brief.directory or settings.embedded.data_dir / "briefs")


def gather(tables: Tables, catalogue: Catalogue, province: Province, since: date | None, before: Brief | None) -> Brief:
    """Reads what stands now and composes the brief of today.

    Args:
        tables: ClickHouse, as a user who may read everything.
        catalogue: the one in force.
        province: the one in force.
        since: reports that were due earlier are not asked for; None: the last due one of each series.
        before: an earlier brief, to tell changes from.

    Raises:
        RetriableError: ClickHouse is away, or holds no figures yet.
        RefusedError: it refuses.
        CalendarError: the calendar does not hold the year.
    """
    now = clock.now()
    today = now.astimezone(LOCAL).date()
    snapshot = read_snapshot(tables, now)
    if snapshot is None:
        raise RetriableError("there are no figures yet: indicator_now is empty")
    streams = read_streams(tables)
    owed = None
    if reports_are_read(streams):
        # A period can be as long again as the time to report on it.
        reports = read_reports(tables, (since or today) - LOOK_BACK - LOOK_BACK)
        owed = missing(catalogue, province, reports, since, today)
    return compose(snapshot, now, province.name.vi, owed, read_findings(tables), feeds(streams), before)


def make(
    settings: Settings,
    catalogue: Catalogue,
    province: Province,
    contacts: Contacts | None,
    day: date | None = None,
    out: Path | None = None,
) -> Made:
    """The brief of a day as page and PDF: what was kept of that day, or, of today, what is read now and kept.

    Args:
        settings: where ClickHouse and the folder are.
        catalogue: the one in force.
        province: the one in force.
        contacts: from when on reports are asked for.
        day: local day; None: today.
        out: another folder; None: that of the settings.

    Raises:
        ConfigError: there is no brief of an earlier day; the font or Debian's libraries are missing.
        RetriableError: ClickHouse is away, or holds no figures yet.
        RefusedError: it refuses.
        FatalError: a kept brief is damaged.
    """
    own = folder_of(settings)
    folder = own if out is None else Folder(out)
    today = clock.now().astimezone(LOCAL).date()
    brief = folder.read(day or today)
    if brief is None and day not in (None, today):
        brief = own.read(day) if day else None
        if brief is None:
            raise ConfigError(
                f"no brief of {day} was made: {own.path(day or today, 'json')} is not there; figures of then: `ioc asof`"
            )
    if brief is None:
        before = folder.before(today) or own.before(today)
        with Tables(settings.clickhouse, settings.clickhouse.analyst) as tables:
            since = contacts.since if contacts else None
            brief = folder.keep(gather(tables, catalogue, province, since, before))
    pdf, limits = one_side(brief)
    page = folder.write(brief.day, "html", render(brief, limits).encode())
    return Made(brief, page, folder.write(brief.day, "pdf", pdf))


def send(made: Made, recipients: Sequence[str], log: Log, outbox: Outbox) -> Counter[State]:
    """Sends a brief to those who did not get it; how many mails came to which state. Raises as `Outbox.send` does."""
    brief = made.brief
    kept = log.kept(brief.day - timedelta(days=1))
    keys = [Key("brief", "", "", brief.day, 0, recipient) for recipient in sorted(set(recipients))]
    pdf = Attachment(made.pdf.name, made.pdf.read_bytes(), "pdf")
    page = made.page.read_text(encoding="utf-8")
    return outbox.send(
        [
            Mail((key,), subject(brief), summary(brief), page, (pdf,))
            for key in keys
            if key not in kept or not kept[key].settled
        ]
    )
