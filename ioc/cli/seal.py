"""`ioc seal`: one round of what the sink does every minute for the past."""

from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("seal")(seal)


def seal(
    now: Annotated[
        bool, typer.Option("--now", help="The whole history of states now, not only the portion that a round takes.")
    ] = False,
    again: Annotated[bool, typer.Option(help="Every sealed day again, also where nothing came late.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Counts sealed days again that late events concern, seals days that are old enough, goes on with the history of states."""
    from sinks.past import seal_once

    kept = seal_once(load_settings(), whole=now, again=again)
    if as_json:
        typer.echo(msgspec.json.encode(asdict(kept)).decode())
        return
    table = Table(show_header=False)
    for name, value in (
        ("generation", kept.generation),
        ("rollups", kept.sealed.rollups),
        ("days sealed", kept.sealed.days),
        ("their rows", kept.sealed.rows),
        ("sealed values changed", kept.sealed.changes),
        ("days of states written", kept.states.days),
        ("of them again", kept.states.again),
        ("earlier days left", "yes" if kept.states.left else "no"),
        ("seconds", f"{kept.sealed.seconds + kept.states.seconds:.1f}"),
    ):
        table.add_row(name, str(value))
    Console(soft_wrap=True).print(table)
