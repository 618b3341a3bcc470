"""Each sector is worked by hand: what the examples hand over is counted, not their text."""

from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest

from ioc.catalogue.load import load_catalogue
from tests.examples.records import Record

INDICATORS, RECORDS = 5, 12


class Tally:
    """Stands where an example has its engines; keeps how many records each indicator is worked from, call by call."""

    def __init__(self) -> None:
        self.records: dict[str, list[int]] = defaultdict(list)

    def __call__(self, code: str, records: Sequence[Record], *_: Any, **__: Any) -> None:
        self.records[code].append(len(records))


@pytest.mark.parametrize("sector", [sector.code for sector in load_catalogue().sectors])
def test_five_indicators_of_each_sector_are_worked_from_a_dozen_records(sector: str) -> None:
    tally = Tally()
    for name, example in vars(import_module(f"tests.examples.test_{sector.lower()}")).items():
        if name.startswith("test_"):
            example(tally)
    assert {code.partition("-")[0] for code in tally.records} == {sector}
    assert len(tally.records) >= INDICATORS
    assert {code: counts for code, counts in tally.records.items() if min(counts) < RECORDS} == {}
