"""What the wall's tests stand on: real tables with figures folded from made-up dossiers, and the wall as a process."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from ioc.catalogue.load import load_catalogue, load_province
from ioc.clock import LOCAL
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.contracts.kinds import KINDS
from ioc.settings import CatalogueSettings, ClickHouseSettings, Login
from sinks import findings
from sinks.clickhouse import snapshot
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.forecast.run import Forecast, store
from sinks.owed import ReportsOwed
from tests.clickhouse_front import ROOT, FrontProcess
from tests.kafka_broker import free_ports
from tests.made_events import made_events
from tests.naive_fold import Cell, NaiveFold

CATALOGUE = load_catalogue()
PROVINCE = load_province("ca_mau")
OTHER_KINDS = sorted({r.kind for r in CATALOGUE.compiled.rollups.values()} - {"dossier"})
SOURCE = "made-up"
STRANGE_UNIT = "K99.99"
"""A code that no unit of the province has."""

_STATUSES = ("received", "processing", "supplement", "fees_due", "processed", "returned", "returned", "returned")
_CHANNELS = ("online_full", "online_full", "online_full", "online_partial", "in_person", "post")


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _dossier(rng: random.Random, number: int, units: list[str], now: datetime) -> list[dict[str, Any]]:
    """A dossier's case, and its rating if it was rated."""
    received = now - timedelta(days=rng.random() ** 1.5 * 320, seconds=rng.random() * 3600)
    due = received + timedelta(days=rng.choice((3, 5, 10, 20)))
    status = rng.choice(_STATUSES)
    finished = received + (due - received) * rng.uniform(0.2, 1.12) if status in ("processed", "returned") else None
    if finished and finished > now:
        finished, status = None, "processing"
    components = rng.randint(1, 6)
    data: dict[str, Any] = {
        "procedure": f"1.{rng.randint(1, 40):06d}",
        "field": rng.choice(("G05", "G13", "G15")),
        "applicant_type": rng.choice(("person", "person", "person", "business")),
        "channel": rng.choice(_CHANNELS),
        "status": status,
        "received_at": _stamp(received),
        "due_at": _stamp(due),
        "finished_at": _stamp(finished),
        "returned_at": _stamp(finished + timedelta(hours=rng.random() * 9))
        if finished and status == "returned"
        else None,
        "supplements": rng.choice((0, 0, 0, 1, 2)),
        "extensions": rng.choice((0, 0, 0, 0, 1)),
        "fee_vnd": rng.choice((0, 50_000, 120_000, 1_500_000)),
        "paid_online": rng.random() < 0.6,
        "components": components,
        "components_digitised": components if rng.random() < 0.93 else 0,
        "components_reused": rng.randint(0, components),
        "result_digitised": rng.random() < 0.96,
        "vneid": rng.random() < 0.8,
    }
    envelope = {
        "source": SOURCE, "kind": "dossier", "entity": f"000.00.01.H12-{number:06d}", "deleted": False,
        "unit": rng.choice(units), "occurred_at": _stamp(received), "observed_at": _stamp(now),
    }  # fmt: skip
    events = [envelope | {"facet": "case", "version": version_of(number, data), "data": data}]
    if status == "returned" and finished and rng.random() < 0.5:
        rating = {"rating": rng.choice((2, 3, 4, 5, 5, 5)), "rated_at": _stamp(finished + timedelta(hours=1))}
        events.append(envelope | {"facet": "rating", "version": version_of(number, rating), "data": rating})
    return events


REPORTS: tuple[tuple[str, str, str, float, int | None, int | None], ...] = (
    # Plan 267/KH-UBND states 81.6% of 818,508 / 1,006,704 and 99.2% of 200,583 / 202,583.
    ("VNEID_PEOPLE", "000.00.00.H12", "month", 81.6, 818_508, 1_006_704),
    ("GD_ID_CODES", "000.00.00.H12", "month", 99.2, 200_583, 202_583),
    ("PUBLIC_INVESTMENT", "000.00.09.H12", "month", 101.45, 70, 69),
    ("NEW_FRIMS", STRANGE_UNIT, "month", 12, None, None),
    ("SME_PLATFORM", "000.00.08.H12", "month", 74.1, 2_490, 3_360),
    ("NEW_FIRMS", "000.00.08.H12", "month", -4, None, None),
    ("GRDP_GROWTH", "000.00.08.H12", "quarter", 7.1, None, None),
)
"""Series, unit, length of the period, value, numerator, denominator; nothing is wrong with the last one."""

