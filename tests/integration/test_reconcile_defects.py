"""Defects planted one at a time in a healthy database: the comparison of the engines finds each, and names it."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from ioc.catalogue.compile import compile_catalogue
from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.lookups import rebuild
from sinks.compare import Comparison, only
from sinks.sides.difference import EVERYTHING, Difference, Scope
from sinks.truth.tree import TREES, Tree
from tests.clickhouse_front import FrontProcess
from tests.integration.planted_defects import COUNTS, DEFECTS, PLUS_ONE, RECEIVED, Defect, row
from tests.integration.truth_world import World, build

DATABASE = "defects_test"
CODES = (
    "DVC-001", "DVC-002", "DVC-003", "DVC-005", "DVC-027", "DVC-054", "DVC-060", "HT-006", "VB-004",
    "CC-003", "GD-007", "KT-002", "KT-012", "TN-010",
)  # fmt: skip
"""Counts, means and shares of flows, states and ages, a second facet, a composite; reported sums, shares and what is not added."""


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> Iterator[World]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    whole = only(load_catalogue(), CODES)
    read = {indicator.series for indicator in whole.indicators.values()}
    catalogue = replace(whole, series={code: one for code, one in whole.series.items() if code in read})
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        yield build(client, DATABASE, catalogue, load_province("ca_mau"), entities=60)


def compared(world: World, codes: Collection[str] | None = None, scope: Scope = EVERYTHING) -> dict[str, Difference]:
    return Comparison(world.client, world.database, world.catalogue, world.province, scope, codes).run()[1]


def test_a_healthy_database_has_no_difference(world: World) -> None:
    result, found = Comparison(world.client, world.database, world.catalogue, world.province).run()
    assert found == {}
    assert result.indicators >= len(CODES)
    assert result.cells > 500
    assert result.values > 5_000


@pytest.mark.parametrize("one", DEFECTS, ids=lambda one: one.name)
def test_a_defect_is_found_by_name(world: World, one: Defect) -> None:
    kept = one.tables.split()
    for table in kept:
        world.keep(table)
    try:
        for statement in one.sql:
            if statement.startswith("FOLDED "):
                _, rollup, entity, part = statement.split()
                statement = world.folded(rollup, entity, int(part))
            world.client.execute(statement.replace("{db}", world.database))
        if one.again:
            shown_again(world)
        found = compared(world, one.codes)
    finally:
        for table in kept:
            world.put_back(table)
        if one.again:
            shown_again(world)
    missing = [told for told in one.told if not any(what.startswith(told) for what in found)]
    assert missing == [], sorted(found)[:20]


def shown_again(world: World) -> None:
    """What figures are looked up in, and the snapshot, follow the tables."""
    rebuild(world.client, world.database)
    world.refresh()


def test_a_filter_that_was_changed_after_the_fold_is_found(world: World) -> None:
    sector = next(s for s in world.catalogue.sectors if any(i.code == "DVC-001" for i in s.indicator))
    one = next(i for i in sector.indicator if i.code == "DVC-001")
    changed = one.model_copy(update={"filter": one.filter[:0]})
    others = [changed if i.code == "DVC-001" else i for i in sector.indicator]
    sectors = tuple(s.model_copy(update={"indicator": others}) if s is sector else s for s in world.catalogue.sectors)
    compiled = compile_catalogue([i for s in sectors for i in s.indicator], world.catalogue.series)
    found = Comparison(
        world.client, world.database, replace(world.catalogue, sectors=sectors, compiled=compiled), world.province
    ).run()[1]
    names = sorted(found)
    assert any(what.endswith("catalogue_hash") for what in names)
    assert any(what.startswith("cell dossier_by_received_at day") for what in names)


def test_everything_was_put_back(world: World) -> None:
    assert compared(world) == {}


def test_what_is_asked_for_is_compared(world: World) -> None:
    world.keep("partials")
    try:
        world.client.execute(
            row("partials", f"{RECEIVED} AND grain = 'day' AND {COUNTS}", PLUS_ONE).replace("{db}", world.database)
        )
        found = compared(world, ("DVC-001",))
        day = int(next(what for what in found if what.startswith("cell ")).split("bucket=")[1].split()[0])
        unit = next(one.unit for what, one in found.items() if what.startswith("cell "))
        assert compared(world, ("HT-006",)) == {}
        later = compared(world, ("DVC-001",), Scope(since=day + 1))
        assert not any(" day " in what for what in later)
        tree = Tree(world.province, day)
        of_root = compared(world, ("DVC-001",), Scope(unit=tree.root))
        assert {one.unit for one in of_root.values()} == {tree.root, unit}
        counted_in = {code for which in TREES for _, _, trail in tree.spans(which, unit) for code in trail}
        other = next(one.code for one in world.province.unit if one.code not in counted_in)
        assert compared(world, ("DVC-001",), Scope(unit=other)) == {}
    finally:
        world.put_back("partials")
