"""The SQL of the alert rules on the real engine, as Grafana evaluates it: silent while all is well, firing on a planted case."""

import operator
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from dashboards import provision
from dashboards.query import DATASOURCE_UID
from ioc.clock import LOCAL
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.contracts.kinds import KINDS
from sinks.clickhouse import snapshot
from sinks.clickhouse.client import Client
from sinks.feeds import feed_states
from tests.clickhouse_front import FrontProcess
from tests.naive_fold import NaiveFold
from tests.wall_world import CATALOGUE, PROVINCE, SOURCE, World

LOADED: dict[str, Any] = dict(provision.load())
RULES = {rule["uid"]: rule for group in LOADED["groups"] for rule in group["rules"]}
SQL_RULES = [uid for uid, rule in RULES.items() if rule["data"][0]["datasourceUid"] == DATASOURCE_UID]
TARGETS = {one.code: one for one in sorted(PROVINCE.target, key=lambda one: one.year) if one.level == "province"}
STRICTEST = min(one.freshness_minutes for one in CATALOGUE.indicators.values() if one.event in KINDS)

Labels = frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def migrated(clickhouse_front: FrontProcess) -> World:
    return World(clickhouse_front, "alerts_test").migrate()


@pytest.fixture
def world(migrated: World) -> World:
    """Nothing was ever read."""
    with Client(migrated.settings, migrated.settings.admin) as client:
        for table in ("partials", "feeds", "findings", "statistic_history", "statistic_figure"):
            client.execute(f"TRUNCATE TABLE {migrated.database}.{table}")
        snapshot.refresh(client, migrated.database)
    return migrated


def rows(world: World, query: Mapping[str, Any]) -> dict[Labels, float]:
    """A query's answer as Grafana's server makes numbers of a table: one column of numbers, the others texts, which are the labels."""
    login = world.settings.wall
    answer = httpx.post(
        world.front.url,
        params={"database": world.database, "default_format": "JSONCompact"},
        content=query["model"]["rawSql"].encode(),
        headers={"X-ClickHouse-User": login.user, "X-ClickHouse-Key": login.password.get_secret_value()},
    )
    assert answer.is_success, answer.text
    said = answer.json()
    kinds = [column["type"].removeprefix("LowCardinality(").rstrip(")") for column in said["meta"]]
    (number,) = (place for place, kind in enumerate(kinds) if kind in ("Float64", "UInt8", "UInt64", "Int64"))
    assert all(kind == "String" for place, kind in enumerate(kinds) if place != number), kinds
    names = [column["name"] for column in said["meta"]]
    found = {
        frozenset((names[place], value) for place, value in enumerate(row) if place != number): float(row[number])
        for row in said["data"]
    }
    assert len(found) == len(said["data"]), "two instances have the same labels"
    return found


def firing(world: World, uid: str) -> dict[Labels, float]:
    """The instances beyond the threshold, with the number that texts name."""
    query, *_, threshold = RULES[uid]["data"]
    evaluator = threshold["model"]["conditions"][0]["evaluator"]
    (limit,) = evaluator["params"]
    side = operator.gt if evaluator["type"] == "gt" else operator.lt
    return {labels: value for labels, value in rows(world, query).items() if side(value, limit)}


def beat(world: World, stream: str, unit: str, age: timedelta, kinds: str) -> None:
    now = datetime.now(UTC)
    columns = ("source", "stream", "unit", "kinds", "read_at", "source_time", "records", "rejected", "late")
    row: list[list[Any]] = [[SOURCE], [stream], [unit], [kinds], [now], [now - age], [1], [0], [0]]
    with Client(world.settings, world.settings.admin) as client:
        client.insert(f"{world.database}.feeds", columns, row)
        snapshot.refresh(client, world.database)


def test_nothing_fires_where_nothing_was_read(world: World) -> None:
    assert {uid: firing(world, uid) for uid in SQL_RULES} == {uid: {} for uid in SQL_RULES}


def test_missed_targets_fire_with_value_target_and_responsible_unit(world: World) -> None:
    world.fill(400).heartbeat()
    figures: dict[str, float] = dict(
        world.query("SELECT code, value FROM indicator_now WHERE level = 'province' AND value IS NOT NULL")
    )
    missed: set[str] = set()
    reached: set[str] = set()
    for code in figures.keys() & TARGETS.keys():
        indicator, goal = CATALOGUE.indicators[code], float(TARGETS[code].value)
        short = goal - figures[code] if indicator.direction == "up" else figures[code] - goal
        (missed if short > float(indicator.warning_margin) else reached).add(code)
    assert missed
    assert reached
    fired: dict[str, float] = {}
    for uid in SQL_RULES:
        if "off-target" not in uid:
            continue
        shown = rows(world, next(query for query in RULES[uid]["data"] if query["refId"] == "V"))
        for labels, gap in firing(world, uid).items():
            said = dict(labels)
            fired[said["code"]] = gap
            assert shown[labels] == figures[said["code"]]
            assert said["target"].replace(",", ".") == f"{float(TARGETS[said['code']].value):g}"
            assert said["responsible"] == CATALOGUE.indicators[said["code"]].responsible
            assert said["decimals"] in "012"
            assert said["document"]
    assert fired.keys() == missed
    assert all(gap == pytest.approx(abs(figures[code] - float(TARGETS[code].value))) for code, gap in fired.items())