ROOT_UNIT = next(unit.code for unit in PROVINCE.unit if unit.parent is None)

FORECASTS: tuple[tuple[Any, ...], ...] = (
    ("DVC-011", 93.4, 92.1, 94.8, 0.8, 80.0, "yes", "drift", 10),
    ("DVC-012", 85.2, 82.6, 87.9, 0.8, 85.0, "likely", "drift", 10),
    ("CC-010", 31.5, 21.4, 50.6, 0.8, 50.0, "unlikely", "last value", 6),
    ("KT-024", 5.0, 4.0, 7.0, 0.8, 10.0, "no", "last value", 8),
    ("KT-018", None, None, None, 0.8, 10.0, "unknown", "too little history", 0),
)
"""Code, value, low, high, confidence, target, outlook, method, periods."""


def _report(
    now: datetime, series: str, unit: str, grain: str, value: float, numerator: int | None, denominator: int | None
) -> dict[str, Any]:
    local = now.astimezone(LOCAL)
    month = local.month - (local.month - 1) % 3 if grain == "quarter" else local.month
    data = {
        "series": series, "period_grain": grain, "period_start": _stamp(datetime(local.year, month, 1, tzinfo=LOCAL).astimezone(UTC)),
        "value_milli": round(value * 1000),
        "numerator_milli": numerator and numerator * 1000, "denominator_milli": denominator and denominator * 1000,
        "contradictory": bool(numerator and denominator and abs(100 * numerator / denominator - value) > 0.05),
    }  # fmt: skip
    return {
        "source": SOURCE, "kind": "statistic", "entity": f"{series}/{unit}/{local:%Y-%m}", "facet": "figure",
        "version": version_of(1, data), "deleted": False, "unit": unit,
        "occurred_at": _stamp(now), "observed_at": _stamp(now - timedelta(hours=3)), "data": data,
    }  # fmt: skip


def _folded(kind: str, events: list[Any]) -> list[tuple[Cell, list[int]]]:
    """Their cells by the naive fold, without those of hours."""
    fold = NaiveFold(kind, [r for r in CATALOGUE.compiled.rollups.values() if r.kind == kind])
    for event in events:
        fold.apply(event)
    return [(cell, vector) for cell, vector in fold.cells().items() if cell[1] != "hour"]


