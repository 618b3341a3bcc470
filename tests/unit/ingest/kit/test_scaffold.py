"""What `ioc connector new` writes works for every kind and facet, and is as clean as the project's own code."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.kit import scaffold
from ingest.kit.rig import SampleRig
from ingest.memory import MemoryPublisher
from ingest.source import Target
from ingest.testing import run
from ioc.contracts.kinds import KINDS
from ioc.errors import ConfigError

ROOT = Path(__file__).parents[4]
TARGETS = [Target(kind.name, facet.name) for kind in KINDS.values() for facet in kind.facets]


def named(target: Target) -> str:
    return f"x_{target.kind}_{target.facet}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A connector for each kind and facet."""
    folder = tmp_path_factory.mktemp("connectors")
    for target in TARGETS:
        scaffold.write(named(target), folder, target)
    return folder


@pytest.mark.parametrize("target", TARGETS, ids="/".join)
def test_it_reads_a_source_whose_keys_are_the_contracts(written: Path, target: Target) -> None:
    with SampleRig(written / f"{named(target)}.py") as rig:
        harvest = run(rig.system(), MemoryPublisher())
    assert harvest.ended_well == [True]
    assert harvest.letters() == {}
    assert len(harvest.versions()) == rig.versions
    assert {(key.kind, key.facet) for key in harvest.versions()} == {target}
    full = [event["data"] for event in harvest.events()]
    assert all(any(data[name] is not None for data in full) for name in full[0])


@pytest.mark.parametrize("tool", ["ruff format --check", "ruff check --extend-ignore INP001", "mypy"])
def test_it_is_as_clean_as_the_projects_own_code(written: Path, tool: str) -> None:
    program, *words = tool.split()
    beside = Path(sys.executable).with_name(program)
    flags = ["--config-file" if program == "mypy" else "--config", str(ROOT / "pyproject.toml")]
    # Types of one kind are enough: the files of all kinds are made alike.
    what = [str(written)] if program == "ruff" else [str(file) for file in sorted(written.glob("*feedback_case*.py"))]
    done = subprocess.run([beside, *words, *flags, *what], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_connector_has_twelve_lines_of_code(written: Path) -> None:
    for target in TARGETS:
        text = (written / f"{named(target)}.py").read_text("utf-8")
        code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", '"""'))]
        assert len(code) <= 12


def test_nothing_is_written_over(tmp_path: Path) -> None:
    target = Target("facility", "facility")
    scaffold.write("one", tmp_path, target)
    (tmp_path / "one.py").unlink()
    before = (tmp_path / "test_one.py").read_bytes()
    with pytest.raises(ConfigError, match=r"test_one.py is there already; nothing was written"):
        scaffold.write("one", tmp_path, target)
    assert not (tmp_path / "one.py").exists()
    assert (tmp_path / "test_one.py").read_bytes() == before


@pytest.mark.parametrize("name", ["", "Hotline", "1x", "x-y", "../x", "dossier", "x" * 41, "đường"])
def test_a_name_that_cannot_be_one_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="connector"):
        scaffold.write(name, tmp_path, Target("facility", "facility"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"file: .*; choose another folder"):
        scaffold.write("one", tmp_path / "file", Target("facility", "facility"))
