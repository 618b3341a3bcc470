"""`ioc export`: the result of a query or of a panel as CSV, XLSX or Parquet."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import ConfigError
from ioc.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("export")(export)


def export(
    sql: Annotated[str, typer.Option(help="The query; `@FILE` reads it from a file.")] = "",
    panel: Annotated[str, typer.Option(help="A panel instead: uid of its dashboard and its number, for example ioc-wall/3; /B names its second query.")] = "",
    var: Annotated[list[str] | None, typer.Option(help="A variable of the dashboard, NAME=VALUE; may be repeated.")] = None,
    form: Annotated[str, typer.Option("--format", help="csv, xlsx or parquet; else as the file is called.")] = "",
    out: Annotated[Path, typer.Option(help="The file; - is standard output.")] = Path("-"),
    vietnamese: Annotated[bool, typer.Option("--vietnamese", help="Vietnamese headings instead of the columns' names.")] = False,
    bom: Annotated[bool, typer.Option("--bom", help="CSV with a byte order mark, so that Excel reads it as UTF-8.")] = False,
) -> None:  # fmt: skip
    """Writes the result of a query or of a panel to a file, as the analyst may read it: times local, dates as dates."""
    from dashboards.export.export import FORMATS, export_bytes, write_file

    chosen = next((one for one in FORMATS if one == (form or out.suffix[1:] or "csv")), None)
    if chosen is None:
        raise ConfigError(f"--format {form or out.suffix[1:]}: one of {', '.join(FORMATS)}")
    if bool(sql) == bool(panel):
        raise ConfigError("name either --sql or --panel")
    settings = load_settings().clickhouse
    own: dict[str, str] = {}
    if panel:
        sql, own = _panel(panel, var or [])
    elif sql.startswith("@"):
        sql = _text(Path(sql[1:]))
    pieces = export_bytes(
        settings, settings.analyst, sql, chosen, vietnamese=vietnamese or bool(panel), own=own, bom=bom
    )
    if out == Path("-"):
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    typer.echo(f"{out}: {write_file(pieces, out)} bytes")


def _panel(panel: str, given: list[str]) -> tuple[str, dict[str, str]]:
    from dashboards.export.panel import panel_query

    values = dict(one.partition("=")[::2] for one in given)
    return panel_query(panel, values)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
