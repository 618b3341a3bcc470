"""What `make setup` says on a machine that lacks something and where it may install nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = ("libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
ALWAYS = ("bash", "env", "sed", "head", "id", "mktemp", "rm", "tail", "cat")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of programs that holds what every machine has, and no package manager."""
    for name in ALWAYS:
        program(tmp_path, name)
    return tmp_path


def program(folder: Path, name: str) -> None:
    found = shutil.which(name)
    assert found
    (folder / name).symlink_to(found)


def says(folder: Path, name: str, text: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{text}'\n", "utf-8")
    (folder / name).chmod(0o755)


def setup(path: Path, goal: str, cwd: Path = ROOT, libraries: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs it; `libraries`: where libraries lie, a made-up folder that has what is needed unless told otherwise."""
    if libraries is None:
        libraries = path / "lib"
        for name in LIBRARIES:
            (libraries / "here").mkdir(parents=True, exist_ok=True)
            (libraries / "here" / name).touch()
    kept = {name: value for name, value in os.environ.items() if name not in {"JAVA_HOME", "KAFKA_HOME", "PYTHON"}}
    return subprocess.run(
        [ROOT / "deploy" / "setup.sh", goal],
        env={**kept, "PATH": str(path), "SBIN": str(path), "LIBS": str(libraries)}, cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_names_what_is_missing_and_fails(bare: Path) -> None:
    done = setup(bare, "up")
    assert done.returncode == 1
    assert done.stderr == (
        "install these packages and try again: apt-get install --no-install-recommends maven openjdk-17-jre-headless mosquitto prometheus\n"
    )


def test_a_java_that_is_too_old_counts_as_missing(bare: Path) -> None:
    says(bare, "mvn", "Maven")
    says(bare, "java", 'openjdk version "11.0.2" 2019-01-15')
    assert setup(bare, "up").stderr.endswith(" openjdk-17-jre-headless mosquitto prometheus\n")
    says(bare, "java", 'openjdk version "21" 2023-09-19')
    assert setup(bare, "up").returncode == 0


def test_mosquitto_helps_and_the_tests_need_it(bare: Path) -> None:
    says(bare, "mvn", "Maven")
    says(bare, "prometheus", "")
    says(bare, "java", 'openjdk version "17.0.15" 2025-04-15')
    done = setup(bare, "up")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "going on without: mosquitto")
    assert " mosquitto chromium " in setup(bare, "test").stderr
    says(bare, "mosquitto", "found on the path, or where Debian puts it")
    assert (setup(bare, "up").returncode, setup(bare, "up").stderr) == (0, "")


def test_prometheus_helps_and_the_tests_need_it(bare: Path) -> None:
    says(bare, "mvn", "Maven")
    says(bare, "java", 'openjdk version "17.0.15" 2025-04-15')
    says(bare, "mosquitto", "")
    done = setup(bare, "up")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "going on without: prometheus")
    assert " prometheus chromium " in setup(bare, "test").stderr


def test_the_brief_s_libraries_help_and_the_tests_need_them(bare: Path, tmp_path: Path) -> None:
    says(bare, "mvn", "Maven")
    says(bare, "java", 'openjdk version "17.0.15" 2025-04-15')
    says(bare, "mosquitto", "")
    says(bare, "prometheus", "")
    done = setup(bare, "up", libraries=tmp_path / "nowhere")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        0,
        "going on without: libpangoft2-1.0-0 libharfbuzz-subset0",
    )
    assert (
        " libpangoft2-1.0-0 libharfbuzz-subset0 chromium " in setup(bare, "test", libraries=tmp_path / "nowhere").stderr
    )


def test_fonts_help_and_a_browser_is_needed(bare: Path) -> None:
    says(bare, "mvn", "Maven")
    says(bare, "java", 'openjdk version "17.0.15" 2025-04-15')
    says(bare, "mosquitto", "")
    done = setup(bare, "test")
    assert done.returncode == 1
    assert done.stderr.endswith(
        " prometheus chromium fontconfig fonts-inter fonts-noto-core fonts-noto-mono clickhouse-client\n"
    )
    says(bare, "chromium", "Chromium")
    says(bare, "prometheus", "and promtool, of the same package: the tests try the alert rules with it")
    done = setup(bare, "test")
    assert done.returncode == 0
    assert "going on without: fontconfig fonts-inter fonts-noto-core fonts-noto-mono clickhouse-client" in done.stderr


def test_what_helps_and_is_not_offered_keeps_nothing_from_being_installed(bare: Path) -> None:
    says(bare, "mvn", "Maven")
    says(bare, "java", 'openjdk version "17.0.15" 2025-04-15')
    says(bare, "prometheus", "")
    says(bare, "id", "0")
    (bare / "apt-cache").write_text('#!/bin/sh\n[ "$2" != clickhouse-client ]\n', "utf-8")
    (bare / "apt-get").write_text(f'#!/bin/sh\necho "$@" >>{bare}/asked\n', "utf-8")
    for name in ("apt-cache", "apt-get"):
        (bare / name).chmod(0o755)
    done = setup(bare, "test")
    assert (done.returncode, done.stderr) == (0, "not offered here, going on without: clickhouse-client\n")
    packages = "mosquitto chromium fontconfig fonts-inter fonts-noto-core fonts-noto-mono"
    assert (bare / "asked").read_text() == f"update -q\ninstall -qy --no-install-recommends {packages}\n"


def test_no_python_is_said_first(bare: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "deploy").mkdir(parents=True)
    for name in ("setup.sh", "python.sh"):
        shutil.copy(ROOT / "deploy" / name, checkout / "deploy" / name)
    done = setup(bare, "up", cwd=checkout)
    assert done.returncode == 1
    assert done.stderr.startswith("there is no Python 3.11 or later; install one")
