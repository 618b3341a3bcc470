"""`ioc reminders`: who has not reported, whom to tell today, and what was sent."""

from typing import Annotated

import typer
from rich.table import Table

from ioc.cli.tables import console
from ioc.clock import LOCAL
from ioc.errors import ConfigError
from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("reminders")(reminders)


def reminders(
    send: Annotated[bool, typer.Option("--send", help="Send what is due now; without it nothing is sent.")] = False,
    log: Annotated[int, typer.Option(min=0, help="Show so many rows of the log of mails instead, newest first.")] = 0,
) -> None:
    """Missing reports and silent sources by recipient and step of the escalation, and whom nobody can tell."""
    import threading

    from dashboards.brief.make import folder_of
    from dashboards.mail.log import Log
    from dashboards.mail.outbox import open_outbox
    from dashboards.reminders.run import Round, look
    from dashboards.tables import Tables
    from ioc.catalogue.load import load_catalogue, load_province
    from ioc.contacts import load_contacts
    from ioc.metrics import Metrics

    settings = load_settings()
    if log:
        with Tables(settings.clickhouse, settings.clickhouse.writer) as tables:
            shown = Table("when", "about", "unit", "series", "period", "step", "recipient", "state", "reply", box=None)
            for one in Log(tables).newest(log):
                key = one.key
                shown.add_row(
                    f"{one.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}", key.about, key.unit, key.series, f"{key.start}",
                    str(key.step), key.recipient, one.state, one.reply,
                )  # fmt: skip
        console().print(shown)
        return
    catalogue = load_catalogue(settings.catalogue.directory)
    province = load_province(settings.catalogue.province, settings.catalogue.directory)
    if settings.mail.contacts is None:
        raise ConfigError("mail.contacts names no file: there is nobody to remind; docs/brief.md says what is in it")
    contacts = load_contacts(settings.mail.contacts, province)

    def show(found: Round) -> None:
        if not found.reports_read:
            typer.echo("reports were not read within three hours: nobody can be said to owe one")
        table = Table("recipient", "step", "about", "of", box=None)
        for mail, dues in found.mails:
            for due in dues:
                table.add_row(mail.recipient, str(due.step), due.matter.text, due.matter.who)
        if found.mails:
            console().print(table)
        for one in found.unaddressed:
            typer.echo(f"no address: {one.who}: {one.text}")

    if not send:
        show(look(settings, catalogue, province, contacts))
        return
    with (
        folder_of(settings).only_one(),
        open_outbox(settings, Metrics("brief"), threading.Event()) as (_, outbox),
    ):
        found = look(settings, catalogue, province, contacts)
        show(found)
        states = outbox.send([mail for mail, _ in found.mails])
    typer.echo(", ".join(f"{count} {state}" for state, count in states.items()) or "nothing to send")
