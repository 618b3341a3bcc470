"""Removes dropped files when they are old: readers leave what they have read."""

import asyncio
import contextlib
import time
from pathlib import Path

from ingest.simulator.system import ticks

_LOOK_S = 600.0


async def remove_old(folder: Path, keep_s: float, stop: asyncio.Event) -> None:
    """Makes the folder, and removes files below it that were dropped more than `keep_s` seconds ago, until `stop` is set."""
    async for _ in ticks(stop, min(_LOOK_S, keep_s / 10)):
        await asyncio.to_thread(_sweep, folder, time.time() - keep_s)


def _sweep(folder: Path, oldest_unix_s: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in [path for path in folder.rglob("*") if not path.is_dir()]:
        with contextlib.suppress(FileNotFoundError):  # just renamed
            if path.stat().st_mtime < oldest_unix_s:
                path.unlink()
