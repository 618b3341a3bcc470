"""`ioc migrate`: brings ClickHouse to the shape that this version needs."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from ioc import clock, generations
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.profile import check_targets, load_province
from ioc.catalogue.province import Province
from ioc.contacts import with_contacts
from ioc.contracts.generation import GenerationRecord, LiveNote
from ioc.errors import FatalError
from ioc.kafka.admin import ensure_topics, topic_ids
from ioc.kafka.producer import Producer
from ioc.settings import Settings, load_settings
from ioc.topics import FIXED_TOPICS, events

if TYPE_CHECKING:
    from sinks.clickhouse.migrate import Report


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("migrate")(migrate_command)


def migrate(settings: Settings) -> "Report":
    """Makes topics and tables, loads catalogue and province, registers the generation; doing it again changes nothing.

    The first generation goes live at once, any other when it is deployed.

    Raises:
        ConfigError: catalogue or province are wrong.
        FatalError: the database is not what this version knows, or a server refuses.
        RetriableError: a server is away.
    """
    from sinks.clickhouse.access import apply_access
    from sinks.clickhouse.client import Client
    from sinks.clickhouse.migrate import migrate as apply
    from sinks.clickhouse.render import Target

    directory = settings.catalogue.directory
    catalogue = load_catalogue(directory)
    province = with_contacts(load_province(settings.catalogue.province, directory), settings.mail.contacts)
    check_targets(province, catalogue.indicators)
    ensure_topics(settings.kafka.bootstrap, FIXED_TOPICS, settings.kafka.replication)
    kinds = sorted({rollup.kind for rollup in catalogue.compiled.rollups.values()})
    ids = topic_ids(settings.kafka.bootstrap, [events(kind).name for kind in kinds])
    target = Target(settings.clickhouse.database, settings.clickhouse.cluster)
    register = generations.read_register(settings.kafka.bootstrap)
    with Client(settings.clickhouse, settings.clickhouse.admin) as client:
        report = apply(
            client,
            target,
            catalogue,
            province,
            ids,
            registered=lambda name: _registered(register, name, province.code, settings.mail.contacts),
        )
        if not settings.embedded.clickhouse:
            report.applied += apply_access(client, target, settings.clickhouse)
    _tell(settings, register, generations.record_of(catalogue, directory, ids), report.live)
    return report


def _registered(
    register: generations.Register, generation: str, province: str, contacts: Path | None
) -> tuple[Catalogue, Province] | None:
    """The catalogue of a generation and the profile beside it, as far as this version of the project understands them."""
    record = register.records.get(generation)
    try:
        if record is None:
            return None
        return generations.catalogue_of(record), with_contacts(generations.province_of(record, province), contacts)
    except FatalError:
        return None


def _tell(settings: Settings, register: generations.Register, record: GenerationRecord, live: str) -> None:
    """Registers the catalogue's generation, and tells the workers which one is live if they do not know it."""
    known = register.records.get(record.generation)
    is_known = known is not None and known.files == record.files
    is_told = register.live is not None and register.live.generation == live
    if is_known and is_told:
        return
    with Producer(settings.kafka.bootstrap) as producer:
        if not is_known:
            generations.register(producer, record)
        if not is_told:
            generations.tell_live(producer, LiveNote(generation=live, active_from=clock.now()))


def migrate_command() -> None:
    """Makes the topics, applies the migrations that are missing, loads catalogue and province, registers the generation.

    Running it again changes nothing. Needs the broker, because a generation is of its topics.
    """
    report = migrate(load_settings())
    console = Console(soft_wrap=True)
    for name in report.applied:
        console.print(f"applied {name}")
    for change in report.changed:
        console.print(change)
    if not report.applied and not report.changed:
        console.print("nothing to do")
    console.print(f"generation {report.generation}")
    if report.live != report.generation:
        console.print(waits(report))


def waits(report: "Report") -> str:
    """What to say of a catalogue whose generation is not live."""
    return (
        f"the catalogue counts something else than generation {report.live}, which stays live: run `ioc catalogue deploy` to fold "
        f"{report.generation} beside it and to go over; `ioc catalogue diff` shows what is different"
    )
