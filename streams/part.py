"""One partition of events: which offset comes next, and when to emit and to checkpoint.

`expected` is the next source offset. A message below it is ignored, at it applied, above it the hole is read straight
from the log: what is applied never depends on what the group's protocol delivers. Everything happens under `lock`;
`dead` is looked at after each wait, because a partition may be revoked meanwhile.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ioc import clock
from ioc.catalogue.rollup import Rollup
from ioc.deadletters import Flood, Sealer
from ioc.errors import FatalError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.topics import DEAD_LETTERS, FEEDS, PARTIALS, events, state
from streams.checkpoint import Found
from streams.fold import Fold
from streams.heartbeat import EVERY_S, Progress
from streams.intake import Intake
from streams.keeper import Keeper
from streams.log import Log, Place, Record, Sent, looked_at, settled
from streams.pages import Packer
from streams.partials import encode
from streams.pointer import Pointer
from streams.seals import Seals

APPLY_MESSAGES = 100
"""So many messages are applied at once at most, so that heartbeats are not held up."""

READ_RECORDS = 200
IDLE_S = 3.0
"""When nothing was delivered for so long, the log itself is asked whether there is more."""

QUIET_EMIT_S = 0.5
"""Cells wait no longer than this (or `worker.emit_s`, if that is less) once everything delivered is applied."""

EMIT_SHARE, CHECKPOINT_SHARE = 0.2, 0.1
"""Greatest shares of the time that emission and checkpoints may take while the worker is behind."""

_REBUILD_ROWS = 16_384

Message = tuple[Place, bytes | None, bytes]
"""Where to, key, value."""

_logger = get_logger("worker")


@dataclass(frozen=True)
class Context:
    """What all partitions of a worker share."""

    generation: str
    rollups: dict[str, tuple[Rollup, ...]]
    settings: Settings
    log: Log
    sealer: Sealer
    metrics: Metrics
    pointer: Pointer
    seals: Seals


class Part:
    """The state of one owned partition.

    Attributes:
        expected: the next source offset.
        fed: when something was delivered last (monotonic seconds).
        ready: it was restored.
        dead: it is no longer ours; whatever is under way ends.
    """

    def __init__(self, kind: str, partition: int, context: Context) -> None:
        self.context, self.kind = context, kind
        self.place = Place(events(kind).name, partition)
        self._keeper = Keeper(Place(state(kind, context.generation).name, partition), context.log)
        self._partials = Place(PARTIALS.name, partition)
        limits = context.settings.flood
        flood = Flood(str(self.place), run=limits.run, ratio=limits.ratio, window=limits.window)
        self._intake = Intake(kind, self.place, context.sealer, flood, context.metrics)
        self.fold = Fold(kind, context.rollups[kind])
        self._packer = Packer(self.fold.layout, self.fold.entities, self.fold.texts)
        self._progress = Progress(kind, partition)
        self.lock = asyncio.Lock()
        self.ready = self.dead = False
        self.expected = 0
        self._emissions: list[asyncio.Task[None]] = []
        self._storing: asyncio.Task[None] | None = None
        self.fed = self._emit_at = self._quiet_emit_at = self._checkpoint_at = self._beat_at = time.monotonic()

    async def restore(self) -> None:
        """Loads the newest checkpoint that holds.

        Raises:
            FatalError: the log no longer holds what comes after the checkpoint.
            RetriableError: the broker cannot be read.
        """
        begun = time.monotonic()
        found = await self._keeper.load()
        first, last = await self.context.log.bounds(self.place)
        self._check_log(found, first, last)
        horizon = 0
        for place, packed in enumerate(found.pages.values(), 1):
            horizon = max(horizon, self._packer.unpack([packed]))
            if place % 8 == 0:
                await asyncio.sleep(0)
        self.fold.resume(horizon)
        for row in range(0, len(self.fold.entities), _REBUILD_ROWS):
            self.fold.rebuild(row, min(row + _REBUILD_ROWS, len(self.fold.entities)))
            await asyncio.sleep(0)
        self.expected = self._keeper.stored = first if found.offset is None else found.offset
        now = time.monotonic()
        self.fed = self._emit_at = self._quiet_emit_at = now
        self._checkpoint_at = now + self.context.settings.worker.checkpoint_s
        self._note_stored()
        self.note_end(last)
        self.ready = not self.dead
        _logger.info(
            "restored", partition=str(self.place), entities=len(self.fold.entities), offset=self.expected,
            log_end=last, void_manifests=found.void, seconds=round(now - begun, 2),
        )  # fmt: skip

    @property
    def _again(self) -> str:
        """What to do about a log that does not hold what comes next."""
        if not self.context.pointer.is_live:
            return (
                f"run `ioc catalogue drop {self.context.generation}`, then `ioc migrate` and `ioc catalogue deploy`: a new generation "
                "is folded from what the log holds and takes what is older from the tables"
            )
        return (
            f"delete the topic {self.place.topic} if it is still the old one, run `ioc migrate`, then `ioc catalogue deploy`: the "
            "new topic begins a new generation, which takes what is older from the tables"
        )

    def _check_log(self, found: Found, first: int, last: int) -> None:
        again = self._again
        if found.offset is None:
            if found.void and first > 0:
                raise FatalError(f"{self.place}: no checkpoint holds and the log begins at {first} only; {again}")
        elif last < found.offset:
            raise FatalError(f"{self.place}: the log ends at {last}, before the checkpoint at {found.offset}; {again}")
        elif first > found.offset:
            raise FatalError(
                f"{self.place}: the log begins at {first}, after the checkpoint at {found.offset}; {again}"
            )

    async def feed(self, records: Sequence[Record]) -> None:
        """Applies what continues `expected`, ignores what is below it, reads what is missing."""
        run: list[Record] = []
        at = self.expected
        for record in records:
            if record.offset < at:
                continue
            if record.offset > at:
                await self._apply(run, at)
                run = []
                _logger.info("hole", partition=str(self.place), start=at, end=record.offset)
                await self.read_on(record.offset)
                if self.dead:
                    return
            run.append(record)
            at = record.offset + 1
        await self._apply(run, at)

    async def read_on(self, end: int) -> None:
        """Reads the log itself from `expected` up to `end`."""
        while self.expected < end and not self.dead:
            records, at = await self.context.log.read(self.place, self.expected, end, READ_RECORDS)
            if not self.dead:
                await self._apply(records, at)
                await self.turn()

    async def look(self) -> None:
        """Reads on when nothing is delivered though the log is longer: everything was acknowledged before a crash."""
        fed = self.fed
        if time.monotonic() - fed > IDLE_S:
            _, end = await self.context.log.bounds(self.place)
            if end < self.expected:
                raise FatalError(
                    f"{self.place}: the log ends at {end}, before the offset {self.expected} that was read: the topic was cut, "
                    f"or deleted and made again; {self._again}"
                )
            self.note_end(end)
            while self.expected < end and self.fed == fed and not self.dead:
                await self.read_on(min(end, self.expected + READ_RECORDS))
            if self.fed == fed:
                self.fed = time.monotonic()
        await self.turn(behind=False)

    def note_end(self, end: int) -> None:
        """Takes note of where the log ends."""
        if end <= self.expected:
            self._progress.caught_up(clock.now())
        self.context.metrics.lag.labels(self.context.metrics.stage, str(self.place)).set(max(0, end - self.expected))

    async def _apply(self, records: Sequence[Record], at: int) -> None:
        for first in range(0, len(records), APPLY_MESSAGES):
            some = records[first : first + APPLY_MESSAGES]
            try:
                found = self._intake.events(some)
            except FatalError:
                # The letters are what tells a person what the flood consists of.
                await self._send(self._take_letters())
                raise
            self.fold.apply(found)
            self.expected = some[-1].offset + 1
            newest = found[-1].observed_at if found else None
            self._progress.applied(len(found), newest)
            self.context.metrics.done(self.place.topic, len(found), newest.timestamp() if newest else None)
            await asyncio.sleep(0)
            if self.dead:
                return
        self.expected = at

    async def turn(self, *, behind: bool = True) -> None:
        """Emits and checkpoints when it is time; sooner when nothing more is waiting to be applied."""
        if self._storing is not None and self._storing.done():
            storing, self._storing = self._storing, None
            storing.result()
        while self._emissions and self._emissions[0].done():
            self._emissions.pop(0).result()
        if self.dead or not self.ready:
            return
        now = time.monotonic()
        # A broker that is slow to acknowledge gets fewer and larger emissions.
        if not self._emissions and now >= (self._emit_at if behind else self._quiet_emit_at):
            await self.emit()
        if (
            now >= self._checkpoint_at
            and self._keeper.stored < self.expected
            and self._storing is None
            and not self.dead
        ):
            await self._checkpoint()

    async def emit(self) -> None:
        """Encodes the touched cells and leaves the writing to a task: events go on meanwhile."""
        begun = time.monotonic()
        messages = self._take_letters()
        for message in encode(self.fold.take(), self.context.generation, self.place.partition, self.expected - 1):
            messages.append((self._partials, None, message))
            await asyncio.sleep(0)
        now = time.monotonic()
        interval, rest = self.context.settings.worker.emit_s, (now - begun) / EMIT_SHARE
        self._emit_at = max(begun + interval, now + rest)
        self._quiet_emit_at = max(begun + min(interval, QUIET_EMIT_S), now + rest)
        beat = self._beat(now) if now >= self._beat_at and not self._emissions else []
        if messages or beat:
            task = asyncio.create_task(self._send(messages, beat))
            task.add_done_callback(looked_at)
            self._emissions.append(task)

    def _beat(self, now: float) -> list[Message]:
        """Says up to when this partition is folded; to be sent once the cells that it speaks of are acknowledged.

        A generation that is not live says nothing: it would tell the age of figures that nobody sees.
        """
        self._beat_at = now + EVERY_S
        if not self.context.pointer.is_live:
            return []
        feed = self._progress.beat(clock.now())
        return [(Place(FEEDS.name, 0), self._progress.key, feed.model_dump_json().encode())]

    async def _send(self, *groups: list[Message]) -> None:
        """Writes messages and waits until they are acknowledged, group after group."""
        for messages in groups:
            sent: list[Sent] = []
            for place, key, value in messages:
                if self.dead:
                    return
                sent.append(await self.context.log.write(place, key, value))
            await settled(sent)

    def _take_letters(self) -> list[Message]:
        letters, self._intake.letters = self._intake.letters, []
        place = Place(DEAD_LETTERS.name, 0)
        return [(place, letter.id.encode(), letter.model_dump_json().encode()) for letter in letters]

    async def _checkpoint(self) -> None:
        """Emits, packs the changed pages as they are now, and leaves the writing to a task: events go on meanwhile."""
        horizon = await self.context.seals.horizon(self.context.rollups[self.kind])
        await self.emit()
        begun = time.monotonic()
        self.fold.advance(horizon)
        at, emissions = self.expected, list(self._emissions)
        pages = self.fold.take_changed_pages()
        packed: dict[int, bytes] = {}
        for page, rows in zip(pages, self._packer.rows_by_page(pages), strict=True):
            packed[page] = self._packer.pack(page, rows, self.fold.horizon)
            if len(packed) % 16 == 0:
                await asyncio.sleep(0)
        took = time.monotonic() - begun
        self.context.metrics.seconds.labels(self.context.metrics.stage, "checkpoint").observe(took)
        interval = max(self.context.settings.worker.checkpoint_s, took / CHECKPOINT_SHARE)
        self._checkpoint_at = time.monotonic() + interval
        self._storing = asyncio.create_task(self._store(at, packed, emissions))
        self._storing.add_done_callback(looked_at)

    async def _store(self, at: int, packed: dict[int, bytes], emissions: list[asyncio.Task[None]]) -> None:
        """The rest of a checkpoint, cells first: stored before them, a page would hide from the next owner that they were touched."""
        for emission in emissions:
            await emission
        await self._keeper.store(at, packed, gone=lambda: self.dead)
        self._note_stored()

    def _note_stored(self) -> None:
        self.context.metrics.offset.labels(self.context.metrics.stage, str(self.place)).set(self._keeper.stored)

    async def close(self) -> None:
        """A last checkpoint, waited for."""
        if self._storing is not None:
            await self._storing
            self._storing = None
        if self.ready and not self.dead and self._keeper.stored < self.expected:
            await self._checkpoint()
            if self._storing is not None:
                await self._storing
                self._storing = None
