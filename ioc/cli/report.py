"""`ioc report …`: the report of indicator values to the government's report system."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ioc.clock import LOCAL
from ioc.errors import FatalError
from ioc.settings import Settings, load_settings

if TYPE_CHECKING:
    from dashboards.report.outbox import Outbox, Report

report_app = typer.Typer(
    name="report", help="The report of indicator values to the government's report system.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    app.add_typer(report_app, name="report")


def _outbox(settings: Settings) -> "Outbox":
    from dashboards.report.outbox import Outbox

    return Outbox.of(settings)


@report_app.command()
def key(file: Annotated[Path, typer.Argument(help="Where to put the private key; nothing is written over.")]) -> None:
    """Makes the key that reports are signed with, and prints the public one for the receiver."""
    from dashboards.report.signing import make_key

    typer.echo(make_key(file), nl=False)


@report_app.command()
def make(period: Annotated[str, typer.Argument(help="2026-10, 2026-Q4 or 2026; else the last month.")] = "") -> None:
    """Makes and signs the report of a period; figures that were reported already are not reported again."""
    from dashboards.report.figures import read_figures
    from dashboards.report.make import make as made
    from dashboards.report.period import last_month, period_of
    from dashboards.report.signing import read_key
    from ioc.catalogue.load import load_province

    settings = load_settings()
    signing = read_key(settings.report.key_file)
    asked = period_of(period) if period else last_month(datetime.now(LOCAL).date())
    province = load_province(settings.catalogue.province, settings.catalogue.directory)
    levels = [level.strip() for level in settings.report.levels.split(",")]
    outbox = _outbox(settings)
    with outbox.locked():
        figures = read_figures(settings.clickhouse, settings.clickhouse.analyst, asked, levels)
        report, is_new = made(outbox, province, asked, figures, signing)
    typer.echo(report.id if is_new else f"{report.id} says the same already: nothing new to report")


@report_app.command()
def push(
    name: Annotated[str, typer.Argument(help="One report; else all that have no receipt yet, oldest first.")] = "",
) -> None:
    """Sends reports until their receipts are there; run again, it goes on where it was cut off."""
    from dashboards.report.push import push as send

    settings = load_settings()
    outbox = _outbox(settings)
    with outbox.locked():
        waiting = [outbox.get(name)] if name else [one for one in outbox.reports() if one.state in ("signed", "sent")]
        for one in waiting:
            done = send(outbox, one, settings.report)
            typer.echo(f"{done.id}: {done.state} {done.words}".rstrip())


@report_app.command()
def verify(
    report: Annotated[str, typer.Argument(help="Id of a report in the outbox, its folder, or a ZIP as it was sent.")],
    public_key: Annotated[
        Path | None, typer.Option(help="The sender's public key (PEM); else that of report.key_file.")
    ] = None,
) -> None:
    """Holds a report against its manifest and its signature."""
    from dashboards.report import signing

    settings = load_settings()
    public = (
        public_key.read_text("utf-8") if public_key else signing.public_pem(signing.read_key(settings.report.key_file))
    )
    manifest = signing.verify(_files(report, settings), public)
    typer.echo(
        f"{report}: signature and {len(manifest['files'])} files are right; {manifest['figures']} figures, {manifest['state']}"
    )


@report_app.command("list")
def list_() -> None:
    """What was made, how far it has come, and the receipts."""
    from ioc.cli.tables import console

    table = Table("report", "figures", "as of", "state", "since", "receiver")
    for one in _outbox(load_settings()).reports():
        said = one.manifest
        figures = f"{said['with_value']} of {said['figures']}, {said['state']}"
        table.add_row(
            one.id, figures, said["as_of"], one.state, f"{one.since.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}", one.words
        )
    console().print(table)


def _files(report: str, settings: Settings) -> dict[str, bytes]:
    from dashboards.report.outbox import RECEIPT, STATE

    path = Path(report)
    try:
        if path.is_file():
            with zipfile.ZipFile(path) as packed:
                return {name: packed.read(name) for name in packed.namelist()}
        if path.is_dir():
            kept = [one for one in path.iterdir() if one.is_file() and one.name not in (STATE, RECEIPT)]
            return {one.name: one.read_bytes() for one in kept if not one.name.startswith(".")}
    except (OSError, zipfile.BadZipFile) as error:
        raise FatalError(f"{report}: {error}") from error
    return _of_outbox(_outbox(settings).get(report))


def _of_outbox(report: "Report") -> dict[str, bytes]:
    return report.files()
