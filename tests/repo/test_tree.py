"""The tree is as a reader expects it: rooms, sizes, nothing of the machine it was made on."""

import ast
import re
import statistics
import unicodedata

import pytest

from tests.repo.tree import read, tracked

PYTHON = [name for name in tracked() if name.endswith(".py")]
CODE = [name for name in PYTHON if not name.startswith("tests/")]
TEXT = [name for name in tracked() if not name.endswith((".png", ".webp", ".ico", ".woff2", ".gz", ".jar"))]

MOST_LINES = 370
"""About 300 is the aim; a file beyond this has more than one idea in it."""

ROOMS = {
    "kafka": "ioc/kafka/",
    "faust": "streams/app.py",
    "aiokafka": "streams/log.py",
    "clickhouse_driver": "sinks/clickhouse/client.py",
    "grafana_api": "dashboards/publish.py",
    "chdb": "deploy/embedded/",
}
"""The one room that may import each client library."""


def imports(name: str) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(read(name))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("library", ROOMS)
def test_a_client_library_has_one_room(library: str) -> None:
    users = {name for name in CODE if library in imports(name)}
    assert all(name.startswith(ROOMS[library]) for name in users), users


STAGES = ("ingest", "streams", "sinks", "dashboards")


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_one_another(stage: str) -> None:
    for name in CODE:
        if name.startswith(f"{stage}/"):
            assert not imports(name) & ({*STAGES, "deploy", "tests"} - {stage}), name


def test_the_vocabulary_imports_no_stage_but_from_its_command_line() -> None:
    for name in CODE:
        if name.startswith("ioc/") and not name.startswith("ioc/cli/"):
            assert not imports(name) & {*STAGES, "deploy", "tests"}, name


def test_files_are_short() -> None:
    lines = {name: read(name).count("\n") for name in PYTHON}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
    assert statistics.median(lines[name] for name in CODE if lines[name] > 1) <= 150


def test_every_module_says_what_it_is() -> None:
    assert [name for name in CODE if ast.get_docstring(ast.parse(read(name))) is None] == []


MACHINE = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/[\w.-]+")
REGISTRY = re.compile(
    r"https?://[^\s\"')]*(?:pypi|pythonhosted|npmjs|yarnpkg|repo1?\.maven|maven\.apache\.org/maven2|artifactory|nexus)[^\s\"')]*"
    r"|--(?:extra-)?index-url|--find-links"
)


def test_nothing_of_a_machine_or_a_registry_is_in_a_file() -> None:
    others = [name for name in TEXT if name != "tests/repo/test_tree.py"]
    found = {name: [*MACHINE.findall(read(name)), *REGISTRY.findall(read(name))] for name in others}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_the_lock_pins_by_hash() -> None:
    lock = read("requirements.lock")
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)
    assert len(pins) > 50
    assert lock.count("--hash=sha256:") >= len(pins)


def test_text_is_utf_8_and_composed() -> None:
    assert [name for name in TEXT if not unicodedata.is_normalized("NFC", read(name)) or "\r" in read(name)] == []


def test_data_that_belongs_to_others_stays_outside() -> None:
    data = [name for name in tracked() if name.endswith((".csv", ".jar", ".parquet", ".db"))]
    assert [name for name in data if not name.startswith("tests/unit/")] == []
    assert [name for name in CODE if "../shared" in read(name)] == []