def test_a_stream_fires_when_it_is_stale_and_not_before(world: World) -> None:
    kinds = ",".join(KINDS)
    for age, fires in ((0, False), (3 * STRICTEST - 2, False), (3 * STRICTEST + 2, True), (10_000, True)):
        beat(world, "all", "", timedelta(minutes=age), kinds)
        found = firing(world, "ioc-stale-source")
        assert bool(found) is fires
        with Client(world.settings, world.settings.admin) as client:
            stale = {one.stream for one in feed_states(client, world.database) if one.freshness == "stale"}
        assert {dict(labels)["stream"] for labels in found} == stale
    ((labels, minutes),) = found.items()
    assert dict(labels) == {"source": SOURCE, "stream": "all", "allowed_minutes": str(STRICTEST)}
    assert minutes == pytest.approx(10_000, abs=2)


def test_units_that_report_themselves_are_counted(world: World) -> None:
    beat(world, "stays", "", timedelta(), "encounter")
    for unit, days in (("96001", 0), ("96002", 60), ("96003", 90)):
        beat(world, "stays", unit, timedelta(days=days), "encounter")
    assert firing(world, "ioc-stale-source") == {}
    assert firing(world, "ioc-silent-units") == {frozenset({("source", SOURCE), ("stream", "stays")}): 2}


def test_reports_with_something_wrong_fire_by_unit_and_reason(world: World) -> None:
    world.flag()
    found = {
        (dict(labels)["unit"], dict(labels)["reason"]): (dict(labels)["unit_name"], count)
        for labels, count in firing(world, "ioc-findings").items()
    }
    assert found["000.00.00.H12", "Không khớp tử số, mẫu số"] == ("Tỉnh Cà Mau", 2)
    assert found["000.00.09.H12", "Tử số lớn hơn mẫu số"] == ("Sở Tư pháp", 1)
    assert found["K99.99", "Mã không có trong danh mục"] == ("K99.99", 1)
    ((open_now,),) = world.query("SELECT count() FROM findings FINAL WHERE isNull(resolved_at)")
    assert sum(count for _, count in found.values()) == open_now


def report(series: str, unit: str, months_ago: int) -> dict[str, Any]:
    now = datetime.now(LOCAL)
    month = now.year * 12 + now.month - 1 - months_ago
    start = datetime(month // 12, month % 12 + 1, 1, tzinfo=LOCAL).astimezone(UTC)
    data = {
        "series": series, "period_grain": "month", "period_start": wire_time(start), "value_milli": 40_000,
        "numerator_milli": None, "denominator_milli": None, "contradictory": False,
    }  # fmt: skip
    return {
        "source": SOURCE, "kind": "statistic", "entity": f"{series}/{unit}/{months_ago}", "facet": "figure",
        "version": version_of(1, data), "deleted": False, "unit": unit, "occurred_at": wire_time(start),
        "observed_at": wire_time(start), "data": data,
    }  # fmt: skip


def test_overdue_reports_fire_for_the_unit_that_answers_for_them(world: World) -> None:
    """A month's report is due some days after it: that of two months ago is overdue when nothing came since the fourth."""
    (indicator,) = (one for one in CATALOGUE.indicators.values() if one.series == "NEW_FIRMS")

    def after(*months_ago: int) -> dict[Labels, float]:
        fold = NaiveFold("statistic", [r for r in CATALOGUE.compiled.rollups.values() if r.kind == "statistic"])
        told = [report("NEW_FIRMS", "000.00.08.H12", months) for months in months_ago]
        for event in decoder("statistic")(msgspec.json.encode(told)):
            fold.apply(event)
        rows = [(world.generation, *cell, 0, len(months_ago), vector) for cell, vector in fold.cells().items()]
        columns = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
        with Client(world.settings, world.settings.admin) as client:
            client.insert(f"{world.database}.partials", columns, list(zip(*rows, strict=True)))
        beat(world, "all", "", timedelta(), ",".join(KINDS))
        return firing(world, "ioc-overdue-reports")

    ((labels, count),) = after(4).items()
    said = dict(labels)
    assert (said["sector"], said["responsible"], count) == (indicator.sector, indicator.responsible, 1)
    assert said["sector_name"] == next(one.name.vi for one in CATALOGUE.sectors if one.code == indicator.sector)
    assert after(4, 1) == {}


def test_that_clickhouse_answers_is_no_alert(world: World) -> None:
    assert firing(world, "ioc-away-clickhouse") == {}
    assert list(rows(world, RULES["ioc-away-clickhouse"]["data"][0]).values()) == [1]
