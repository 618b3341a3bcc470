"""What the boards say, held against the views, the operator's commands and a count of one's own."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.boards import findings, found, freshness, heard, owed, targets, unit, units
from dashboards.boards.rows import ages, statuses
from dashboards.boards.world import load_world
from ioc.catalogue.load import load_province
from ioc.catalogue.owed import Report, missing
from ioc.clock import LOCAL
from ioc.settings import CatalogueSettings
from sinks import feeds
from sinks.clickhouse import snapshot
from sinks.clickhouse.client import Client
from sinks.owed import ReportsOwed
from tests.clickhouse_front import FrontProcess
from tests.wall_world import REPORTS, ROOT_UNIT, STRANGE_UNIT, World

CATALOGUE = load_world().catalogue
COMMUNE = "000.00.42.H12"
DEPARTMENT = "000.00.08.H12"
NOW = datetime.now(UTC)

FEEDS: tuple[tuple[str, str, str, str, timedelta | None], ...] = (
    ("dossier", "cases", "", "dossier", timedelta(minutes=2)),
    ("dossier", "ratings", "", "dossier", timedelta(hours=20)),
    ("health", "visits", "", "encounter,appointment", timedelta(hours=30)),
    ("health", "visits", "96001", "encounter", timedelta(hours=90)),
    ("hub", "reports", COMMUNE, "statistic", timedelta(minutes=61)),
    ("hub", "reports", STRANGE_UNIT, "statistic", timedelta(minutes=59)),
    ("hub", "odd", "", "no_such_kind", timedelta(minutes=61)),
    ("hub", "silent", "", "vessel", None),
)
"""System, stream, unit that reports itself, kinds, how long ago it was read up to; None: nobody knows."""


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> World:
    made = World(clickhouse_front, "boards").migrate().fill(300).flag()
    columns = ("source", "stream", "unit", "kinds", "read_at", "source_time", "records", "rejected", "late")
    rows = [
        (source, stream, code, kinds, NOW, None if age is None else NOW - age, 1, 0, 0)
        for source, stream, code, kinds, age in FEEDS
    ]
    with Client(made.settings, made.settings.admin) as client:
        client.insert(f"{made.database}.feeds", columns, [list(column) for column in zip(*rows, strict=True)])
        client.insert(
            f"{made.database}.source_controls",
            ("source", "stream", "action", "begins", "ends", "reason"),
            [
                ["dossier"],
                ["ratings"],
                ["maintenance"],
                [NOW - timedelta(hours=18)],
                [NOW - timedelta(hours=1)],
                ["x"],
            ],
        )
        snapshot.refresh(client, made.database)
    return made


def asked(world: World, sql: str, **chosen: str) -> list[dict[str, Any]]:
    """The rows of a statement by name of column, its variables filled in as Grafana does."""
    for name, value in chosen.items():
        sql = sql.replace(f"${{{name}:sqlstring}}", "'" + value.replace("'", "''") + "'")
    names = [row[0] for row in world.query(f"DESCRIBE ({sql})")]
    return [dict(zip(names, row, strict=True)) for row in world.query(sql)]


@pytest.mark.parametrize("code", [ROOT_UNIT, DEPARTMENT, COMMUNE, "96001"])
def test_a_unit_shows_every_indicator_that_it_has(world: World, code: str) -> None:
    listed: list[dict[str, Any]] = []
    for one in CATALOGUE.sectors:
        rows = asked(world, unit.sector(one.code), unit=code)
        badness = [["bad", "warning", "none", "good"].index(row["status"]) for row in rows]
        assert badness == sorted(badness)
        listed += rows
    expected = world.query(f"SELECT code, value, target, toString(status) FROM indicator_now WHERE unit = '{code}'")
    assert sorted((row["code"], row["value"], row["target"], row["status"]) for row in listed) == sorted(expected)
    assert len(expected) > 10
    attention = {row["code"] for row in asked(world, unit.attention(), unit=code)}
    assert attention == {row["code"] for row in listed if row["status"] in ("bad", "warning")}
    late = {row["code"] for row in asked(world, unit.late(), unit=code)}
    assert late == {row["code"] for row in listed if row["freshness"] != "fresh"}
    for tallied in (statuses("unit = ${unit:sqlstring}"), ages("unit = ${unit:sqlstring}")):
        assert sum(row["value"] for row in asked(world, tallied, unit=code)) == len(expected)


def test_scores_of_a_unit_name_what_is_missing(world: World) -> None:
    rows = asked(world, unit.scores(), unit=COMMUNE)
    expected = world.query(
        f"SELECT code, earned, available, points, missing, rank FROM composite_values WHERE unit = '{COMMUNE}'"
    )
    assert {row["code"] for row in rows} == {row[0] for row in expected} == set(CATALOGUE.composites)
    for code, earned, available, points, lacking, rank in expected:
        row = next(row for row in rows if row["code"] == code)
        assert (row["earned"], row["available"], row["points"], row["rank"]) == (
            earned,
            available,
            points,
            rank or None,
        )
        assert row["missing"] == len(lacking)
    assert any(row["missing"] for row in rows)


@pytest.mark.parametrize("level", ["department", "commune"])
def test_the_parts_of_a_league_add_up_to_its_points(world: World, level: str) -> None:
    composites = set(CATALOGUE.composites)
    for total in units.totals(load_world()):
        rows = asked(world, units.points(total, composites), level=level)
        earned = dict(
            world.query(f"SELECT unit, earned FROM composite_values WHERE code = '{total.code}' AND level = '{level}'")
        )
        assert {row["unit"] for row in rows} == earned.keys()
        for row in rows:
            parts = [row[part] for part in units.parts_of(total) if row[part] is not None]
            assert sum(parts) == pytest.approx(earned[row["unit"]], abs=1e-6)
    lacking = {
        (row["composite"], row["code"]): row["missing"]
        for row in asked(world, units.missing(units.totals(load_world())), level=level)
    }
    assert lacking
    for total in units.totals(load_world()):
        missed = [
            part
            for (parts,) in world.query(
                f"SELECT missing FROM composite_values WHERE code = '{total.code}' AND level = '{level}'"
            )
            for part in parts
        ]
        assert {code: count for (name, code), count in lacking.items() if name == total.name.vi} == {
            part: missed.count(part) for part in missed
        }


def test_units_stand_by_what_they_missed(world: World) -> None:
    rows = asked(world, units.standing(), level="department")
    for row in rows:
        found_now = [
            status
            for (status,) in world.query(f"SELECT toString(status) FROM indicator_now WHERE unit = '{row['unit']}'")
        ]
        assert (row["bad"], row["good"], row["indicators"]) == (
            found_now.count("bad"),
            found_now.count("good"),
            len(found_now),
        )
    assert [row["bad"] for row in rows] == sorted((row["bad"] for row in rows), reverse=True)
    assert "unknown" in {row["unit"] for row in rows}


def test_boards_say_of_who_owes_a_report_what_reminders_go_by(world: World) -> None:
    there = [
        Report(series, world.query(f"SELECT unit FROM unit_codes WHERE raw_code = '{raw}'")[0][0] if raw != STRANGE_UNIT else raw, start)
        for series, raw, start in world.query("SELECT series, unit, period_start FROM reports WHERE known")
    ]  # fmt: skip
    assert len(there) == len([one for one in REPORTS if one[0] in CATALOGUE.series])
    expected = missing(CATALOGUE, load_province("ca_mau"), there, None, NOW.astimezone(LOCAL).date())
    listed = asked(world, owed.reports().replace(f"LIMIT {owed.MOST}", ""))
    series_of = {code: one.series for code, one in CATALOGUE.indicators.items() if one.series}
    assert Counter((row["unit"], series_of[row["code"]], row["periods"]) for row in listed) == Counter(
        (one.unit, one.series, one.periods) for one in expected
    )
    ever = {(one.series, one.unit) for one in there}
    assert {row["unit"]: (row["owed"], row["never"]) for row in asked(world, owed.units())} == {
        unit: (
            sum(one.periods for one in expected if one.unit == unit),
            sum((one.series, one.unit) not in ever for one in expected if one.unit == unit),
        )
        for unit in {one.unit for one in expected}
    }
    assert all(row["overdue_since"] <= NOW for row in listed)
    # Of a series that the whole province sends at once, and of one that every unit sends.
    assert {CATALOGUE.series[one.series].reporters for one in expected} >= {1, None}


def test_a_report_that_comes_is_owed_no_more(world: World) -> None:
    unit, series, grain, start = world.query(
        "SELECT unit, series, period_grain, period_start FROM reports_owed "
        "WHERE unit != '' AND period_grain IN ('month', 'quarter', 'year') ORDER BY due, unit, series LIMIT 1"
    )[0]
    owing = f"SELECT count() FROM reports_owed WHERE series = '{series}' AND unit = '{unit}'"
    assert world.query(owing) == [(1,)]
    world.report(datetime(start.year, start.month, start.day, tzinfo=LOCAL), (series, unit, grain, 1.0, 1, 100))
    with Client(world.settings, world.settings.admin) as client:
        ReportsOwed(CatalogueSettings()).refresh(client, world.database)
    assert world.query(owing) == [(0,)]


def test_coverage_says_how_many_of_how_many_reported(world: World) -> None:
    rows = {row["code"]: row for row in asked(world, owed.coverage())}
    for code, reported, expected in world.query(
        "SELECT code, reported, expected FROM indicator_now WHERE kind = 'latest' AND level = 'province'"
    ):
        assert (code in rows) == (reported < expected)
        if code in rows:
            assert rows[code]["share"] == pytest.approx(100 * reported / expected)


def test_feeds_are_judged_as_by_the_operators_command(world: World) -> None:
    with Client(world.settings, world.settings.admin) as client:
        states = {(one.source, one.stream, one.unit): one for one in feeds.feed_states(client, world.database)}
    assert len(states) == len(FEEDS)
    streams = asked(world, heard.streams())
    assert {(row["source"], row["stream"]): row["freshness"] for row in streams} == {
        (one.source, one.stream): one.freshness for one in states.values() if not one.unit
    }
    planned = {row["stream"]: row["planned_minutes"] for row in streams}
    assert planned["ratings"] == 17 * 60
    reporting = asked(world, heard.reporting_units())
    names = {row["unit_name"]: row["freshness"] for row in reporting}
    assert names == {one.unit_name or one.unit: one.freshness for one in states.values() if one.unit}
    assert {one.freshness for one in states.values()} == {"fresh", "late", "stale", "no_data"}
    own = asked(world, heard.streams_of("'96001'"))
    assert sorted((row["source"], row["stream"], row["whose"]) for row in own) == sorted(
        (source, stream, "own" if code else "all") for source, stream, code, _, _ in FEEDS if code in ("", "96001")
    )


def test_sectors_count_their_figures_by_age(world: World) -> None:
    rows = asked(world, freshness.by_sector())
    sizes = {one.code: len(one.indicator) for one in CATALOGUE.sectors}
    assert {row["sector"]: row["fresh"] + row["late"] + row["stale"] + row["no_data"] for row in rows} == sizes


def test_targets_come_with_result_document_and_projection(world: World) -> None:
    rows = {row["code"]: row for row in asked(world, targets.of_province())}
    expected = world.query(
        "SELECT code, value, target, toString(status), target_document FROM indicator_now WHERE level = 'province' AND target IS NOT NULL"
    )
    assert len(rows) == len(expected) > 30
    for code, value, target, status, document in expected:
        assert (rows[code]["value"], rows[code]["target"], rows[code]["status"]) == (value, target, status)
        assert rows[code]["document"].startswith(document)
    projected = {
        code: (value, track) for code, value, track in world.query("SELECT code, value, on_track FROM forecast_now")
    }
    for code, row in rows.items():
        assert (row["ends"], row["on_track"]) == projected.get(code, (None, "unknown"))
    assert sum(row["value"] for row in asked(world, targets.outlook())) == len(rows)
    (count,) = world.query("SELECT count() FROM targets FINAL")[0]
    assert len(asked(world, targets.ever_set())) == count
    below = world.query(
        "SELECT uniqExact(code, level) FROM indicator_now WHERE level != 'province' AND target IS NOT NULL"
    )
    assert len(asked(world, targets.of_units())) == below[0][0]


def test_findings_are_all_listed_with_whose_they_are(world: World) -> None:
    stands = asked(world, found.findings("isNull(f.resolved_at)"))
    expected = world.query("SELECT reason, series, unit, stated FROM findings FINAL WHERE isNull(resolved_at)")
    assert sorted((row["reason"], row["stated"]) for row in stands) == sorted(
        (str(reason), stated) for reason, _, _, stated in expected
    )
    assert {(row["name"], row["unit_name"], row["unit"]) for row in stands} >= {("NEW_FRIMS", STRANGE_UNIT, "unknown")}
    series = {one.series: code for code, one in CATALOGUE.indicators.items() if one.series}
    assert {row["code"] for row in stands} == {series.get(name, "") for _, name, _, _ in expected}
    assert sum(row["value"] for row in asked(world, findings.by_reason())) == len(expected)
    assert sum(row["findings"] for row in asked(world, findings.by_unit())) == len(expected)
    own = asked(
        world, found.findings(f"isNull(f.resolved_at) AND {found.OWNER} = ${{unit:sqlstring}}"), unit=DEPARTMENT
    )
    assert {row["name"] for row in own} == {
        CATALOGUE.indicators[series[name]].name.vi for _, name, code, _ in expected if code == DEPARTMENT
    }
    assert len(expected) >= len(REPORTS) - 1
