"""`ioc brief`: the daily brief for leaders as PDF and as a page."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import ConfigError
from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("brief")(brief)


def brief(
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Local day; an earlier one as it was made then.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; by default brief.directory.")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it to those in mail.contacts who did not get it yet.")
    ] = False,
) -> None:
    """Writes the brief of a day: off target, late units, largest changes, findings, how fresh the data are.

    The brief of a day is made once; later it is written again as it was. In another folder than brief.directory it is made anew.
    """
    import threading

    from dashboards.brief import make
    from dashboards.mail.outbox import open_outbox
    from ioc.catalogue.load import load_catalogue, load_province
    from ioc.contacts import load_contacts
    from ioc.metrics import Metrics

    settings = load_settings()
    catalogue = load_catalogue(settings.catalogue.directory)
    province = load_province(settings.catalogue.province, settings.catalogue.directory)
    contacts = load_contacts(settings.mail.contacts, province) if settings.mail.contacts else None
    if send and contacts is None:
        raise ConfigError("mail.contacts names no file: nobody would get the brief")
    made = make.make(settings, catalogue, province, contacts, date.date() if date else None, out)
    typer.echo(f"{made.pdf}\n{made.page}")
    if send and contacts is not None:
        with (
            make.folder_of(settings).only_one(),
            open_outbox(settings, Metrics("brief"), threading.Event()) as (log, outbox),
        ):
            states = make.send(made, contacts.brief.to, log, outbox)
        typer.echo(", ".join(f"{count} {state}" for state, count in states.items()) or "everybody has it already")
