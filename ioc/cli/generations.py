"""`ioc catalogue deploy | back | generations | drop | diff`: from one catalogue to another, and back."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from ioc import generations
from ioc.catalogue.diff import diff, in_words
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Province
from ioc.cli.migrate import migrate
from ioc.cli.tables import console
from ioc.clock import LOCAL
from ioc.contracts.generation import GenerationRecord
from ioc.contracts.kinds import KINDS
from ioc.errors import ConfigError, FatalError
from ioc.kafka.admin import delete_topics
from ioc.kafka.groups import delete_group, members
from ioc.kafka.producer import Producer
from ioc.settings import Settings, load_settings
from ioc.topics import state

if TYPE_CHECKING:
    from sinks.clickhouse.generations import Known

_SHOWN = 20
_SESSION_S = 15.0

Timeout = Annotated[float, typer.Option(min=1, help="Seconds that it may take; what was folded by then is kept.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
NoWorker = Annotated[
    bool, typer.Option("--no-worker", help="A worker with worker.generation runs elsewhere; start none here.")
]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to `ioc catalogue`."""
    app.command("deploy")(deploy)
    app.command("back")(back)
    app.command("generations")(list_)
    app.command("drop")(drop)
    app.command("diff")(diff_)


def deploy(timeout: Timeout = 24 * 3600.0, yes: Yes = False, no_worker: NoWorker = False) -> None:
    """Folds the catalogue's generation beside the live one and goes live with it when its cells are equal to the tables.

    A deploy that died is resumed by running it again. Exit code 1: cells differ, the live generation stays live.
    """
    settings = load_settings()
    report = migrate(settings)
    if report.live == report.generation:
        typer.echo(f"generation {report.generation} is live already")
        return
    register = generations.read_register(settings.kafka.bootstrap)
    live = register.records.get(report.live)
    if live is not None and not yes:
        _tell_difference(_registered(settings, live), _in_folder(settings, settings.catalogue.directory))
    if not yes:
        typer.confirm(f"Fold generation {report.generation} and go over from {report.live}?", abort=True)
    _go_live(settings, register.records[report.generation], timeout, no_worker=no_worker)


def back(
    generation: Annotated[str, typer.Argument(help="Which; by default the one that was live before.")] = "",
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Switch now; the worker catches up afterwards, uncompared.")
    ] = False,
    timeout: Timeout = 24 * 3600.0,
    no_worker: NoWorker = False,
) -> None:
    """Goes back to a generation that was live: folds what came since, compares, switches."""
    settings = load_settings()
    found = _known(settings)
    wanted = generation or next((one.name for one in found if not one.is_live and one.active_from), "")
    if not wanted:
        raise ConfigError("no generation was live before this one; `ioc catalogue generations` shows all")
    if any(one.name == wanted and one.is_live for one in found):
        typer.echo(f"generation {wanted} is live already")
        return
    record = generations.read_register(settings.kafka.bootstrap).records.get(wanted)
    if record is None:
        raise ConfigError(f"generation {wanted} is not registered; `ioc catalogue generations` shows all")
    if at_once:
        _switch(settings, record)
    else:
        _go_live(settings, record, timeout, no_worker=no_worker)


def list_() -> None:
    """All generations: which is live, which are folded, how much they hold."""
    settings = load_settings()
    register = generations.read_register(settings.kafka.bootstrap)
    shown = Table("generation", "state", "workers", "cells", "live since", "registered")
    for one in _known(settings):
        record = register.records.get(one.name)
        workers = len(members(settings.kafka.bootstrap, generations.fold_group(one.name)))
        state_of = "live" if one.is_live else "folding" if workers else "old" if one.active_from else "waiting"
        since = f"{one.active_from.astimezone(LOCAL):%Y-%m-%d %H:%M}" if one.active_from else "never"
        begun = f"{record.registered_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if record else "not registered"
        shown.add_row(one.name, state_of, str(workers), str(one.cells), since, begun)
    console().print(shown)