class World:
    """A migrated database of its own on a front, empty until `fill`."""

    def __init__(self, front: FrontProcess, database: str) -> None:
        self.front = front
        self.database = database
        self.generation = ""

    @property
    def settings(self) -> ClickHouseSettings:
        """Where the database is, with the front's users."""
        users = self.front.users
        logins = {
            name: Login(user=f"ioc_{name}", password=users[f"ioc_{name}"].password)
            for name in ("admin", "writer", "wall")
        }
        return ClickHouseSettings(
            host=self.front.host,
            native_port=self.front.native_port,
            http_port=self.front.http_port,
            database=self.database,
            **logins,
        )

    def migrate(self) -> Self:
        """Makes tables, views and dimensions."""
        with Client(self.settings, self.settings.admin) as client:
            self.generation = migrate(client, Target(self.database), CATALOGUE, PROVINCE, {}).generation
        return self

    def fill(self, dossiers: int, seed: int = 1) -> Self:
        """Replaces all figures by those of so many dossiers and of some entities of every other kind, folded the naive way."""
        rng = random.Random(seed)
        now = datetime.now(UTC)
        units = [
            unit.aliases[0] if unit.aliases else unit.code
            for unit in PROVINCE.unit
            if unit.level in ("department", "commune")
        ]
        units += [unit.code for unit in PROVINCE.unit if unit.level == "district"]
        dossiers_made = [e for n in range(dossiers) for e in _dossier(rng, n, [*units, STRANGE_UNIT], now)]
        cells = _folded("dossier", decoder("dossier")(msgspec.json.encode(dossiers_made)))
        facilities = [unit.code for unit in PROVINCE.unit if unit.level == "facility"]
        for kind in OTHER_KINDS:
            where = facilities if KINDS[kind].system == "health" else units
            cells += _folded(kind, made_events(kind, rng, 250, where, now))
        columns = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
        rows = [
            (self.generation, rollup, grain, unit, bucket, 0, seed, vector)
            for (rollup, grain, unit, bucket), vector in cells
        ]
        with Client(self.settings, self.settings.admin) as client:
            client.execute(f"TRUNCATE TABLE {self.database}.partials")
            client.insert(f"{self.database}.partials", columns, list(zip(*rows, strict=True)))
        return self

    def flag(self) -> Self:
        """Reports that something is wrong with, found, and a forecast of each outlook for the province."""
        now = datetime.now(UTC)
        made = [Forecast(code, ROOT_UNIT, "province", now.year, now.date(), *said) for code, *said in FORECASTS]
        self.report(now, *REPORTS)
        with Client(self.settings, self.settings.admin) as client:
            findings.refresh(client, self.database)
            ReportsOwed(CatalogueSettings()).refresh(client, self.database)
            store(client, self.settings, made)
        return self

    def report(self, at: datetime, *said: tuple[str, str, str, float, int | None, int | None]) -> None:
        """Reports of the periods that a moment lies in, as in `REPORTS`, come in; no cell follows from them."""
        events = decoder("statistic")(msgspec.json.encode([_report(at, *one) for one in said]))
        columns, _ = history_rows("statistic", events)
        with Client(self.settings, self.settings.admin) as client:
            client.insert(f"{self.database}.statistic_history", [c.name for c in history_columns("statistic")], columns)

    def heartbeat(self, age: timedelta = timedelta()) -> None:
        """The source was read up to `age` ago; the figures are taken anew."""
        now = datetime.now(UTC)
        columns = ("source", "stream", "unit", "kinds", "read_at", "source_time", "records", "rejected", "late")
        row: list[list[Any]] = [[SOURCE], ["all"], [""], [",".join(KINDS)], [now], [now - age], [1], [0], [0]]
        with Client(self.settings, self.settings.admin) as client:
            client.insert(f"{self.database}.feeds", columns, row)
            snapshot.refresh(client, self.database)

    def dawn(self) -> None:
        """The day began with other figures than those that stand now; a third of them are as they were."""
        with Client(self.settings, self.settings.admin) as client:
            client.execute(f"TRUNCATE TABLE {self.database}.figures_at_dawn")
            client.execute(
                f"INSERT INTO {self.database}.figures_at_dawn SELECT code, value * [1, 0.97, 1.04][1 + cityHash64(code) % 3], "
                f"period_start, toDate(now('Asia/Ho_Chi_Minh')) FROM {self.database}.indicator_figures FINAL "
                "WHERE level = 'province' AND isNotNull(value)"
            )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows by the native protocol: another way than the wall's."""
        with Client(self.settings, self.settings.admin) as client:
            client.execute(f"USE {self.database}")
            return client.query(sql)


class WallProcess:
    """The wall over a world's database, on a port that stays the same over restarts. A context manager."""

    def __init__(
        self,
        world: World,
        directory: Path,
        dashboard: Path | None = None,
        refresh_s: float = 1.0,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.world = world
        self.settings = settings or {}
        self.log = directory / "wall.log"
        self.dashboard = dashboard
        self.refresh_s = refresh_s
        (self.port,) = free_ports(1)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The wall's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings, as the environment gives them."""
        found = self.world.settings
        own = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
        return own | {
            "IOC_CLICKHOUSE__HOST": found.host,
            "IOC_CLICKHOUSE__HTTP_PORT": str(found.http_port),
            "IOC_CLICKHOUSE__DATABASE": found.database,
            "IOC_CLICKHOUSE__WALL__USER": found.wall.user,
            "IOC_CLICKHOUSE__WALL__PASSWORD": found.wall.password.get_secret_value(),
            "IOC_WALL__PORT": str(self.port),
            "IOC_WALL__REFRESH_S": str(self.refresh_s),
            **self.settings,
        }

    @property
    def command(self) -> list[str]:
        """How it is started."""
        if self.dashboard is None:
            return [sys.executable, "-m", "dashboards.wall.main"]
        start = "import sys, pathlib; from dashboards.wall.main import main; sys.exit(main(None, pathlib.Path(sys.argv[1])))"
        return [sys.executable, "-c", start, str(self.dashboard)]

    def start(self) -> Self:
        """Starts it and waits until it serves."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=dict(self.environment), stderr=log, stdout=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0 and httpx.get(f"{self.url}/healthz").is_success:
                    return self
            time.sleep(0.05)
        self.end(signal.SIGKILL)
        raise RuntimeError(f"the wall did not start: {self.log.read_text(encoding='utf-8')[-2000:]}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends it; returns its exit code."""
        assert self.process is not None
        process, self.process = self.process, None
        process.send_signal(number)
        return process.wait(20)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.end()
