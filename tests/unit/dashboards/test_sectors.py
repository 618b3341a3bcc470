"""The sectors' dashboards: every indicator is on the one of its sector, and every address leads somewhere."""

import json
import re
from typing import Any

import pytest

from dashboards.boards import sector
from dashboards.boards.world import load_world
from dashboards.build import build
from dashboards.layout import COLUMNS, MOST_TILES
from dashboards.nature import nature_of

WORLD = load_world()
INDICATORS = WORLD.catalogue.indicators
BOARDS: dict[str, dict[str, Any]] = {
    name.removesuffix(".json"): json.loads(text) for name, text in build(WORLD).items()
}
SECTORS = {code: BOARDS[f"sector-{code.lower()}"] for code in WORLD.sector_names}
CODE = re.compile(r"'([A-Z]{2,3}-\d{3})'")


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def codes_of(panel: dict[str, Any]) -> set[str]:
    return {code for target in panel["targets"] for code in CODE.findall(target["rawSql"])}


def test_every_indicator_is_in_a_table_of_its_sector() -> None:
    """Value, target, status, previous figure, trend, standing of the units, who answers and how old: nothing is without them."""
    reached: dict[str, int] = {}
    for letters, board in SECTORS.items():
        for panel in panels(board):
            if not panel["targets"][0]["rawSql"].startswith("SELECT code,\n"):
                continue
            for column in (
                "value",
                "target",
                "status",
                "previous",
                "movement",
                "outlier",
                "responsible",
                "as_of",
                "freshness",
            ):
                assert re.search(rf"\bAS {column}\b", panel["targets"][0]["rawSql"]), column
            for code in codes_of(panel):
                assert INDICATORS[code].sector == letters
                reached[code] = reached.get(code, 0) + 1
    assert reached == dict.fromkeys(INDICATORS, 1)
    assert len(reached) == 338


@pytest.mark.parametrize("letters", SECTORS)
def test_indicators_with_a_target_lead(letters: str) -> None:
    aimed = {code for code in WORLD.aims if INDICATORS[code].sector == letters}
    first = [panel for panel in panels(SECTORS[letters]) if panel["gridPos"]["y"] < 25]
    assert aimed <= set.union(*(codes_of(panel) for panel in first if panel["type"] in ("stat", "gauge")))


@pytest.mark.parametrize("letters", SECTORS)
def test_pages_fit_a_screen(letters: str) -> None:
    board = SECTORS[letters]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    taken: set[tuple[int, int]] = set()
    counts: list[int] = []
    for panel in board["panels"]:
        counts = [*counts, 0] if panel["type"] == "row" else [*counts[:-1], counts[-1] + 1]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {(place["x"] + i, place["y"] + j) for i in range(place["w"]) for j in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert all(1 <= count <= MOST_TILES for count in counts)


def addresses(value: object) -> list[str]:
    """All addresses of a dashboard: of its links, its panels' and its columns'."""
    if isinstance(value, list):
        return [found for one in value for found in addresses(one)]
    if isinstance(value, dict):
        own = [value["url"]] if isinstance(value.get("url"), str) and value["url"] else []
        return own + [found for one in value.values() for found in addresses(one)]
    return []


@pytest.mark.parametrize("name", BOARDS)
def test_addresses_lead_to_dashboards_and_name_their_variables(name: str) -> None:
    for address in addresses(BOARDS[name]):
        path, _, query = address.partition("?")
        for nature in ("flow", "state", "report", "composite"):
            filled = path.replace("${__data.fields.nature}", nature).replace("${__data.fields.sector_key}", "dvc")
            target = BOARDS.get(filled.removeprefix("/d/ioc-"))
            assert target is not None, address
            variables = {variable["name"] for variable in target["templating"].get("list", [])}
            assert {part.partition("=")[0].removeprefix("var-") for part in query.split("&") if part} <= variables, (
                address
            )


def test_the_way_down_has_no_gap() -> None:
    """Wall → sector → unit → indicator: each leads to the next."""
    for name, onward in (
        ("wall", "sector-"),
        ("wall", "indicator-"),
        ("wall", "unit?"),
        ("sector-dvc", "unit?"),
        ("sector-dvc", "indicator-"),
        ("unit", "indicator-"),
    ):
        assert any(address.startswith(f"/d/ioc-{onward}") for address in addresses(BOARDS[name])), (name, onward)
    assert {address for address in addresses(BOARDS["wall"]) if "sector" in address} == {
        f"/d/ioc-sector-{letters.lower()}" for letters in WORLD.sector_names
    }


def test_rows_carry_what_their_addresses_ask_for() -> None:
    for board in SECTORS.values():
        for panel in panels(board):
            sql = panel["targets"][0]["rawSql"]
            for address in addresses(panel):
                for column in re.findall(r"\$\{__data\.fields\.(\w+)\}", address):
                    assert re.search(rf"\b{column}\b(?= AS |,| AS)|AS {column}\b|SELECT {column},", sql), (
                        panel["title"],
                        column,
                    )


def test_a_panel_of_one_indicator_leads_to_its_nature() -> None:
    for board in SECTORS.values():
        for panel in panels(board):
            for link in panel.get("links", []):
                code = re.search(r"var-code=([A-Z]{2,3}-\d{3})", link["url"])
                assert code
                assert link["url"].startswith(f"/d/ioc-indicator-{nature_of(INDICATORS[code[1]])}?")
                assert f"var-unit={WORLD.root}" in link["url"]


def test_units_are_compared_at_a_level_that_has_units() -> None:
    assert "district" not in WORLD.levels
    for one in WORLD.catalogue.sectors:
        assert sector.level_of(one.indicator, WORLD) in WORLD.levels


def test_layouts_are_stable() -> None:
    again = load_world()
    for one in again.catalogue.sectors:
        assert sector.layout_of(one, again) == sector.layout_of(one, WORLD)
