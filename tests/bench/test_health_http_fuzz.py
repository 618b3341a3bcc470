"""Many mutated answers of the FHIR server and the health REST: none crashes or hangs a connector."""

from pathlib import Path

import pytest

from tests.properties.health_answers import Parsers, fuzz

MANY = 26_000


@pytest.mark.bench
def test_many_mutated_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parsers = Parsers(tmp_path)
    try:
        outcomes = fuzz(parsers, MANY)
    finally:
        parsers.close()
    with capsys.disabled():
        print(f"\nhealth over HTTP: {MANY:,} mutated answers: {dict(outcomes.most_common())}")
