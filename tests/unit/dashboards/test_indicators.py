"""The dashboards of one indicator: each nature asks its own views, and every indicator has one of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dashboards.boards.world import load_world
from dashboards.build import build
from dashboards.nature import nature_of
from dashboards.variables import MODES
from dashboards.vocabulary import MOMENTS, change_mapping
from ioc.catalogue.fields import fields_of
from ioc.contracts.kinds import KINDS

ROOT = Path(__file__).parents[3]
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
    views = {view for sql in queries(nature) for view in re.findall(r"FROM (\w+)_past\(", sql)}
    assert views == (set() if nature == "composite" else {nature})


@pytest.mark.parametrize("nature", NATURES)
def test_variables_are_those_that_the_queries_ask_for(nature: str) -> None:
    names = {variable["name"] for variable in board(nature)["templating"]["list"]}
    asked = {name for sql in queries(nature) for name in re.findall(r"\$\{(\w+)", sql)}
    assert asked == names
    written = {found for sql in queries(nature) for found in re.findall(r"\$\{(\w+):(\w+)\}", sql)}
    assert {name for name, _ in written} == names
    assert {how for name, how in written if name != "kind"} == {"sqlstring"}
    assert {how for name, how in written if name == "kind"} <= {"raw", "sqlstring"}


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


def test_every_moment_of_an_entity_and_every_reason_of_a_change_has_words() -> None:
    assert set(MOMENTS) == {name for kind in KINDS for name, spec in fields_of(kind).items() if spec.type == "time"}
    view = (ROOT / "sinks/clickhouse/behind.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r"^ +\".*?'([a-z ]+)'(?:,)?\\n\"$", view, re.MULTILINE))
    assert reasons == set(change_mapping().options)
