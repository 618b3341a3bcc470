"""The logs behind the fold: a reader that belongs to no group, and an idempotent writer.

Faust's own clients deliver events; what a restart or a hole needs is read here, and what the fold says is written here, so
that each step can wait for its acknowledgement. Idempotent, because a plain producer may after a time-out store an old
page behind a newer one; idempotent also means retried until the broker is back.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from ioc.errors import RetriableError

REQUEST_TIMEOUT_MS = 15_000
SILENCE_S = 20.0
"""A read that brings nothing for so long has failed."""

Sent = asyncio.Future[Any]
"""A message on its way."""

_FETCH_BYTES = 8 << 20
_FETCH_WAIT_MS = 20
"""Short: the fetch that is under way when a read ends would hold up the next one, on another partition, for so long."""

_BATCH_BYTES = 3 << 20
"""Before compression; one batch a partition is under way at a time, so small ones would wait for many round trips."""

_MESSAGE_BYTES = 4 << 20
_LINGER_MS = 20
_STOP_S = 3.0


@dataclass(frozen=True)
class Place:
    """A partition of a topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


@dataclass(frozen=True)
class Record:
    """A message as it stands in a log."""

    offset: int
    key: bytes | None
    value: bytes | None


class Log:
    """Reads and writes partitions of one broker; opened on first use, and again after `close`."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._reader: AIOKafkaConsumer | None = None
        self._writer: AIOKafkaProducer | None = None
        self._reading, self._opening = asyncio.Lock(), asyncio.Lock()

    async def bounds(self, place: Place) -> tuple[int, int]:
        """The first offset that a partition holds, and the one after its last.

        Raises:
            RetriableError: the broker cannot be asked.
        """
        at = TopicPartition(place.topic, place.partition)
        async with self._reading, _retriable(f"offsets of {place}"):
            reader = await self._open_reader()
            first = await reader.beginning_offsets([at])
            end = await reader.end_offsets([at])
            return int(first[at]), int(end[at])

    async def read(self, place: Place, start: int, end: int, limit: int | None = None) -> tuple[list[Record], int]:
        """Up to `limit` records (None: all) of the offsets `start` … `end` - 1, and the offset to go on from.

        Offsets may be missing (compaction), so that fewer records come than offsets.

        Raises:
            RetriableError: the broker cannot be read, or `start` is no longer there.
        """
        at = TopicPartition(place.topic, place.partition)
        found: list[Any] = []
        async with self._reading, _retriable(f"{place} from {start} to {end}"):
            reader = await self._open_reader()
            reader.assign([at])
            reader.seek(at, start)
            heard = asyncio.get_running_loop().time()
            while (position := int(await reader.position(at))) < end and (limit is None or len(found) < limit):
                wanted = None if limit is None else limit - len(found)
                brought = await reader.getmany(at, timeout_ms=500, max_records=wanted)
                now = asyncio.get_running_loop().time()
                if brought:
                    heard = now
                    found += brought[at]
                elif now - heard > SILENCE_S:
                    raise RetriableError(f"{place}: nothing came for {SILENCE_S:.0f} s after offset {position}")
            # Else the reader would go on asking for what comes next. (Unsubscribed, its fetcher would die.)
            reader.pause(at)
        records = [Record(one.offset, one.key, one.value) for one in found if one.offset < end]
        return records, min(position, end)

    async def write(self, place: Place, key: bytes | None, value: bytes | None) -> Sent:
        """Hands a message to the writer; `settled` waits for its acknowledgement.

        Raises:
            RetriableError: the broker cannot be reached.
        """
        async with _retriable(f"write to {place}"):
            writer = await self._open_writer()
            sent: Sent = await writer.send(place.topic, value, key, place.partition)
        sent.add_done_callback(looked_at)
        return sent

    async def close(self) -> None:
        """Closes both clients; what was not acknowledged is given up."""
        reader, writer, self._reader, self._writer = self._reader, self._writer, None, None
        for client in (writer, reader):
            if client is not None:
                with contextlib.suppress(KafkaError, OSError, TimeoutError):
                    await asyncio.wait_for(client.stop(), _STOP_S)

    async def _open_reader(self) -> AIOKafkaConsumer:
        if self._reader is None:
            reader = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                max_partition_fetch_bytes=_FETCH_BYTES,
                fetch_max_wait_ms=_FETCH_WAIT_MS,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
            )
            self._reader = await _started(reader)
        return self._reader

    async def _open_writer(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._writer is None:
                writer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    enable_idempotence=True,
                    linger_ms=_LINGER_MS,
                    # aiokafka knows no levels: its lz4 is the slow one (200 ms for 4 MiB of partials, zstd takes 14).
                    compression_type="zstd",
                    max_batch_size=_BATCH_BYTES,
                    max_request_size=_MESSAGE_BYTES,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                )
                self._writer = await _started(writer)
            return self._writer


async def _started(client: Any) -> Any:
    try:
        await client.start()
    except BaseException:
        with contextlib.suppress(KafkaError, OSError):
            await client.stop()
        raise
    return client


async def settled(sent: Iterable[Sent]) -> None:
    """Waits until all messages are acknowledged.

    Raises:
        RetriableError: one was not.
    """
    async with _retriable("acknowledgement"):
        for one in sent:
            await one


def looked_at(sent: asyncio.Future[Any] | asyncio.Task[Any]) -> None:
    """Takes note of a failure that nobody waits for any more, which asyncio would log as forgotten."""
    if not sent.cancelled():
        sent.exception()


@contextlib.asynccontextmanager
async def _retriable(doing: str) -> AsyncIterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise RetriableError(f"{doing}: {type(error).__name__}: {error}; is the broker up and reachable?") from error
