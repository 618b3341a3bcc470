"""The conformance suite run on one connector, and what came of each of its ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ingest
from ioc.errors import ConfigError

CHECKOUT = Path(ingest.__file__).parents[1]
OWN = "tests of its own"


@dataclass
class WayResult:
    """What came of one way: tests that passed, and the names of those that did not."""

    way: str
    passed: int = 0
    failed: list[str] = field(default_factory=list)


def tests_of(name: str, directory: Path | None, builtin: bool) -> list[Path]:
    """The test files of a connector.

    Raises:
        ConfigError: there are none.
    """
    if builtin:
        folder = CHECKOUT / "tests" / "conformance" / "connectors"
        found = sorted(folder.glob(f"test_{name}*.py")) if folder.is_dir() else []
        if not found:
            raise ConfigError(
                f"{name} is built in: its tests are in a checkout of the project, in {folder}; none there"
            )
        return found
    if directory is None or not (directory / f"test_{name}.py").is_file():
        where = directory or "sources.directory, which the settings do not name"
        raise ConfigError(f"there is no test_{name}.py in {where}; `ioc connector new {name}` writes both files")
    return [directory / f"test_{name}.py"]


_UNSAID = 'ignore:The configuration option "asyncio_default_fixture_loop_scope" is unset:DeprecationWarning'
"""pytest-asyncio, where it is installed, says so of every folder without settings of pytest; connectors have no such fixtures."""


def check(files: list[Path], only: Sequence[str] = ()) -> list[WayResult]:
    """Runs the tests in this process, prints what pytest prints, and gives what came of each way, in the suite's order.

    Args:
        files: tests of one connector.
        only: ways that are tried; empty: all.

    Raises:
        ConfigError: pytest is not installed, there is no such way, or no test in the files.
    """
    try:
        import pytest

        from ingest.conformance import WAYS
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{error.name} is not installed, and the suite needs it; run `pip install pytest` in this environment"
        ) from error
    if strange := [way for way in only if way not in WAYS]:
        raise ConfigError(f"there is no way {strange[0]!r}; there are {', '.join(WAYS)}")
    results = {way: WayResult(way) for way in only or (*WAYS, OWN)}
    home = {test: way for way, tests in WAYS.items() for test in tests}

    class Collector:
        def pytest_runtest_logreport(self, report: Any) -> None:
            name = report.nodeid.rpartition("::")[2]
            result = results[home.get(name.partition("[")[0], OWN)]
            if report.failed:
                result.failed.append(name)
            elif report.when == "call" and report.passed:
                result.passed += 1

    flags = ["-q", "--no-header", "--tb=short", "--import-mode=importlib", "-p", "no:cacheprovider", "-W", _UNSAID]
    if only:
        flags += ["-k", " or ".join(test for way in only for test in WAYS[way])]
    code = pytest.main([*flags, *map(str, files)], plugins=[Collector()])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise ConfigError(f"{', '.join(map(str, files))}: pytest could not run them ({code}); see above")
    return [result for result in results.values() if result.passed or result.failed or result.way != OWN]
