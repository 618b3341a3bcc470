"""The views for one nature, grain and tree, for one indicator and for many say the same."""

from collections.abc import Iterator

import pytest

from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from tests.bench.cells_world import Size, fill
from tests.clickhouse_front import FrontProcess

DATABASE = "period_views_test"
COLUMNS = "code, unit, level, tree, grain, period_start, numerator, denominator, value, reported, expected, provisional"
GRAINS = ("day", "week", "month", "quarter", "year", "to_date")
EACH = 16
"""So many indicators of each nature are compared."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def client(clickhouse_front: FrontProcess, catalogue: Catalogue) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    province = load_province("ca_mau")
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as opened:
        generation = migrate(opened, Target(DATABASE), catalogue, province, {}).generation
        size = Size(days=40, fresh_days=6, hours=1, parts=2, months=14, state_days=40)
        fill(opened, DATABASE, generation, catalogue, province, size)
        yield opened


@pytest.mark.parametrize("nature", ["flow", "state", "report"])
def test_the_views_of_one_nature_of_one_indicator_and_of_many_say_the_same(
    client: Client, catalogue: Catalogue, nature: str
) -> None:
    modes = {"flow": {"flow"}, "state": {"now", "age"}, "report": {"report"}}[nature]
    codes = [code for code, formula in catalogue.compiled.formulas.items() if formula.mode in modes]
    counted = 0
    for place, code in enumerate(codes[:: max(1, len(codes) // EACH)]):
        grain, tree = GRAINS[place % len(GRAINS)], ("then", "today")[place % 2]
        lean = f"{DATABASE}.{nature}_period(code = '{code}', grain = '{grain}', tree = '{tree}')"
        many = f"{DATABASE}.indicator_selected(codes = ['{code}']) WHERE grain = '{grain}' AND tree = '{tree}'"
        rows = client.query(f"SELECT {COLUMNS} FROM {lean} ORDER BY ALL")
        assert rows == client.query(f"SELECT {COLUMNS} FROM {many} ORDER BY ALL"), (code, grain, tree)
        one = f"{DATABASE}.indicator_period(code = '{code}') WHERE grain = '{grain}' AND tree = '{tree}'"
        assert rows == client.query(f"SELECT {COLUMNS} FROM {one} ORDER BY ALL"), (code, grain, tree)
        counted += len(rows)
    assert counted > 100


@pytest.mark.parametrize("grain", GRAINS)
def test_the_view_of_the_province_says_what_that_of_all_units_says(
    client: Client, catalogue: Catalogue, grain: str
) -> None:
    flows = [code for code, formula in catalogue.compiled.formulas.items() if formula.mode == "flow"]
    columns = COLUMNS.replace("unit, level, tree, ", "level, ")
    for code in flows[:: len(flows) // EACH]:
        province = f"{DATABASE}.flow_province(code = '{code}', grain = '{grain}')"
        units = f"{DATABASE}.flow_period(code = '{code}', grain = '{grain}', tree = 'then') WHERE level = 'province'"
        rows = client.query(f"SELECT {columns} FROM {province} ORDER BY ALL")
        assert rows, code
        assert rows == client.query(f"SELECT {columns} FROM {units} ORDER BY ALL"), code


@pytest.mark.parametrize("nature", ["flow", "state", "report"])
@pytest.mark.parametrize("code", ["DVC-059", "XX-001"])
def test_what_is_not_of_the_nature_has_no_rows(client: Client, nature: str, code: str) -> None:
    """A composite has no periods; a code that nothing has is none."""
    for grain in GRAINS:
        view = f"{DATABASE}.{nature}_period(code = '{code}', grain = '{grain}', tree = 'today')"
        assert client.query(f"SELECT count() FROM {view}") == [(0,)]
