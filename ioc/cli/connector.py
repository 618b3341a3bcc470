"""`ioc connector`: write a new one, run the suite on it, see what it would publish, list all."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ioc.errors import ConfigError
from ioc.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Sources: those that are built in, and those beside the package.")

NEW_DIRECTORY = Path("connectors")
"""Where a new connector goes when the settings name no folder."""

Name = Annotated[str, typer.Argument(help="Name of the source.")]


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    parent.add_typer(app, name="connector")


@app.command()
def new(
    name: Name,
    kind: Annotated[str, typer.Option(help="Kind of what it reports, for example feedback_case.")],
    facet: Annotated[str | None, typer.Option(help="Facet of the kind; absent: its first.")] = None,
    directory: Annotated[Path | None, typer.Option(help="Folder; absent: sources.directory, else connectors.")] = None,
) -> None:
    """Writes a working source and its test, and prints the settings that switch it on."""
    from ingest.kit import scaffold

    folder = directory or load_settings().sources.directory or NEW_DIRECTORY
    for file in scaffold.write(name, folder, scaffold.target_of(kind, facet)):
        typer.echo(f"# wrote {file}")
    typer.echo("# into the settings file:")
    typer.echo(scaffold.settings_table(name, folder), nl=False)
    typer.echo(f"# then: ioc connector check {name}; ioc connector run {name} --dry-run --limit 5", err=True)


@app.command()
def check(
    name: Name,
    directory: Annotated[Path | None, typer.Option(help="Folder; absent: sources.directory, else connectors.")] = None,
    way: Annotated[list[str] | None, typer.Option(help="Only this way; may be given again.")] = None,
) -> None:
    """Runs the conformance suite on a source; exit code 1 when it fails in any way."""
    from ingest.kit.check import check as run_suite
    from ingest.kit.check import tests_of
    from ingest.kit.systems import BUILT_IN

    builtin = name in BUILT_IN
    folder = directory or (None if builtin else load_settings().sources.directory or NEW_DIRECTORY)
    results = run_suite(tests_of(name, folder, builtin), way or ())
    table = Table(box=None, pad_edge=False)
    for heading in ("way", "", "tests"):
        table.add_column(heading, justify="right" if heading == "tests" else "left")
    for result in results:
        said = "FAILED" if result.failed else "ok" if result.passed else "NOT TESTED"
        table.add_row(result.way, said, str(result.passed + len(result.failed)))
    Console(soft_wrap=True).print(table)
    if any(result.failed or not result.passed for result in results):
        raise typer.Exit(1)


@app.command("run")
def run_(
    name: Name,
    dry: Annotated[bool, typer.Option("--dry-run", help="Print what would be published; nothing else is offered.")],
    stream: Annotated[str | None, typer.Option(help="Only this stream.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many lines a stream.")] = None,
    from_cursor: Annotated[str | None, typer.Option(help="Begin at this cursor; absent: at the beginning.")] = None,
) -> None:
    """Prints the events that a source would publish, one a line, and its dead letters; writes nothing, moves no cursor."""
    from ingest.kit.dryrun import dry_run
    from ingest.kit.systems import system_named

    if not dry:
        raise ConfigError("write --dry-run; `ioc run ingest` runs the connectors")
    settings = load_settings()
    system = system_named(settings.sources, name)
    try:
        chosen = [one for one in system.streams if stream in (None, one.stream)]
        if not chosen:
            known = ", ".join(one.stream for one in system.streams) or "none: its settings configure no stream"
            raise ConfigError(f"{name} has no stream {stream!r}; there is {known}")
        for one in chosen:
            tally = dry_run(
                one, hash_key=settings.privacy.hash_key, requests_per_s=system.requests_per_s,
                show=typer.echo, limit=limit, cursor=from_cursor,
            )  # fmt: skip
            letters = ", ".join(f"{count} {reason}" for reason, count in sorted(tally.letters.items())) or "none"
            unknown = ", ".join(f"{field} ({count})" for field, count in sorted(tally.unknown.items())) or "none"
            end = "the source has no more" if tally.ended else "stopped at the limit"
            sys.stderr.write(
                f"{name}/{one.stream}: {tally.events} events read, dead letters: {letters}, unknown fields: {unknown}; "
                f"{end}; cursor {tally.cursor}\n"
            )
    finally:
        system.close()


@app.command("list")
def list_(
    directory: Annotated[Path | None, typer.Option(help="Folder; absent: sources.directory, else connectors.")] = None,
) -> None:
    """Every source: its streams, what they are about, whether it is switched on."""
    from ingest.kit.systems import listed

    sources = load_settings().sources
    table = Table(box=None, pad_edge=False)
    for heading in ("source", "stream", "about", "on", "from"):
        table.add_column(heading)
    for line in listed(sources, directory or sources.directory or NEW_DIRECTORY):
        table.add_row(line.name, line.stream, line.about, "yes" if line.enabled else "no", line.home)
    Console(soft_wrap=True).print(table)
