"""Citations for all who open one: each is worked out once, one at a time beside the live queries, and kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar

from dashboards.wall.cited.citation import Address, CiteError, Then, changes, since, then
from dashboards.wall.cited.words import page_of, reasons_of
from dashboards.wall.question import Reader
from dashboards.wall.shelf import CrowdedError
from ioc.clock import now

T = TypeVar("T")

_KEPT = 500
"""Citations that are held; those opened longest ago go first."""
_SETTLED_S = 3600
"""What was read by a moment may be stored later: only so long afterwards is the figure of then kept for good."""
_FRESH_S = 60.0
"""So long what is known today is held, and the figure of a moment that is not settled."""
_WAITING = 20
"""More citations than these do not wait for their turn."""


class Citations:
    """What has been worked out, and what is being worked out; everything happens on one event loop."""

    def __init__(self, reader: Reader, clock: Callable[[], datetime] = now) -> None:
        self._reader, self._clock = reader, clock
        self._turn = asyncio.Lock()
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}
        self._then: OrderedDict[Address, tuple[float, Then]] = OrderedDict()
        self._since: OrderedDict[Address, tuple[float, dict[str, Any]]] = OrderedDict()
        self._changes: OrderedDict[Address, tuple[float, list[dict[str, Any]]]] = OrderedDict()

    async def page(self, address: Address) -> dict[str, Any]:
        """The figure of then and that of today.

        Raises:
            CiteError: the moment is to come, or as `citation.then` does.
            CrowdedError: too many others are waiting.
            RetriableError, RefusedError: as the reader does.
        """
        known = await self._known(address)
        news = await self._held(self._since, address, lambda: since(self._reader, address, known), False)
        return page_of(address, known, news)

    async def changes(self, address: Address) -> list[dict[str, Any]]:
        """What changed between. Raises as `page` does."""
        known = await self._known(address)
        found = await self._held(self._changes, address, lambda: changes(self._reader, address, known), False)
        return reasons_of(found)

    async def _known(self, address: Address) -> Then:
        if address.at > self._clock().timestamp():
            raise CiteError("Thời điểm được trích dẫn chưa đến")
        return await self._held(self._then, address, lambda: then(self._reader, address), self._settled(address))

    def _settled(self, address: Address) -> bool:
        return self._clock().timestamp() - address.at > _SETTLED_S

    async def _held(
        self,
        shelf: OrderedDict[Address, tuple[float, T]],
        address: Address,
        work: Callable[[], Awaitable[T]],
        for_good: bool,
    ) -> T:
        at = asyncio.get_running_loop().time()
        if address in shelf and (for_good or at - shelf[address][0] < _FRESH_S):
            shelf.move_to_end(address)
            return shelf[address][1]
        key = (id(shelf), address)
        if key not in self._under_way:
            if len(self._under_way) >= _WAITING:
                raise CrowdedError("Quá nhiều trích dẫn đang được tính lại cùng lúc; hãy thử lại sau ít phút")
            task = self._under_way[key] = asyncio.create_task(self._work(shelf, address, work))
            task.add_done_callback(lambda done: self._end(key, done))
        # A viewer who leaves does not end what others wait for.
        return await asyncio.shield(self._under_way[key])

    async def _work(
        self, shelf: OrderedDict[Address, tuple[float, T]], address: Address, work: Callable[[], Awaitable[T]]
    ) -> T:
        async with self._turn:
            found = await work()
        shelf[address] = (asyncio.get_running_loop().time(), found)
        shelf.move_to_end(address)
        while len(shelf) > _KEPT:
            shelf.popitem(last=False)
        return found

    def _end(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            # Where every viewer has left, nobody else asks for the error.
            done.exception()

    def close(self) -> None:
        """Ends what is under way."""
        for task in self._under_way.values():
            task.cancel()
