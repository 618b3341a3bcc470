"""The views of composites against their recomputation in plain Python, on made-up units, parts and values."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ioc.catalogue.composite import SCALE, Part, parts_of
from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.composites import Score, scores
from tests.clickhouse_front import FrontProcess

DATABASE = "composites_test"
UNITS = {"P": "province", **{f"D{n}": "district" for n in range(4)}, **{f"X{n}": "commune" for n in range(3)}}


@pytest.fixture(scope="module")
def database(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        migrate(client, Target(DATABASE), load_catalogue(), load_province("ca_mau"), {"events.dossier": "test"})
        listed = client.query(f"SELECT code, level, part, points, zero, full FROM {DATABASE}.composite_parts FINAL")
        assert sorted(listed) == sorted(
            (p.composite, p.level, p.code, p.points, p.zero, p.full) for p in parts_of(load_catalogue().indicators)
        )
        put(client, "units", ("code", "level", "valid_from"), [(u, at, date(1997, 1, 1)) for u, at in UNITS.items()])
        yield client


def put(client: Client, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
    if rows:
        client.insert(f"{DATABASE}.{table}", columns, list(zip(*rows, strict=True)))


def shown(client: Client, parts: list[Part], values: dict[tuple[str, str], float | None]) -> dict[Any, Score]:
    """What the view says of parts and values."""
    columns = ("code", "level", "part", "points", "zero", "full")
    put(client, "composite_parts", columns, [(p.composite, p.level, p.code, p.points, p.zero, p.full) for p in parts])
    rows = [(code, unit, UNITS[unit], value) for (code, unit), value in values.items()]
    put(client, "indicator_figures", ("code", "unit", "level", "value"), rows)
    found = client.query(
        f"SELECT code, unit, earned, available, points, missing, rank, tied FROM {DATABASE}.composite_values"
    )
    return {(row[0], row[1]): Score(row[2], row[3], row[4], tuple(row[5]), row[6], row[7]) for row in found}


def part(code: str, level: Any, points: float, zero: float = 0, full: float = 100) -> Part:
    return Part("ZZ-001", level, code, round(points * SCALE), zero, full)


def test_ties_missing_parts_and_less_is_better(database: Client) -> None:
    parts = [part("AA-001", "district", 60), part("AA-002", "district", 40, zero=20, full=0)]
    values = {
        ("AA-001", "D0"): 50.0, ("AA-002", "D0"): 5.0,  # 30 of 60, and 40 * 15 / 20 = 30 of 40: 60 of 100
        ("AA-001", "D1"): 80.0, ("AA-002", "D1"): 25.0,  # 48 of 60, and beyond the worst nothing: 48 of 100
        ("AA-001", "D2"): 60.0, ("AA-002", "D2"): None,  # 36 of 60, the other is missing: 0.6 as well
        ("AA-003", "D3"): 99.0,  # nothing of its parts
    }  # fmt: skip
    wanted = {
        ("ZZ-001", "D0"): Score(60, 100, 100, (), 1, 2),
        ("ZZ-001", "D1"): Score(48, 100, 100, (), 3, 1),
        ("ZZ-001", "D2"): Score(36, 60, 100, ("AA-002",), 1, 2),
        ("ZZ-001", "D3"): Score(0, 0, 100, ("AA-001", "AA-002"), 0, 0),
    }
    assert scores(parts, values, UNITS) == wanted
    assert shown(database, parts, values) == wanted


def test_progress_and_results_of_three_communes(database: Client) -> None:
    """DVC-060: on time (10 points), before the promised day (4), overdue share of the open ones (6, none from 10 % on)."""
    parts = [p for p in parts_of(load_catalogue().indicators) if p.composite == "DVC-060" and p.level == "commune"]
    values = {
        ("DVC-002", "X0"): 95.0,  # 9.5 of 10
        ("DVC-019", "X0"): 50.0,  # 2 of 4
        ("DVC-027", "X0"): 2.5,  # 7.5 of the 10 down to nothing: 4.5 of 6
        ("DVC-002", "X1"): 80.0,  # 8 of 10
        ("DVC-019", "X1"): None,  # nothing was finished with a promise: missing
        ("DVC-027", "X1"): 12.0,  # 0 of 6
        ("DVC-002", "X2"): 100.0,  # 10 of 10
        ("DVC-019", "X2"): 75.0,  # 3 of 4
        ("DVC-027", "X2"): 5.0,  # 3 of 6
    }
    wanted = {
        ("DVC-060", "X0"): Score(16, 20, 20, (), 1, 2),  # 9.5 + 2 + 4.5
        ("DVC-060", "X1"): Score(8, 16, 20, ("DVC-019",), 3, 1),  # 8 + 0 of 16
        ("DVC-060", "X2"): Score(16, 20, 20, (), 1, 2),  # 10 + 3 + 3
    }
    assert scores(parts, values, UNITS) == wanted
    assert shown(database, parts, values) == wanted


codes = st.sampled_from([f"AA-00{n}" for n in range(4)])
levels = st.sampled_from(["province", "district", "commune", "facility"])
numbers = st.sampled_from([0.0, 1 / 3, 50.0, 66.66666666666667, 90.0, 100.0, 250.0, -5.0, 1e12])
slopes = st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1])
drawn = st.tuples(st.sampled_from(["ZZ-001", "ZZ-002"]), levels, codes, st.integers(1, 1_000_000), slopes)
worlds = st.lists(
    drawn.map(lambda p: Part(p[0], p[1], p[2], p[3], *p[4])),  # type: ignore[arg-type]
    max_size=8,
    unique_by=lambda p: (p.composite, p.level, p.code),
)
known = st.dictionaries(st.tuples(codes, st.sampled_from(sorted(UNITS))), st.none() | numbers, max_size=32)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds, known)
def test_views_say_what_plain_python_says(
    database: Client, parts: list[Part], values: dict[tuple[str, str], float | None]
) -> None:
    assert shown(database, parts, values) == scores(parts, values, UNITS)


def test_each_part_shows_what_it_earned(database: Client) -> None:
    parts = [part("AA-001", "province", 18, full=90), part("AA-002", "province", 82)]
    shown(database, parts, {("AA-001", "P"): 60.0})
    rows = database.query(f"SELECT part, value, points, earned FROM {DATABASE}.composite_scores ORDER BY part")
    assert rows == [("AA-001", 60.0, 180_000, 120_000), ("AA-002", None, 820_000, None)]


def test_a_unit_that_no_longer_exists_has_no_score(database: Client) -> None:
    columns = ("code", "level", "valid_from", "valid_to")
    before = [(unit, level, date(1997, 1, 1), None) for unit, level in UNITS.items()]
    put(database, "units", columns, [*before, ("D9", "district", date(1997, 1, 1), date(2025, 7, 1))])
    found = shown(database, [part("AA-001", "district", 100)], {("AA-001", "D1"): 1.0})
    assert {unit for _, unit in found} == {"D0", "D1", "D2", "D3"}
