"""Each sector is worked by hand."""

import re
from pathlib import Path

import pytest

from ioc.catalogue.load import load_catalogue

LEAST = 5


@pytest.mark.parametrize("sector", [sector.code for sector in load_catalogue().sectors])
def test_five_indicators_of_each_sector_are_worked_by_hand(sector: str) -> None:
    text = (Path(__file__).parent / f"test_{sector.lower()}.py").read_text(encoding="utf-8")
    assert len(set(re.findall(rf'worked\(\s*"({sector}-\d+)"', text))) >= LEAST
