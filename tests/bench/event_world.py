"""A database of made-up events of every kind, with cells, seals, states and snapshot that belong to them: millions in seconds.

The engine itself makes them up from the contracts; the cells are those of the oracle, split over partitions.
"""

import random
from collections.abc import Iterator

from ioc.catalogue.fields import FieldSpec, fields_of
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.catalogue.rollup import Rollup
from ioc.catalogue.series import Series
from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS, Facet
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.oracle import grains, query
from sinks.clickhouse.snapshot import refresh
from sinks.sealing import Sealing
from sinks.states import StateHistory
from tests.made_events import words

PARTS = 4
DAYS = 1000
"""So far back the events lie."""

PERIODS = 24
"""Periods that series are reported for."""


def fill(
    client: Client, database: str, generation: str, catalogue: Catalogue, province: Province, entities: int
) -> None:
    """Fills a migrated database with so many entities of each kind."""
    codes = [code for unit in province.unit for code in (unit.code, *unit.aliases)]
    for kind in sorted({rollup.kind for rollup in catalogue.compiled.rollups.values()}):
        if kind != "statistic":
            for number, facet in enumerate(KINDS[kind].facets):
                for version in range(2):
                    client.execute(
                        _events(database, kind, facet, codes, entities >> (2 * version), version + 2 * number)
                    )
    for series in catalogue.series.values():
        client.execute(_reports(database, series, province))
    for rollup in catalogue.compiled.rollups.values():
        for statement in _partials(database, generation, rollup):
            client.execute(statement)
    Sealing(client, database, catalogue.compiled, generation).round()
    history = StateHistory(client, database, catalogue.compiled, generation)
    while history.round().left:
        pass
    refresh(client, database)


def _events(database: str, kind: str, facet: Facet, codes: list[str], entities: int, step: int) -> str:
    """One version of one facet of each entity; later steps are later versions."""
    listed = "[" + ", ".join(map(quoted, random.Random(1).choices(codes, k=500))) + "]"
    begin = f"(now64(6, 'UTC') - toIntervalSecond(cityHash64('begin', number) % {DAYS * 86_400}))"
    at = f"least(now64(6, 'UTC'), {begin} + toIntervalHour({step} * (cityHash64('step', number) % 700)))"
    values = {
        "source": "'made-up'", "entity": "concat('e', toString(number))", "facet": quoted(facet.name),
        "version": f"bitShiftLeft(toUnixTimestamp64Milli({at}), {VERSION_HASH_BITS}) + {step}",
        "deleted": "cityHash64('gone', number) % 50 = 0", "unit": f"({listed})[cityHash64('unit', number, {step}) % 500 + 1]",
        "occurred_at": begin, "observed_at": at,
    }  # fmt: skip
    hours = 0
    asked = words(kind)
    for name, spec in fields_of(kind).items():
        if spec.facet != facet.name:
            continue
        hours += 30
        chance = f"cityHash64('{name}', number, {step})"
        value = _value(spec, asked.get(name, []), chance, f"{begin} + toIntervalHour({chance} % {hours})")
        values[name] = f"if(intDiv({chance}, 7) % 7 = 0, NULL, {value})" if spec.nullable else value
    columns, given = ", ".join(f"`{name}`" for name in values), ", ".join(values.values())
    return f"INSERT INTO {database}.{kind}_history ({columns}) SELECT {given} FROM numbers({entities})"


def _value(spec: FieldSpec, asked: list[str], chance: str, moment: str) -> str:
    match spec.type:
        case "time":
            return moment
        case "bool":
            return f"{chance} % 5 > 0"
        case "int":
            return f"toInt32({chance} % 5 + 1)"
        case _:
            known = [*(spec.values or asked), *([] if spec.values else ["x"])]
            return f"[{', '.join(map(quoted, known))}][{chance} % {len(known)} + 1]"


def _reports(database: str, series: Series, province: Province) -> str:
    levels = {"district", "commune"} if series.reporter == "local" else {series.reporter}
    codes = ", ".join(quoted(unit.code) for unit in province.unit if unit.level in levels)
    zone = "'Asia/Ho_Chi_Minh'"
    start = f"toDateTime(toStartOfInterval(now({zone}), INTERVAL 1 {series.grain}, {zone}) - INTERVAL number {series.grain}, {zone})"
    values = {
        "source": "'made-up'", "entity": f"concat('{series.code}/', unit, '/', toString(number))", "facet": "'figure'",
        "version": f"bitShiftLeft(toUnixTimestamp64Milli(now64(3, 'UTC')), {VERSION_HASH_BITS})", "deleted": "false",
        "unit": "unit", "occurred_at": "now64(6, 'UTC')", "observed_at": "now64(6, 'UTC')", "series": quoted(series.code),
        "period_grain": quoted(series.grain), "period_start": f"toDateTime64({start}, 6, 'UTC')",
        "value_milli": "toInt64(cityHash64(unit, number) % 100000)",
        "numerator_milli": "toInt64(cityHash64(unit, number) % 50000)", "denominator_milli": "toInt64(60000)",
        "contradictory": "false",
    }  # fmt: skip
    if series.additivity != "ratio":
        values |= {"numerator_milli": "NULL", "denominator_milli": "NULL"}
    columns, given = ", ".join(f"`{name}`" for name in values), ", ".join(values.values())
    return (
        f"INSERT INTO {database}.statistic_history ({columns}) SELECT {given} "
        f"FROM (SELECT number, arrayJoin([{codes}]::Array(String)) AS unit FROM numbers({PERIODS})) WHERE cityHash64(unit, number) % 10 > 0"
    )


def _partials(database: str, generation: str, rollup: Rollup) -> Iterator[str]:
    for grain in grains(rollup):
        for part in range(PARTS):
            mine = f"(SELECT * FROM {database}.{rollup.kind} WHERE cityHash64(entity) % {PARTS} = {part})"
            recent = "WHERE bucket > intDiv(toUnixTimestamp(now()), 3600) - 24 * 36" if grain == "hour" else ""
            yield (
                f"INSERT INTO {database}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures)\n"
                f"SELECT '{generation}', '{rollup.rollup_id}', '{grain}', unit, bucket, {part}, 1, measures "
                f"FROM ({query(rollup, grain, database, mine)}) {recent}"
            )
