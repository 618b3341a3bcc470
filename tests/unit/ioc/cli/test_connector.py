"""`ioc connector`: what it refuses, what it lists, and that a bad source fails its check."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BAD = """
    def read(self, record: Record) -> Change:
        change = super().read(record)
        assert change.data is not None
        return Change(change.entity, change.unit, change.updated_ms, change.data | {"topic": record.fields["person_name"]})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a good connector, a bad one, and one that cannot be imported."""
    folder = tmp_path_factory.mktemp("operator")
    for name in ("good", "bad", "broken"):
        assert ioc(folder, "new", name, "--kind", "feedback_case").returncode == 0
    bad = folder / "connectors" / "bad.py"
    text = (
        bad.read_text("utf-8")
        .replace("import JsonSettings", "import Change, JsonSettings")
        .replace("Target\n", "Record, Target\n")
    )
    bad.write_text(text.replace("\n\nSTREAMS", f"{BAD}\n\nSTREAMS"), "utf-8")
    (folder / "connectors" / "broken.py").write_text("import nothing_of_this_name\n", "utf-8")
    (folder / "ioc.toml").write_text(
        '[sources]\ndirectory = "connectors"\n[sources.more.good]\nurl = "http://127.0.0.1:1"\nenabled = true\n',
        "utf-8",
    )
    return folder


def ioc(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    return subprocess.run(
        [sys.executable, "-m", "ioc.cli.main", "connector", *words],
        capture_output=True, text=True, check=False, cwd=folder, env={**kept, "COLUMNS": "200", **environment},
    )  # fmt: skip


def refused(folder: Path, *words: str) -> str:
    done = ioc(folder, *words)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "good", "--kind", "feedback_case"), "connectors/good.py is there already; nothing was written"),
        (("new", "hub", "--kind", "feedback_case"), "that is the name of a system that is built in"),
        (("new", "one", "--kind", "feedback"), "there is no kind 'feedback'; there are dossier"),
        (("new", "one", "--kind", "vessel", "--facet", "x"), "kind vessel has no facet 'x'; it has licence, position"),
        (("check", "nobody"), "there is no test_nobody.py in connectors; `ioc connector new nobody` writes both files"),
        (("check", "good", "--way", "resum"), "there is no way 'resum'; there are all of it, once, resume,"),
        (("run", "nobody", "--dry-run"), "there is no source 'nobody' in the settings; there are dossier"),
        (("run", "good", "--dry-run", "--stream", "x"), "good has no stream 'x'; there is cases"),
        (("run", "good", "--dry-run"), "GET http://127.0.0.1:1/good: ConnectError"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(folder: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused(folder, *words)


def test_all_sources_are_listed_and_one_that_is_broken_says_why(folder: Path) -> None:
    lines = {tuple(line.split()[:2]): line.split() for line in ioc(folder, "list").stdout.splitlines()}
    assert lines["dossier", "cases"][2:5] == ["dossier/case", "yes", "built"]
    assert lines["good", "cases"][2:5] == ["feedback_case/case", "yes", "connectors/good.py"]
    assert lines["bad", "cases"][3:] == ["no", "connectors/bad.py,", "without", "a", "table", "of", "settings"]
    assert "nothing_of_this_name" in " ".join(lines["broken", "-"])


def test_a_source_that_publishes_a_name_fails_its_check(folder: Path) -> None:
    done = ioc(folder, "check", "bad", "--way", "personal data", "--way", "duplicates")
    assert done.returncode == 1
    ways = dict(re.findall(r"^(\w[\w ]*?) +(ok|FAILED|NOT TESTED) +\d+$", done.stdout, re.MULTILINE))
    assert ways == {"personal data": "FAILED", "duplicates": "ok"}


def test_without_pytest_the_check_says_what_to_install(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pytest.py").write_text("raise ModuleNotFoundError('No module named pytest', name='pytest')\n", "utf-8")
    done = ioc(folder, "check", "good", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert (
        done.stderr == "pytest is not installed, and the suite needs it; run `pip install pytest` in this environment\n"
    )
