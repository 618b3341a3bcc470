"""A filled database and the wall over it, for the tests of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.clickhouse_front import FrontProcess
from tests.wall_world import WallProcess, World


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="package")
def world(clickhouse_front: FrontProcess) -> World:
    made = World(clickhouse_front, "wall_page").migrate().fill(1500).flag()
    made.heartbeat()
    made.dawn()
    return made


@pytest.fixture(scope="package")
def wall(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallProcess]:
    with WallProcess(world, tmp_path_factory.mktemp("wall")) as process:
        yield process
