"""What is wrong with reported figures is flagged with its reason, kept when it is over, and never changes a figure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from dashboards.boards.found import findings as open_findings
from ioc.catalogue.load import load_catalogue, load_province
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.findings import Findings, refresh
from tests.clickhouse_front import FrontProcess

DATABASE = "findings_test"
VIETNAM = timezone(timedelta(hours=7))
READ_AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
UNIT = "000.00.08.H12"
TABLES = ("statistic_history", "statistic_figure", "findings")


@pytest.fixture(scope="module")
def database(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        migrate(client, Target(DATABASE), load_catalogue(), load_province("ca_mau"), {"events.statistic": "test"})
        yield client


@pytest.fixture
def client(database: Client) -> Client:
    for table in TABLES:
        database.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
    return database


def report(series: str, value: float, month: int = 10, **more: Any) -> dict[str, Any]:
    """A report of a month of 2026 unless `grain` says otherwise; numerator and denominator only where they are given."""
    unit, grain, edition = more.get("unit", UNIT), more.get("grain", "month"), more.get("edition", 1)
    start = datetime(2026, month, 1, tzinfo=VIETNAM).astimezone(UTC)
    data = {
        "series": series, "period_grain": grain, "period_start": wire_time(start), "value_milli": round(value * 1000),
        "numerator_milli": more.get("numerator") and more["numerator"] * 1000,
        "denominator_milli": more.get("denominator") and more["denominator"] * 1000,
        "contradictory": more.get("contradictory", False),
    }  # fmt: skip
    return {
        "source": "hub", "kind": "statistic", "entity": f"{series}/{unit}/2026-{month:02}", "facet": "figure",
        "version": version_of(edition, data), "deleted": False, "unit": unit, "occurred_at": wire_time(READ_AT),
        "observed_at": wire_time(READ_AT), "data": data,
    }  # fmt: skip


def store(client: Client, *reports: dict[str, Any]) -> None:
    events = decoder("statistic")(msgspec.json.encode(reports))
    columns, _ = history_rows("statistic", events)
    client.insert(f"{DATABASE}.statistic_history", [c.name for c in history_columns("statistic")], columns)


def found(client: Client) -> list[tuple[Any, ...]]:
    return client.query(
        "SELECT reason, series, unit, period_start, stated, expected "
        f"FROM {DATABASE}.findings FINAL WHERE isNull(resolved_at) ORDER BY reason, entity"
    )


def test_figures_without_fault_are_not_flagged(client: Client) -> None:
    store(
        client,
        report("PUBLIC_INVESTMENT", 76.81, numerator=53, denominator=69),
        *(report("NEW_FIRMS", 40 + month % 3, month) for month in range(1, 11)),
        report("GRDP_GROWTH", 7.1, 7, grain="quarter"),
    )
    assert refresh(client, DATABASE) == Findings(0, 0)


OCTOBER = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        # 349,605 of 356,257 is 98.13%, the document states 98.67% (Plan 267/KH-UBND, part I.II.7).
        (
            report("PUBLIC_INVESTMENT", 98.67, numerator=349_605, denominator=356_257, contradictory=True),
            ("contradictory", "PUBLIC_INVESTMENT", UNIT, OCTOBER, 98.67, pytest.approx(98.1328, abs=1e-4)),
        ),
        (
            report("PUBLIC_INVESTMENT", 100, numerator=70, denominator=69),
            ("part_over_whole", "PUBLIC_INVESTMENT", UNIT, OCTOBER, 70, 69),
        ),
        (report("NEW_FIRMS", -4), ("out_of_domain", "NEW_FIRMS", UNIT, OCTOBER, -4, 0)),
        (report("NEW_FIRMS", 5000), ("out_of_domain", "NEW_FIRMS", UNIT, OCTOBER, 5000, 1000)),
        (report("NEW_FRIMS", 5), ("unknown_series", "NEW_FRIMS", UNIT, OCTOBER, 5, None)),
        (report("NEW_FIRMS", 5, grain="quarter"), ("wrong_period", "NEW_FIRMS", UNIT, OCTOBER, 5, None)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "report",
)
def test_each_fault_is_flagged_and_the_figure_stays(
    client: Client, fault: dict[str, Any], finding: tuple[Any, ...]
) -> None:
    store(client, fault, report("NEW_FIRMS", 12, 9))
    assert refresh(client, DATABASE) == Findings(1, 0)
    assert found(client) == [finding]
    stored = client.query(f"SELECT value FROM {DATABASE}.reports WHERE entity = '{fault['entity']}'")
    assert stored == [(fault["data"]["value_milli"] / 1000,)]


def test_a_sudden_jump_is_held_against_the_usual_value(client: Client) -> None:
    usual = [40, 44, 38, 41, 43, 39, 42, 40]
    store(client, *(report("NEW_FIRMS", value, month) for month, value in enumerate(usual, 1)))
    assert refresh(client, DATABASE).open == 0
    store(client, report("NEW_FIRMS", 410, 9))
    refresh(client, DATABASE)
    # The median of 38, 39, 40, 40, 41, 42, 43, 44 is the fourth.
    assert found(client) == [("jump", "NEW_FIRMS", UNIT, date(2026, 9, 1), 410, 40)]


def test_a_first_report_or_a_growing_series_is_no_jump(client: Client) -> None:
    store(client, *(report("NEW_FIRMS", 50 * month, month) for month in range(1, 11)), report("RETAIL_SALES", 900, 3))
    assert refresh(client, DATABASE).open == 0


def test_a_unit_that_sends_the_same_report_again_is_flagged(client: Client) -> None:
    series = ("NEW_FIRMS", "RETAIL_SALES", "BUDGET_REVENUE")
    store(client, *(report(code, 100 + place, month) for place, code in enumerate(series) for month in (8, 9)))
    store(client, *(report(code, 200 + place, 9, unit="000.00.09.H12") for place, code in enumerate(series)))
    refresh(client, DATABASE)
    assert [row[:4] for row in found(client)] == [("repeated", code, UNIT, date(2026, 9, 1)) for code in sorted(series)]
    # One new figure shows that somebody has looked at the report.
    store(client, report("NEW_FIRMS", 101, 9, edition=2))
    assert refresh(client, DATABASE) == Findings(0, 3)


def test_two_reports_of_what_one_unit_reports_are_flagged(client: Client) -> None:
    store(client, *(report("GRDP_GROWTH", 7, 7, grain="quarter", unit=unit) for unit in (UNIT, "000.00.09.H12")))
    refresh(client, DATABASE)
    assert [row[:3] for row in found(client)] == [
        ("several_reports", "GRDP_GROWTH", UNIT), ("several_reports", "GRDP_GROWTH", "000.00.09.H12"),
    ]  # fmt: skip


def test_what_is_corrected_stays_with_the_moment_it_ended_and_may_come_back(client: Client) -> None:
    store(client, report("NEW_FIRMS", 5000))
    assert refresh(client, DATABASE) == refresh(client, DATABASE) == Findings(1, 0)
    store(client, report("NEW_FIRMS", 50, edition=2))
    assert refresh(client, DATABASE) == refresh(client, DATABASE) == Findings(0, 1)
    ((stated, found_at, resolved),) = client.query(
        f"SELECT stated, found_at, isNotNull(resolved_at) FROM {DATABASE}.findings FINAL"
    )
    assert (stated, found_at, resolved) == (5000, READ_AT, 1)
    store(client, report("NEW_FIRMS", 6000, edition=3))
    assert refresh(client, DATABASE) == Findings(1, 0)
    assert found(client)[0][4] == 6000


def test_what_is_open_is_listed_newest_first_in_words(client: Client) -> None:
    client.execute(f"USE {DATABASE}")
    listed = open_findings("isNull(f.resolved_at)")
    assert client.query(listed) == []
    wrong = [report("NEW_FRIMS", 5, unit=f"X{number:02}") for number in range(44)]
    for number, said in enumerate(wrong):
        said["observed_at"] = wire_time(READ_AT + timedelta(minutes=number))
    last = report("GRDP_GROWTH", 99, 10, grain="quarter") | {"observed_at": wire_time(READ_AT + timedelta(hours=1))}
    store(client, *wrong, last)
    assert refresh(client, DATABASE) == Findings(45, 0)
    (_, *first), *others = client.query(listed)
    assert first[:1] + first[2:8] == [
        "Sở Tài chính", "Tốc độ tăng trưởng GRDP", "Quý 4/2026", "out_of_domain", 99, 30, READ_AT + timedelta(hours=1),
    ]  # fmt: skip
    assert [(row[1], row[3], row[4], row[5]) for row in others] == [
        (f"X{number:02}", "NEW_FRIMS", "10/2026", "unknown_series") for number in range(43, -1, -1)
    ]
