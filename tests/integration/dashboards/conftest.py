"""A province in full: every indicator has figures for every unit, some reports are wrong, some targets are forecast."""

from collections.abc import Iterator

import pytest

from ioc.catalogue.load import load_catalogue, load_province
from sinks.clickhouse.client import Client
from tests.bench.cells_world import Size, fill
from tests.clickhouse_front import FrontProcess
from tests.integration.dashboards.asked import Asked
from tests.wall_world import World

SIZE = Size(days=40, fresh_days=36, hours=1, parts=1, months=14, state_days=60)


@pytest.fixture(scope="session")
def asked(clickhouse_front: FrontProcess) -> Iterator[Asked]:
    """The filled database, as the user that Grafana and the wall read it with."""
    world = World(clickhouse_front, "dashboards_test").migrate()
    with Client(world.settings, world.settings.admin) as client:
        fill(client, world.database, world.generation, load_catalogue(), load_province("ca_mau"), SIZE)
    world.flag().heartbeat()
    world.dawn()
    with Asked(world) as opened:
        yield opened
