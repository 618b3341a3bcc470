"""`ioc migrate`: brings ClickHouse to the shape that this version needs."""

import typer
from rich.console import Console

from ioc.catalogue.load import load_catalogue, load_province
from ioc.kafka.admin import ensure_topics, topic_ids
from ioc.settings import load_settings
from ioc.topics import FIXED_TOPICS, events


def register(app: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    app.command("migrate")(migrate)


def migrate() -> None:
    """Makes the topics, applies the migrations that are missing, loads catalogue and province, registers the generation.

    Running it again changes nothing. Needs the broker, because a generation is of these topics.
    """
    from sinks.clickhouse.access import apply_access
    from sinks.clickhouse.client import Client
    from sinks.clickhouse.migrate import migrate as apply
    from sinks.clickhouse.render import Target

    settings = load_settings()
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
    console = Console(soft_wrap=True)
    for name in report.applied:
        console.print(f"applied {name}")
    for change in report.changed:
        console.print(change)
    if not report.applied and not report.changed:
        console.print("nothing to do")
    console.print(f"generation {report.generation}, {len(catalogue.indicators)} indicators")
