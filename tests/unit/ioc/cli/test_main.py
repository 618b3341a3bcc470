"""The command line finds its commands and says errors in one sentence."""

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import ioc.cli
from ioc.cli.main import HOMES


@pytest.mark.parametrize("home", HOMES)
def test_every_module_registers_the_commands_that_are_said_of_it(home: str) -> None:
    built = typer.Typer()
    importlib.import_module(f"ioc.cli.{home}").register(built)
    commands = {info.name or (info.callback.__name__ if info.callback else "") for info in built.registered_commands}
    groups = {info.name for info in built.registered_groups}
    assert commands | groups == set(HOMES[home])


def test_every_module_that_registers_commands_is_known() -> None:
    modules = [info.name for info in pkgutil.iter_modules(ioc.cli.__path__)]
    registering = {name for name in modules if hasattr(importlib.import_module(f"ioc.cli.{name}"), "register")}
    assert registering == set(HOMES)


def test_a_command_imports_its_own_module_only() -> None:
    code = "import sys; from ioc.cli.main import app; app('status'); print(*sorted(m for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "ioc.cli.stack" in loaded
    assert not {"numpy", "kafka", "clickhouse_driver", "faust", "ioc.cli.reconcile"} & set(loaded)


def ioc_command(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    return subprocess.run(
        [sys.executable, "-m", "ioc.cli.main", *words],
        capture_output=True, text=True, check=False, cwd=folder, env={**kept, **environment},
    )  # fmt: skip


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = ioc_command(tmp_path, "--help")
    assert shown.returncode == 0
    assert all(f" {command} " in shown.stdout for commands in HOMES.values() for command in commands)


def test_an_unknown_command_ends_with_2(tmp_path: Path) -> None:
    refused = ioc_command(tmp_path, "upp")
    assert refused.returncode == 2
    assert "No such command 'upp'" in refused.stderr


def test_an_error_of_the_project_is_a_sentence_and_1(tmp_path: Path) -> None:
    refused = ioc_command(tmp_path, "status", IOC_WALL__PORT="0")
    assert refused.returncode == 1
    assert "wall.port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_unknown_component_is_refused_by_name(tmp_path: Path) -> None:
    refused = ioc_command(tmp_path, "run", "wal")
    assert refused.returncode == 1
    assert refused.stderr == (
        "there is no component 'wal'; there are kafka, clickhouse, mosquitto, prometheus, simulator, ingest, worker, sink, wall, "
        "brief, report\n"
    )


def test_commands_read_the_settings_of_the_stack_in_the_folder(tmp_path: Path) -> None:
    run = tmp_path / "var" / "run"
    run.mkdir(parents=True)
    (run / "settings.toml").write_text("[wall]\nport = 0\n", "utf-8")
    refused = ioc_command(tmp_path, "status")
    assert refused.returncode == 1
    assert "var/run/settings.toml" in refused.stderr
