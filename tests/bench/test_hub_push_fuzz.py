"""Many mutated pushes: none crashes or hangs a connector."""

from collections import Counter

import pytest

from tests.properties.hub_pushes import fuzz

MANY = 26_000


@pytest.mark.bench
def test_many_mutated_pushes(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = fuzz(MANY)
    total: Counter[str] = sum(outcomes.values(), Counter())
    with capsys.disabled():
        print(f"\nhub, pushed: {MANY:,} mutated inputs: {dict(total.most_common())}")
