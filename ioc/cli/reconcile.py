"""`ioc reconcile`: does the fold say what the tables say?"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ioc.settings import load_settings

_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("reconcile")(reconcile)


def reconcile(
    indicator: Annotated[str, typer.Option(help="Only this indicator, for example DVC-001.")] = "",
    sector: Annotated[str, typer.Option(help="Only the indicators of a sector, for example DVC.")] = "",
    unit: Annotated[str, typer.Option(help="Only the values of this unit and the cells that count in it.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only days and periods that begin on this day or later."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds to wait, at most, for what may explain a difference.")
    ] = 300.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
) -> None:
    """Compares every cell, every sealed day and every indicator at all levels and in all periods with the oracle; exit code 1 when anything differs."""
    from sinks.reconcile import Asked
    from sinks.reconcile import reconcile as compare

    asked = Asked(indicator, sector, unit, since.date() if since else None)
    result = compare(load_settings(), asked, timeout)
    if as_json:
        typer.echo(msgspec.json.encode(asdict(result)).decode())
    else:
        console = Console(soft_wrap=True)
        summary = Table(show_header=False)
        for name, value in (
            ("rollups", result.rollups),
            ("cells compared", result.cells),
            ("indicators compared", result.indicators),
            ("their values compared", result.values),
            ("differences", len(result.differences)),
            ("left out: not settled", len(result.left_out)),
            ("quiet from begin to end", "yes" if result.quiet else "no"),
            ("seconds", f"{result.seconds:.1f}"),
        ):
            summary.add_row(name, str(value))
        console.print(summary)
        if result.differences:
            listed = Table("what", "shown", "by the oracle")
            for difference in result.differences[:_SHOWN]:
                listed.add_row(difference.what, str(difference.fold), str(difference.oracle))
            console.print(listed)
        for what in result.left_out[:_SHOWN]:
            console.print(f"left out: {what}")
    raise typer.Exit(1 if result.differences else 0)
