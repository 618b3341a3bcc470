"""`ioc explain CODE`: an indicator's whole way, from its source to the panels, and its values by both engines."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

import dashboards
from ioc.catalogue.compile import Formula, MeasureRef
from ioc.catalogue.fields import fields_of
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.words import formula_in_words, measure_in_words, rollup_in_words
from ioc.cli.catalogue import find, lines
from ioc.errors import IocError
from ioc.settings import ClickHouseSettings, Settings, load_settings
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
        for line in values(settings.clickhouse, catalogue.compiled.formulas[indicator.code], catalogue):
            typer.echo(f"  {line}")
    except IocError as error:
        typer.echo(f"  left out: {error}")


def way(catalogue: Catalogue, code: str, settings: Settings) -> Iterator[str]:
    """The lines from the catalogue's entry to the tables; asks no server."""
    indicator = catalogue.indicators[code]
    formula = catalogue.compiled.formulas[code]
    rollup = catalogue.compiled.rollups[formula.numerator.rollup_id]
    yield from lines(indicator)
    source = getattr(settings.sources, indicator.event, None)
    shape = f" ({source.shape} shape at {source.url})" if source is not None else ""
    topic = events(indicator.event)
    yield "source"
    yield f"  {indicator.event} system{shape}, read by ingest/sources/{indicator.event}"
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


def _measure(catalogue: Catalogue, role: str, ref: MeasureRef, database: str) -> Iterator[str]:
    from sinks.clickhouse.oracle import measure_sql

    rollup = catalogue.compiled.rollups[ref.rollup_id]
    measure = rollup.measures[ref.index]
    yield role
    yield f"  measure {ref.index} of rollup {ref.rollup_id}: {rollup_in_words(rollup)}"
    for line in measure_in_words(measure):
        yield f"  {line}"
    yield f"  SQL: {measure_sql(rollup.kind, measure)} over {database}.{rollup.kind}"


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


def values(clickhouse: ClickHouseSettings, formula: Formula, catalogue: Catalogue) -> Iterator[str]:
    """The value on every level as the wall shows it (the fold), and for the whole province as the oracle counts it.

    Raises:
        IocError: ClickHouse does not answer or has not these tables.
    """
    from sinks.clickhouse.client import Client

    # What the driver would log it raises too.
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
    with Client(clickhouse, clickhouse.analyst, timeout_s=30) as database:
        rows = database.query(
            "SELECT level, unit_name, period_grain, toString(period_start), numerator, denominator, value, as_of, freshness, status, "
            f"toInt32(toRelativeDayNum(period_start, 'UTC')) FROM {clickhouse.database}.indicator_now WHERE code = '{formula.code}' "
            "ORDER BY level = 'province' DESC, level, numerator DESC"
        )
        if not rows:
            yield "indicator_now has no row of it yet"
        for level, name, grain, start, numerator, denominator, value, as_of, freshness, status, _ in rows:
            of = "" if denominator is None else f" of {denominator}"
            shown = "no value" if value is None else f"{value:.4g}"
            yield f"{level} {name}: {shown} ({numerator}{of}, {grain} {start}, as of {as_of:%Y-%m-%d %H:%M:%S}Z, {freshness}, {status})"
        province = next((row for row in rows if row[0] == "province"), None)
        if province is None:
            return
        start_day = province[-1]
        numerator = database.query(_oracle(catalogue, formula, formula.numerator, start_day, clickhouse.database))[0][0]
        by_oracle: tuple[int, int | None] = (int(numerator), None)
        if formula.denominator is not None:
            sql = _oracle(catalogue, formula, formula.denominator, start_day, clickhouse.database)
            by_oracle = by_oracle[0], int(database.query(sql)[0][0])
        by_fold = province[4], province[5]
        verdict = (
            "equal"
            if by_fold == by_oracle
            else "DIFFERENT (or events are on their way: try again, or run `ioc reconcile`)"
        )
        yield f"fold {_fraction(*by_fold)}, oracle {_fraction(*by_oracle)}: {verdict}"


def _fraction(numerator: int, denominator: int | None) -> str:
    return str(numerator) if denominator is None else f"{numerator}/{denominator}"


def _oracle(catalogue: Catalogue, formula: Formula, ref: MeasureRef, start_day: int, database: str) -> str:
    """The query of a measure's total over the province in the period that begins on `start_day`."""
    from sinks.clickhouse.oracle import query
    from sinks.clickhouse.render import TODAY

    rollup = catalogue.compiled.rollups[ref.rollup_id]
    conditions: list[str] = []
    match rollup.mode:
        case "flow":
            conditions.append(f"bucket >= {start_day}")
        case "age":
            first, last = formula.window or (None, None)
            conditions += [f"bucket >= {TODAY} + {first}"] if first is not None else []
            conditions += [f"bucket <= {TODAY} + {last}"] if last is not None else []
        case "now":
            pass
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    cells = query(rollup, "now" if rollup.mode == "now" else "day", database)
    return f"SELECT sum(measures[{ref.index + 1}]) FROM ({cells}){where}"
