"""What the documents say is what the code does."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from deploy.embedded.simulated import WEBHOOK_PORT
from ioc import reference
from ioc.catalogue.load import load_catalogue
from ioc.cli.main import HOMES
from ioc.settings import Settings, setting_names
from tests.repo.tree import ROOT, read, tracked

README = read("README.md")
PAGES = [name for name in tracked() if name.endswith(".md")]


@pytest.mark.parametrize("page", reference.PAGES)
def test_tables_written_from_the_code_are_fresh(page: str) -> None:
    assert reference.rewritten(page) == read(f"docs/{page}"), "run `python -m ioc.reference`"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(page)):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_commands_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", README, re.MULTILINE))
    words = {word for pair in named for word in pair if word}
    assert words >= {"up", "down", "test", "check", "bench", "setup"}
    assert words <= targets


def test_commands_of_ioc_exist() -> None:
    known = {command for commands in HOMES.values() for command in commands}
    for page in PAGES:
        for word in re.findall(r"`ioc ([a-z]+)|^ioc ([a-z]+)", read(page), re.MULTILINE):
            assert next(filter(None, word)) in known, f"{page}: ioc {word}"


def test_ports_are_the_defaults() -> None:
    settings = Settings.model_construct()
    said = {int(port) for port in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE) for port in port.split(",")}
    assert said == {
        settings.wall.port, settings.clickhouse.http_port, settings.clickhouse.native_port,
        int(settings.kafka.bootstrap.partition(":")[2]), settings.embedded.simulator.port,
        settings.embedded.mqtt_port, WEBHOOK_PORT,
        settings.metrics.ingest, settings.metrics.worker, settings.metrics.sink, settings.metrics.brief,
        settings.metrics.report, settings.embedded.prometheus_port,
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_variables_that_are_named_are_settings(page: str) -> None:
    known = {"IOC_" + "__".join(path).upper() for path in setting_names()} | {"IOC_SETTINGS", "IOC_TEST_CLICKHOUSE"}
    named = set(re.findall(r"\bIOC_[A-Z_]*[A-Z]\b(?!: no such setting)", read(page)))
    assert named <= known


@pytest.mark.parametrize("table", ["indicator", "series"])
def test_toml_of_the_catalogue_page_stands_in_the_catalogue(table: str) -> None:
    shown = re.findall(rf"```toml\n(\[\[{table}.*?)```", read("docs/catalogue.md"), re.DOTALL)
    files = [name for name in tracked() if name.startswith("ioc/catalogue/") and name.endswith(".toml")]
    shipped = [row for name in files for row in tomllib.loads(read(name)).get(table, [])]
    assert shown
    assert all(row in shipped for text in shown for row in tomllib.loads(text)[table])


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(file.name for file in folder.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", read("docs/adr/README.md"))
    assert listed == decisions
    for name in decisions:
        text = read(f"docs/adr/{name}")
        assert text.startswith(f"# {name[:4]} ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
        assert len(text.splitlines()) < 40


def test_dashboards_show_indicators_that_exist() -> None:
    boards = [
        Path(name) for name in tracked() if name.startswith("dashboards/provisioning/") and name.endswith(".json")
    ]
    named = {
        code
        for board in boards
        for code in re.findall(r"\b[A-Z]{2,3}-\d{3}\b", json.dumps(json.loads(read(str(board)))))
    }
    assert named
    assert named <= set(load_catalogue().indicators)


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## [Unreleased]" in read("CHANGELOG.md")
