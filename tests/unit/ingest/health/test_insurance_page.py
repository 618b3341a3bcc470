"""docs/connectors-health.md says of insurance files what the connector does."""

import re
from pathlib import Path

from ingest.simulator.health import insurance_spoil
from ingest.sources.health.insurance_codes import LEAVING, OUTCOME, SETTING
from ingest.sources.health.insurance_xml1 import FIELDS
from ioc.contracts.health import Encounter

PAGE = (Path(__file__).parents[4] / "docs" / "connectors-health.md").read_text("utf-8")
SECTION = PAGE.partition("## Insurance files\n")[2].partition("\n## ")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in SECTION.splitlines() if line.startswith("|")]


def test_every_field_of_the_contract_stands_in_the_table() -> None:
    told = {name for row in ROWS if len(row) == 2 for name in re.findall(r"`([a-z0-9_]+)`", row[0])}
    assert told == set(Encounter.model_fields)


def test_the_fields_of_xml1_that_it_names_are_fields_of_xml1() -> None:
    elsewhere = {"macskcb", "ngaylap", "soluonghoso"}
    named = {name.lower() for row in ROWS if len(row) == 2 for name in re.findall(r"\b[A-Z]+_[A-Z_]+\b", row[1])}
    assert named <= FIELDS | elsewhere
    assert {"ma_loai_kcb", "t_tongchi_bv", "ngay_vao_noi_tru"} <= named


def test_codes_are_those_that_are_read() -> None:
    codes = {row[0]: row[1:] for row in ROWS if row[0].isdigit()}
    for place, meanings in enumerate((SETTING, OUTCOME, LEAVING)):
        told = {code: cells[place].partition(" ")[0].strip("`") for code, cells in codes.items() if cells[place]}
        assert told == {code.lstrip("0"): meaning for code, meaning in meanings.items() if code}


def test_every_fault_of_the_simulator_is_named() -> None:
    assert set(insurance_spoil.NAMES) <= set(re.findall(r"`([a-z0-9_]+)`", SECTION.partition("**Simulated**")[2]))
