"""Behind a figure: the entities that it counts add up to it, and each change since a moment is named with its reason."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from ioc.catalogue.load import load_catalogue, load_province
from ioc.clock import LOCAL
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import VERSION_HASH_BITS, unix_ms
from ioc.settings import ClickHouseSettings, Login
from sinks.asof import as_known
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.compare import only
from tests.clickhouse_front import FrontProcess
from tests.integration.truth_world import World, build

CATALOGUE, PROVINCE = load_catalogue(), load_province("ca_mau")
ROOT = next(unit.code for unit in PROVINCE.unit if unit.parent is None)
HERE, THERE = (unit.code for unit in [unit for unit in PROVINCE.unit if unit.level == "department"][:2])
TODAY = datetime.now(LOCAL).date()
THEN = datetime.combine(TODAY - timedelta(days=1), time(12), LOCAL).astimezone(UTC)
"""The moment that is compared with: noon of yesterday."""
EACH = 2
"""So many indicators of each kind and nature are added up."""


@pytest.fixture(scope="module")
def client(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as connected:
        yield connected


def sample() -> list[str]:
    """Some indicators of every kind and nature, the first and the last among them."""
    alike: dict[tuple[str, str], list[str]] = {}
    for code, formula in CATALOGUE.compiled.formulas.items():
        kind = CATALOGUE.compiled.rollups[formula.numerator.rollup_id].kind
        alike.setdefault((kind, formula.mode), []).append(code)
    return [code for codes in alike.values() for code in {*codes[:: max(1, len(codes) // EACH)], codes[-1]}]


@pytest.fixture(scope="module")
def world(client: Client) -> World:
    return build(client, "behind_items", only(CATALOGUE, sample()), PROVINCE, entities=40)


def test_the_items_of_a_figure_add_up_to_it(world: World) -> None:
    counted = 0
    for code in sample():
        formula = world.catalogue.compiled.formulas[code]
        kind = world.catalogue.compiled.rollups[formula.numerator.rollup_id].kind
        shown = world.client.query(
            "SELECT unit, period_start, numerator, ifNull(denominator, 0), ifNull(reported, 0) "
            f"FROM {world.database}.indicator_now WHERE code = '{code}' AND level != 'unknown' ORDER BY abs(numerator) DESC LIMIT 2"
        )
        assert shown, code
        for unit, period_start, numerator, denominator, reported in shown:
            items = f"{world.database}.{kind}_items(code = '{code}', unit = '{unit}')"
            since = f"WHERE day BETWEEN '{period_start}' AND '{TODAY}'" if formula.mode in ("flow", "report") else ""
            if formula.mode == "report" and CATALOGUE.series[CATALOGUE.indicators[code].series].over_time == "last":
                since += f" AND day = (SELECT max(day) FROM {items} {since})"
            found = world.client.query(
                f"SELECT sum(numerator), sum(denominator), count(), uniqExact(entity) FROM {items} {since}"
            )[0]
            assert found[:2] == (numerator, denominator), (code, unit)
            assert found[2] == found[3]
            # A report of 0 is an item too that adds nothing, and is not listed.
            assert formula.mode != "report" or found[2] <= reported
            counted += found[2]
    assert counted > 1000


def case(
    entity: str, observed: datetime, changed: datetime, unit: str = HERE, deleted: bool = False, **fields: Any
) -> Any:
    data = {
        "procedure": "1.000001", "field": "G05", "applicant_type": "person", "channel": "online_full",
        "status": "processing", "received_at": wire_time(THEN - timedelta(days=3)),
        "due_at": wire_time(THEN + timedelta(days=30)), "finished_at": None, "returned_at": None, "supplements": 0,
        "extensions": 0, "fee_vnd": 120_000, "paid_online": True, "components": 2, "components_digitised": 1,
        "components_reused": 0, "result_digitised": True, "vneid": True,
    } | fields  # fmt: skip
    return {
        "source": "made-up", "kind": "dossier", "facet": "case", "entity": entity, "deleted": deleted, "unit": unit,
        "version": unix_ms(changed) << VERSION_HASH_BITS, "occurred_at": data["received_at"],
        "observed_at": wire_time(observed), "data": data,
    }  # fmt: skip


BEFORE, AFTER = THEN - timedelta(hours=2), THEN + timedelta(hours=2)
LATER_DAY = wire_time(THEN - timedelta(days=2))
LIVES = [
    case("new", AFTER, AFTER, received_at=wire_time(AFTER)),
    case("finished", BEFORE, BEFORE), case("finished", AFTER, AFTER, status="returned", finished_at=wire_time(AFTER)),
    case("reopened", BEFORE, BEFORE, status="returned"), case("reopened", AFTER, AFTER),
    case("moved", BEFORE, BEFORE), case("moved", AFTER, AFTER, unit=THERE),
    case("redated", BEFORE, BEFORE), case("redated", AFTER, AFTER, received_at=LATER_DAY),
    case("deleted", BEFORE, BEFORE), case("deleted", AFTER, AFTER, deleted=True),
    case("dearer", BEFORE, BEFORE), case("dearer", AFTER, AFTER, fee_vnd=150_000),
    # Due at the noon of the moment: overdue since the midnight after it, without a word from the source.
    case("overdue", BEFORE, BEFORE, due_at=wire_time(THEN)),
    # Its newest version was read again after the moment; nothing has changed.
    case("read again", BEFORE, BEFORE), case("read again", AFTER, BEFORE),
    # Read after the moment, although older by the source's clock.
    case("late", AFTER, THEN - timedelta(days=2)),
]  # fmt: skip


@pytest.fixture(scope="module")
def changed(client: Client) -> str:
    """The database of these lives."""
    database = "behind_changes"
    migrate(client, Target(database), CATALOGUE, PROVINCE, {})
    names = [column.name for column in history_columns("dossier")]
    for event in decoder("dossier")(msgspec.json.encode(LIVES)):
        # Each by itself: what is inserted at once is merged at once.
        client.insert(f"{database}.dossier_history", names, history_rows("dossier", [event])[0])
    return database


def changes(client: Client, database: str, code: str, unit: str) -> dict[str, tuple[str, int, int]]:
    """Entity → reason, numerator then and now."""
    rows = client.query(
        "SELECT entity, reason, numerator_then, numerator_now FROM "
        f"{database}.dossier_changes(code = '{code}', unit = '{unit}', moment = '{THEN:%Y-%m-%d %H:%M:%S}')"
    )
    return {entity: (reason, then, now) for entity, reason, then, now in rows}


def test_each_change_is_named_with_its_reason(client: Client, changed: str) -> None:
    assert changes(client, changed, "DVC-004", HERE) == {
        "new": ("new", 0, 1), "late": ("new", 0, 1), "finished": ("left", 1, 0), "reopened": ("entered", 0, 1),
        "moved": ("moved", 1, 0), "deleted": ("deleted", 1, 0),
    }  # fmt: skip
    assert changes(client, changed, "DVC-004", THERE) == {"moved": ("moved", 0, 1)}
    assert "moved" not in changes(client, changed, "DVC-004", ROOT)
    assert changes(client, changed, "DVC-003", ROOT) == {"overdue": ("day passed", 0, 1)}


def test_a_flow_tells_what_was_corrected_and_what_lies_on_another_day(client: Client, changed: str) -> None:
    assert changes(client, changed, "DVC-051", ROOT) == {
        "new": ("new", 0, 120_000), "late": ("new", 0, 120_000), "deleted": ("deleted", 120_000, 0),
        "redated": ("moved", 120_000, 120_000), "dearer": ("corrected", 120_000, 150_000),
    }  # fmt: skip


def letter(facet: str, at: datetime, **data: Any) -> Any:
    return {
        "source": "made-up", "kind": "document", "facet": facet, "entity": "letter", "deleted": False, "unit": HERE,
        "version": unix_ms(at) << VERSION_HASH_BITS, "occurred_at": wire_time(at), "observed_at": wire_time(at), "data": data,
    }  # fmt: skip


def test_what_another_facet_tells_is_a_change_of_its_moment(client: Client, changed: str) -> None:
    """A letter is handled: its entry in the register stays what it was."""
    entry = letter(
        "entry", BEFORE, direction="in", counterpart_level="central", counterpart="000.00.00.G22", receivers=1,
        doc_type="Công văn", business="new", priority="normal", promulgated_at=wire_time(BEFORE),
        sent_at=wire_time(BEFORE), due_at=None, pages=1, signed=True,
    )  # fmt: skip
    told = [entry, letter("arrived", BEFORE, arrived_at=wire_time(BEFORE))]
    told += [letter("finished", AFTER, closed_at=wire_time(AFTER))]
    names = [column.name for column in history_columns("document")]
    for event in decoder("document")(msgspec.json.encode(told)):
        client.insert(f"{changed}.document_history", names, history_rows("document", [event])[0])
    for code, reason in (("VB-010", "left"), ("VB-006", "entered")):
        assert client.query(
            f"SELECT entity, reason, changed_at FROM {changed}.document_changes(code = '{code}', unit = '{HERE}', "
            f"moment = '{THEN:%Y-%m-%d %H:%M:%S}')"
        ) == [("letter", reason, AFTER)]
    items = f"{changed}.document_items(code = 'VB-006', unit = '{HERE}')"
    assert client.query(f"SELECT entity, changed_at FROM {items}") == [("letter", AFTER)]


@pytest.mark.parametrize("code", ["DVC-003", "DVC-004"])
def test_changes_are_the_way_from_what_was_known_to_what_is(client: Client, changed: str, code: str) -> None:
    """What was known at the end of the day before yesterday, plus the changes since, is what is counted now."""
    day = TODAY - timedelta(days=2)
    midnight = datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(UTC) - timedelta(microseconds=1)
    known = {one.unit: one.numerator for one in as_known(client, changed, CATALOGUE, code, day)}
    for unit in (ROOT, HERE, THERE):
        (gained,) = client.query(
            "SELECT sum(numerator_now) - sum(numerator_then) FROM "
            f"{changed}.dossier_changes(code = '{code}', unit = '{unit}', moment = '{midnight:%Y-%m-%d %H:%M:%S.%f}')"
        )[0]
        (held,) = client.query(f"SELECT sum(numerator) FROM {changed}.dossier_items(code = '{code}', unit = '{unit}')")[
            0
        ]
        assert known.get(unit, 0) + gained == held


def test_a_code_of_another_kind_has_no_items(client: Client, changed: str) -> None:
    assert client.query(f"SELECT count() FROM {changed}.dossier_items(code = 'VB-001', unit = '{ROOT}')") == [(0,)]
