"""Many mutated tables, counters and reports of the data hub: none crashes or hangs a connector."""

from collections import Counter
from pathlib import Path

import pytest

from tests.properties.hub_inputs import HubInputs, fuzz

MANY = 26_000


@pytest.mark.bench
def test_many_mutated_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = fuzz(HubInputs(tmp_path), MANY)
    total: Counter[str] = sum(outcomes.values(), Counter())
    with capsys.disabled():
        print(f"\nhub, read: {MANY:,} mutated inputs: {dict(total.most_common())}")
