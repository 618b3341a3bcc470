"""The files of a new connector: a working source, its test, the table of its settings."""

from pathlib import Path

from ingest.kit.fields import facet_of, fields_of
from ingest.kit.load import check_name
from ingest.source import Target
from ioc.contracts.kinds import KINDS
from ioc.errors import ConfigError

_WIDTH = 116


def target_of(kind: str, facet: str | None) -> Target:
    """What a new connector is about; a kind's first facet unless another is named.

    Raises:
        ConfigError: there is no such kind or facet.
    """
    if kind not in KINDS:
        raise ConfigError(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
    target = Target(kind, facet or KINDS[kind].main.name)
    facet_of(target)
    return target


def write(name: str, directory: Path, target: Target) -> tuple[Path, Path]:
    """Writes a connector and its test; nothing when one of them is there.

    Raises:
        ConfigError: the name cannot be one, a file is there, or the folder cannot be written to.
    """
    source, test = directory / f"{check_name(name)}.py", directory / f"test_{name}.py"
    for file in (source, test):
        if file.exists():
            raise ConfigError(f"{file} is there already; nothing was written: choose another name, or move it away")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        source.write_text(connector(name, target), "utf-8")
        test.write_text(conformance(name), "utf-8")
    except OSError as error:
        raise ConfigError(f"{error.filename or directory}: {error.strerror}; choose another folder") from error
    return source, test


def connector(name: str, target: Target) -> str:
    """The source's file: reads every field of the contract from the key of its name."""
    fields = fields_of(target)
    width = max(len(field.name) for field in fields)
    listed = "\n".join(_cut(f"    # {field.name:{width}}  {field.takes}") for field in fields)
    stream = _plural(target.facet if target.facet != target.kind else target.kind)
    return f'''"""The source `{name}`: {target.kind}, facet {target.facet}."""

from ingest.kit import JsonSettings, JsonStream, Target


class Settings(JsonSettings):
    """Settings of this source, the table `[sources.more.{name}]`: what every JSON source has, and what is added here."""


class {_class(stream)}(JsonStream):
    """What was updated, in pages: `GET url + path?updated_from=…&page=…&limit=…` answers a list of JSON objects."""

    stream, targets, path = "{stream}", (Target("{target.kind}", "{target.facet}"),), "/{name}"
    entity_key, unit_key, updated_key = "id", "unit", "updated_at"
    ignored = frozenset({{"person_name", "person_phone"}})  # keys that are not read, on purpose

    # Each field of the contract is read from the key of its own name. Where the source has another key, or codes:
    #     keys = {{"contract field": "source key"}}, codes = {{"contract field": {{"source code": "contract code"}}}}
{listed}


STREAMS = [{_class(stream)}]
'''


def conformance(name: str) -> str:
    """The test's file."""
    return f'''"""The source `{name}` holds what every source must, over a sample server that misbehaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.conformance import SourceConformance
from ingest.kit.rig import SampleRig
from ingest.testing import Rig


@pytest.fixture(scope="module")
def sample() -> Iterator[SampleRig]:
    """The source over its sample server."""
    with SampleRig(Path(__file__).with_name("{name}.py")) as rig:
        yield rig


class Test{_class(name)}(SourceConformance):
    """The conformance suite."""

    @pytest.fixture
    def rig(self, sample: SampleRig) -> Rig:
        """The source under test."""
        return sample
'''


def settings_table(name: str, directory: Path) -> str:
    """What belongs into the settings file."""
    return f"""[sources]
directory = {_toml(str(directory))}

[sources.more.{name}]
enabled = true
url = "http://127.0.0.1:8080"
user = ""
password = ""
"""


def _toml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _class(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _plural(name: str) -> str:
    if name.endswith("s"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1].rstrip() + "…"
