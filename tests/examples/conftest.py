"""The database of the worked examples: the tables of all kinds and the calendar, nothing else."""

from collections.abc import Iterator

import pytest

from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.derived import sync, view_statements
from sinks.clickhouse.dimensions import working_days
from sinks.clickhouse.render import Target, numbered
from tests.clickhouse_front import FrontProcess
from tests.examples.worked import Worked

DATABASE = "worked_examples"


@pytest.fixture(scope="session")
def worked(clickhouse_front: FrontProcess) -> Iterator[Worked]:
    """Checks an example with both engines."""
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        client.execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        sync(client, Target(DATABASE))
        for statement in view_statements(Target(DATABASE)):
            client.execute(statement)
        (table,) = (script for script in numbered() if script.name.endswith("_calendar"))
        for statement in table.statements(Target(DATABASE)):
            client.execute(statement)
        days = working_days()
        rows = [(*row, 1, 0) for row in days.rows]
        client.insert(f"{DATABASE}.calendar", (*days.columns, "revision", "gone"), list(zip(*rows, strict=True)))
        yield Worked(client, DATABASE)
