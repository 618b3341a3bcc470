"""`ioc migrate`: brings ClickHouse to the shape that this version needs."""

from typing import TYPE_CHECKING

import typer
from rich.console import Console

from ioc.catalogue.load import load_catalogue, load_province
from ioc.kafka.admin import ensure_topics, topic_ids
from ioc.settings import Settings, load_settings
from ioc.topics import FIXED_TOPICS, events

if TYPE_CHECKING:
    from sinks.clickhouse.migrate import Report


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("migrate")(migrate_command)


def migrate(settings: Settings) -> "Report":
    """Makes topics and tables, loads catalogue and province, registers the generation; doing it again changes nothing.

    Raises:
        ConfigError: catalogue or province are wrong.
        FatalError: the database is not what this version knows, or a server refuses.
        RetriableError: a server is away.
    """
    from sinks.clickhouse.access import apply_access
    from sinks.clickhouse.client import Client
    from sinks.clickhouse.migrate import migrate as apply
    from sinks.clickhouse.render import Target

    catalogue = load_catalogue(settings.catalogue.directory)
    province = load_province(settings.catalogue.province, settings.catalogue.directory)
    ensure_topics(settings.kafka.bootstrap, FIXED_TOPICS, settings.kafka.replication)
    kinds = sorted({rollup.kind for rollup in catalogue.compiled.rollups.values()})
    ids = topic_ids(settings.kafka.bootstrap, [events(kind).name for kind in kinds])
    target = Target(settings.clickhouse.database, settings.clickhouse.cluster)
    with Client(settings.clickhouse, settings.clickhouse.admin) as client:
        report = apply(client, target, catalogue, province, ids)
        if not settings.embedded.clickhouse:
            report.applied += apply_access(client, target, settings.clickhouse)
    return report


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