def drop(generation: Annotated[str, typer.Argument(help="Which; not the live one.")]) -> None:
    """Removes a generation for good: its rows, the state of its fold, its consumer group. It cannot be gone back to."""
    from sinks.clickhouse import generations as tables
    from sinks.clickhouse.client import Client
    from sinks.clickhouse.render import Target

    settings = load_settings()
    bootstrap = settings.kafka.bootstrap
    one = next((known for known in _known(settings) if known.name == generation), None)
    if one is None:
        raise ConfigError(f"there is no generation {generation}; `ioc catalogue generations` shows all")
    if one.is_live:
        raise ConfigError(f"generation {generation} is live; deploy another or go back to one before")
    # A worker that has gone over or was stopped is in the group until its session ends.
    until = time.monotonic() + _SESSION_S
    while present := members(bootstrap, generations.fold_group(generation)):
        if time.monotonic() > until:
            raise FatalError(f"generation {generation} is being folded by {', '.join(present)}; stop that worker first")
        time.sleep(0.5)
    with Producer(bootstrap) as producer:
        generations.forget(producer, generation)
    delete_topics(bootstrap, [state(kind, generation).name for kind in KINDS])
    delete_group(bootstrap, generations.fold_group(generation))
    with Client(settings.clickhouse, settings.clickhouse.admin) as client:
        tables.drop(client, Target(settings.clickhouse.database, settings.clickhouse.cluster), generation)
    typer.echo(f"generation {generation} is gone, with {one.cells} cells")


def diff_(
    directory: Annotated[
        Path | None, typer.Argument(help="Folder with `indicators`; absent: catalogue.directory of the settings.")
    ] = None,
    packaged: Annotated[
        bool, typer.Option("--packaged", help="Compare with the catalogue of the package, not with the live one.")
    ] = False,
) -> None:
    """What a catalogue has otherwise than the live one: + came, - went, ! counts something else, ~ is told otherwise.

    Exit code 1 when anything is different.
    """
    settings = load_settings()
    first = _in_folder(settings, None) if packaged else _live(settings)
    if _tell_difference(first, _in_folder(settings, directory or settings.catalogue.directory)):
        raise typer.Exit(1)


def _tell_difference(first: tuple[Catalogue, Province], second: tuple[Catalogue, Province]) -> bool:
    """Prints what is different; whether anything is."""
    found = diff(first[0], second[0], (first[1], second[1]))
    for line in in_words(found, first[0], second[0]):
        typer.echo(line)
    if found.is_empty:
        typer.echo("no difference")
    return not found.is_empty


def _in_folder(settings: Settings, directory: Path | None) -> tuple[Catalogue, Province]:
    return load_catalogue(directory), load_province(settings.catalogue.province, directory)


def _registered(settings: Settings, record: GenerationRecord) -> tuple[Catalogue, Province]:
    return generations.catalogue_of(record), generations.province_of(record, settings.catalogue.province)


def _live(settings: Settings) -> tuple[Catalogue, Province]:
    register = generations.read_register(settings.kafka.bootstrap)
    record = register.records.get(register.live.generation) if register.live else None
    if record is None:
        raise ConfigError("no live generation is registered; run `ioc migrate`, or compare with --packaged")
    return _registered(settings, record)


def _known(settings: Settings) -> "list[Known]":
    from sinks.clickhouse.client import Client
    from sinks.clickhouse.generations import known

    with Client(settings.clickhouse, settings.clickhouse.admin) as client:
        return known(client, settings.clickhouse.database)


def _go_live(settings: Settings, record: GenerationRecord, timeout: float, *, no_worker: bool) -> None:
    from ioc.cli.going_live import fold_and_compare

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(kinds: Mapping[str, tuple[int, int]]) -> None:
            for kind, (done, total) in kinds.items():
                if total and kind not in tasks:
                    tasks[kind] = bars.add_task(kind)
                if total:
                    bars.update(tasks[kind], completed=done, total=total)

        result = fold_and_compare(
            settings, record, own_worker=not no_worker, timeout_s=timeout, say=bars.console.print, show=show
        )
    if result.wrong:
        listed = Table("rollup", "unit", "bucket", "fold", "tables")
        for (rollup_id, unit, bucket), (fold, oracle) in sorted(result.wrong.items())[:_SHOWN]:
            listed.add_row(rollup_id, unit, str(bucket), str(list(fold)), str(list(oracle)))
        console().print(listed)
        typer.echo(f"{len(result.wrong)} of {result.cells} cells differ: the live generation stays live")
        raise typer.Exit(1)
    for rollup_id, unit, bucket in result.left_out[:_SHOWN]:
        typer.echo(f"changed from look to look and not compared: {rollup_id} unit={unit} bucket={bucket}")


def _switch(settings: Settings, record: GenerationRecord) -> None:
    from ioc.cli.going_live import switch
    from sinks.clickhouse.client import Client

    with (
        Client(settings.clickhouse, settings.clickhouse.admin) as client,
        Producer(settings.kafka.bootstrap) as producer,
    ):
        switch(settings, client, producer, record, generations.catalogue_of(record))
    typer.echo(f"generation {record.generation} is live")
