"""`ioc explain CODE`: an indicator's whole way, from its source to the panels, and its values by both engines."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

import dashboards
from ioc.catalogue.composite import SCALE, parts_of
from ioc.catalogue.fields import fields_of
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.rollup import MeasureRef
from ioc.catalogue.words import formula_in_words, measure_in_words, rollup_in_words
from ioc.cli.catalogue import find, lines
from ioc.cli.figures import figures
from ioc.cli.scores import score_lines
from ioc.contracts.kinds import KINDS
from ioc.errors import IocError
from ioc.settings import Settings, load_settings
from ioc.topics import PARTIALS, events

DASHBOARDS = Path(dashboards.__file__).parent / "provisioning" / "dashboards"


def register(parent: typer.Typer) -> None:
    """Adds the command to the `ioc` command."""
    parent.command("explain")(explain)


def explain(
    code: Annotated[str, typer.Argument(help="Code of the indicator, for example DVC-002.")],
    offline: Annotated[bool, typer.Option(help="Leave the values out; ask no server.")] = False,
) -> None:
    """An indicator's whole way: source, topic, event, rollup and measures, tables, panels; and its values by both engines."""
    settings = load_settings()
    catalogue = load_catalogue(settings.catalogue.directory)
    indicator = find(catalogue, code)
    for line in way(catalogue, indicator.code, settings):
        typer.echo(line)
    typer.echo("panels")
    for panel in panels(indicator.code) or ["none shows it by its code"]:
        typer.echo(f"  {panel}")
    if offline:
        return
    typer.echo("values")
    try:
        for line in _values(catalogue, indicator, settings):
            typer.echo(f"  {line}")
    except IocError as error:
        typer.echo(f"  left out: {error}")


def _values(catalogue: Catalogue, indicator: Indicator, settings: Settings) -> Iterator[str]:
    if indicator.kind == "composite":
        mine = [part for part in parts_of(catalogue.indicators) if part.composite == indicator.code]
        return score_lines(settings.clickhouse, mine)
    series = catalogue.series.get(indicator.series)
    over_time = "last" if series is None else series.over_time
    return figures(settings.clickhouse, catalogue.compiled.formulas[indicator.code], catalogue.compiled, over_time)


def way(catalogue: Catalogue, code: str, settings: Settings) -> Iterator[str]:
    """The lines from the catalogue's entry to the tables; asks no server."""
    indicator = catalogue.indicators[code]
    province = load_province(settings.catalogue.province, settings.catalogue.directory)
    yield from lines(indicator, province.targets_of(code))
    if indicator.kind == "composite":
        yield from _composite(catalogue, indicator, settings.clickhouse.database)
        return
    formula = catalogue.compiled.formulas[code]
    rollup = catalogue.compiled.rollups[formula.numerator.rollup_id]
    system = KINDS[indicator.event].system
    dossier = settings.sources.dossier
    shape = f" ({dossier.shape} shape at {dossier.url})" if system == "dossier" else ""
    topic = events(indicator.event)
    yield "source"
    yield f"  {system} system{shape}, read by ingest/sources/{system}"
    yield "topic"
    yield f"  {topic.name}: {topic.partitions} partitions, an entity in one of them for good"
    yield f"event {indicator.event}"
    used = set(rollup.measures[formula.numerator.index].fields) | ({rollup.time} if rollup.time else set())
    if formula.denominator is not None:
        used |= catalogue.compiled.rollups[formula.denominator.rollup_id].measures[formula.denominator.index].fields
    for name, spec in fields_of(indicator.event).items():
        if name in used:
            yield f"  {spec.facet}.{name}: {spec.description}"
    yield "value"
    yield f"  {formula_in_words(formula)}"
    yield from _measure(catalogue, "numerator", formula.numerator, settings.clickhouse.database)
    if formula.denominator is not None:
        yield from _measure(catalogue, "denominator", formula.denominator, settings.clickhouse.database)
    database = settings.clickhouse.database
    yield "tables"
    yield f"  {topic.name} → {database}.{indicator.event}_history → {database}.{indicator.event} (as the entities stand)"
    yield f"  {PARTIALS.name} → {database}.partials → {database}.indicator_values (any level and period)"
    yield f"  {database}.indicator_now (value, target, status, age, owner: what panels read)"


def _composite(catalogue: Catalogue, indicator: Indicator, database: str) -> Iterator[str]:
    yield "value"
    yield "  points of the parts that have a value; a part without one is missing, neither zero nor reached"
    listed = [part for part in parts_of(catalogue.indicators) if part.composite == indicator.code]
    for level in indicator.levels:
        yield f"parts at level {level}"
        for part in (part for part in listed if part.level == level):
            name = catalogue.indicators[part.code].name.vi
            yield f"  {part.code}: {part.points / SCALE:g} points from {part.zero:g} to {part.full:g}: {name}"
    yield "tables"
    yield f"  {database}.indicator_now of the parts → {database}.composite_scores (what each part earns)"
    yield f"  → {database}.composite_values (earned of available, missing parts, rank and ties within the level)"
    yield f"  {database}.indicator_now (value, target, status, age, owner: what panels read)"


def _measure(catalogue: Catalogue, role: str, ref: MeasureRef, database: str) -> Iterator[str]:
    from sinks.clickhouse.oracle import measure_sql

    rollup = catalogue.compiled.rollups[ref.rollup_id]
    measure = rollup.measures[ref.index]
    yield role
    yield f"  measure {ref.index} of rollup {ref.rollup_id}: {rollup_in_words(rollup)}"
    for line in measure_in_words(measure):
        yield f"  {line}"
    yield f"  SQL: {measure_sql(rollup.kind, measure, database)} over {database}.{rollup.kind}"


def panels(code: str, folder: Path = DASHBOARDS) -> list[str]:
    """The panels of the committed dashboards that name the indicator: `dashboard: panel (type)`."""
    named = re.compile(rf"\b{re.escape(code)}\b")
    found: list[str] = []
    for file in sorted(folder.glob("*.json")):
        board = json.loads(file.read_text(encoding="utf-8"))
        found += [
            f"{board.get('title', file.stem)}: {panel.get('title') or panel.get('id')} ({panel.get('type')})"
            for panel in _panels(board.get("panels", []))
            if named.search(json.dumps(panel, ensure_ascii=False))
        ]
    return found


def _panels(listed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in listed:
        if panel.get("type") == "row":
            yield from _panels(panel.get("panels", []))
        else:
            yield panel
