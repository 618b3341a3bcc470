"""docs/connectors.md says what the connectors do."""

import re
from pathlib import Path
from typing import Any, get_args

from ingest.memory import MemoryPublisher
from ingest.sources.dossier import CHANNEL, NATIONAL_STATUS, REST_STATUS
from ingest.testing import Harvest, run_stream
from ioc.contracts.dossier import DossierCase, DossierRating, DossierStatus

PAGE = (Path(__file__).parents[3] / "docs" / "connectors.md").read_text("utf-8")


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    rows = [
        {"code": "H12-1", "score": "5", "rated": "20260810184222"},
        {"code": "H12-2", "score": "six", "rated": "20260810184222"},
    ]
    harvest = Harvest(MemoryPublisher())
    assert run_stream(names["Ratings"](rows), harvest, polls=2)
    assert [(event["entity"], event["data"]["rating"]) for event in harvest.events()] == [("H12-1", 5)]
    assert [letter.reason for letter in harvest.letters().values()] == ["invalid_value"]


def test_every_field_of_the_contract_is_mapped() -> None:
    told = set(re.findall(r"^\| `([a-z_]+)` \| [^|]*[A-Z]", PAGE, re.MULTILINE))
    assert told == {*DossierCase.model_fields, *DossierRating.model_fields}


def test_the_status_codes_are_those_of_the_code() -> None:
    told = {name: codes for name, *codes in re.findall(r"^\| `([a-z_]+)` \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)}
    assert told.keys() == set(get_args(DossierStatus))
    assert {national: name for name, (national, _) in told.items()} == NATIONAL_STATUS
    assert {rest: name for name, (_, rest) in told.items()} == REST_STATUS


def test_the_channels_are_those_of_the_code() -> None:
    (told,) = re.findall(r"applyMethod.id\): (.*?);", PAGE)
    assert dict(re.findall(r"(\d) `([a-z_]+)`", told)) == CHANNEL
