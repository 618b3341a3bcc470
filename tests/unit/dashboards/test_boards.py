"""The boards of units, freshness, targets, findings and SQL: what they ask, what they lead to, what they leave out."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dashboards.boards import analyst, findings, freshness, pipeline, targets, unit, units
from dashboards.boards.world import load_world
from dashboards.build import build
from dashboards.layout import COLUMNS, MOST_TILES, ROWS
from dashboards.query import DATASOURCE_UID
from ioc.catalogue.indicator import Indicator

WORLD = load_world()
BOARDS: dict[str, dict[str, Any]] = {
    name.removesuffix(".json"): json.loads(text) for name, text in build(WORLD).items()
}
OWN = ("units", "unit", "freshness", "targets", "findings", "pipeline", "analyst")
FILLED = {
    "nature": ("flow", "state", "report", "composite"),
    "sector_key": tuple(code.lower() for code in WORLD.sector_names),
}
"""What a column may hold that stands in the path of an address."""


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in BOARDS[name]["panels"] if panel["type"] != "row"]


def queries(name: str) -> Iterator[tuple[dict[str, Any], str]]:
    for panel in panels(name):
        for target in panel.get("targets") or ():
            if "rawSql" in target:
                yield panel, target["rawSql"]


def addresses(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from addresses(one)
    elif isinstance(value, dict):
        if isinstance(value.get("url"), str) and value["url"]:
            yield value["url"]
        for one in value.values():
            yield from addresses(one)


def led_to(address: str) -> set[str]:
    """Names of the dashboards that an address leads to, for every value that its path may have."""
    paths = {address.partition("?")[0].removeprefix("/d/ioc-")}
    for column, values in FILLED.items():
        place = f"${{__data.fields.{column}}}"
        paths = {path.replace(place, value) for path in paths for value in (values if place in path else ("",))}
    return paths


@pytest.mark.parametrize("name", OWN)
def test_addresses_lead_to_dashboards_that_have_the_variables(name: str) -> None:
    for address in set(addresses(BOARDS[name])):
        for target in led_to(address):
            assert target in BOARDS, address
            variables = {variable["name"] for variable in BOARDS[target]["templating"]["list"]}
            assert set(re.findall(r"var-(\w+)=", address)) <= variables, address


def test_units_sectors_and_indicators_can_be_reached() -> None:
    reached = {name: set[str]().union(*(led_to(address) for address in addresses(BOARDS[name]))) for name in OWN}
    assert {"unit"} <= reached["units"] & reached["freshness"] & reached["findings"]
    assert {"indicator-flow", "indicator-state", "indicator-report"} <= reached["unit"] & reached["targets"]
    assert {f"sector-{code}" for code in FILLED["sector_key"]} <= reached["freshness"]


@pytest.mark.parametrize("name", OWN)
def test_rows_carry_what_their_addresses_ask_for(name: str) -> None:
    """In Grafana a data link is an empty string where the column is not there; it is hidden, not left out."""
    for panel in panels(name):
        if panel["type"] == "text":
            continue
        overrides = {
            override["matcher"]["options"]: override["properties"] for override in panel["fieldConfig"]["overrides"]
        }
        sql = "\n".join(target.get("rawSql", "") for target in panel.get("targets") or ())
        # A table of overrides is shared by queries that have not all of its columns.
        linked = {
            column: set(addresses(settings))
            for column, settings in overrides.items()
            if re.search(rf"\b{column}\b", sql)
        }
        for found in linked.values():
            for column in re.findall(r"\$\{__data\.fields\.(\w+)\}", " ".join(found)):
                assert re.search(rf"\b(AS )?{column}\b", sql), (panel["title"], column)
                assert {"id": "custom.hidden", "value": True} in overrides[column], (panel["title"], column)


@pytest.mark.parametrize("name", OWN)
def test_queries_name_variables_that_are_there_as_texts(name: str) -> None:
    variables = {variable["name"] for variable in BOARDS[name]["templating"].get("list") or ()}
    for panel, sql in queries(name):
        asked = re.findall(r"\$\{?(\w+)(:\w+)?\}?", sql)
        assert {variable for variable, _ in asked} <= variables, panel["title"]
        assert all(how == ":sqlstring" for _, how in asked), panel["title"]
        assert panel["datasource"]["uid"] == DATASOURCE_UID


@pytest.mark.parametrize("name", OWN)
def test_views_of_everything_are_not_asked(name: str) -> None:
    """`indicator_values` is computed for all indicators, units and periods at once: seconds, where a panel has 50 ms."""
    for panel, sql in queries(name):
        assert not re.search(
            r"\b(indicator_values|indicator_period|findings_now|kind_ages|entity_units|unknown_units)\b", sql
        ), panel["title"]


@pytest.mark.parametrize("name", [name for name in OWN if name not in ("pipeline", "analyst")])
def test_tables_of_figures_tell_their_age(name: str) -> None:
    for panel, sql in queries(name):
        if "FROM targets FINAL" in sql or "FROM composite_" in sql:
            continue
        assert re.search(r"\bas_of\b", sql), panel["title"]


@pytest.mark.parametrize("name", OWN)
def test_pages_fit_a_screen(name: str) -> None:
    board = BOARDS[name]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    taken: set[tuple[int, int]] = set()
    counts: list[int] = []
    top = 0
    for panel in board["panels"]:
        place = panel["gridPos"]
        if panel["type"] == "row":
            counts, top = [*counts, 0], place["y"]
        else:
            counts[-1] += 1
        assert place["x"] + place["w"] <= COLUMNS
        assert place["y"] + place["h"] <= top + 1 + ROWS
        cells = {(place["x"] + i, place["y"] + j) for i in range(place["w"]) for j in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert all(1 <= count <= MOST_TILES for count in counts)


@pytest.mark.parametrize("name", OWN)
def test_titles_are_vietnamese(name: str) -> None:
    for panel in BOARDS[name]["panels"]:
        assert re.search(r"[à-ỹđ]|^Dead letters", panel["title"].lower()), panel["title"]


def test_a_unit_has_a_table_of_every_sector() -> None:
    asked = [re.findall(r"AND sector = '(\w+)'", sql) for _, sql in queries("unit")]
    assert sorted(code for codes in asked for code in codes) == sorted(WORLD.sector_names)
    assert all("${unit:sqlstring}" in sql for _, sql in queries("unit"))


def test_the_league_is_of_the_composites_that_are_part_of_no_other() -> None:
    """The index of Decision 766/QĐ-TTg with its five groups of points, and the points of the emulation movement."""
    ranked = units.totals(WORLD)
    assert [one.code for one in ranked] == ["DVC-064", "VB-044"]
    index, emulation = ranked
    assert units.parts_of(index) == ["DVC-059", "DVC-060", "DVC-061", "DVC-062", "DVC-063"]
    assert [part.points for part in index.parts] == [18, 20, 22, 22, 18]
    composites = set(WORLD.catalogue.composites)
    for total in ranked:
        sql = units.points(total, composites)
        assert re.findall(r'AS "([A-Z]+-\d+)"', sql) == units.parts_of(total)
    assert len(units.parts_of(emulation)) == len(set(units.parts_of(emulation)))


def test_every_part_of_the_league_is_explained() -> None:
    indicators: dict[str, Indicator] = WORLD.catalogue.indicators
    for total in units.totals(WORLD):
        panel = next(panel for panel in panels("units") if panel["title"] == f"{total.name.vi}: điểm từng thành phần")
        for code in units.parts_of(total):
            assert f"{code}: {indicators[code].name.vi} (" in panel["description"]


def test_what_stands_beside_a_table_is_its_statement() -> None:
    shown = panels("analyst")
    assert len(shown) == 2 * len(analyst.EXAMPLES)
    for text, table in zip(shown[::2], shown[1::2], strict=True):
        statement = re.search(r"```sql\n(.*)\n```", text["options"]["content"], re.DOTALL)
        assert statement
        assert statement[1] == table["targets"][0]["rawSql"]
        assert text["options"]["mode"] == "markdown"
        assert text["gridPos"]["y"] == table["gridPos"]["y"]
        assert "$" not in statement[1]


def test_examples_read_views_of_every_nature() -> None:
    read = " ".join(example.sql for example in analyst.EXAMPLES)
    for view in (
        "indicator_now",
        "flow_period(",
        "state_period(",
        "report_period(",
        "composite_scores",
        "forecast_now",
    ):
        assert view in read


def test_every_board_is_registered_under_its_name() -> None:
    for module, name in zip((units, unit, freshness, targets, findings, pipeline, analyst), OWN, strict=True):
        assert [board.build().uid for board in module.boards(WORLD)] == [f"ioc-{name}"]
        assert name in BOARDS
