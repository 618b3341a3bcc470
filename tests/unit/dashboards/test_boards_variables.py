"""The variables: what they offer is what stands in the catalogue and in the province, and their first choice is among it."""

import json
import re
from typing import Any, get_args

import pytest
from grafana_foundation_sdk.builders.dashboard import CustomVariable
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.boards.world import load_world
from dashboards.nature import Nature, nature_of
from dashboards.query import DATASOURCE_UID
from dashboards.variables import (
    LEVELS,
    MODES,
    PERIODS,
    code_variable,
    days_variable,
    level_variable,
    period_variable,
    unit_variable,
)
from ioc.catalogue.indicator import Level, Period

WORLD = load_world()
INDICATORS = WORLD.catalogue.indicators.values()
LEVELS_OF_TODAY = {level: text for level, text in LEVELS.items() if level != "district"}
"""Districts have ended with the law of 2025; units of every other level are there."""


def plain(variable: Any) -> dict[str, Any]:
    values = json.loads(json.dumps(variable.build(), cls=JSONEncoder))
    assert isinstance(values, dict)
    return values


def parsed(text: str) -> dict[str, str]:
    """Value → text, as Grafana reads a custom variable's choices (`CustomVariable` of @grafana/scenes)."""
    found = {}
    for choice in re.findall(r"(?:\\,|[^,])+", text):
        parts = re.fullmatch(r"\s*(.+)\s:\s(.+)", choice.replace("\\,", ","))
        found[parts[2].strip() if parts else choice.strip()] = parts[1] if parts else choice.strip()
    return found


@pytest.mark.parametrize(
    ("variable", "expected", "chosen"),
    [
        (level_variable("commune", WORLD.province), LEVELS_OF_TODAY, "commune"),
        (period_variable("month"), PERIODS, "month"),
        (days_variable(30), {"30": "30"}, "30"),
    ],
)
def test_choices_are_read_as_they_are_meant(variable: CustomVariable, expected: dict[str, str], chosen: str) -> None:
    built = plain(variable)
    assert parsed(built["query"]) == dict(expected)
    assert {option["value"]: option["text"] for option in built["options"]} == dict(expected)
    assert [option["value"] for option in built["options"] if option["selected"]] == [chosen]
    assert built["current"] == {"selected": True, "text": expected[chosen], "value": chosen}


def test_every_level_and_every_bounded_period_can_be_chosen() -> None:
    assert set(LEVELS) == set(get_args(Level))
    assert set(PERIODS) == set(get_args(Period)) - {"to_date"}


def test_unit_begins_with_the_province() -> None:
    built = plain(unit_variable(WORLD.province))
    assert built["datasource"]["uid"] == DATASOURCE_UID
    assert built["current"] == {"selected": True, "text": "Tỉnh Cà Mau", "value": "000.00.00.H12"}


@pytest.mark.parametrize("nature", get_args(Nature))
def test_code_begins_with_an_indicator_of_its_nature(nature: Nature) -> None:
    built = plain(code_variable(INDICATORS, nature))
    assert nature_of(WORLD.catalogue.indicators[built["current"]["value"]]) == nature
    assert all(f"'{mode}'" in built["query"] for mode in MODES[nature])


def test_every_mode_of_the_table_of_indicators_belongs_to_one_nature() -> None:
    of = {mode: nature for nature, modes in MODES.items() for mode in modes}
    assert set(MODES) == set(get_args(Nature))
    assert sum(map(len, MODES.values())) == len(of)
    formulas = WORLD.catalogue.compiled.formulas
    for indicator in INDICATORS:
        formula = formulas.get(indicator.code)
        assert of[formula.mode if formula else indicator.kind] == nature_of(indicator), indicator.code
