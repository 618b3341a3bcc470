"""`ioc keep`: living entities that nobody spoke of for long are published again."""

from typing import Annotated

import typer
from rich.table import Table

from ioc.cli.tables import console
from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("keep")(keep)


def keep(
    older_than: Annotated[
        float | None, typer.Option(min=0, help="Not heard of for so many days; by default keeper.older_than_days.")
    ] = None,
) -> None:
    """One round of the keeper: what is open, due or reported and was not heard of for long is published again from the tables.

    The sink does it every day. Figures do not change by it; a new generation finds in the log what it needs.
    """
    from ioc.kafka.producer import Producer
    from sinks.caretaker import keep as one_round
    from sinks.clickhouse.client import Client

    settings = load_settings()
    with (
        Client(settings.clickhouse, settings.clickhouse.writer) as client,
        Producer(settings.kafka.bootstrap) as producer,
    ):
        kept = one_round(settings, client, producer, older_than)
    shown = Table("kind", "entities")
    for kind, count in kept.entities.items():
        shown.add_row(kind, str(count))
    if kept.entities:
        console().print(shown)
    typer.echo(f"{sum(kept.entities.values())} entities kept, {kept.events} events, {kept.seconds:.1f} s")
