"""`ioc asof DATE CODE`: an indicator as it was known at the end of a day."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from ioc.catalogue.load import load_catalogue
from ioc.cli.catalogue import find
from ioc.cli.tables import console
from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("asof")(asof)


def asof(
    day: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], help="Local day, for example 2025-06-30.", metavar="DATE")
    ],
    code: Annotated[str, typer.Argument(help="Code of the indicator, for example DVC-002.")],
    unit: Annotated[str, typer.Option(help="Only this unit of the province.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """An indicator as it was known at the end of a day: what was read later does not count, units are those of the day."""
    from sinks.asof import as_known
    from sinks.clickhouse.client import Client

    settings = load_settings()
    catalogue = load_catalogue(settings.catalogue.directory)
    indicator = find(catalogue, code)
    on = date(day.year, day.month, day.day)
    # A whole history is read: more than an analyst may take.
    with Client(settings.clickhouse, settings.clickhouse.writer) as client:
        known = as_known(client, settings.clickhouse.database, catalogue, indicator.code, on, unit)
    if as_json:
        typer.echo(msgspec.json.encode([asdict(one) for one in known]).decode())
        return
    typer.echo(f"{indicator.code} {indicator.name.vi} ({indicator.unit}), as known at the end of {on}")
    table = Table("level", "unit", "period", "from", "numerator", "denominator", "value", "reports")
    for one in known:
        shown = (
            one.level,
            one.unit,
            one.period_grain,
            one.period_start,
            one.numerator,
            one.denominator,
            one.value,
            one.reported,
        )
        table.add_row(
            *("-" if part is None else f"{part:.6g}" if isinstance(part, float) else str(part) for part in shown)
        )
    console().print(table)
