"""Every indicator that counts what the hub carries gets a figure from the simulated hub, by way of the connector's own reading."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub import push_alerts
from ingest.simulator.hub.lgsp import SimulatedLgsp
from ingest.simulator.hub.portal_tables import Table, tables
from ingest.simulator.hub.push_sensors import MINUTE_MS, VESSEL_EVERY_MS, Sensors
from ingest.simulator.moments import DAY_MS
from ingest.simulator.system import World
from ingest.source import Change, Record
from ingest.sources.hub import alerts, lgsp, sensors
from ingest.sources.hub.columns import UPDATED, Layout
from ingest.sources.hub.payload import record_of
from ingest.sources.hub.rows import KINDS as TABLES
from ioc.catalogue.load import load_catalogue
from ioc.contracts.decoder import decoder
from ioc.contracts.kinds import KINDS
from streams.fold import Fold

BASE_MS = 1_795_399_200_000
CATALOGUE = load_catalogue()
SECTORS = ("GD", "GT", "HT", "MT", "TC", "TN")
COUNTED = [i for i in CATALOGUE.indicators.values() if i.sector in SECTORS and not i.series]

Feed = Callable[[World], Iterator[tuple[str, Change]]]
"""The changes of a kind, each with its facet."""


def _table_rows(world: World, kind: str) -> Iterator[tuple[Table, dict[str, Any]]]:
    for table in tables(world):
        if table.kind == kind:
            for row in table.rows_at(1, BASE_MS):
                yield table, row


def _from_tables(kind: str) -> Feed:
    def feed(world: World) -> Iterator[tuple[str, Change]]:
        layouts: dict[str, Layout] = {}
        for table, row in _table_rows(world, kind):
            constants = {"type": table.extras["ioc_type"]} if "ioc_type" in table.extras else None
            layout = layouts.setdefault(table.name, Layout(TABLES[kind].vocabulary, table.columns, None, constants))
            fields = {**layout.take(row), UPDATED: BASE_MS}
            yield TABLES[kind].target.facet, TABLES[kind].change(Record(b"", fields))

    return feed


def _said(read: Callable[[Record], Change], record: Mapping[str, Any]) -> Change:
    found = record_of(json.dumps(record).encode())
    assert found.fault is None
    return read(found)


def _published(sort: sensors.Sensors, step_ms: int, first_ms: int) -> Feed:
    def feed(world: World) -> Iterator[tuple[str, Change]]:
        devices = Sensors(world)
        for at_ms in range(first_ms, BASE_MS, step_ms):
            for message in devices.minute(at_ms):
                if message.topic.startswith(f"sensors/{sort.level}/"):
                    yield sort.target.facet, _said(sort.read, message.record)

    return feed


def _vessels(world: World) -> Iterator[tuple[str, Change]]:
    yield from _from_tables("vessel")(world)
    yield from _published(sensors.VESSELS, MINUTE_MS, BASE_MS - VESSEL_EVERY_MS)(world)


def _services(world: World) -> Iterator[tuple[str, Change]]:
    yield from _from_tables("facility")(world)
    for service in SimulatedLgsp(world).services():
        yield "facility", Change(*_with_time(lgsp.read_service(service)))


def _calls(world: World) -> Iterator[tuple[str, Change]]:
    for call in SimulatedLgsp(world).calls():
        yield "calls", Change(*_with_time(lgsp.read_calls(call)))


def _with_time(read: tuple[str, str, dict[str, Any]]) -> tuple[str, str, int, dict[str, Any]]:
    entity, unit, data = read
    return entity, unit, BASE_MS, data


def _alerts(world: World) -> Iterator[tuple[str, Change]]:
    for pushed in push_alerts.timeline(replace(world, history_days=20)).due(BASE_MS - 20 * DAY_MS, BASE_MS):
        yield "alert", _said(alerts.read, pushed.record)


FEEDS: dict[str, Feed] = {
    "facility": _services,
    "vessel": _vessels,
    "service_call": _calls,
    "security_alert": _alerts,
    "sensor_reading": _published(sensors.READINGS, 5 * MINUTE_MS, BASE_MS - 2 * DAY_MS),
    "traffic_count": _published(sensors.TRAFFIC, 60 * MINUTE_MS, BASE_MS - DAY_MS),
}


@pytest.fixture(scope="module")
def vectors() -> dict[str, dict[str, list[int]]]:
    """By kind and rollup: the sum over all units and days."""
    clock = SimulatedClock(BASE_MS, BASE_MS, wall=lambda: BASE_MS)
    world = World("hub", 1, BASE_MS, clock, Path("unused"), history_days=0.1, faults=Faults(names=COMMON))
    return {kind: _summed(kind, feed(world)) for kind, feed in FEEDS.items()}


def _summed(kind: str, changes: Iterator[tuple[str, Change]]) -> dict[str, list[int]]:
    rollups = [rollup for rollup in CATALOGUE.compiled.rollups.values() if rollup.kind == kind]
    made = [
        {
            "source": "hub", "kind": kind, "entity": change.entity, "facet": facet, "version": number, "deleted": False,
            "unit": change.unit, "occurred_at": "2026-11-22T00:00:00Z", "observed_at": "2026-11-22T00:00:00Z", "data": change.data,
        }
        for number, (facet, change) in enumerate(changes)
    ]  # fmt: skip
    fold = Fold(kind, rollups)
    fold.apply(decoder(kind)(msgspec.json.encode(made)))
    found: dict[str, list[int]] = {}
    for cells in fold.take():
        if cells.grain != "hour":
            found[cells.rollup_id] = cells.vectors.sum(axis=0).tolist()
    return found


@pytest.mark.parametrize("code", [indicator.code for indicator in COUNTED])
def test_it_has_a_figure(code: str, vectors: dict[str, dict[str, list[int]]]) -> None:
    formula = CATALOGUE.compiled.formulas[code]
    for ref in (formula.numerator, formula.denominator):
        if ref is not None:
            kind = CATALOGUE.compiled.rollups[ref.rollup_id].kind
            assert vectors[kind][ref.rollup_id][ref.index] != 0


@pytest.mark.parametrize(
    ("code", "numerator", "denominator"), [("HT-006", 69, 69), ("HT-007", 53, 69), ("HT-010", 21, 24)]
)
def test_the_documents_own_counts(
    code: str, numerator: int, denominator: int, vectors: dict[str, dict[str, list[int]]]
) -> None:
    """Plan 267/KH-UBND, part I, II.5 and II.6."""
    formula = CATALOGUE.compiled.formulas[code]
    assert formula.denominator is not None
    counted = vectors["facility"]["facility_now"]
    assert (counted[formula.numerator.index], counted[formula.denominator.index]) == (numerator, denominator)


def test_no_kind_of_these_sectors_is_left_out() -> None:
    assert {indicator.event for indicator in COUNTED} == set(FEEDS) <= set(KINDS)
