"""Filled tables that the tests of this folder share, and a rig of its own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from sinks.clickhouse.client import Client
from tests.clickhouse_front import FrontProcess
from tests.integration.brief.rig import Rig
from tests.mail_server import MailTestServer
from tests.wall_world import World


@pytest.fixture(scope="package")
def world(clickhouse_front: FrontProcess) -> World:
    made = World(clickhouse_front, "briefs").migrate().fill(1500).flag()
    made.heartbeat()
    return made


@pytest.fixture
def rig(world: World, tmp_path: Path) -> Iterator[Rig]:
    with Client(world.settings, world.settings.admin) as client:
        client.execute(f"TRUNCATE TABLE {world.database}.mails")
    with MailTestServer(tmp_path) as mail, stamina.set_testing(True, attempts=2, cap=True):
        made = Rig(world, tmp_path / "briefs", mail, tmp_path / "contacts.toml")
        made.write_contacts("since = 2026-11-01\n")
        yield made
