"""Many mutated insurance files: none crashes or hangs the connector."""

import time

import pytest

from tests.properties.insurance_files import fuzz, outer_files

MANY = 40_000


@pytest.mark.bench
def test_many_mutated_files(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.process_time()
    outcomes = fuzz(outer_files(), MANY, seed=2)
    used = time.process_time() - began
    with capsys.disabled():
        print(f"\ninsurance files: {MANY:,} mutated in {used:.0f} s: {dict(outcomes.most_common())}")
