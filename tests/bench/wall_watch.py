"""What the wall's process says of itself, and what its viewers get: for measuring."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx
import msgspec

from tests.wall_world import WallProcess


def steps(wall: WallProcess, step: str) -> tuple[int, float]:
    """How often the wall has done a step since it began, and how many seconds it took in all."""
    text = httpx.get(f"{wall.url}/metrics", timeout=30).text
    found = {
        what: re.search(rf'^ioc_step_seconds_{what}{{stage="wall",step="{step}"}} (\S+)$', text, re.MULTILINE)
        for what in ("count", "sum")
    }
    count, seconds = (float(one[1]) if one else 0.0 for one in found.values())
    return int(count), seconds


def rounds(wall: WallProcess, seconds: float, every_s: float = 0.2) -> list[float]:
    """How long each round of so many seconds took, seconds; one at least. There must be a viewer."""
    took: list[float] = []
    ends = time.monotonic() + seconds
    count, spent = steps(wall, "round")
    while time.monotonic() < ends or not took:
        time.sleep(every_s)
        now, total = steps(wall, "round")
        if now > count:
            took += [(total - spent) / (now - count)] * (now - count)
            count, spent = now, total
    return took


class _Event(msgspec.Struct):
    panels: dict[str, dict[str, msgspec.Raw]]


def until_all(wall: WallProcess, path: str, panels: int) -> tuple[float, float]:
    """Opens a stream: seconds until its first event, and until so many panels have their results."""
    began, first, told = time.perf_counter(), 0.0, set[str]()
    with httpx.stream("GET", wall.url + path, timeout=120) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                first = first or time.perf_counter() - began
                told |= msgspec.json.decode(line.removeprefix("data: "), type=_Event).panels.keys()
                if len(told) >= panels:
                    break
    return first, time.perf_counter() - began


@dataclass
class Crowd:
    """Viewers who look on at once; an asynchronous context manager."""

    url: str
    paths: Sequence[str]
    """What each of them looks at."""
    events: list[int] = field(init=False)
    size: int = 0
    """Bytes that they got."""

    async def __aenter__(self) -> Self:
        self.events = [0] * len(self.paths)
        self._client = httpx.AsyncClient(timeout=None, limits=httpx.Limits(max_connections=len(self.paths) + 1))
        self._viewers = [asyncio.create_task(self._look(number)) for number in range(len(self.paths))]
        while not all(self.events):
            await asyncio.sleep(0.05)
            for viewer in self._viewers:
                if viewer.done():
                    viewer.result()
        return self

    async def _look(self, number: int) -> None:
        async with self._client.stream("GET", self.url + self.paths[number]) as stream:
            assert stream.status_code == httpx.codes.OK
            async for chunk in stream.aiter_raw():
                self.events[number] += chunk.count(b"data: ")
                self.size += len(chunk)
        raise AssertionError("the stream has ended")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for viewer in self._viewers:
            viewer.cancel()
        await asyncio.gather(*self._viewers, return_exceptions=True)
        await self._client.aclose()
