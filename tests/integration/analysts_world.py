"""What the questions of docs/analysts.md are asked of: a small whole database, with a few dossiers of 2025 worked by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ioc.catalogue.load import load_catalogue, load_province
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.settings import ClickHouseSettings, Login
from sinks import findings
from sinks.clickhouse.client import Client
from sinks.forecast.run import Forecast
from sinks.forecast.run import store as store_forecasts
from sinks.sealing import Sealing
from tests.clickhouse_front import FrontProcess
from tests.integration import truth_world

DATABASE = "ioc"
"""As the statements of the page say it."""

ENTITIES = 60
STORY = "000.00.22.H12-250610-0007"
"""A dossier whose life is worked by hand: received, supplemented, late, moved to the commune that took over, returned."""

DISTRICT, CITY, DEPARTMENT = "000.00.22.H12", "000.00.21.H12", "000.00.09.H12"
COMMUNE = "000.00.35.H12"
LATE = "000.00.22.H12-250612-0001"
"""A dossier that was received on a day and read six days later."""

SPRING = 24
"""Dossiers received in May and June 2025."""


@dataclass(frozen=True)
class AnalystsWorld:
    """A filled database behind a front."""

    front: FrontProcess
    world: truth_world.World

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows as the administrator reads them, by the names of their columns."""
        names = [name for name, *_ in self.world.client.query(f"DESCRIBE TABLE ({sql})")]
        return [dict(zip(names, row, strict=True)) for row in self.world.client.query(sql)]


def settings(front: FrontProcess) -> ClickHouseSettings:
    """Where the database is, with the logins that reading needs."""
    logins = {
        name: Login.model_validate({"user": f"ioc_{name}", "password": front.users[f"ioc_{name}"].password})
        for name in ("admin", "writer", "wall", "analyst")
    }
    return ClickHouseSettings(
        native_port=front.native_port, http_port=front.http_port, database=DATABASE,
        admin=logins["admin"], writer=logins["writer"], wall=logins["wall"], analyst=logins["analyst"],
    )  # fmt: skip


def build(front: FrontProcess) -> AnalystsWorld:
    """Makes and fills the database `ioc` of a front of one's own."""
    where = settings(front)
    client = Client(where, where.admin)
    world = truth_world.build(client, DATABASE, load_catalogue(), load_province("ca_mau"), ENTITIES)
    spring = decoder("dossier")(msgspec.json.encode([*_spring(), *_story()]))
    truth_world.store(world, "dossier", spring)
    truth_world.fold(_Beside(client, DATABASE, world.catalogue, world.province, world.generation), "dossier", spring)
    sealing = Sealing(client, DATABASE, world.catalogue.compiled, world.generation)
    while sealing.round().days:
        pass
    now = datetime.now(UTC)
    _heard(client, now)
    findings.refresh(client, DATABASE)
    root = next(unit.code for unit in world.province.unit if unit.parent is None)
    made = [
        Forecast("DVC-011", root, "province", now.year, now.date(), 93.4, 92.1, 94.8, 0.8, 80.0, "yes", "drift", 10),
        Forecast("CC-010", root, "province", now.year, now.date(), 31.5, 21.4, 50.6, 0.8, 50.0, "unlikely", "drift", 6),
        Forecast("KT-024", root, "province", now.year, now.date(), 5.0, 4.0, 7.0, 0.8, 10.0, "no", "drift", 8),
    ]
    store_forecasts(client, where, made)
    world.refresh()
    return AnalystsWorld(front, world)


class _Beside(truth_world.World):
    """The world, its folded cells as those of a further partition of the log."""

    def insert(self, table: str, rows: Any) -> None:
        super().insert(table, [row | {"part": row["part"] + truth_world.PARTS} for row in rows])


def _case(
    entity: str,
    unit: str,
    changed: datetime,
    status: str,
    received: datetime,
    due: datetime,
    read: datetime | None = None,
    **more: Any,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "procedure": "1.001193", "field": "G15", "applicant_type": "person", "channel": "online_full", "status": status,
        "received_at": wire_time(received), "due_at": wire_time(due), "finished_at": None, "returned_at": None,
        "supplements": 0, "extensions": 0, "fee_vnd": 50_000, "paid_online": True, "components": 2,
        "components_digitised": 2, "components_reused": 1, "result_digitised": True, "vneid": True,
    } | more  # fmt: skip
    return {
        "source": "made-up", "kind": "dossier", "facet": "case", "entity": entity, "deleted": False, "unit": unit,
        "version": version_of(unix_ms(changed), data), "occurred_at": wire_time(changed),
        "observed_at": wire_time(read or changed + timedelta(minutes=1)), "data": data,
    }  # fmt: skip


def _spring() -> list[dict[str, Any]]:
    """Dossiers of two months: every third is finished late, every fourth stays open; and the one that was read late."""
    made = []
    for number in range(SPRING):
        received = datetime(2025, 5, 5, 2, tzinfo=UTC) + timedelta(days=2 * number)
        due = received + timedelta(days=10)
        unit = (DISTRICT, CITY, DEPARTMENT)[number % 3]
        entity = f"{unit}-2505{number:02d}"
        made.append(_case(entity, unit, received, "received", received, due))
        if number % 4:
            finished = due + timedelta(days=4 if number % 3 == 0 else -2)
            made.append(_case(entity, unit, finished, "processed", received, due, finished_at=wire_time(finished)))
    late = datetime(2025, 6, 12, 2, tzinfo=UTC)
    made.append(_case(LATE, DISTRICT, late, "received", late, late + timedelta(days=9), read=late + timedelta(days=6)))
    return made


def _story() -> list[dict[str, Any]]:
    def at(month: int, day: int) -> datetime:
        return datetime(2025, month, day, 2, 30, tzinfo=UTC)

    received, due = at(6, 10), at(6, 20)
    return [
        _case(STORY, DISTRICT, received, "received", received, due),
        _case(STORY, DISTRICT, at(6, 11), "processing", received, due),
        _case(STORY, DISTRICT, at(6, 13), "supplement", received, due, supplements=1),
        _case(STORY, COMMUNE, at(7, 2), "processing", received, due, supplements=1),
        _case(STORY, COMMUNE, at(7, 3), "returned", received, due, supplements=1,
              finished_at=wire_time(at(7, 3)), returned_at=wire_time(at(7, 3))),
    ]  # fmt: skip


def _heard(client: Client, now: datetime) -> None:
    """One source was heard of just now, one five hours ago; three records of it could not be used."""
    columns = ("source", "stream", "unit", "kinds", "read_at", "source_time", "records", "rejected", "late")
    hub = "feedback_case,sensor_reading"
    others = ",".join(sorted(set(KINDS) - set(hub.split(","))))
    ago = now - timedelta(hours=5)
    rows = [("dossiers", "cases", "", others, now, now, 9, 0, 0), ("hub", "cases", "", hub, ago, ago, 4, 3, 1)]
    client.insert(f"{DATABASE}.feeds", columns, list(zip(*rows, strict=True)))
    letters = ("id", "source", "stream", "place", "reason", "error", "payload", "occurred_at", "attempts")
    bad = [
        (f"{n}", "hub", "cases", f"row {n}", ("contract", "contract", "json")[n], "why", "gAAA", ago, 1)
        for n in range(3)
    ]
    client.insert(f"{DATABASE}.dead_letters", letters, list(zip(*bad, strict=True)))
