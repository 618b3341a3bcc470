"""Figures of any period and of now, from a few cells worked by hand: trees, seals, states, reports, periods before.

The province P has a district D until 30/6/2025; from 1/7/2025 on the communes C (which took D over) and E stand in its place.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from ioc.catalogue.compile import compile_catalogue
from ioc.catalogue.indicator import Indicator, Sector
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.catalogue.series import Series
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import TODAY, Target
from sinks.clickhouse.snapshot import Snapshot, refresh
from tests.clickhouse_front import FrontProcess

DATABASE = "indicator_views"
EPOCH = date(1970, 1, 1)
NAMES = {"vi": "Tên", "en": "Name"}
LEVELS = ["province", "district", "commune"]
SHARED = {
    "name": NAMES, "levels": LEVELS, "direction": "up", "responsible": "P", "provenance": {"origin": "project"},
}  # fmt: skip
FLOW = {"event": "dossier", "time": "received_at"} | SHARED
INDICATORS = [
    Indicator.model_validate(row)
    for row in (
        {"code": "DVC-001", "kind": "count", "unit": "dossier", **FLOW},
        {
            "code": "DVC-002", "kind": "ratio", "unit": "percent", "period": "month",
            "numerator": [{"field": "vneid", "eq": True}], **FLOW,
        },
        {"code": "DVC-003", "kind": "stock", "event": "dossier", "unit": "dossier", **SHARED},
        {"code": "KT-001", "kind": "latest", "series": "ADDS_UP", "unit": "dossier", **SHARED},
        {"code": "KT-002", "kind": "latest", "series": "STANDS", "unit": "percent", **SHARED},
        {"code": "KT-003", "kind": "latest", "series": "ALONE", "unit": "percent", **SHARED},
    )
]  # fmt: skip
SERIES = {
    code: Series.model_validate(
        {"code": code, "name": NAMES, "grain": "month", "reporter": "local", "low": 0, "high": 1e6, **rest}
    )
    for code, rest in {
        "ADDS_UP": {"unit": "dossier", "additivity": "sum", "over_time": "sum"},
        "STANDS": {"unit": "percent", "additivity": "ratio", "over_time": "last"},
        "ALONE": {"unit": "percent", "additivity": "none", "over_time": "last"},
    }.items()
}
PROVINCE = Province.model_validate(
    {
        "code": "test",
        "name": NAMES,
        "unit": [
            {"code": "P", "name": NAMES, "level": "province"},
            {
                "code": "D",
                "name": NAMES,
                "level": "district",
                "parent": "P",
                "valid_to": date(2025, 7, 1),
                "successor": "C",
            },
            {"code": "C", "name": NAMES, "level": "commune", "parent": "P", "valid_from": date(2025, 7, 1)},
            {"code": "E", "name": NAMES, "level": "commune", "parent": "P", "valid_from": date(2025, 7, 1)},
        ],
    }
)


def bucket(day: date) -> int:
    return (day - EPOCH).days


class World:
    """A database of its own, with what the tests need of it."""

    def __init__(self, client: Client, front: FrontProcess) -> None:
        self.client, self.front = client, front
        sectors = tuple(
            Sector.model_validate({"code": letters, "name": NAMES, "indicator": []}).model_copy(
                update={"indicator": [i for i in INDICATORS if i.sector == letters]}
            )
            for letters in ("DVC", "KT")
        )
        self.compiled = compile_catalogue(INDICATORS, SERIES)
        catalogue = Catalogue(sectors, self.compiled, SERIES)
        self.generation = migrate(client, Target(DATABASE), catalogue, PROVINCE, {}).generation
        self.today = EPOCH + timedelta(days=client.query(f"SELECT {TODAY}")[0][0])

    def put(self, table: str, rows: list[dict[str, Any]]) -> None:
        self.client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
        if rows:
            rows = [{"generation": self.generation, **row} for row in rows]
            self.client.insert(
                f"{DATABASE}.{table}", list(rows[0]), [list(c) for c in zip(*(r.values() for r in rows), strict=True)]
            )

    def vector(self, code: str, above: int, below: int = 0, reports: int = 0) -> tuple[str, list[int]]:
        """The rollup of an indicator and a vector in which only its measures are."""
        formula = self.compiled.formulas[code]
        vector = [0] * len(self.compiled.rollups[formula.numerator.rollup_id].measures)
        for ref, value in ((formula.reports, reports), (formula.denominator, below), (formula.numerator, above)):
            if ref is not None:
                vector[ref.index] = value
        return formula.numerator.rollup_id, vector

    def cell(self, code: str, unit: str, day: date | None, *figures: int, part: int = 0) -> dict[str, Any]:
        rollup, vector = self.vector(code, *figures)
        grain, at = ("now", 0) if day is None else ("day", bucket(day))
        return {
            "rollup_id": rollup,
            "grain": grain,
            "unit": unit,
            "bucket": at,
            "part": part,
            "revision": 1,
            "measures": vector,
        }

    def values(self, code: str, columns: str, where: str) -> set[tuple[Any, ...]]:
        return set(
            self.client.query(f"SELECT {columns} FROM {DATABASE}.indicator_period(code = '{code}') WHERE {where}")
        )

    def now(self, code: str, columns: str) -> dict[str, tuple[Any, ...]]:
        rows = self.client.query(f"SELECT unit, {columns} FROM {DATABASE}.indicator_now WHERE code = '{code}'")
        return {row[0]: row[1:] for row in rows}


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> Iterator[World]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        yield World(client, clickhouse_front)


JUNE_30, JULY_1, JULY_2 = date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 2)


def received(world: World) -> list[dict[str, Any]]:
    return [
        world.cell("DVC-001", "D", JUNE_30, 2), world.cell("DVC-001", "D", JUNE_30, 3, part=1),
        world.cell("DVC-001", "C", JULY_1, 3), world.cell("DVC-001", "E", JULY_1, 2),
        world.cell("DVC-001", "nobody's", JULY_2, 1),
    ]  # fmt: skip


def test_a_flow_is_summed_over_every_period_in_both_trees(world: World) -> None:
    world.put("seals", [])
    world.put("partials", received(world))
    then = world.values(
        "DVC-001", "unit, grain, period_start, numerator", "tree = 'then' AND grain IN ('month', 'week')"
    )
    june, july = date(2025, 6, 1), date(2025, 7, 1)
    assert then == {
        ("D", "month", june, 5), ("P", "month", june, 5),
        ("C", "month", july, 3), ("E", "month", july, 2), ("unknown", "month", july, 1), ("P", "month", july, 6),
        # The 30th of June 2025 is a Monday.
        ("D", "week", JUNE_30, 5), ("C", "week", JUNE_30, 3), ("E", "week", JUNE_30, 2), ("unknown", "week", JUNE_30, 1),
        ("P", "week", JUNE_30, 11),
    }  # fmt: skip
    # In the tree of today C stands for D, which it took over.
    today = world.values("DVC-001", "unit, grain, numerator", "tree = 'today' AND grain IN ('year', 'to_date')")
    assert today == {(u, g, n) for g in ("year", "to_date") for u, n in (("C", 8), ("E", 2), ("unknown", 1), ("P", 11))}
    quarters = world.values(
        "DVC-001", "period_start, value", "tree = 'then' AND grain = 'quarter' AND level = 'province'"
    )
    assert quarters == {(date(2025, 4, 1), 5.0), (date(2025, 7, 1), 6.0)}


def test_sealed_days_count_below_the_seal_and_only_what_is_not_sealed_is_provisional(world: World) -> None:
    world.put("partials", received(world))
    rollup, four = world.vector("DVC-001", 4)
    sealed = {"rollup_id": rollup, "sealed_at": 0}
    world.put("sealed", [sealed | {"unit": "C", "bucket": bucket(JULY_1), "measures": four}])
    world.put("seals", [sealed | {"sealed_until": bucket(JULY_2)}])
    found = world.values(
        "DVC-001", "unit, grain, period_start, numerator, provisional", "tree = 'then' AND level = 'province'"
    )
    assert {row for row in found if row[1] in ("day", "month")} == {
        ("P", "day", JULY_1, 4, False), ("P", "day", JULY_2, 1, True), ("P", "month", date(2025, 7, 1), 5, True),
    }  # fmt: skip
    cells = world.client.query(f"SELECT unit, bucket, measures FROM {DATABASE}.day_cells WHERE rollup_id = '{rollup}'")
    assert len(cells) == 2
    world.put("sealed", [])
    world.put("seals", [])


def test_a_share_is_a_sum_over_a_sum_on_every_level(world: World) -> None:
    world.put("partials", [world.cell("DVC-002", "C", JULY_1, 1, 1), world.cell("DVC-002", "E", JULY_1, 1, 3)])
    found = world.values("DVC-002", "unit, numerator, denominator, value", "tree = 'then' AND grain = 'day'")
    assert found == {("C", 1, 1, 100.0), ("E", 1, 3, 100 / 3), ("P", 2, 4, 50.0)}


def test_a_states_period_ends_with_the_last_day_that_its_history_has(world: World) -> None:
    world.put("partials", [])
    day = {"code": "DVC-003", "below": 0, "computed_at": 0}
    end = world.today - timedelta(days=1)
    first = end.replace(day=1)
    rows = [(first, "C", 7), (first, "E", 1), (end, "C", 9)] if first != end else [(end, "C", 9)]
    world.put("state_days", [day | {"unit": u, "day": bucket(d), "above": n} for d, u, n in rows])
    world.put(
        "state_marks",
        [
            {
                "kind": "dossier",
                "from_day": bucket(first),
                "until_day": bucket(world.today),
                "looked_at": 0,
                "revision": 1,
            }
        ],
    )
    found = world.values("DVC-003", "unit, period_start, numerator, provisional", "tree = 'then' AND grain = 'month'")
    assert found == {("C", first, 9, False), ("P", first, 9, False)}
    days = world.values("DVC-003", "period_start, numerator", "tree = 'then' AND grain = 'day' AND unit = 'P'")
    assert days == ({(first, 8), (end, 9)} if first != end else {(end, 9)})
    world.put("state_days", [])
    world.put("state_marks", [])


def test_reports_are_summed_where_they_may_be_and_say_how_many_of_how_many(world: World) -> None:
    world.put(
        "partials",
        [
            world.cell("KT-001", "D", date(2025, 6, 1), 10_000, 0, 1), world.cell("KT-001", "C", date(2025, 7, 1), 4_000, 0, 1),
            world.cell("KT-001", "E", date(2025, 7, 1), 2_500, 0, 1), world.cell("KT-001", "E", date(2025, 8, 1), 1_000, 0, 1),
        ],
    )  # fmt: skip
    columns = "period_start, value, reported, expected, provisional"
    months = world.values("KT-001", columns, "tree = 'then' AND unit = 'P' AND grain = 'month'")
    assert months == {
        # One district reports until June, two communes from July on.
        (date(2025, 6, 1), 10.0, 1, 1, False), (date(2025, 7, 1), 6.5, 2, 2, False), (date(2025, 8, 1), 1.0, 1, 2, True),
    }  # fmt: skip
    # Six months of one district, six of two communes.
    year = world.values("KT-001", columns, "tree = 'then' AND unit = 'P' AND grain = 'year'")
    assert year == {(date(2025, 1, 1), 17.5, 4, 18, True)}
    assert world.values("KT-001", "grain", "grain IN ('day', 'week', 'now')") == set()


def test_of_what_stands_the_last_period_counts_and_what_may_not_be_added_has_no_sum(world: World) -> None:
    july, august = date(2025, 7, 1), date(2025, 8, 1)
    cells = [world.cell("KT-002", "C", july, 1_000, 2_000, 1), world.cell("KT-002", "E", july, 2_000, 2_000, 1)]
    cells += [world.cell("KT-002", "E", august, 500, 2_000, 1)]
    cells += [
        {**cell, "unit": f"{cell['unit']}"} for cell in (world.cell("KT-003", "C", date(2025, 9, 1), 40_000, 0, 1),)
    ] + [world.cell("KT-003", "E", date(2025, 9, 1), 50_000, 0, 1)]
    world.put("partials", cells)
    where = "tree = 'then' AND grain = 'year'"
    assert world.values("KT-002", "unit, value, reported, expected", where) == {
        ("C", 50.0, 1, 1), ("E", 25.0, 1, 1), ("P", 25.0, 1, 2),
    }  # fmt: skip
    month = "tree = 'then' AND grain = 'month' AND period_start = '2025-07-01'"
    assert world.values("KT-002", "unit, value", month) == {("C", 50.0), ("E", 100.0), ("P", 75.0)}
    assert world.values("KT-003", "unit, value, reported", where) == {("C", 40.0, 1), ("E", 50.0, 1), ("P", None, 2)}


def test_one_many_and_all_say_the_same_by_either_protocol(world: World) -> None:
    world.put("partials", received(world))
    columns = (
        "code, unit, level, tree, grain, period_start, numerator, denominator, value, reported, expected, provisional"
    )
    one = world.client.query(f"SELECT {columns} FROM {DATABASE}.indicator_period(code = 'DVC-001') ORDER BY ALL")
    for view in ("indicator_selected(codes = ['DVC-001'])", "indicator_values"):
        rows = world.client.query(f"SELECT {columns} FROM {DATABASE}.{view} WHERE code = 'DVC-001' ORDER BY ALL")
        assert rows == one
    assert len(one) > 30
    grafana = "SELECT period_start AS time, value FROM indicator_period(code = 'DVC-001') WHERE grain = 'day' AND tree = 'today'"
    by_http = httpx.post(
        world.front.url,
        params={"user": "ioc_wall", "password": "wall-secret", "database": DATABASE},
        content=f"{grafana} AND level = 'province' ORDER BY time FORMAT TSV",
    )
    assert by_http.text.splitlines() == ["2025-06-30\t5", "2025-07-01\t5", "2025-07-02\t1"]


def year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def test_now_is_compared_with_as_long_a_piece_of_the_year_before(world: World) -> None:
    today, before = world.today, year_before(world.today)
    world.put(
        "partials",
        [
            world.cell("DVC-001", "C", today, 6), world.cell("DVC-001", "C", today + timedelta(days=1), 100),
            world.cell("DVC-001", "C", before, 8), world.cell("DVC-001", "E", before.replace(day=1, month=1), 1),
            # A day too late to be compared.
            world.cell("DVC-001", "E", before + timedelta(days=1), 50),
        ],
    )  # fmt: skip
    refresh(world.client, DATABASE)
    found = world.now("DVC-001", "value, previous, previous_start, toString(trend), provisional")
    start = before.replace(month=1, day=1)
    assert found == {
        "P": (6.0, 9.0, start, "down", True), "C": (6.0, 8.0, start, "down", True), "E": (0.0, 1.0, start, "down", True),
    }  # fmt: skip


def test_what_comes_in_changes_only_the_rows_above_it(world: World) -> None:
    world.put("partials", [world.cell("DVC-003", "C", None, 5), world.cell("DVC-003", "E", None, 7)])
    snapshot = Snapshot(world.client, DATABASE)
    snapshot.refresh()
    assert {unit: row[0] for unit, row in world.now("DVC-003", "value").items()} == {"P": 12.0, "C": 5.0, "E": 7.0}
    newer = {"generation": world.generation, **world.cell("DVC-003", "E", None, 1), "revision": 2}
    strange = {"generation": world.generation, **world.cell("DVC-003", "X.9", None, 2)}
    rows = [list(column) for column in zip(newer.values(), strange.values(), strict=True)]
    world.client.insert(f"{DATABASE}.partials", list(newer), rows)
    snapshot.refresh()
    found = world.now("DVC-003", "value, unit_name")
    assert {unit: row[0] for unit, row in found.items()} == {"P": 8.0, "C": 5.0, "E": 1.0, "unknown": 2.0}
    assert found["unknown"][1].endswith(": X.9")
    # Both ways of counting come to the same rows.
    columns = "numerator, denominator, value, previous, toString(trend), provisional, toString(status), period_start"
    step = {code: world.now(code, columns) for code in ("DVC-001", "DVC-002", "DVC-003")}
    refresh(world.client, DATABASE)
    assert step == {code: world.now(code, columns) for code in step}


def test_a_report_is_fresh_while_the_last_due_one_is_there(world: World) -> None:
    first = world.today.replace(day=1)

    def months_ago(count: int) -> date:
        month = first.year * 12 + first.month - 1 - count
        return date(month // 12, month % 12 + 1, 1)

    # Reports are due ten days after their month: that of two months ago is due for sure, that of three months ago is past.
    world.put(
        "partials",
        [
            world.cell("KT-001", "C", months_ago(1), 2_000, 0, 1), world.cell("KT-001", "C", months_ago(3), 5_000, 0, 1),
            world.cell("KT-001", "E", months_ago(4), 3_000, 0, 1),
        ],
    )  # fmt: skip
    refresh(world.client, DATABASE)
    found = world.now(
        "KT-001", "period_start, value, previous, toString(freshness), toString(status), reported, expected"
    )
    # period is the year: the series' months are added up over it.
    year = {unit: row[0] for unit, row in found.items()}
    assert year["C"] == date(months_ago(1).year, 1, 1)
    assert found["C"][3] == "fresh"
    assert found["E"][3] == "stale"
    assert found["P"][3] == "fresh"
    refresh(world.client, DATABASE)
    assert world.now("KT-002", "toString(freshness), value") == dict.fromkeys(("P", "C", "E"), ("no_data", None))
