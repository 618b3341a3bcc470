"""Reading files that are dropped into a folder.

Files are read in the order in which they came to be where they are (the inode's change time, which no copy or rename can take
along, then the name), and only after nothing about them has changed for a while, so that none is read half written and none can
slip in behind the cursor. A file that is written anew is read anew. Nothing is moved or deleted. Names that begin with a dot
or end otherwise (`.part`, `.tmp`) are not looked at: senders write under such a name and rename.

While nothing comes or goes in the folder its files are looked at once a minute only: so long a file that is written anew in its place can
stay unnoticed. Names are in no message: senders name files after persons.

A file of many records gives many pages; the cursor tells how many records of it are done, so that a connector that was killed in the
middle goes on there.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec

from ingest.source import Page, Record
from ioc.errors import ConfigError, FatalError, RetriableError, SkippableError
from ioc.settings.sources import SystemSettings

WHOLE_LOOK_NS = 60 * 10**9
MAX_PAGE_BYTES = 4 << 20
"""A page ends when the bytes of its records come to so much, whatever their number."""


class Position(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A cursor: the file read last, and how many of its records are done (-1: all)."""

    changed_ns: int
    name: str
    done: int = -1


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file in the folder."""

    path: Path
    changed_ns: int
    size: int

    @property
    def name(self) -> str:
        """Its name within the folder, as text: names on disk need not be UTF-8."""
        return _text(self.path.name)

    @property
    def changed_ms(self) -> int:
        """When it came to be where it is, milliseconds since the epoch."""
        return self.changed_ns // 1_000_000


RecordsOf = Callable[[DroppedFile], Iterator[Record]]
"""Reads a file's records one after another. A file that is none of its kind gives one record with a `fault`; what is read so
far counts, and the same file gives the same records. Raises `OSError` when it cannot be read now."""


class Folder:
    """The files of one folder, as pages of records."""

    def __init__(
        self,
        path: Path,
        endings: tuple[str, ...],
        records_of: RecordsOf,
        *,
        page_size: int,
        max_bytes: int,
        settle_s: float = 1.0,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Looks at files whose name ends so, in lower case.

        Raises:
            ConfigError: `path` is there and no folder.
        """
        if path.exists() and not path.is_dir():
            raise ConfigError(f"{path}: not a folder; give one that files are dropped into")
        self._path = path
        self._endings = endings
        self._records_of = records_of
        self._page_size = page_size
        self._max_bytes = max_bytes
        self._settle_ns = int(settle_s * 1e9)
        self._now_ns = now_ns
        self._unchanged_ns: int | None = None
        self._whole_look_ns = 0

    @classmethod
    def of(cls, settings: SystemSettings, endings: tuple[str, ...], records_of: RecordsOf) -> Self | None:
        """The folder that a system's settings name; None when they name none.

        Raises:
            ConfigError: it is there and no folder.
        """
        if settings.drop_dir is None:
            return None
        return cls(
            settings.drop_dir,
            endings,
            records_of,
            page_size=settings.page_size,
            max_bytes=settings.max_file_mb << 20,
            settle_s=settings.settle_s,
        )

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """See `Source.pages`. The last page has no records: it tells up to when the folder was looked through.

        Raises:
            RetriableError: the folder or a file cannot be read now.
            FatalError: the cursor is none.
        """
        position = _decode(cursor)
        looked_ns = self._now_ns() - self._settle_ns
        files = self._files(position, looked_ns)
        for left, file in zip(range(len(files) - 1, -1, -1), files, strict=True):
            done = (
                position.done
                if position and (file.changed_ns, file.name) == (position.changed_ns, position.name)
                else 0
            )
            for page in self._file(file, done):
                page.remaining = left
                position = msgspec.json.decode(page.cursor, type=Position)
                yield page
        yield Page([], _encode(position) if position else "", _moment(looked_ns), 0)

    def _files(self, after: Position | None, until_ns: int) -> list[DroppedFile]:
        """Files to be read, in their order; the one in hand is first."""
        read_ns = -1 if after is None else after.changed_ns
        found = []
        try:
            changed_ns = self._path.stat().st_mtime_ns
            if after is not None and changed_ns == self._unchanged_ns and self._now_ns() < self._whole_look_ns:
                return []
            with os.scandir(self._path) as entries:
                for entry in entries:
                    # In this order: a folder of a hundred thousand files is looked through every few seconds.
                    name = entry.name.lower()
                    if not name.endswith(self._endings) or (status := entry.stat()).st_ctime_ns < read_ns:
                        continue
                    key = (status.st_ctime_ns, _text(entry.name))
                    new = after is None or key > (after.changed_ns, after.name)
                    in_hand = after is not None and after.done >= 0 and key == (after.changed_ns, after.name)
                    settled = status.st_ctime_ns <= until_ns and not name.startswith(".")
                    if (new or in_hand) and settled and entry.is_file():
                        found.append(DroppedFile(self._path / entry.name, status.st_ctime_ns, status.st_size))
        except OSError as error:
            raise RetriableError(f"folder {self._path}: {error.strerror}") from error
        self._unchanged_ns = changed_ns if not found and changed_ns <= until_ns else None
        self._whole_look_ns = self._now_ns() + WHOLE_LOOK_NS
        return sorted(found, key=lambda file: (file.changed_ns, file.name))

    def _file(self, file: DroppedFile, done: int) -> Iterator[Page]:
        records: list[Record] = []
        size = count = 0
        try:
            for count, record in enumerate(self._records(file), 1):
                if count <= done:
                    continue
                records.append(record)
                size += len(record.raw)
                if len(records) >= self._page_size or size >= MAX_PAGE_BYTES:
                    yield Page(records, _encode(Position(file.changed_ns, file.name, count)), None)
                    records, size = [], 0
        except OSError as error:
            raise RetriableError(f"folder {self._path}: a file: {error.strerror or type(error).__name__}") from error
        yield Page(records, _encode(Position(file.changed_ns, file.name)), _moment(file.changed_ns))

    def _records(self, file: DroppedFile) -> Iterator[Record]:
        if file.size > self._max_bytes:
            fault = SkippableError("too_large", f"a file of {file.size} bytes, at most {self._max_bytes} are read")
            yield Record(os.fsencode(file.path.name), {}, fault)
        else:
            yield from self._records_of(file)


def _text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _encode(position: Position) -> str:
    return msgspec.json.encode(position).decode()


def _decode(cursor: str | None) -> Position | None:
    if not cursor:
        return None
    try:
        return msgspec.json.decode(cursor, type=Position)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FatalError(
            f"cursor {cursor!r}: {error}; publish a right one to the topic cursors, or an empty value to begin anew"
        ) from error


def _moment(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // 1000 / 1e6, UTC)
