"""All registered systems, as the process plays them: told apart, the same again with the same seed, dropping into their folders."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest

from ingest.simulator.__main__ import build
from ingest.simulator.drops import UNFINISHED
from ingest.simulator.flags import parser
from ingest.simulator.moments import read_iso
from ingest.simulator.start import Start, save
from ingest.simulator.system import SimulatedSystem
from ingest.simulator.systems import SYSTEMS

BASE_MS = read_iso("2024-11-18T09:00:00+07:00")
"""A Monday morning."""

CHOSEN = Start(
    shift_days=None, log_sha256=None, base_ms=BASE_MS, origin_ms=BASE_MS + 7_200_000, rate=0, seed=3, backfill=0,
    times=0.02, history_days=1.5,
)  # fmt: skip


def systems(data_dir: Path, drop_dir: Path) -> list[SimulatedSystem]:
    """All, two hours after their first start; there time as good as stands still."""
    save(data_dir, CHOSEN)
    flags = ("--data-dir", data_dir, "--drop-dir", drop_dir, "--speed", 1e-9)
    same = ("--seed", CHOSEN.seed, "--times", CHOSEN.times, "--history-days", CHOSEN.history_days)
    return build(parser().parse_args([*map(str, flags), *map(str, same)]))[1]


def names(folder: Path) -> set[str]:
    """The files that lie finished below a folder."""
    return {str(path.relative_to(folder)) for path in folder.glob("*/*") if path.suffix != UNFINISHED}


def content(path: Path) -> object:
    """A file's bytes; a workbook's parts but the one that tells when it was written."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as book:
        return {part: book.read(part) for part in book.namelist() if part != "docProps/core.xml"}


async def play(played: list[SimulatedSystem], enough: Callable[[], bool]) -> None:
    """Runs systems until enough was dropped."""
    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for system in played:
            group.create_task(system.run(stop))
        while not enough():  # noqa: ASYNC110 (a folder tells nobody)
            await asyncio.sleep(0.02)
        stop.set()


@pytest.fixture
def first(tmp_path: Path) -> list[SimulatedSystem]:
    return systems(tmp_path / "first", tmp_path / "drop")


def test_each_is_called_as_it_is_registered(first: list[SimulatedSystem]) -> None:
    assert [system.name for system in first] == list(SYSTEMS)


def test_their_paths_are_their_own(first: list[SimulatedSystem]) -> None:
    paths = Counter((route.method, route.path) for system in first for route in system.routes())
    assert paths
    assert max(paths.values()) == 1
    assert not any(path.startswith("/control") for _, path in paths)


def test_their_states_are_json(first: list[SimulatedSystem]) -> None:
    for system in first:
        assert msgspec.json.decode(msgspec.json.encode(system.state())) is not None


async def test_the_same_files_are_dropped_again(tmp_path: Path, first: list[SimulatedSystem]) -> None:
    """Another process with the same choices of the first start drops the same files, however far each has come."""
    folder, other = tmp_path / "drop", tmp_path / "other"
    await play(first, lambda: {name.split("/")[0] for name in names(folder)} == set(SYSTEMS))
    dropped = names(folder)
    await play(systems(tmp_path / "second", other), lambda: names(other) >= dropped)
    assert [name for name in dropped if content(other / name) != content(folder / name)] == []
