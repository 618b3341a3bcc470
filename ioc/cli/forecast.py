"""`ioc forecast`: where indicators with a target will stand at the end of the year."""

from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("forecast")(forecast)


def forecast(
    code: Annotated[str, typer.Option(help="Only this indicator, for example DVC-012.")] = "",
    unit: Annotated[str, typer.Option(help="Only this unit of the province.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    keep: Annotated[bool, typer.Option(help="Store them in the table forecasts.")] = True,
) -> None:
    """Projects every indicator with a target to the end of the running year, with a 90% interval, and says how."""
    from sinks.clickhouse.client import Client
    from sinks.forecast.run import forecasts, store

    settings = load_settings()
    with Client(settings.clickhouse, settings.clickhouse.writer) as client:
        made = forecasts(client, settings.clickhouse.database, code.upper(), unit)
        if keep:
            store(client, settings.clickhouse, made)
    if as_json:
        typer.echo(msgspec.json.encode([asdict(one) for one in made]).decode())
        return
    table = Table("indicator", "unit", "end of year", "90% interval", "target", "on track", "how")
    for one in made:
        value, interval = ("-", "-") if one.value is None else (f"{one.value:.6g}", f"{one.low:.6g} … {one.high:.6g}")
        how = one.method if not one.periods else f"{one.method}, {one.periods} periods"
        table.add_row(one.code, one.unit, value, interval, f"{one.target:g}", one.on_track, how)
    Console(soft_wrap=True).print(table)
