"""`ioc explain` beside a real engine: the fold's figures and the oracle's, equal and unequal."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner

from ioc.catalogue.composite import parts_of
from ioc.catalogue.load import load_catalogue, load_province
from ioc.cli import explain
from ioc.cli.figures import figures
from ioc.cli.scores import score_lines
from ioc.clock import LOCAL
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import unix_ms, version_of
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.oracle import grains, query
from sinks.clickhouse.render import Target
from sinks.clickhouse.snapshot import refresh
from tests.clickhouse_front import FrontProcess
from tests.examples.records import events_of, reports_of

CATALOGUE = load_catalogue()
COMPILED = CATALOGUE.compiled
DOSSIER_CODES = [code for code in COMPILED.formulas if CATALOGUE.indicators[code].event == "dossier"]
SHARE, FLOW = "DVC-017", "CC-004"
PARTIALS = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
STATUSES = (
    "registered",
    "received",
    "refused",
    "processing",
    "supplement",
    "fees_due",
    "withdrawn",
    "stopped",
    "processed",
    "returned",
)
CHANNELS = ("online_full", "online_partial", "in_person", "post", "internal")


def _dossiers(now: datetime) -> Iterator[dict[str, Any]]:
    """Dossiers of every status, channel and age, some late, some of an unknown unit; every second finished one rated."""
    for n in range(120):
        status = STATUSES[n % 10]
        received = now - timedelta(days=n, hours=n % 7)
        due = now + timedelta(days=(n * 7) % 45 - n)
        finished = min(received + timedelta(days=n % 50), now) if status in ("processed", "returned") else None
        case = {
            "procedure": "1.001193", "field": ("MT01", "DD01", "HT01")[n % 3], "applicant_type": ("person", "business")[n % 2],
            "channel": CHANNELS[n // 10 % 5], "status": status, "received_at": None if n % 10 in (0, 2) else wire_time(received),
            "due_at": None if n % 11 == 0 else wire_time(due), "finished_at": finished and wire_time(finished),
            "returned_at": finished and wire_time(finished + timedelta(hours=5)) if status == "returned" else None,
            "supplements": n % 3, "extensions": n % 2, "fee_vnd": None if n % 4 == 0 else n % 3 * 50_000, "paid_online": (None, True, False)[n % 3],
            "components": None if n % 5 == 0 else 4, "components_digitised": None if n % 5 == 0 else n % 5, "components_reused": n % 2,
            "result_digitised": (None, True, False)[n % 3], "vneid": (True, False, None)[n % 3],
        }  # fmt: skip
        unit = ("000.00.01.H12", "000.00.22.H12", "000.01.25.H12", "000.00.99.H12")[n % 4]
        yield _event(f"000.00.01.H12-{n:06d}", "case", unit, now, case)
        if finished is not None and n % 4 == 0:
            yield _event(
                f"000.00.01.H12-{n:06d}", "rating", "", now, {"rating": n % 5 + 1, "rated_at": wire_time(finished)}
            )


def _event(entity: str, facet: str, unit: str, now: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": "dossier", "kind": "dossier", "entity": entity, "facet": facet, "version": version_of(unix_ms(now), data),
        "unit": unit, "occurred_at": wire_time(now), "observed_at": wire_time(now), "data": data,
    }  # fmt: skip


def _reports(today: date) -> Iterator[Any]:
    """Shares of the last two months, and sums of all months of this year and of the last."""
    months = [date(today.year - n // 12, 12 - n % 12, 1).isoformat() for n in range(24)]
    begun = [month for month in months if month <= today.isoformat()]
    share = [{"period_start": m, "numerator": 90 - n, "denominator": 97 + n} for n, m in enumerate(begun[:2])]
    flow = [{"period_start": m, "value": 1000 + n} for n, m in enumerate(begun)]
    records = [
        {**record, "entity": f"{code}/{record['period_start']}", "unit": "000.00.01.H12"}
        for code, said in ((SHARE, share), (FLOW, flow))
        for record in reports_of(CATALOGUE.series[CATALOGUE.indicators[code].series], said)
    ]
    yield from events_of("statistic", records)


@pytest.fixture(scope="module")
def clickhouse(clickhouse_front: FrontProcess) -> ClickHouseSettings:
    """A migrated database of its own, with dossiers in it, and the partials that a faultless fold would have sent."""
    logins = {
        name.removeprefix("ioc_"): Login(user=name, password=SecretStr(user.password))
        for name, user in clickhouse_front.users.items()
    }
    settings = ClickHouseSettings(
        host=clickhouse_front.host, native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port,
        database=f"explain_{secrets.token_hex(4)}", **logins,
    )  # fmt: skip
    with Client(settings, settings.admin) as admin:
        report = migrate(
            admin, Target(settings.database), CATALOGUE, load_province("ca_mau"), {"events.dossier": "topic"}
        )
        events = decoder("dossier")(msgspec.json.encode(list(_dossiers(datetime.now(UTC)))))
        columns, _ = history_rows("dossier", events)
        admin.insert(f"{settings.database}.dossier_history", [c.name for c in history_columns("dossier")], columns)
        columns, _ = history_rows("statistic", list(_reports(datetime.now(LOCAL).date())))
        admin.insert(f"{settings.database}.statistic_history", [c.name for c in history_columns("statistic")], columns)
        for rollup in COMPILED.rollups.values():
            for grain in grains(rollup):
                cells = admin.query(query(rollup, grain, settings.database))
                rows = [
                    (report.generation, rollup.rollup_id, grain, unit, bucket, 0, 1, vector)
                    for unit, bucket, vector in cells
                ]
                admin.insert(f"{settings.database}.partials", PARTIALS, list(zip(*rows, strict=True)))
        refresh(admin, settings.database)
    return settings


@pytest.mark.parametrize("code", DOSSIER_CODES)
def test_every_indicator_is_equal_in_both_engines(code: str, clickhouse: ClickHouseSettings) -> None:
    told = list(figures(clickhouse, COMPILED.formulas[code], COMPILED))
    assert told[0].startswith("province Tỉnh Cà Mau: ")
    assert told[-1].startswith("fold ")
    assert told[-1].endswith(": equal")


@pytest.mark.parametrize("code", [SHARE, FLOW])
def test_a_reported_figure_is_equal_in_both_engines(code: str, clickhouse: ClickHouseSettings) -> None:
    series = CATALOGUE.series[CATALOGUE.indicators[code].series]
    told = list(figures(clickhouse, COMPILED.formulas[code], COMPILED, series.over_time))
    assert told[0].startswith("province Tỉnh Cà Mau: ")
    assert "no value" not in told[0]
    assert told[-1].endswith(": equal")


@pytest.mark.parametrize("code", sorted(CATALOGUE.composites))
def test_a_composite_is_equal_when_it_is_computed_again(code: str, clickhouse: ClickHouseSettings) -> None:
    mine = [part for part in parts_of(CATALOGUE.indicators) if part.composite == code]
    told = list(score_lines(clickhouse, mine))
    assert re.match(r"province Tỉnh Cà Mau: [\d.]+ of [\d.]+ points \([\d.]+ in all; rank 1", told[0])
    assert told[-1] == "computed again from the parts: equal"
    assert len(told) > 10


def test_the_data_reach_every_measure_and_every_window(clickhouse: ClickHouseSettings) -> None:
    """Otherwise equal would say little. Flows are looked at over all days: early in a year the year to date holds few."""
    with Client(clickhouse, clickhouse.analyst) as client:
        totals = client.query(
            f"SELECT rollup_id, sumForEach(measures) FROM {clickhouse.database}.partials WHERE grain != 'hour' "
            "AND startsWith(rollup_id, 'dossier_') GROUP BY rollup_id"
        )
        states = client.query(
            f"SELECT code FROM {clickhouse.database}.indicator_now WHERE level = 'province' AND period_grain = 'now' AND numerator = 0 AND sector = 'DVC'"
        )
    assert {rollup_id for rollup_id, _ in totals} == {
        r.rollup_id for r in COMPILED.rollups.values() if r.kind == "dossier"
    }
    assert [(rollup_id, totalled) for rollup_id, totalled in totals if 0 in totalled] == []
    assert states == []


def test_the_command_says_when_the_engines_differ(
    clickhouse: ClickHouseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    explain.register(app)
    for name, value in (
        ("HOST", clickhouse.host),
        ("NATIVE_PORT", str(clickhouse.native_port)),
        ("DATABASE", clickhouse.database),
    ):
        monkeypatch.setenv(f"IOC_CLICKHOUSE__{name}", value)
    monkeypatch.setenv("IOC_CLICKHOUSE__ANALYST__USER", clickhouse.analyst.user)
    monkeypatch.setenv("IOC_CLICKHOUSE__ANALYST__PASSWORD", clickhouse.analyst.password.get_secret_value())
    result = CliRunner().invoke(app, ["DVC-004"])
    assert result.exit_code == 0
    assert "unknown" in result.output
    assert ": equal" in result.output
    formula = COMPILED.formulas["DVC-004"]
    with Client(clickhouse, clickhouse.writer) as writer:
        partials = f"{clickhouse.database}.partials"
        (generation, unit, vector), *_ = writer.query(
            f"SELECT generation, unit, measures FROM {partials} WHERE rollup_id = '{formula.numerator.rollup_id}'"
        )
        vector = [count + 1 for count in vector]
        row = (generation, formula.numerator.rollup_id, "now", unit, 0, 0, 2, vector)
        writer.insert(partials, PARTIALS, [[cell] for cell in row])
        refresh(writer, clickhouse.database)
    result = CliRunner().invoke(app, ["DVC-004"])
    assert "DIFFERENT" in result.output
