"""`ioc feeds`: what each stream, and each unit that reports itself, has told last, and how much came of it."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ioc.cli.tables import console as wide
from ioc.clock import LOCAL
from ioc.settings import load_settings
from sinks.clickhouse.client import Client
from sinks.feeds import FeedState, feed_states


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("feeds")(feeds)


def feeds(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: times in UTC, ages in seconds.")] = False,
) -> None:
    """Each (source, stream, unit): age, time of the source, records of the last hour and day, rejected, late, unknown fields."""
    settings = load_settings()
    with Client(settings.clickhouse, settings.clickhouse.analyst, timeout_s=30) as client:
        states = feed_states(client, settings.clickhouse.database)
    states = [state for state in states if source in ("", state.source)]
    if as_json:
        typer.echo(json.dumps([asdict(state) for state in states], indent=1, ensure_ascii=False, default=_plain))
    else:
        show(states)


def show(states: list[FeedState], console: Console | None = None) -> None:
    """Prints a table; times are local."""
    console = console or wide()
    table = Table(box=None, pad_edge=False)
    for heading in ("source", "stream", "unit", "freshness"):
        table.add_column(heading)
    for heading in ("age, s", "planned, s", "read up to", "records/h", "records/day", "rejected", "late"):
        table.add_column(heading, justify="right")
    table.add_column("unknown fields")
    for one in states:
        upto = "-" if one.source_time is None else f"{one.source_time.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"
        unit = f"{one.unit} {one.unit_name or '(unknown)'}" if one.unit else "-"
        age = "-" if one.age_s is None else str(one.age_s)
        volumes = (one.records_hour, one.records_day, one.rejected_day, one.late_day)
        table.add_row(
            one.source, one.stream, unit, one.freshness, age, str(one.planned_s), upto, *map(str, volumes),
            ", ".join(one.unknown_fields) or "-",
        )  # fmt: skip
    console.print(table)
    for one in states:
        if one.alert:
            console.print(f"{one.source}/{one.stream}: {one.alert}", highlight=False)


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat().replace("+00:00", "Z")
