"""docs/connectors.md and its pages by system say what the connectors do; the walk through a new one is walked."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from ingest.kit.rig import PASSWORD, SampleRig
from ingest.memory import MemoryPublisher
from ingest.sources.dossier import CHANNEL, NATIONAL_STATUS, REST_STATUS
from ingest.testing import Harvest, run_stream
from ioc.contracts.dossier import DossierCase, DossierRating, DossierStatus

DOCS = Path(__file__).parents[3] / "docs"
WALK = (DOCS / "connectors.md").read_text("utf-8")
PAGE = (DOCS / "connectors-dossier.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The page's code in a language, as if it stood at the margin."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", WALK, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


def command(code: str) -> tuple[list[str], list[str]]:
    """A command of the page, and the lines that it prints."""
    first, *lines = code.splitlines()
    assert first.startswith("$ ioc ")
    return first.split()[2:], lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An operator's folder after the first two steps."""
    folder = tmp_path_factory.mktemp("operator")
    words, lines = command(blocks("console")[0])
    assert ioc(folder, words) == lines
    (folder / "connectors" / "hotline.py").write_text(the_connector(), "utf-8")
    return folder


@pytest.fixture(scope="module")
def source(folder: Path) -> Iterator[SampleRig]:
    """The source of the walk, with the one report that the page shows."""
    (answer,) = blocks("json")
    with SampleRig(folder / "connectors" / "hotline.py", rows={"cases": json.loads(answer)["duLieu"]}) as rig:
        yield rig


def the_connector() -> str:
    (code,) = (code for code in blocks("python") if "JsonStream" in code)
    return code


def ioc(folder: Path, words: list[str]) -> list[str]:
    """Runs a command; the lines that it prints, those about errors last."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IOC_", "PYTHONWARNINGS"))}
    done = subprocess.run(
        [sys.executable, "-m", "ioc.cli.main", *words],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


def test_the_author_writes_thirty_lines_at_most() -> None:
    code = re.sub(r'"""(?:.|\n)*?"""', "", the_connector())
    lines = [line for line in code.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= 30


def test_the_connector_of_the_walk_passes_the_suite_as_the_page_says(folder: Path) -> None:
    words, lines = command(blocks("console")[1])
    printed = ioc(folder, words)
    assert [line.rstrip() for line in printed[-len(lines) :]] == [line.rstrip() for line in lines]


def test_the_dry_run_prints_what_the_page_shows(folder: Path, source: SampleRig) -> None:
    table = "\n".join(blocks("console")[0].splitlines()[4:-1])
    written = table.replace("http://127.0.0.1:8080", source.server.url).replace('user = ""', 'user = "ioc"')
    (folder / "ioc.toml").write_text(written.replace('password = ""', f'password = "{PASSWORD}"'), "utf-8")
    words, lines = command(blocks("console")[2])
    printed = "\n".join(ioc(folder, words))
    assert re.sub(r'"observed_at":"[^"]*"', '"observed_at":"…"', printed) == "\n".join(lines)
    assert "CANARY" not in printed


def test_the_example_of_the_contract_runs() -> None:
    (example,) = (code for code in blocks("python") if "JsonStream" not in code)
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
