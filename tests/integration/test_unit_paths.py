"""The tree of units in ClickHouse: what a code counts in on a day and today, against the same tree in plain Python."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Province
from ioc.catalogue.tree import Tree
from ioc.contracts.kinds import KINDS
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.dimensions import dimensions, load
from sinks.clickhouse.mappings import Mapping, store
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from tests.clickhouse_front import FrontProcess

DATABASE = "unit_paths_test"


def unit(code: str, level: str, parent: str | None = "P", **more: object) -> dict[str, object]:
    return {"code": code, "name": {"vi": code, "en": code}, "level": level, "parent": parent, **more}


END_OF_DISTRICTS = date(2025, 7, 1)
PROVINCE = Province.model_validate(
    {
        "code": "p",
        "name": {"vi": "P", "en": "P"},
        "unit": [
            unit("P", "province", None),
            unit("D", "district", valid_to=END_OF_DISTRICTS, successor="P", aliases=["D.old"]),
            # Stays what it is and comes under the province.
            unit("kept", "commune", "D", moved=[{"on": END_OF_DISTRICTS, "parent": "P"}], aliases=["kept.old"]),
            # A chain: first, then second, then third.
            unit("first", "commune", "D", valid_to=date(2020, 1, 1), successor="second"),
            unit("second", "commune", "D", valid_from=date(2020, 1, 1), valid_to=END_OF_DISTRICTS, successor="third"),
            unit("third", "commune", valid_from=END_OF_DISTRICTS),
            # Nobody took it over.
            unit("lost", "department", valid_to=date(2024, 1, 1)),
            unit("coming", "department", valid_from=date(2100, 1, 1)),
        ],
    }
)
MAPPINGS = {"m1": "second", "m2": "kept", "D.old": "third", "m3": "nowhere"}
RAWS = ["P", "D", "D.old", "kept", "kept.old", "first", "second", "third", "lost", "coming", "m1", "m2", "m3", "?", ""]


@pytest.fixture(scope="module")
def client(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as client:
        migrate(client, Target(DATABASE), load_catalogue(), load_province("ca_mau"), {"events.dossier": "test"})
        own = [d for d in dimensions(load_catalogue(), PROVINCE, "g") if d.table in ("units", "unit_lineage")]
        load(client, Target(DATABASE), own)
        for code, of in MAPPINGS.items():
            store(client, DATABASE, Mapping(code, of, "test", datetime(2026, 1, 1, tzinfo=UTC)))
        yield client


def path(client: Client, raw: str, day: date, tree: str) -> tuple[str, ...]:
    rows = client.query(
        f"SELECT unit, ancestors FROM {DATABASE}.unit_paths WHERE raw_code = '{raw}' AND tree = '{tree}' "
        f"AND valid_from <= '{day}' AND '{day}' < valid_to"
    )
    if not rows:
        return ()
    ((found, ancestors),) = rows
    assert ancestors[0] == found
    return tuple(ancestors)


@pytest.mark.parametrize(
    "day", [date(1970, 1, 1), date(2019, 12, 31), date(2020, 1, 1), date(2025, 6, 30), date(2025, 7, 1)]
)
def test_every_code_counts_where_the_profile_says(client: Client, day: date) -> None:
    tree = Tree(PROVINCE, MAPPINGS)
    today = client.query("SELECT toDate(now('Asia/Ho_Chi_Minh'))")[0][0]
    for raw in RAWS:
        assert path(client, raw, day, "then") == tree.path(raw, day), raw
        assert path(client, raw, day, "today") == tree.path(raw, today), raw


@pytest.mark.parametrize(
    ("raw", "day", "then", "today"),
    [
        ("D", date(2025, 6, 30), ("D", "P"), ("P",)),
        ("D", date(2025, 7, 1), ("P",), ("P",)),
        ("D.old", date(2025, 6, 30), ("D", "P"), ("P",)),  # an alias; the profile wins over the mapping
        ("kept.old", date(2025, 6, 30), ("kept", "D", "P"), ("kept", "P")),
        ("kept", date(2025, 7, 1), ("kept", "P"), ("kept", "P")),
        ("first", date(2019, 12, 31), ("first", "D", "P"), ("third", "P")),
        ("first", date(2020, 1, 1), ("second", "D", "P"), ("third", "P")),
        ("first", date(2025, 7, 1), ("third", "P"), ("third", "P")),
        ("second", date(2019, 1, 1), ("second", "D", "P"), ("third", "P")),  # before its beginning: itself
        ("lost", date(2024, 6, 1), ("lost", "P"), ("lost", "P")),  # nobody took it over: itself
        ("coming", date(2025, 6, 1), ("coming", "P"), ("coming", "P")),
        ("m1", date(2025, 6, 30), ("second", "D", "P"), ("third", "P")),  # mapped by an operator
        ("m3", date(2025, 6, 30), (), ()),  # mapped to what is no unit
        ("?", date(2025, 6, 30), (), ()),
    ],
)  # fmt: skip
def test_paths_worked_out_by_hand(
    client: Client, raw: str, day: date, then: tuple[str, ...], today: tuple[str, ...]
) -> None:
    assert path(client, raw, day, "then") == then
    assert path(client, raw, day, "today") == today


def test_codes_stand_for_the_units_of_today(client: Client) -> None:
    found = dict(client.query(f"SELECT raw_code, unit FROM {DATABASE}.unit_codes"))
    assert found == {
        "P": "P", "D": "P", "D.old": "P", "kept": "kept", "kept.old": "kept", "first": "third", "second": "third",
        "third": "third", "lost": "lost", "coming": "coming", "m1": "third", "m2": "kept",
    }  # fmt: skip


def test_intervals_have_no_gap_and_do_not_overlap(client: Client) -> None:
    rows = client.query(f"SELECT raw_code, tree, valid_from, valid_to FROM {DATABASE}.unit_paths ORDER BY ALL")
    until: dict[tuple[str, str], date] = {}
    for raw, tree, first, end in rows:
        assert until.get((raw, tree), date(1970, 1, 1)) == first < end
        until[raw, tree] = end
    assert set(until.values()) == {date(2149, 6, 6)}


def test_a_unit_knows_its_life_and_its_successor(client: Client) -> None:
    rows = client.query(
        f"SELECT parent, valid_from, valid_to, successor, ancestors FROM {DATABASE}.units FINAL WHERE code IN ('second', 'kept') "
        "ORDER BY code"
    )
    assert rows == [
        ("P", date(1997, 1, 1), None, "", ["kept", "P"]),
        ("D", date(2020, 1, 1), END_OF_DISTRICTS, "third", ["second", "D", "P"]),
    ]


def test_unknown_codes_are_told_but_the_empty_one(client: Client) -> None:
    facet = KINDS["vessel"].main.name
    for number, code in enumerate(("", "X.99", "first")):
        client.execute(
            f"INSERT INTO {DATABASE}.vessel_history (entity, facet, version, unit, observed_at, occurred_at) "
            f"VALUES ('e{number}', '{facet}', {number + 1}, '{code}', now64(6), now64(6))"
        )
    assert client.query(f"SELECT raw_code, kind FROM {DATABASE}.unknown_units") == [("X.99", "vessel")]
