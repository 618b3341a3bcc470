"""The partitions that a worker owns: restored when they come, dropped when they go, tended in between."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from ioc.errors import IocError, RetriableError
from ioc.logs import get_logger
from streams.log import Place, Record
from streams.part import Context, Part

TEND_S = 0.25
RETRY_S = 1.0
CLOSE_S = 8.0
"""So long may the last checkpoints take; what they do not store is read again from the log."""

_logger = get_logger("worker")


class Worker:
    """Everything that happens to owned partitions.

    Attributes:
        fatal: why the worker must stop, or None.
        goes_over: it stops because another generation went live.
    """

    def __init__(self, context: Context, kinds: Mapping[str, str], stop: Callable[[], None]) -> None:
        """Owns nothing yet.

        Args:
            context: what the partitions share.
            kinds: the kind of each topic of events.
            stop: asks the process to stop; called once, when an error is fatal.
        """
        self._context, self._kinds, self._stop = context, kinds, stop
        self._owned: set[Place] = set()
        self._parts: dict[Place, Part] = {}
        self._was_ready = False
        self._assigned = False
        self.fatal: BaseException | None = None
        self.goes_over = False

    def assign(self, places: Iterable[Place]) -> None:
        """These partitions are ours now, and no others."""
        self._owned = set(places)
        self._assigned = True
        _logger.info("assigned", partitions=sorted(map(str, self._owned)), generation=self._context.generation)

    def revoke(self) -> None:
        """Nothing is ours any more: all state is dropped, it is restored when it is needed."""
        self._owned.clear()
        for place in list(self._parts):
            self._parts.pop(place).dead = True

    async def deliver(self, records: Mapping[Place, Sequence[Record]], *, behind: bool) -> None:
        """Takes delivered messages; `behind`: more of them are waiting."""
        for place, some in records.items():
            if place not in self._owned:
                continue
            if place in self._parts:
                # Before waiting for the lock: tells `look` that delivery works.
                self._parts[place].fed = asyncio.get_running_loop().time()

            async def step(part: Part, some: Sequence[Record] = some) -> None:
                await part.feed(some)
                await part.turn(behind=behind)

            await self._work(place, step)

    async def tend(self, end_of: Callable[[Place], int | None]) -> None:
        """Takes the turn of each partition that nothing else is at work on; says once that all are restored."""
        for place in sorted(self._owned, key=str):
            part = self._parts.get(place)
            if place not in self._owned or (part is not None and part.lock.locked()):
                continue
            await self._work(place, Part.look)
            if part is not None and (end := end_of(place)) is not None:
                part.note_end(end)
        if not self._was_ready and self._assigned and all(self._is_ready(place) for place in self._owned):
            self._was_ready = True
            _logger.info("ready", partitions=len(self._owned), generation=self._context.generation)
        await self._look_at_pointer()

    async def _look_at_pointer(self) -> None:
        """Stops when another generation has gone live; what is folded of this one is stored, so that going back is possible."""
        if self.goes_over or self.fatal is not None:
            return
        try:
            self.goes_over = await self._context.pointer.must_go_over()
        except RetriableError as error:
            _logger.warning("cannot see which generation is live", error=str(error))
            return
        if self.goes_over:
            _logger.info("going over", from_generation=self._context.generation, to=self._context.pointer.live)
            self._stop()

    def _is_ready(self, place: Place) -> bool:
        part = self._parts.get(place)
        return part is not None and part.ready

    async def close(self) -> None:
        """Last checkpoints, then nothing is ours."""
        if self.fatal is None:
            closing = [self._work(place, Part.close) for place in list(self._parts)]
            try:
                await asyncio.wait_for(asyncio.gather(*closing), CLOSE_S)
            except TimeoutError:
                _logger.warning("last checkpoints not finished; the log is read again from the ones before")
        self.revoke()
        await self._context.log.close()

    async def _work(self, place: Place, what: Callable[[Part], Awaitable[None]]) -> None:
        """Runs something under a partition's lock, restored first if need be.

        After a retriable error the state is forgotten, and restored when it is needed again. Any other stops the worker:
        a defect repeated for ever would look like a quiet partition.
        """
        if self.fatal is not None:
            return
        part = self._parts.get(place)
        if part is None:
            part = self._parts[place] = Part(self._kinds[place.topic], place.partition, self._context)
        async with part.lock:
            try:
                if not part.ready and not part.dead:
                    await part.restore()
                if part.ready and not part.dead:
                    await what(part)
            except RetriableError as error:
                self._drop(place, part)
                _logger.warning("partition dropped, will be restored", partition=str(place), error=str(error))
                self._context.metrics.errors.labels("worker", "retriable").inc()
                await self._context.log.close()
                await asyncio.sleep(RETRY_S)
            except Exception as error:  # noqa: BLE001 (whatever it is, going on could falsify data)
                self._drop(place, part)
                self._fail(place, error)

    def _drop(self, place: Place, part: Part) -> None:
        part.dead = True
        if self._parts.get(place) is part:
            del self._parts[place]

    def _fail(self, place: Place, error: Exception) -> None:
        self._context.metrics.errors.labels("worker", "fatal").inc()
        if self.fatal is None:
            self.fatal = error
            known = isinstance(error, IocError)
            _logger.error("stopped", partition=str(place), error=str(error), exc_info=None if known else error)
            self._stop()
