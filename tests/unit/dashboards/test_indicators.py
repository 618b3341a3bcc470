"""The dashboards of one indicator: each nature asks its own views, and every indicator has one of them."""

import json
import re
from typing import Any

import pytest

from dashboards.boards.world import load_world
from dashboards.build import build
from dashboards.nature import nature_of
from dashboards.variables import MODES

WORLD = load_world()
FILES = build(WORLD)
NATURES = ("flow", "state", "report", "composite")


def board(nature: str) -> dict[str, Any]:
    loaded = json.loads(FILES[f"indicator-{nature}.json"])
    assert isinstance(loaded, dict)
    return loaded


def queries(nature: str) -> list[str]:
    return [target["rawSql"] for panel in board(nature)["panels"] for target in panel.get("targets", [])]


@pytest.mark.parametrize("nature", NATURES)
def test_periods_come_from_the_views_of_the_nature(nature: str) -> None:
    views = {view for sql in queries(nature) for view in re.findall(r"FROM (\w+)_period\(", sql)}
    assert views == (set() if nature == "composite" else {nature})


@pytest.mark.parametrize("nature", NATURES)
def test_variables_are_those_that_the_queries_ask_for(nature: str) -> None:
    names = {variable["name"] for variable in board(nature)["templating"]["list"]}
    asked = {name for sql in queries(nature) for name in re.findall(r"\$\{(\w+)", sql)}
    assert asked == names
    assert all(f"${{{name}:sqlstring}}" in sql for sql in queries(nature) for name in re.findall(r"\$\{(\w+)", sql))


@pytest.mark.parametrize("nature", NATURES)
def test_a_figure_tells_age_owner_and_ground(nature: str) -> None:
    shown = "\n".join(queries(nature))
    for column in ("status", "freshness", "provisional", "responsible", "document", "contact", "period", "movement"):
        assert re.search(rf"\bAS {column}\b", shown), column


def test_natures_are_the_modes_of_the_catalogue() -> None:
    formulas = WORLD.catalogue.compiled.formulas
    for code, indicator in WORLD.catalogue.indicators.items():
        mode = formulas[code].mode if code in formulas else "composite"
        assert mode in MODES[nature_of(indicator)], code
