"""`ioc source`: what the connectors do, and what an operator tells them: pause, planned maintenance, accepted listings."""

import difflib
import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ioc import clock
from ioc.cli import orders
from ioc.cli.source_state import SourceState, known_names, source_states
from ioc.cli.tables import console as wide
from ioc.contracts.control import Control
from ioc.errors import ConfigError
from ioc.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="The sources: state, pause, planned maintenance.")

Name = Annotated[str, typer.Argument(metavar="SOURCE[/STREAM]", help="A source, or one of its streams.")]
Force = Annotated[bool, typer.Option("--force", help="Also for a name that nothing was ever read under.")]

_ACCEPTED = timedelta(days=1)


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    parent.add_typer(app, name="source")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Each stream: running, paused, in maintenance or stuck; how old its cursor and heartbeat are; what came of it."""
    states = source_states(load_settings())
    if as_json:
        typer.echo(json.dumps([state.as_json() for state in states], indent=1, ensure_ascii=False))
        return
    show(states)


def show(states: list[SourceState], console: Console | None = None) -> None:
    """Prints a table, and a line for each alert."""
    console = console or wide()
    table = Table(box=None, pad_edge=False)
    for heading in ("stream", "state"):
        table.add_column(heading)
    for heading in ("cursor, s ago", "heartbeat, s ago", "records/day", "rejected", "lag"):
        table.add_column(heading, justify="right")
    table.add_column("unknown fields")
    for one in states:
        figures = (one.cursor_age_s, one.heartbeat_age_s, one.records_day, one.rejected_day, one.lag)
        table.add_row(
            one.name, one.state, *("-" if value is None else str(value) for value in figures),
            ", ".join(one.unknown_fields) or "-",
        )  # fmt: skip
    console.print(table)
    for one in states:
        for said in filter(None, (one.why, one.alert)):
            console.print(f"{one.name}: {said}", highlight=False)


@app.command()
def pause(name: Name, reason: Annotated[str, typer.Option(help="Why.")] = "", force: Force = False) -> None:
    """Reads no more from a source until it is resumed: the page in hand is finished, the cursor stays, figures grow old."""
    settings = load_settings()
    _check(settings, name, force)
    running = [o for o in _exactly(settings, name) if o.action == "pause" and o.is_active(clock.now())]
    if running:
        typer.echo(f"{name} is paused already, since {_local(running[0])}")
        return
    orders.give(settings, orders.order(name, "pause", clock.now(), None, reason))
    typer.echo(f"{name} pauses within two seconds; `ioc source resume {name}` has it go on")


@app.command()
def resume(name: Name) -> None:
    """Has a source read on from its cursor; ends its pause, and a planned maintenance that is under way."""
    settings, now = load_settings(), clock.now()
    source, stream = orders.split(name)
    mine = [
        order
        for order in orders.all_orders(settings)
        if order.source == source and order.is_active(now) and order.action in ("pause", "maintenance")
    ]
    ending = [order for order in mine if stream in ("", order.stream)]
    if ending:
        orders.give(settings, *(orders.ended(order, now) for order in ending))
        typer.echo(f"{name} goes on within two seconds")
    else:
        typer.echo(f"{name} is neither paused nor in maintenance of its own")
    for order in mine:
        if order not in ending and order.stream == "":
            typer.echo(f"but all of {source} is under {order.action}: `ioc source resume {source}` ends that")


@app.command()
def maintain(
    name: Name,
    until: Annotated[str, typer.Option("--to", help="End: ISO 8601, local without an offset.")],
    begin: Annotated[str, typer.Option("--from", help="Begin: ISO 8601, local without an offset, or `now`.")] = "now",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    cancel: Annotated[bool, typer.Option("--cancel", help="Takes back the window that begins then.")] = False,
    force: Force = False,
) -> None:
    """Plans a maintenance of a source: its silence in that window is not held against its figures."""
    settings = load_settings()
    begins, ends = orders.moment(begin), orders.moment(until)
    if ends <= begins:
        raise ConfigError(f"the window ends at {ends:%Y-%m-%d %H:%M}Z, before it begins at {begins:%Y-%m-%d %H:%M}Z")
    if cancel:
        found = [o for o in _exactly(settings, name) if o.action == "maintenance" and o.begins == begins]
        if not found:
            raise ConfigError(f"{name} has no planned maintenance that begins at {begin}; `ioc source list` shows them")
        orders.give(settings, *(o.model_copy(update={"ends": o.begins, "ordered_at": clock.now()}) for o in found))
        typer.echo(f"{name}: the maintenance is taken back")
        return
    _check(settings, name, force)
    orders.give(settings, orders.order(name, "maintenance", begins, ends, reason))
    typer.echo(f"{name}: maintenance planned from {begins:%Y-%m-%d %H:%M}Z to {ends:%Y-%m-%d %H:%M}Z")


@app.command("accept-listing")
def accept_listing(name: Name, reason: Annotated[str, typer.Option(help="Why.")] = "", force: Force = False) -> None:
    """Accepts the next listing of a stream (within a day), however much it has lost: what is gone is published as deleted."""
    settings, now = load_settings(), clock.now()
    _check(settings, name, force)
    orders.give(settings, orders.order(name, "accept_listing", now, now + _ACCEPTED, reason))
    typer.echo(f"{name}: its next listing is accepted")


def _exactly(settings: Settings, name: str) -> list[Control]:
    place = orders.split(name)
    return [order for order in orders.all_orders(settings) if (order.source, order.stream) == place]


def _check(settings: Settings, name: str, force: bool) -> None:
    """Refuses a name that nothing was ever read under: it is most likely misspelt."""
    known = known_names(settings)
    if force or name in known:
        return
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)[:5]
    hint = f"known: {', '.join(near)}" if near else "none is known yet"
    raise ConfigError(f"there is no source or stream {name}; {hint}; --force orders it all the same")


def _local(order: Control) -> str:
    return f"{order.begins.astimezone(clock.LOCAL):%Y-%m-%d %H:%M} ({order.reason or 'no reason given'})"
